"""Files of usage events: NDJSON and CSV, read one event at a time, each with its line.

A line that is no event is returned as rejected and stops nothing; a file whose columns cannot be events is
refused as a whole.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath
from typing import BinaryIO, ClassVar, Final, Protocol

from kernel.errors import InvalidEvent, InvalidInput
from kernel.problems import Problem
from metering.csv_events import events_of_rows
from metering.events import ReadEvent, Rejected, UsageEvent, is_column, read_json, read_row, rejected

#: A line of NDJSON, an event with a long text and all its dimensions, is never longer.
LINE_BYTES: Final = 256 * 1024
REQUIRED_COLUMNS: Final = ("id", "account", "meter", "occurred_at")


class UsageReader(Protocol):
    """Reads the events of one kind of file; ``kind`` tells apart two readings of the same bytes."""

    @property
    def kind(self) -> str:
        """What the file is read as."""
        ...

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield the events of a file; ``name`` is for the places of errors."""
        ...


@dataclass(frozen=True, slots=True)
class NdjsonReader:
    """One JSON object a line; empty lines are skipped."""

    kind: ClassVar[str] = "ndjson"

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield the event of each line."""
        for number in count(1):
            line = stream.readline(LINE_BYTES + 1)
            if number == 1:
                line = line.removeprefix(BOM_UTF8)
            if not line:
                return
            if len(line) > LINE_BYTES and not line.endswith(b"\n"):
                _skip_line(stream)
                error = InvalidEvent("the line is too long", expected=f"at most {LINE_BYTES} bytes")
                yield ReadEvent(number, _rejected(line, error, f"{name}:{number}"))
            elif not line.isspace():
                yield ReadEvent(number, _event_of_line(line, f"{name}:{number}"))


@dataclass(frozen=True, slots=True)
class CsvReader:
    """A header, and one event a row; ``dim.country`` is the column of a dimension."""

    kind: ClassVar[str] = "csv"

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield the event of each row."""
        return events_of_rows(stream, name, read_row, required=REQUIRED_COLUMNS, known=is_column)


_READERS: Final[Mapping[str, UsageReader]] = {
    ".ndjson": NdjsonReader(),
    ".jsonl": NdjsonReader(),
    ".csv": CsvReader(),
}


def reader_of(path: PurePath) -> UsageReader:
    """Return the reader for a file's suffix."""
    try:
        return _READERS[path.suffix.lower()]
    except KeyError:
        raise InvalidInput(
            "not a file of usage events",
            field="path",
            value=path.name,
            expected="one of " + ", ".join(_READERS),
        ) from None


def _event_of_line(line: bytes, place: str) -> UsageEvent | Rejected:
    try:
        return read_json(line)
    except InvalidEvent as error:
        return _rejected(line, error, place)


def _rejected(line: bytes, error: InvalidEvent, place: str) -> Rejected:
    return rejected(line, Problem.of(error, place=place))


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
