"""Files of usage events: NDJSON, JSON, CSV and Parquet, read one event at a time, each with its line or row.

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

from kernel.errors import InvalidInput, TooLarge
from kernel.problems import Problem
from metering.csv_events import events_of_rows, skip_line
from metering.event_json import events_of_document
from metering.event_reading import (
    EVENT_BYTES,
    REQUIRED_COLUMNS,
    is_column,
    read_or_rejected,
    read_row,
    rejected,
)
from metering.events import ReadEvent
from metering.parquet_events import ParquetReader

#: A JSON document is read whole; more events go line by line, as NDJSON.
DOCUMENT_BYTES: Final = 64 * 1024 * 1024


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
            line = stream.readline(EVENT_BYTES + 2)
            if number == 1:
                line = line.removeprefix(BOM_UTF8)
            if not line:
                return
            place = f"{name}:{number}"
            if len(line.rstrip(b"\r\n")) > EVENT_BYTES:
                if not line.endswith(b"\n"):
                    skip_line(stream)
                error = TooLarge("the line is too long", expected=f"at most {EVENT_BYTES} bytes")
                yield ReadEvent(number, rejected(line, Problem.of(error, place=place)))
            elif not line.isspace():
                yield ReadEvent(number, read_or_rejected(line.rstrip(b"\r\n"), place=place))


@dataclass(frozen=True, slots=True)
class JsonReader:
    """One JSON document: an event, a list of events as CloudEvents batches have it, or ``{"events": []}``."""

    kind: ClassVar[str] = "json"

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield each event, counted from 1."""
        document = stream.read(DOCUMENT_BYTES + 1)
        if len(document) > DOCUMENT_BYTES:
            raise TooLarge(
                "the document is too large",
                field="path",
                value=name,
                expected=f"at most {DOCUMENT_BYTES} bytes, or one event a line in a file named .ndjson",
            )
        for number, event in enumerate(events_of_document(document.removeprefix(BOM_UTF8)), 1):
            yield ReadEvent(number, read_or_rejected(event, place=f"{name}:{number}"))


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
    ".json": JsonReader(),
    ".csv": CsvReader(),
    ".parquet": ParquetReader(),
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
