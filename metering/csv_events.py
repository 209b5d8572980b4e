"""Rows of CSV as events: the header is checked once, a row that is no event is returned as rejected."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count
from typing import BinaryIO, Final

import msgspec

from kernel.errors import InvalidEvent
from kernel.problems import Problem
from metering.events import ReadEvent, Rejected, UsageEvent, rejected

#: A longer line has lost its end.
LINE_BYTES: Final = 1024 * 1024

_SURROGATE = re.compile("[\ud800-\udfff]")

#: Makes an event of a row's cells by their columns, or raises InvalidEvent.
EventOfCells = Callable[[Mapping[str, str]], UsageEvent]


def events_of_rows(
    stream: BinaryIO,
    name: str,
    event_of: EventOfCells,
    *,
    required: Collection[str],
    known: Callable[[str], bool],
) -> Iterator[ReadEvent]:
    """Yield the event of each row with the line on which it begins; empty lines are skipped.

    Raises :class:`InvalidEvent` where the header lacks a required column or has one that is not known.
    """
    rows = csv.reader(_lines(stream, name), strict=True)
    header = next(rows, [])
    _check_header(header, f"{name}:1", required=required, known=known)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problem = Problem.of(InvalidEvent(f"not CSV: {error}"), place=f"{name}:{line}")
            yield ReadEvent(line, rejected(b"", problem))
            continue
        if cells:
            yield ReadEvent(line, _event_of_row(header, cells, event_of, f"{name}:{line}"))


def _lines(stream: BinaryIO, name: str) -> Iterator[str]:
    """Yield the lines; a byte that is no UTF-8 becomes a lone surrogate, which its row is refused for."""
    encoding = "utf-8-sig"
    for number in count(1):
        line = stream.readline(LINE_BYTES)
        if not line:
            return
        if len(line) == LINE_BYTES:
            raise InvalidEvent(
                "no line of a CSV is so long",
                expected=f"less than {LINE_BYTES} bytes",
                place=f"{name}:{number}",
            )
        yield line.decode(encoding, "surrogateescape")
        encoding = "utf-8"


def _event_of_row(
    header: list[str], cells: list[str], event_of: EventOfCells, place: str
) -> UsageEvent | Rejected:
    row = dict(zip(header, cells, strict=False))
    try:
        _check_width(cells, header)
        _refuse_broken(row)
        return event_of(row)
    except InvalidEvent as error:
        told = {column: cell.encode(errors="replace").decode() for column, cell in row.items()}
        return rejected(msgspec.json.encode(told), Problem.of(error, place=place))


def _check_width(cells: list[str], header: list[str]) -> None:
    if len(cells) != len(header):
        raise InvalidEvent("a row of another width", value=len(cells), expected=f"{len(header)} cells")


def _refuse_broken(row: Mapping[str, str]) -> None:
    """Refuse bytes that are no UTF-8; they were read as lone surrogates."""
    for column, cell in row.items():
        if not cell.isascii() and _SURROGATE.search(cell):
            raise InvalidEvent("not UTF-8", field=column, value=ascii(cell), expected="a file saved as UTF-8")


def _check_header(
    header: list[str], place: str, *, required: Collection[str], known: Callable[[str], bool]
) -> None:
    missing = [column for column in required if column not in header]
    strange = [column for column in header if not known(column)]
    twice = sorted({column for column in header if header.count(column) > 1})
    for columns, message in (
        (missing, "columns are missing"),
        (strange, "unknown columns"),
        (twice, "columns twice"),
    ):
        if columns:
            raise InvalidEvent(
                message, field="header", value=", ".join(columns), expected=", ".join(required), place=place
            )
