"""Parquet files of archived months, by row groups; beside ``parquet_events`` the door to pyarrow.

Columns are those of :class:`EventRow`, compressed by zstd: texts, a date, a boolean, and instants in UTC with
microseconds, which any reader of Parquet understands.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from kernel.errors import InvalidArchive
from metering.month_rows import BATCH_ROWS, EventRow

_INSTANTS: Final = ("occurred_at", "received_at")
_TYPES: Final[dict[str, Any]] = {
    "day": pa.date32(),
    "ordered": pa.bool_(),
    **dict.fromkeys(_INSTANTS, pa.timestamp("us", tz="UTC")),
}
_SCHEMA: Final = pa.schema(
    [pa.field(name, _TYPES.get(name, pa.string()), nullable=name == "quantity") for name in EventRow._fields]
)


def write_rows(path: Path, batches: Iterable[Sequence[EventRow]]) -> None:
    """Write a file, each batch a row group; when this returns its bytes are on the disk."""
    with path.open("wb") as file:
        with parquet.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
            for rows in batches:
                columns = zip(EventRow._fields, zip(*rows, strict=True), strict=True)
                arrays = [_array(name, values) for name, values in columns]
                writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))
        file.flush()
        os.fsync(file.fileno())


def read_rows(path: Path) -> Iterator[list[EventRow]]:
    """Yield the rows of a file in its order, a bounded number at a time.

    Raises :class:`InvalidArchive` where the file is none of an archive, or is not whole.
    """
    try:
        with parquet.ParquetFile(path) as file:
            if not file.schema_arrow.equals(_SCHEMA):
                raise _not_an_archive(path, "its columns are not those of an archive")
            for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                yield _rows_of(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _not_an_archive(path, str(error).partition("\n")[0]) from None


def _array(name: str, values: Sequence[object]) -> Any:  # noqa: ANN401 pyarrow has no types
    if name in _INSTANTS:
        return pa.array(values, pa.int64()).cast(_TYPES[name])
    return pa.array(values, _TYPES.get(name, pa.string()))


def _rows_of(batch: pa.RecordBatch) -> list[EventRow]:
    columns: list[list[Any]] = [
        (column.cast(pa.int64()) if name in _INSTANTS else column).to_pylist()
        for name, column in zip(EventRow._fields, batch.columns, strict=True)
    ]
    return [EventRow._make(values) for values in zip(*columns, strict=True)]


def _not_an_archive(path: Path, message: str) -> InvalidArchive:
    return InvalidArchive(
        message, field="file", value=path.name, expected="a whole file that clausula meter archive wrote"
    )
