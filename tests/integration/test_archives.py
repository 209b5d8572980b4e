"""Months of events go into files and come back exactly; what needs them meanwhile is refused, not guessed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from db.engine import URL_VARIABLE
from db.unit_of_work import reading, unit_of_work
from kernel.errors import InvalidArchive, MonthArchived, MonthInUse, UnknownArchive
from kernel.periods import Period
from metering import store_archives
from metering.archive_months import Archivist, archive_month, plan_archive
from metering.events import UsageEvent
from metering.measure import Counted, Want, settle
from metering.month_rows import EventRow
from metering.parquet_archives import read_rows
from metering.quarantine import Wanted
from metering.rebuild import differences, measure_as_of, rebuild
from metering.restore_months import restore_file
from metering.retry import retry
from metering.store_archives import ArchivedMonth, archived
from metering.store_transactions import combinations, transactions
from runtime.cli import app
from tests.integration.metering_book import MIXED, feed, measured, mixed_events, save_book, sign, snapshot
from tests.unit.metering.book import (
    CATALOG,
    CLOCK,
    METERS,
    NOW,
    SAO_PAULO,
    at,
    ids,
    message,
    subscription,
    used,
)

pytestmark = pytest.mark.integration

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
FILE = "usage_events_2026_03.parquet"

#: A day on which no contract of the book wants March any longer.
LATER = date(2027, 5, 1)

ACME = [ids()[0]]


@dataclass(slots=True)
class Vault:
    """A database with usage, and a folder for its archives."""

    engine: Engine
    folder: Path
    archivist: Archivist = field(init=False)

    def __post_init__(self) -> None:
        """Let Ana archive."""
        self.archivist = Archivist(self.folder, "ana", CLOCK)

    def archive(self, month: date = MARCH) -> ArchivedMonth | None:
        """Archive a month, whatever the contracts say."""
        return archive_month(self.engine, month, self.archivist)

    def restore(self, name: str = FILE) -> ArchivedMonth:
        """Put a file back."""
        return restore_file(self.engine, self.folder / name)

    def rows(self) -> list[EventRow]:
        """Return all stored events, every column to its last digit."""
        with reading(self.engine) as connection:
            return [
                row
                for each in store_archives.stored_months(connection)
                for rows in store_archives.rows_of(connection, each.month)
                for row in rows
            ]

    def parts(self) -> list[str]:
        """Return the names of the files that are remembered."""
        with reading(self.engine) as connection:
            return [each.file_name for each in archived(connection)]

    def names(self) -> list[str]:
        """Return the names of the files that lie in the folder."""
        return sorted(each.name for each in self.folder.iterdir())

    def count(self, *events: UsageEvent) -> list[str]:
        """Ingest events; return the codes of their problems."""
        return [each.problem.code for result in feed(self.engine, events) for each in result.problems]

    def say(self, *arguments: object) -> Result:
        """Run a command of usage."""
        url = self.engine.url.render_as_string(hide_password=False)
        return CliRunner(env={URL_VARIABLE: url}).invoke(app, ("meter", *map(str, arguments)))


@pytest.fixture(name="vault")
def _vault(engine: Engine, tmp_path: Path) -> Vault:
    """A vault with a month of use of every kind."""
    save_book(engine, subscription())
    feed(engine, mixed_events(1, 500))
    vault = Vault(engine, tmp_path / "archive")
    vault.count(
        used("exact", at("2026-03-20T10:00:00.000001Z"), "1.50"), used("april", at("2026-04-02T10:00:00Z"), 2)
    )
    return vault


def bill_all(vault: Vault, through: date = APRIL) -> None:
    """Let a run have billed all meters."""
    with unit_of_work(vault.engine) as connection:
        settle(connection, [Counted(*ids(), meter, through) for meter in (*MIXED, "documents")], [])


def test_a_month_goes_and_comes_back_exactly(vault: Vault) -> None:
    """Every row is as it was, sums never change, and a rebuild finds nothing wrong afterwards."""
    before, sums = vault.rows(), snapshot(vault.engine)

    away = vault.archive()
    without = vault.rows()
    kept = snapshot(vault.engine)
    back = vault.restore()

    assert away == back
    assert (501, FILE, "ana", NOW) == (away.events, away.file_name, away.archived_by, away.archived_at)
    assert ["april"] == [row.event_id for row in without]
    assert before == vault.rows()
    assert sums == kept == snapshot(vault.engine)
    assert [] == vault.parts()
    with unit_of_work(vault.engine) as connection:
        assert frozenset() == differences(connection, CATALOG, ACME)


def test_any_reader_of_parquet_reads_an_archive(vault: Vault) -> None:
    """Quantities are exact texts, instants are in UTC with microseconds, rows in the order of time."""
    vault.archive()

    table = pyarrow.parquet.read_table(vault.folder / FILE)
    rows = table.to_pylist()
    exact = next(row for row in rows if row["event_id"] == "exact")

    assert "1.50" == exact["quantity"]
    assert at("2026-03-20T10:00:00.000001Z") == exact["occurred_at"]
    assert "timestamp[us, tz=UTC]" == str(table.schema.field("occurred_at").type)
    assert rows == sorted(rows, key=lambda row: row["occurred_at"])


def test_a_second_restore_is_refused(vault: Vault) -> None:
    """Nothing is doubled."""
    vault.archive()
    vault.restore()
    before = vault.rows()

    with pytest.raises(UnknownArchive, match="put back already"):
        vault.restore()

    assert before == vault.rows()


def test_an_altered_file_is_refused(vault: Vault) -> None:
    """One row less, or one quantity more, is another digest; the month stays archived."""
    vault.archive()
    table = pyarrow.parquet.read_table(vault.folder / FILE)
    pyarrow.parquet.write_table(table.slice(1), vault.folder / FILE)

    with pytest.raises(InvalidArchive, match="not those that were archived"):
        vault.restore()

    assert ([FILE], 1) == (vault.parts(), len(vault.rows()))


@pytest.mark.parametrize("size", [0, 100, -1])
def test_a_file_that_was_cut_off_is_refused(vault: Vault, size: int) -> None:
    """Whatever is missing, it is no whole file."""
    vault.archive()
    whole = (vault.folder / FILE).read_bytes()
    (vault.folder / FILE).write_bytes(whole[:size])

    with pytest.raises(InvalidArchive):
        vault.restore()

    assert [FILE] == vault.parts()


def test_a_foreign_file_is_refused(vault: Vault) -> None:
    """A file of other columns is none of an archive."""
    vault.archive()
    table = pyarrow.parquet.read_table(vault.folder / FILE)
    pyarrow.parquet.write_table(table.drop_columns(["corrects"]), vault.folder / "other.parquet")

    with pytest.raises(InvalidArchive, match="columns"):
        vault.restore("other.parquet")


def test_a_file_may_bear_another_name(vault: Vault) -> None:
    """It is known by its rows."""
    vault.archive()
    shutil.move(vault.folder / FILE, vault.folder / "march.parquet")

    assert MARCH == vault.restore("march.parquet").month


def single(day: date, *, days: int = 1) -> Want:
    """Return a question about the days from one on."""
    period = Period(day, day + timedelta(days=days))
    return Want(*ids(), "documents", "", period, METERS["documents"], SAO_PAULO.time_zone)


def test_what_needs_the_events_is_refused_and_told_which_files(vault: Vault) -> None:
    """Rebuild, check, measuring as of then and prices of single events; after a restore they work again."""
    want = single(date(2026, 3, 20))
    asks = (
        lambda connection: differences(connection, CATALOG, ACME),
        lambda connection: rebuild(connection, CATALOG, ACME),
        lambda connection: measure_as_of(connection, CATALOG, [want], recorded_by=NOW),
        lambda connection: transactions(connection, [want]),
        lambda connection: combinations(connection, [want], by=("country",)),
    )
    sums = snapshot(vault.engine)
    vault.archive()

    told = []
    for ask in asks:
        with pytest.raises(MonthArchived) as refused, unit_of_work(vault.engine) as connection:
            ask(connection)
        told.append((refused.value.value, refused.value.expected))
    vault.restore()
    answers = []
    for ask in asks:
        with unit_of_work(vault.engine) as connection:
            answers.append(ask(connection))

    assert {("2026-03", f"clausula meter restore {FILE}")} == set(told)
    assert [frozenset(), None, {want: Decimal("1.50")}, {want: (Decimal("1.50"),)}] == answers[:4]
    assert sums == snapshot(vault.engine)


def test_other_months_and_other_accounts_are_served(vault: Vault) -> None:
    """April is read while March is away, and an account that began later is counted again."""
    sign(vault.engine, subscription("globex", starts_on=date(2026, 5, 1)))
    late = replace(used("first", at("2026-05-10T12:00:00Z"), 3), account="globex")
    vault.count(late)
    vault.archive()
    april = single(date(2026, 4, 2), days=1)

    with unit_of_work(vault.engine) as connection:
        found = transactions(connection, [april])
        right = differences(connection, CATALOG, [ids("globex")[0]])

    assert {april: (Decimal(2),)} == found
    assert frozenset() == right


def test_known_events_stay_known(vault: Vault) -> None:
    """The same events again change nothing while their month is away, of whatever meter."""
    vault.archive()
    sums = snapshot(vault.engine)

    problems = vault.count(*mixed_events(1, 500))

    assert ([], sums, 1) == (problems, snapshot(vault.engine), len(vault.rows()))


def test_late_use_opens_the_month_again(vault: Vault) -> None:
    """What counts by itself is counted; it goes into a second file, and both come back."""
    vault.archive()
    before = measured(vault.engine, "documents", MARCH, APRIL)

    problems = vault.count(used("late", at("2026-03-25T10:00:00Z"), 7))
    after = measured(vault.engine, "documents", MARCH, APRIL)
    second = vault.archive()
    parts = vault.parts()
    vault.restore("usage_events_2026_03-2.parquet")
    vault.restore()

    assert [] == problems
    assert Decimal(7) == after - before
    assert second is not None
    assert (2, 1) == (second.part, second.events)
    assert [FILE, "usage_events_2026_03-2.parquet"] == parts
    with unit_of_work(vault.engine) as connection:
        assert frozenset() == differences(connection, CATALOG, ACME)


def needing() -> list[UsageEvent]:
    """Return events that cannot be counted without those of March."""
    correction = used("less", at("2026-03-20T10:00:00.000001Z"), "-1")
    return [
        replace(correction, corrects="exact"),
        message("late", at("2026-03-12T10:00:00Z")),
        message("of-a-window-of-march", at("2026-04-01T10:00:00Z")),
        used("level", at("2026-03-12T10:00:00Z"), 5, meter="agents"),
        used("day-of-march", at("2026-04-01T01:00:00Z"), 5, meter="agents"),
    ]


def test_what_cannot_be_counted_alone_waits(vault: Vault) -> None:
    """A correction, a late message and a late level wait in quarantine, and count after a restore."""
    vault.archive()
    sums = snapshot(vault.engine)

    problems = vault.count(*needing())
    waiting = snapshot(vault.engine)
    vault.restore()
    report = retry(vault.engine, Wanted(), clock=CLOCK)

    assert ["month_archived"] * 5 == problems
    assert sums == waiting
    assert (5, 0) == (report.accepted, report.waiting)
    with unit_of_work(vault.engine) as connection:
        assert frozenset() == differences(connection, CATALOG, ACME)


def test_use_after_the_archive_is_counted_as_ever(vault: Vault) -> None:
    """A message and a level of April, more than a day after what is away."""
    vault.archive()

    assert [] == vault.count(
        message("april-talk", at("2026-04-03T10:00:00Z")),
        used("april-level", at("2026-04-03T10:00:00Z"), 5, meter="agents"),
    )


def test_a_file_of_other_rows_is_never_written_over(vault: Vault) -> None:
    """What another database left under the name stays; the month takes the next."""
    vault.folder.mkdir()
    (vault.folder / FILE).write_bytes(b"of another database")

    away = vault.archive()

    assert away is not None
    assert "usage_events_2026_03-2.parquet" == away.file_name
    assert b"of another database" == (vault.folder / FILE).read_bytes()


def test_events_that_come_meanwhile_are_not_lost(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes after the file was written keeps the month where it is; the next try takes it along."""
    real = read_rows

    def late(path: Path) -> Iterator[list[EventRow]]:
        vault.count(used("meanwhile", at("2026-03-25T10:00:00Z"), 7))
        return real(path)

    monkeypatch.setattr("metering.archive_months.read_rows", late)
    with pytest.raises(MonthInUse, match="events came"):
        vault.archive()
    stored = len(vault.rows())
    monkeypatch.undo()
    away = vault.archive()

    assert (503, 502) == (stored, away and away.events)


