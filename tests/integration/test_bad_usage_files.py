"""Bad events in files of every kind: each is told by its code and place, and nothing else is lost."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import Engine

from contracts.load import load_book
from kernel.errors import ClausulaError
from metering.import_file import import_usage
from metering.imports import ImportReport
from tests.integration.api_portal import BOOK, at

pytestmark = pytest.mark.integration

#: An event by the columns of a table; a column that is missing is a field that is absent.
Cells = Mapping[str, str]

COLUMNS: Final = (
    *("id", "account", "meter", "occurred_at", "quantity", "direction", "contact", "text", "dim.country"),
)
SEAT: Final[Cells] = {
    "account": "libreria-meridiano",
    "meter": "seats",
    "occurred_at": "2026-02-10T15:00:00Z",
    "quantity": "1",
}
MESSAGE: Final[Cells] = {
    "account": "flores-del-norte",
    "meter": "whatsapp_conversations",
    "occurred_at": "2026-02-10T15:00:00Z",
    "direction": "inbound",
    "contact": "1",
    "dim.country": "MX",
}

#: Stands for a byte that is no UTF-8.
BROKEN: Final = "\udcff"

#: What is wrong, and the code and field by which it is told.
BAD: Final[Mapping[str, tuple[Cells, str, str]]] = {
    "nan": ({**SEAT, "quantity": "NaN"}, "invalid_event", "quantity"),
    "infinity": ({**SEAT, "quantity": "-Infinity"}, "invalid_event", "quantity"),
    "beyond-measure": ({**SEAT, "quantity": "1e400"}, "invalid_event", "quantity"),
    "negative": ({**SEAT, "quantity": "-1"}, "invalid_event", "quantity"),
    "no-zone": ({**SEAT, "occurred_at": "2026-02-10T15:00:00"}, "invalid_event", "occurred_at"),
    "future": ({**SEAT, "occurred_at": "2026-03-10T15:00:00Z"}, "event_in_future", "occurred_at"),
    "past": ({**SEAT, "occurred_at": "2025-12-10T15:00:00Z"}, "event_too_old", "occurred_at"),
    "meter": ({**SEAT, "meter": "fax"}, "unknown_meter", "meter"),
    "account": ({**SEAT, "account": "globex"}, "unknown_account", "account"),
    "dimension": ({**MESSAGE, "dim.country": "ZZ"}, "unknown_dimension", "dimensions.country"),
    "no-utf-8": ({**MESSAGE, "contact": BROKEN}, "invalid_event", "contact"),
    "2-mb": ({**MESSAGE, "text": "x" * 2 * 1024 * 1024}, "too_large", ""),
}

#: What is told otherwise where an event is read whole, or only by its columns.
TOLD_IN: Final = {
    (".ndjson", "no-utf-8"): ("invalid_event", ""),
    (".json", "no-utf-8"): ("invalid_event", ""),
    (".parquet", "2-mb"): ("invalid_event", "text"),
}

GOOD: Final = [{**MESSAGE, "id": f"good-{number}"} for number in range(len(BAD) + 1)]
ALL: Final = [
    each
    for good, (name, (bad, *_)) in zip(GOOD, BAD.items(), strict=False)
    for each in (good, {**bad, "id": name})
] + GOOD[-1:]


def as_json(event: Cells) -> bytes:
    """Write an event; a number that is none stands there without quotes, as careless exporters leave it."""
    fields: dict[str, object] = {name: "?" if each == BROKEN else each for name, each in event.items()}
    if country := fields.pop("dim.country", None):
        fields["dimensions"] = {"country": country}
    written = msgspec.json.encode(fields)
    for number in (b"NaN", b"-Infinity", b"1e400"):
        written = written.replace(b'"%s"' % number, number)
    return written.replace(b"?", b"\xff")


def ndjson(events: Sequence[Cells]) -> bytes:
    """Write an event a line."""
    return b"".join(as_json(each) + b"\n" for each in events)


def json_document(events: Sequence[Cells]) -> bytes:
    """Write a batch as one document."""
    return b'{"events": [%s]}' % b",".join(map(as_json, events))


def csv_table(events: Sequence[Cells]) -> bytes:
    """Write a header, and an event a row."""
    table = StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS)
    writer.writeheader()
    writer.writerows(events)
    return table.getvalue().encode(errors="surrogateescape")


def parquet_table(events: Sequence[Cells]) -> bytes:
    """Write columns of texts, whatever bytes these are."""
    held = {
        name: pa.array(
            [each[name].encode(errors="surrogateescape") if name in each else None for each in events],
            pa.binary(),
        )
        for name in COLUMNS
    }
    texts = {
        name: pa.Array.from_buffers(pa.string(), len(events), cells.buffers(), cells.null_count)
        for name, cells in held.items()
    }
    sink = BytesIO()
    parquet.write_table(pa.table(texts), sink)
    return sink.getvalue()


#: How each kind of file is written, and the line or row of its first event.
KINDS: Final[Mapping[str, tuple[Callable[[Sequence[Cells]], bytes], int]]] = {
    ".ndjson": (ndjson, 1),
    ".json": (json_document, 1),
    ".csv": (csv_table, 2),
    ".parquet": (parquet_table, 1),
}


@pytest.fixture(name="book")
def _book(engine: Engine) -> Engine:
    """The small book."""
    assert () == load_book(engine, BOOK, clock=at(date(2026, 1, 1))).problems
    return engine


def imported(book: Engine, path: Path, content: bytes) -> ImportReport:
    """Write a file and import it on 1 March 2026."""
    path.write_bytes(content)
    return import_usage(book, path, clock=at(date(2026, 3, 1)), batch_events=5)


@pytest.mark.parametrize("suffix", KINDS)
def test_each_bad_event_is_told_and_all_others_count(book: Engine, tmp_path: Path, suffix: str) -> None:
    """A good event before and after each bad one is counted; a second file of them holds nothing new."""
    write, first = KINDS[suffix]
    name = f"usage{suffix}"

    report = imported(book, tmp_path / name, write(ALL))
    again = imported(book, tmp_path / f"good{suffix}", write(GOOD))

    assert [
        (f"{name}:{number}", *TOLD_IN.get((suffix, event["id"]), BAD[event["id"]][1:]))
        for number, event in enumerate(ALL, first)
        if event["id"] in BAD
    ] == [(each.place, each.code, each.field) for each in report.problems]
    assert (len(ALL), len(GOOD), 0) == (report.read, report.accepted, report.known)
    assert (len(GOOD), 0) == (again.known, again.accepted)


@pytest.mark.parametrize("suffix", [".ndjson", ".csv"])
def test_a_file_that_was_cut_off_counts_as_far_as_it_goes(book: Engine, tmp_path: Path, suffix: str) -> None:
    """The line in which it ends is told; the whole file, when it comes, adds what was missing."""
    write, first = KINDS[suffix]
    whole, path = write(GOOD), tmp_path / f"usage{suffix}"
    end = whole.index(b"good-7") + len(b"good-7")

    reports = [imported(book, path, content) for content in (whole[:end], whole, whole)]

    assert [f"usage{suffix}:{7 + first}"] == [each.place for each in reports[0].problems]
    assert [(7, 0, 1, False), (len(GOOD) - 7, 7, 0, False), (0, len(GOOD), 0, True)] == [
        (each.accepted, each.known, each.quarantined, each.file_known) for each in reports
    ]


@pytest.mark.parametrize(("suffix", "code"), [(".json", "invalid_request"), (".parquet", "invalid_event")])
def test_a_file_that_is_read_by_its_end_is_refused_without_it(
    book: Engine, tmp_path: Path, suffix: str, code: str
) -> None:
    """Nothing of it is counted, and it is not remembered: the whole file is new when it comes."""
    write, _ = KINDS[suffix]
    whole, path = write(GOOD), tmp_path / f"usage{suffix}"

    with pytest.raises(ClausulaError) as caught:
        imported(book, path, whole[: len(whole) // 2])
    report = imported(book, path, whole)

    assert (code, len(GOOD), 0, False) == (
        caught.value.code,
        report.accepted,
        report.known,
        report.file_known,
    )


@pytest.mark.parametrize("name", ["usage.csv", "usage.parquet"])
def test_what_is_another_kind_of_file_than_its_name_says_is_refused(
    book: Engine, tmp_path: Path, name: str
) -> None:
    """Lines of JSON under the name of a table are told in one error, not in one for each line."""
    with pytest.raises(ClausulaError) as caught:
        imported(book, tmp_path / name, ndjson(GOOD))

    assert ("invalid_event", True) == (caught.value.code, caught.value.place.startswith(name))
