"""The register as a page: a table for each document, and the count of what became of its clauses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.clauses.register import ROOT, Line, Status, register_ids

PAGE = ROOT / "docs" / "clauses.md"

OPENING = """\
# Every clause, and what became of it

Made by `make clauses` from the library, the tests' marks and `tests/clauses/packages.toml`.

- **executed**: a rule, a meter, a charge or a mechanism acts on it, and the tests named here prove it.
- **stated**: it stands in the library, in words of our own; the package that acts on it, or will, is named.
- **nothing to execute**: one sentence says why.
"""


def page(lines: Sequence[Line]) -> str:
    """Return the page; its last line counts."""
    parts = [OPENING]
    for title in dict.fromkeys(line.document.title for line in lines):
        parts += [f"## {title}", "", "| clause | place | says | status |", "|---|---|---|---|"]
        parts += [_row(line) for line in lines if line.document.title == title]
        parts.append("")
    return "\n".join([*parts, count(lines)]) + "\n"


def count(lines: Sequence[Line]) -> str:
    """Return how many clauses have which status."""
    counted = Counter(line.status for line in lines)
    told = ", ".join(f"{counted[status]} {status.value}" for status in Status)
    return f"{counted.total()} of {len(register_ids())} accounted for: {told}"


def _row(line: Line) -> str:
    cells = (line.clause.id, line.clause.place, line.clause.says_en, "<br>".join(_status(line)))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _status(line: Line) -> Iterator[str]:
    name = f"**{line.status.value}**" if line.status is Status.EXECUTED else line.status.value
    yield f"{name}: {line.by}"
    for test in line.tests:
        yield f"`{test}`"
