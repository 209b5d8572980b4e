"""Parquet files of usage events, read by row groups; beside ``parquet_archives`` the door to pyarrow.

The columns are those of a CSV.  A column that is missing, unknown or of a type that cannot hold its field
refuses the file before its first row.  A value that is wrong is told by its row and column, and a row group
that cannot be read by its rows; the others are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, Final

import msgspec
import pyarrow as pa
from pyarrow import parquet, types

from kernel.errors import ClausulaError, InvalidEvent
from kernel.problems import Problem
from metering.event_reading import (
    DIMENSION_COLUMN,
    REQUIRED_COLUMNS,
    is_column,
    read_cells,
    rejected,
)
from metering.events import EXPECTED, ReadEvent, Rejected, UsageEvent

#: Rows that are decoded at a time, however large the row groups are.
BATCH_ROWS: Final = 10_000

#: What pyarrow raises for bytes that are no values; ValueError is the parent of its own and of bad text.
_UNREADABLE: Final = (pa.ArrowException, OSError, ValueError, OverflowError)

#: Which types of a column hold a field, and how they are called; all other fields are texts.
_Kinds = tuple[Callable[[Any], bool], str]


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner))


def _is_instant(kind: pa.DataType) -> bool:
    return _is_text(kind) or (types.is_timestamp(kind) and kind.tz is not None)


def _is_exact(kind: pa.DataType) -> bool:
    return _is_text(kind) or bool(types.is_integer(kind) or types.is_decimal(kind))


_TEXT: Final[_Kinds] = (_is_text, "text")
_KINDS: Final[Mapping[str, _Kinds]] = {
    "occurred_at": (_is_instant, "a timestamp with a time zone, or text"),
    "quantity": (_is_exact, "a decimal, an integer or text: a float is not exact"),
}


@dataclass(frozen=True, slots=True)
class ParquetReader:
    """One event a row; ``dim.country`` is the column of a dimension, and a null is an absent field."""

    kind: ClassVar[str] = "parquet"

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield the event of each row, counted from 1."""
        file = _opened(stream, name)
        _check_columns(file.schema_arrow, name)
        first = 1
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            yield from _events_of_group(file, group, range(first, first + rows), name)
            first += rows


def _opened(stream: BinaryIO, name: str) -> Any:  # noqa: ANN401 pyarrow has no types
    try:
        return parquet.ParquetFile(stream)
    except _UNREADABLE as error:
        raise InvalidEvent(
            f"not a whole Parquet file: {_first_line(error)}",
            field="path",
            value=name,
            expected="a file that ends with its footer; one that was cut off has to be exported again",
            place=name,
        ) from None


def _check_columns(schema: pa.Schema, name: str) -> None:
    missing = [column for column in REQUIRED_COLUMNS if column not in schema.names]
    strange = [column for column in schema.names if not is_column(column)]
    twice = sorted({column for column in schema.names if schema.names.count(column) > 1})
    for columns, message in (
        (missing, "columns are missing"),
        (strange, "unknown columns"),
        (twice, "columns twice"),
    ):
        if columns:
            raise InvalidEvent(
                message,
                field="columns",
                value=", ".join(columns),
                expected=f"{', '.join(REQUIRED_COLUMNS)}, other fields of an event, {DIMENSION_COLUMN}NAME",
                place=name,
            )
    for column in schema:
        fits, expected = _KINDS.get(column.name, _TEXT)
        if not fits(column.type):
            raise InvalidEvent(
                "a column of the wrong type",
                field=column.name,
                value=column.type,
                expected=expected,
                place=name,
            )


def _events_of_group(
    file: Any,  # noqa: ANN401 as above
    group: int,
    rows: range,
    name: str,
) -> Iterator[ReadEvent]:
    batches = file.iter_batches(batch_size=BATCH_ROWS, row_groups=[group], use_threads=False)
    row = rows.start
    while row < rows.stop:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except _UNREADABLE as error:
            broken = InvalidEvent(
                f"rows {row} to {rows.stop - 1} cannot be read: {_first_line(error)}",
                expected="a file whose pages are whole",
            )
            yield ReadEvent(row, rejected(b"", Problem.of(broken, place=f"{name}:{row}")))
            return
        for cells in _rows_of(batch):
            yield ReadEvent(row, _event_of(cells, f"{name}:{row}"))
            row += 1


#: The values of a row by their columns, or what is wrong with one of them.
_Cells = Mapping[str, object] | InvalidEvent


def _rows_of(batch: pa.RecordBatch) -> Iterator[_Cells]:
    try:
        rows: list[dict[str, object]] = batch.to_pylist()
    except _UNREADABLE:  # one value of 10,000: each is looked at alone
        yield from (_cells_of(batch, index) for index in range(batch.num_rows))
    else:
        yield from rows


def _cells_of(batch: pa.RecordBatch, index: int) -> _Cells:
    cells: dict[str, object] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            cells[name] = column[index].as_py()
        except _UNREADABLE as error:
            return InvalidEvent(
                f"not a value: {_first_line(error)}",
                field=name,
                expected=EXPECTED.get(name, "text in UTF-8"),
            )
    return cells


def _event_of(cells: _Cells, place: str) -> UsageEvent | Rejected:
    if isinstance(cells, InvalidEvent):
        return rejected(b"", Problem.of(cells, place=place))
    given = {name: value for name, value in cells.items() if value is not None and value != ""}
    try:
        return read_cells(given)
    except ClausulaError as error:
        told = {name: value if isinstance(value, datetime) else str(value) for name, value in given.items()}
        return rejected(msgspec.json.encode(told), Problem.of(error, place=place))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
