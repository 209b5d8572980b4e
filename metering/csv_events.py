"""Rows of CSV as events: the header is checked once, a row that is no event is returned as rejected."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import BinaryIO, Final

import msgspec

from kernel.errors import ClausulaError, InvalidEvent, TooLarge
from kernel.problems import Problem
from metering.event_reading import rejected
from metering.events import ReadEvent, Rejected, UsageEvent

#: No event's line is longer; one that is, is passed over.
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
    lines = _Lines(stream)
    rows = csv.reader(lines, strict=True)
    header = _header(rows, f"{name}:1")
    _check_header(header, f"{name}:1", required=required, known=known)
    while True:
        line = lines.number + 1
        place = f"{name}:{line}"
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield ReadEvent(line, rejected(b"", Problem.of(InvalidEvent(f"not CSV: {error}"), place=place)))
            continue
        except TooLarge as error:
            yield ReadEvent(line, rejected(b"", Problem.of(error, place=place)))
            continue
        if cells:
            yield ReadEvent(line, _event_of_row(header, cells, event_of, place))


class _Lines:
    """The lines of a file; a byte that is no UTF-8 becomes a lone surrogate, which its row is refused for.

    Raises :class:`TooLarge` for a line beyond the limit, and goes on after it.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        """Return itself: each line is read once."""
        return self

    def __next__(self) -> str:
        """Return the next line."""
        line = self._stream.readline(LINE_BYTES + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LINE_BYTES and not line.endswith(b"\n"):
            skip_line(self._stream)
            raise TooLarge("the line is too long", expected=f"at most {LINE_BYTES} bytes")
        return line.decode("utf-8-sig" if self.number == 1 else "utf-8", "surrogateescape")


def skip_line(stream: BinaryIO) -> None:
    """Read on to the end of the line that a stream stands in, keeping nothing of it."""
    while (rest := stream.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def _header(rows: Iterator[list[str]], place: str) -> list[str]:
    try:
        return next(rows, [])
    except csv.Error as error:
        raise InvalidEvent(f"not CSV: {error}", field="header", place=place) from None
    except TooLarge as error:
        error.place = place
        raise


def _event_of_row(
    header: list[str], cells: list[str], event_of: EventOfCells, place: str
) -> UsageEvent | Rejected:
    row = dict(zip(header, cells, strict=False))
    try:
        _check_width(cells, header)
        _refuse_broken(row)
        return event_of(row)
    except ClausulaError as error:
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
