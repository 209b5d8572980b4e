"""The command line, killed as by kill -9 after a step of an archive.

``python tests/e2e/killed_archive.py take_away meter archive --to archive``
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metering import archive_months, store_archives
from runtime.cli import main

#: Where a step is defined, and its name.
STEPS: dict[str, tuple[Any, str]] = {
    "write": (archive_months, "write_rows"),
    "rename": (Path, "replace"),
    "take_away": (store_archives, "take_away"),
    "record": (store_archives, "record"),
    "commit": (archive_months, "_take_away"),
}


def killed(step: Callable[..., object]) -> Callable[..., object]:
    """Return a step after which the process dies."""

    def dying(*given: object, **named: object) -> object:
        step(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    return dying


if __name__ == "__main__":
    _, step, *arguments = sys.argv
    where, name = STEPS[step]
    setattr(where, name, killed(getattr(where, name)))
    sys.argv[1:] = arguments
    main()
