"""``python -m tests.clauses``: print the register of clauses and write it to ``docs/clauses.md``."""

from __future__ import annotations

import sys

from tests.clauses.page import PAGE, count, page
from tests.clauses.register import register

#: Characters of a cell on the screen.
WIDTH = 100

if __name__ == "__main__":
    lines = register()
    PAGE.write_text(page(lines), encoding="utf-8")
    for line in lines:
        proven = f" ({len(line.tests)} tests)" if line.tests else ""
        sys.stdout.write(f"{line.clause.id:<32}{line.status:<20}{line.by[:WIDTH]}{proven}\n")
    sys.stdout.write(f"{count(lines)}\n")
