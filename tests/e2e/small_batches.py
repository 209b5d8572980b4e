"""The command line, whose imports have small transactions: so a kill falls between and within many of them.

``python tests/e2e/small_batches.py meter import usage.ndjson``
"""

from __future__ import annotations

import sys
from functools import partial

from metering.import_file import import_usage
from runtime import commands_usage
from runtime.cli import main

BATCH_EVENTS = 250

if __name__ == "__main__":
    commands_usage.import_usage = partial(import_usage, batch_events=BATCH_EVENTS)
    sys.exit(main())
