"""Parquet: read by row groups, each row with its number, a bad one told, a file that is none refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from kernel.errors import InvalidEvent
from metering.events import Rejected, UsageEvent
from metering.parquet_events import ParquetReader

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")


def columns(rows: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 arrays of any type
    """Return the columns of good events, some of them replaced."""
    return {
        "id": pa.array([str(number) for number in range(1, rows + 1)]),
        "account": pa.array(["acme"] * rows),
        "meter": pa.array(["voice"] * rows),
        "occurred_at": pa.array([NOW] * rows, INSTANT),
        "quantity": pa.array([Decimal("1.50")] * rows, pa.decimal128(20, 2)),
        "dim.country": pa.array(["MX"] * rows),
    } | more


def written(held: Mapping[str, Any], *, group: int = 1_000) -> bytes:
    """Write columns as a Parquet file."""
    sink = BytesIO()
    parquet.write_table(pa.table(dict(held)), sink, row_group_size=group, compression="none")
    return sink.getvalue()


def read(content: bytes) -> list[tuple[int, str]]:
    """Return the row of each event, and its id or the code, place, field and value of its problem."""
    found = []
    for row, event in ParquetReader().read(BytesIO(content), "u.parquet"):
        if isinstance(event, Rejected):
            problem = event.problem
            told = (problem.code, problem.place, problem.field, problem.value)
            found.append((row, " ".join(each for each in told if each)))
        else:
            found.append((row, event.id))
    return found


def refused(content: bytes) -> tuple[str, str, str, str]:
    """Return message, field, value and place of the error that reading a file raises."""
    with pytest.raises(InvalidEvent) as caught:
        read(content)
    error = caught.value
    return error.message, error.field, error.value, error.place


def test_a_row_is_an_event() -> None:
    """Text, instant, exact quantity and dimensions, as in any other shape."""
    ((row, event),) = ParquetReader().read(BytesIO(written(columns(1))), "u.parquet")

    expected = UsageEvent(
        id="1",
        account="acme",
        meter="voice",
        occurred_at=NOW,
        quantity=Decimal("1.50"),
        dimensions={"country": "MX"},
    )
    assert (1, expected) == (row, event)


def test_rows_are_counted_through_the_row_groups() -> None:
    """25 rows in groups of ten are rows 1 to 25."""
    assert [(number, str(number)) for number in range(1, 26)] == read(written(columns(25), group=10))


@pytest.mark.parametrize(
    ("name", "held", "expected"),
    [
        ("quantity", pa.array([7]), Decimal(7)),
        ("quantity", pa.array(["1.25"]), Decimal("1.25")),
        ("quantity", pa.array([None], pa.int64()), None),
        ("occurred_at", pa.array(["2026-03-01T09:00:00-03:00"]), NOW),
        ("occurred_at", pa.array([NOW], pa.timestamp("ns", tz="America/Sao_Paulo")), NOW),
        ("account", pa.array(["acme"]).dictionary_encode(), "acme"),
        ("account", pa.array(["acme"], pa.large_string()), "acme"),
    ],
)
def test_columns_of_several_types(name: str, held: pa.Array, expected: object) -> None:
    """What holds a field exactly is read; a null is an absent field."""
    ((_, event),) = ParquetReader().read(BytesIO(written(columns(1, **{name: held}))), "u.parquet")

    assert not isinstance(event, Rejected), event.problem
    assert expected == getattr(event, name)


@pytest.mark.parametrize(
    ("name", "held", "value"),
    [
        ("quantity", pa.array([1], pa.float64()), "double"),
        ("quantity", pa.array([True]), "bool"),
        ("occurred_at", pa.array([NOW.replace(tzinfo=None)], pa.timestamp("us")), "timestamp[us]"),
        ("id", pa.array([1]), "int64"),
        ("dim.country", pa.array([7]), "int64"),
    ],
)
def test_a_column_of_the_wrong_type_refuses_the_file(name: str, held: pa.Array, value: str) -> None:
    """Nothing of it would be read as it was meant: file, column and type are named."""
    assert ("a column of the wrong type", name, value, "u.parquet") == refused(
        written(columns(1, **{name: held}))
    )


def test_a_missing_or_unknown_column_refuses_the_file() -> None:
    """Columns that are missing, and columns that no event has, are named."""
    held = columns(1)
    del held["account"]

    assert ("columns are missing", "columns", "account", "u.parquet") == refused(written(held))
    assert ("unknown columns", "columns", "quantitty", "u.parquet") == refused(
        written(columns(1, quantitty=pa.array([1])))
    )


def values(rows: Sequence[object], kind: pa.DataType) -> pa.Array:
    """Return a column."""
    return pa.array(rows, kind)


@pytest.mark.parametrize(
    ("name", "held", "told"),
    [
        ("quantity", values(["1", "much", "3"], pa.string()), "invalid_event u.parquet:2 quantity much"),
        ("account", values(["a", None, "a"], pa.string()), "invalid_event u.parquet:2 account"),
        (
            "occurred_at",
            values(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00", "2026-03-01T12:00:00Z"], pa.string()),
            "invalid_event u.parquet:2 occurred_at 2026-03-01T12:00:00",
        ),
        (
            "occurred_at",
            pa.array([0, 2**62, 0], pa.int64()).cast(INSTANT),
            "invalid_event u.parquet:2 occurred_at",
        ),
        (
            "account",
            pa.StringArray.from_buffers(
                3,
                pa.py_buffer(b"\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00"),
                pa.py_buffer(b"a\xffa"),
            ),
            "invalid_event u.parquet:2 account",
        ),
    ],
    ids=["no number", "nothing", "no zone", "beyond all years", "no UTF-8"],
)
def test_a_bad_value_is_told_and_the_rest_is_read(name: str, held: pa.Array, told: str) -> None:
    """File, row, column and value are named; the rows around it are events."""
    assert [(1, "1"), (2, told), (3, "3")] == read(written(columns(3, **{name: held})))


def test_a_file_that_was_cut_off_is_refused() -> None:
    """Without its footer nobody knows where its rows are."""
    message, field, value, place = refused(written(columns(100))[:-20])

    assert ("path", "u.parquet", "u.parquet", True) == (
        field,
        value,
        place,
        message.startswith("not a whole Parquet file"),
    )
    assert "not a whole Parquet file" in refused(b"")[0]
    assert "not a whole Parquet file" in refused(b"id,account\n")[0]


def test_a_broken_row_group_is_told_and_the_others_are_read() -> None:
    """The rows of the group are named; those before it and after it are events."""
    content = bytearray(written(columns(30), group=10))
    group = parquet.ParquetFile(BytesIO(bytes(content))).metadata.row_group(1)
    start = group.column(0).dictionary_page_offset or group.column(0).data_page_offset
    content[start : start + 40] = b"\xff" * 40

    found = read(bytes(content))

    assert [*range(1, 12), *range(21, 31)] == [row for row, _ in found]
    assert (11, "invalid_event u.parquet:11") == found[10]