def test_a_month_in_use_stays(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads events holds it; the archive gives up after a while and takes nothing away."""
    monkeypatch.setattr(store_archives, "LOCK_WAIT", "100ms")
    with unit_of_work(vault.engine) as connection:
        transactions(connection, [single(date(2026, 3, 20))])
        with pytest.raises(MonthInUse, match="others read"):
            vault.archive()

    assert ([], 502) == (vault.parts(), len(vault.rows()))


def test_a_month_without_events_needs_no_file(vault: Vault) -> None:
    """Its partition goes, and nothing is left to remember."""
    with unit_of_work(vault.engine) as connection:
        connection.execute(text("SELECT add_usage_month('2020-01-01')"))

    assert vault.archive(date(2020, 1, 1)) is None
    assert [] == vault.names()
    with reading(vault.engine) as connection:
        assert [MARCH, APRIL] == [each.month for each in store_archives.stored_months(connection)]


def test_a_plan_tells_why_each_month_stays(vault: Vault) -> None:
    """March is not billed, then kept; once both are over it goes, and April waits for what was asked."""
    unbilled = plan_archive(vault.engine, today=LATER)
    bill_all(vault)
    kept = plan_archive(vault.engine, today=date(2027, 4, 30))
    going = plan_archive(vault.engine, today=LATER, before=APRIL)

    assert [(MARCH, 501), (APRIL, 1)] == [(each.month, each.events) for each in unbilled]
    assert unbilled[0].stays[0].startswith("not billed: ")
    assert ("kept until 2027-05-01 for acme/main",) == kept[0].stays
    assert [(), ("not before 2026-04, as was asked",)] == [each.stays for each in going]
    assert "2026-03: 501 events: goes" == going[0].line()


def test_late_usage_keeps_its_month(vault: Vault) -> None:
    """A day that changed after its bill is billed before its events go."""
    bill_all(vault)
    vault.count(used("late", at("2026-03-25T10:00:00Z"), 7))

    assert ("late usage is not billed: documents of acme/main",) == plan_archive(vault.engine, today=LATER)[
        0
    ].stays


def test_the_commands(vault: Vault) -> None:
    """What is stored and what lies in files is listed; a dry run changes nothing; a file is put back."""
    dry = vault.say("archive", "--to", vault.folder, "--dry-run")
    nothing = vault.say("archive", "--to", vault.folder)
    vault.archive()
    listed = vault.say("months")
    restored = vault.say("restore", vault.folder / FILE)
    again = vault.say("restore", vault.folder / FILE)

    assert "2026-03: 501 events: kept until 2027-05-01" in dry.stdout
    assert "No month goes; --dry-run tells why." == nothing.stdout.strip()
    assert FILE in listed.stdout
    assert "database" in listed.stdout
    assert f"{FILE}: 501 events of 2026-03 are back." == restored.stdout.strip()
    assert isinstance(again.exception, UnknownArchive)


def test_the_command_archives_what_goes(engine: Engine, tmp_path: Path) -> None:
    """Years later a billed month goes, with the name of who archives."""
    save_book(engine, subscription())
    vault = Vault(engine, tmp_path / "archive")
    vault.count(used("old", datetime.fromisoformat("2020-03-10T12:00:00Z"), 3))
    bill_all(vault)

    said = vault.say("archive", "--to", vault.folder, "--by", "ana", "--json")

    assert 0 == said.exit_code
    assert ["usage_events_2020_03.parquet"] == vault.parts() == vault.names()
    assert '"archived_by": "ana"' in said.stdout
