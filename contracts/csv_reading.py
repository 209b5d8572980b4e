"""CSV as text becomes rows that know their line.  A bad row is a problem, the good rest stays.

Spreadsheets of the trade save ``;`` in Spanish and Portuguese, and a mark before the first letter: both are
understood.  Lines that begin with ``#`` are comments, an empty cell is an absent value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from msgspec import inspect

from contracts.shapes import one_of
from contracts.toml_places import Path
from kernel.errors import ClausulaError, InvalidBook
from kernel.problems import Problem

#: Rows that one file may hold: a book of a million subscriptions, and no more.
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The cells of one row by their column, without the empty ones, and the line on which it begins."""

    name: str
    line: int
    cells: dict[str, str]

    def place(self, _path: Path = ()) -> str:
        """Return the place of the row: ``accounts.csv:12``."""
        return f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a file may have, and those that it must have."""

    known: Sequence[str]
    required: Sequence[str]

    def check(self, header: Sequence[str], place: str) -> None:
        """Raise :class:`InvalidBook` for a column that is unknown, missing or named twice."""
        for column in header:
            if column not in self.known:
                raise InvalidBook(
                    "no such column",
                    field=column,
                    value=column,
                    expected=one_of(self.known, column),
                    place=place,
                )
            if header.count(column) > 1:
                raise InvalidBook("a column is named twice", field=column, value=column, place=place)
        for column in self.required:
            if column not in header:
                raise InvalidBook(
                    "a column is missing", field=column, expected=", ".join(self.required), place=place
                )


def columns_of(kind: type[object]) -> Columns:
    """Return the columns of a file whose rows are records of a kind."""
    shape = inspect.type_info(kind)
    fields = shape.fields if isinstance(shape, inspect.StructType) else ()
    return Columns(
        known=[each.encode_name for each in fields],
        required=[each.encode_name for each in fields if each.required],
    )


def parse_csv(text: str, name: str, columns: Columns) -> tuple[tuple[CsvRow, ...], tuple[Problem, ...]]:
    """Return the rows of a file and the problems of those that cannot be read.

    Raises :class:`InvalidBook` when the header does not name the columns that the file must have.
    """
    lines = _lines(text, name)
    line, header = next(lines, (1, []))
    columns.check(header, f"{name}:{line}")
    rows: list[CsvRow] = []
    problems: list[Problem] = []
    while True:
        try:
            line, cells = next(lines)
            rows.append(_row(cells, header, name, line))
        except StopIteration:
            return tuple(rows), tuple(problems)
        except ClausulaError as error:
            problems.append(Problem.of(error, subject=name))


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that says something with its line; what is no CSV is an error, and the last."""
    head = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, said = 1, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].startswith("#"):
                said += 1
                yield line, [cell.strip() for cell in cells]
            if said > MOST_ROWS:
                raise InvalidBook(
                    "too many rows", value=name, expected=f"at most {MOST_ROWS:,}", place=f"{name}:{line}"
                )
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidBook(
            "from here on the file cannot be read as CSV",
            value=error,
            expected="a quoted cell ends with its quote",
            place=f"{name}:{line}",
        ) from None


def _row(cells: Sequence[str], header: Sequence[str], name: str, line: int) -> CsvRow:
    if len(cells) != len(header):
        raise InvalidBook(
            "the row has not as many cells as the header",
            value=len(cells),
            expected=f"{len(header)}: " + ", ".join(header),
            place=f"{name}:{line}",
        )
    named = dict(zip(header, cells, strict=True))
    return CsvRow(name, line, {column: cell for column, cell in named.items() if cell})
