"""Importing files: streamed in batches, once for ever, and safe to kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from db.unit_of_work import unit_of_work
from kernel.errors import InvalidEvent, InvalidInput
from metering import store_quarantine
from metering.import_file import import_usage
from metering.imports import PROBLEMS_SHOWN, ImportReport
from metering.messages import MessageReader
from metering.tables import imported_files
from tests.integration.metering_book import (
    forget_usage,
    measured,
    save_book,
    sign,
    snapshot,
    write_ndjson,
)
from tests.unit.metering.book import CLOCK, at, message, subscription, used

pytestmark = pytest.mark.integration

INSTANT = at("2026-03-10T12:00:00Z")
MARCH = (date(2026, 3, 1), date(2026, 4, 1))
ROOT = Path(__file__).parents[2]


def counts(report: ImportReport) -> tuple[int, int, int, int, bool]:
    """Return the figures of a report."""
    return report.read, report.accepted, report.known, report.quarantined, report.file_known


def test_a_file_is_imported_in_batches(engine: Engine, tmp_path: Path) -> None:
    """Progress is told after each batch that was committed, up to the last byte."""
    save_book(engine, subscription())
    path = write_ndjson(tmp_path / "usage.ndjson", [used(number, INSTANT, 1) for number in range(25)])
    told: list[tuple[int, int, int]] = []

    report = import_usage(
        engine,
        path,
        clock=CLOCK,
        batch_events=10,
        on_progress=lambda done, total, so_far: told.append((done, total, so_far.accepted)),
    )

    size = path.stat().st_size
    assert (25, 25, 0, 0, False) == counts(report)
    assert ([10, 20, 25], [size] * 3, size) == (
        [accepted for _, _, accepted in told],
        [total for _, total, _ in told],
        told[-1][0],
    )
    assert Decimal(25) == measured(engine, "documents", *MARCH)


def test_csv_and_ndjson_count_alike(engine: Engine, tmp_path: Path) -> None:
    """The same event in a CSV is known, and a new row is new."""
    save_book(engine, subscription())
    event = used(1, INSTANT, "1.50", meter="voice", country="MX")
    import_usage(engine, write_ndjson(tmp_path / "usage.ndjson", [event]), clock=CLOCK)
    path = tmp_path / "usage.csv"
    path.write_text(
        "id,account,meter,occurred_at,quantity,dim.country\n"
        "1,acme,voice,2026-03-10T12:00:00Z,1.5,MX\n"
        "2,acme,voice,2026-03-10T12:00:00Z,2.25,MX\n"
    )

    assert (2, 1, 1, 0, False) == counts(import_usage(engine, path, clock=CLOCK))
    assert Decimal("3.75") == measured(engine, "voice", *MARCH, dimension="MX")


def test_the_same_file_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """Whatever its name, the bytes are known, and so many events with them."""
    save_book(engine, subscription())
    path = write_ndjson(tmp_path / "usage.ndjson", [used(number, INSTANT, 1) for number in range(3)])
    import_usage(engine, path, clock=CLOCK)
    before = snapshot(engine)
    renamed = path.rename(tmp_path / "again.jsonl")

    report = import_usage(engine, renamed, clock=CLOCK)

    assert ((3, 0, 3, 0, True), before) == (counts(report), snapshot(engine))


def test_the_same_bytes_read_otherwise_are_another_file(engine: Engine, tmp_path: Path) -> None:
    """A log of messages counts for two meters, once for each."""
    save_book(engine, subscription("ask-acme"))
    path = tmp_path / "log.csv"
    path.write_text(
        "id,business,contact,direction,occurred_at,text\n"
        '1,Ask_Acme,7,inbound,2026-03-10T12:00:00Z,"Hi, there"\n'
        "2,Ask_Acme,7,outbound,2026-03-11T12:00:00Z,Bye\n"
    )

    reports = [
        import_usage(engine, path, clock=CLOCK, reader=MessageReader(meter=meter, source=meter))
        for meter in ("whatsapp", "instagram", "whatsapp")
    ]

    assert [(2, 2, 0, 0, False), (2, 2, 0, 0, False), (2, 0, 2, 0, True)] == [
        counts(each) for each in reports
    ]
    days, windows, *_ = snapshot(engine)
    assert (3, 3) == (len(days), len(windows))


def test_bad_lines_are_told_with_their_place(engine: Engine, tmp_path: Path) -> None:
    """File and line are in the report and in quarantine, for unreadable lines and for uncountable events."""
    save_book(engine, subscription())
    path = write_ndjson(
        tmp_path / "usage.ndjson",
        [used(1, INSTANT, 1), used(2, INSTANT, 1, meter="fax")],
        "{nope",
        '{"id":"3","account":"acme","meter":"documents","occurred_at":"2026-03-10T12:00:00","quantity":1}',
    )

    report = import_usage(engine, path, clock=CLOCK, batch_events=2)

    expected = [
        ("usage.ndjson:2", "unknown_meter", "meter"),
        ("usage.ndjson:3", "invalid_event", ""),
        ("usage.ndjson:4", "invalid_event", "occurred_at"),
    ]
    assert (4, 1, 0, 3, False) == counts(report)
    assert expected == [(each.place, each.code, each.field) for each in report.problems]
    with unit_of_work(engine) as connection:
        kept = [each.problem for each in store_quarantine.quarantined(connection, limit=10)]
    assert expected == sorted((each.place, each.code, each.field) for each in kept)


def test_a_file_with_problems_is_read_again(engine: Engine, tmp_path: Path) -> None:
    """Nothing is doubled, in the sums or in quarantine; and once the book is mended, the rest is counted."""
    save_book(engine, subscription())
    events = [used(1, INSTANT, 1), msgspec.structs.replace(used(2, INSTANT, 1), account="globex")]
    path = write_ndjson(tmp_path / "usage.ndjson", events)
    reports = [import_usage(engine, path, clock=CLOCK) for _ in range(2)]
    with unit_of_work(engine) as connection:
        waiting = len(store_quarantine.quarantined(connection, limit=10))
    sign(engine, subscription("globex"))

    reports += [import_usage(engine, path, clock=CLOCK) for _ in range(2)]

    assert [(2, 1, 0, 1, False), (2, 0, 1, 1, False), (2, 1, 1, 0, False), (2, 0, 2, 0, True)] == [
        counts(each) for each in reports
    ]
    with unit_of_work(engine) as connection:
        assert (1, 0) == (waiting, len(store_quarantine.quarantined(connection, limit=10)))


def test_a_report_shows_the_first_problems(engine: Engine, tmp_path: Path) -> None:
    """However bad a file is, the report stays short, and quarantine has them all."""
    save_book(engine, subscription())
    path = write_ndjson(tmp_path / "usage.ndjson", [], *["{nope"] * (PROBLEMS_SHOWN + 5))

    report = import_usage(engine, path, clock=CLOCK)

    assert (PROBLEMS_SHOWN + 5, PROBLEMS_SHOWN) == (report.quarantined, len(report.problems))
    with unit_of_work(engine) as connection:
        assert PROBLEMS_SHOWN + 5 == len(store_quarantine.quarantined(connection, limit=1000))


@pytest.mark.parametrize(
    ("name", "content"), [("missing.ndjson", None), ("usage.xlsx", ""), ("folder.csv", None)]
)
def test_a_file_that_cannot_be_opened_is_refused(
    engine: Engine, tmp_path: Path, name: str, content: str | None
) -> None:
    """A file that is not there, is a folder, or is of no kind that holds events, is refused by its name."""
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    elif name.startswith("folder"):
        path.mkdir()

    with pytest.raises(InvalidInput) as caught:
        import_usage(engine, path, clock=CLOCK)

    assert ("path", True) == (caught.value.field, name in caught.value.value)


def test_a_csv_with_wrong_columns_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    """A file that is refused as a whole is not remembered either."""
    save_book(engine, subscription())
    path = tmp_path / "usage.csv"
    path.write_text("who,what\nacme,1\n")

    with pytest.raises(InvalidEvent) as caught:
        import_usage(engine, path, clock=CLOCK)

    assert "usage.csv:1" == caught.value.place
    with unit_of_work(engine) as connection:
        assert [] == connection.execute(select(imported_files)).all()


KILLED_IMPORT = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from metering.import_file import import_usage
from tests.unit.metering.book import CLOCK

def told(done, total, report):
    print(report.accepted, flush=True)

import_usage(create_engine(sys.argv[1]), Path(sys.argv[2]), clock=CLOCK, batch_events=50, on_progress=told)
"""


