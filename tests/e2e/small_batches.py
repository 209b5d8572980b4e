"""The command line, whose imports have small transactions: so a kill falls between and within many of them.

``python tests/e2e/small_batches.py meter import usage.ndjson``
"""

from __future__ import annotations

from functools import partial

from runtime import commands_usage
from runtime.cli import main

BATCH_EVENTS = 250

if __name__ == "__main__":
    of_command = vars(commands_usage)
    of_command["import_usage"] = partial(of_command["import_usage"], batch_events=BATCH_EVENTS)
    main()