def test_an_import_may_be_killed_and_started_again(engine: Engine, tmp_path: Path) -> None:
    """After kill -9 in the middle, a second start ends with the sums of an undisturbed import."""
    save_book(engine, subscription())
    events = [
        message(number, INSTANT + timedelta(hours=number), contact="xyz"[number % 3]) for number in range(400)
    ]
    events += [used(f"d{number}", INSTANT + timedelta(hours=number), 1) for number in range(1600)]
    path = write_ndjson(tmp_path / "usage.ndjson", events, "{nope")
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED_IMPORT, url, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as importer:  # noqa: S603 our own
        assert importer.stdout is not None
        lines = [importer.stdout.readline() for _ in range(5)]
        importer.send_signal(signal.SIGKILL)
    killed = importer.returncode

    report = import_usage(engine, path, clock=CLOCK)

    assert (-signal.SIGKILL, "250") == (killed, lines[-1].strip())
    assert (2001, 2000, 1) == (report.read, report.accepted + report.known, report.quarantined)
    assert (True, True) == (250 <= report.known < 2000, report.accepted > 0)
    disturbed = snapshot(engine)
    with unit_of_work(engine) as connection:
        assert 1 == len(store_quarantine.quarantined(connection, limit=10))
    assert (Decimal(1600), Decimal(0)) == (
        measured(engine, "documents", INSTANT.date(), date(2026, 12, 31)),
        measured(engine, "documents", date(2026, 1, 1), INSTANT.date()),
    )
    forget_usage(engine)
    import_usage(engine, path, clock=CLOCK)
    assert snapshot(engine) == disturbed
