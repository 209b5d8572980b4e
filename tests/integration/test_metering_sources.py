"""What events are known by, on a real database: texts across months, times and numbers; what came by when."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select, text
from typer.testing import CliRunner

from db.engine import URL_VARIABLE
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.errors import Conflict
from kernel.periods import Period
from kernel.zones import zone_of
from metering import store_quarantine
from metering.declare_source import declare_source
from metering.events import UsageEvent
from metering.ingest import IngestResult, ingest
from metering.measure import Want, measure
from metering.meter_book import MeterBook
from metering.quarantine import Wanted
from metering.rebuild import measure_as_of
from metering.retry import discard, retry
from metering.sources import Identity, UsageSource
from metering.tables import event_keys, usage_sources
from runtime.cli import app
from tests.integration.metering_book import INSTANT, MIXED, feed, measured, mixed_events, save_book
from tests.unit.metering.book import CATALOG, CLOCK, METERS, NOW, SAO_PAULO, ids, message, subscription, used

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
SAO_PAULO_ZONE = zone_of(SAO_PAULO.time_zone)
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def declare(engine: Engine, identity: Identity, source: str = "gateway") -> None:
    """Declare what the events of acme's gateway are known by."""
    with unit_of_work(engine) as connection:
        declare_source(connection, UsageSource(ids()[0], source, identity))


def numbered(
    number: object, *, meter: str = "documents", source: str = "gateway", units: int = 1
) -> UsageEvent:
    """Return an event of the gateway with a number."""
    return replace(used(0, INSTANT, units, meter=meter), id=str(number), source=source)


def take(engine: Engine, *events: UsageEvent) -> IngestResult:
    """Ingest events in one batch."""
    (result,) = feed(engine, events)
    return result


def codes(result: IngestResult) -> list[tuple[int, str]]:
    """Return place and code of each problem."""
    return [(each.index, each.problem.code) for each in result.problems]


def documents(engine: Engine) -> Decimal:
    """Return acme's documents of March."""
    return measured(engine, "documents", *MARCH)


def test_the_same_id_in_another_month_is_the_same_event(engine: Engine) -> None:
    """It lies in another partition, and is a conflict all the same, which shows both."""
    save_book(engine, subscription())
    take(engine, used(1, INSTANT, 3))

    result = take(engine, used(1, INSTANT + 31 * DAY, 3))

    (problem,) = result.problems
    assert ("event_conflict", "what is stored: 2026-03-10T12:00:00+00:00, quantity 3; or a new id") == (
        problem.problem.code,
        problem.problem.expected,
    )
    assert Decimal(3) == documents(engine)


def test_each_month_has_its_partition(engine: Engine) -> None:
    """They are made as events come, by the instant in UTC; two writers make one."""
    save_book(engine, subscription())
    instants = (INSTANT, INSTANT + 31 * DAY, INSTANT - 31 * DAY)
    together = Barrier(2)

    def write(first: int) -> None:
        events = [used(first + number, instant, 1) for number, instant in enumerate(instants)]
        together.wait()
        take(engine, *events)

    writers = [Thread(target=write, args=(first,)) for first in (10, 20)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()

    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage_events'::regclass"
    with reading(engine) as connection:
        names = sorted(connection.execute(text(parts)).scalars())
        kept = connection.execute(text("SELECT count(*) FROM usage_events")).scalar_one()
    assert (["usage_events_2026_02", "usage_events_2026_03", "usage_events_2026_04"], 6) == (names, kept)


def test_numbers_leave_no_keys(engine: Engine) -> None:
    """A source that counts its events is remembered by its last number; what came before is known."""
    save_book(engine, subscription())
    declare(engine, Identity.SEQUENCE)

    first = take(engine, *(numbered(number) for number in (2, 1, 3)))
    again = take(engine, *(numbered(number) for number in (1, 2, 3, 4)))

    assert ((3, 0), (1, 3)) == ((first.accepted, first.known), (again.accepted, again.known))
    assert Decimal(4) == documents(engine)
    with reading(engine) as connection:
        assert [] == connection.execute(select(event_keys.c.event_key)).all()
        assert [4] == list(connection.execute(select(usage_sources.c.last_number)).scalars())


def test_a_number_that_skips_one_waits_for_it(engine: Engine) -> None:
    """It is refused with the number that is missing, and leaves the quarantine once it is counted."""
    save_book(engine, subscription())
    declare(engine, Identity.SEQUENCE)

    ahead = take(engine, numbered(1), numbered(3), numbered(4))
    waiting = take(engine, numbered(3))
    mended = take(engine, numbered(2), numbered(3), numbered(4))

    assert [(1, "sequence_gap"), (2, "sequence_gap")] == codes(ahead)
    assert "2 first; then this one again" == ahead.problems[0].problem.expected
    assert (1, 0, 3) == (ahead.accepted, waiting.accepted, mended.accepted)
    assert Decimal(4) == documents(engine)
    with reading(engine) as connection:
        assert () == store_quarantine.quarantined(connection)


def test_a_number_with_a_problem_has_come(engine: Engine) -> None:
    """The next one is counted; the bad one is mended and counted later, and is known from then on."""
    save_book(engine, subscription())
    declare(engine, Identity.SEQUENCE)

    came = take(engine, numbered(1), numbered(2, meter="fax"), numbered(3))
    mended = take(engine, numbered(2))
    again = take(engine, numbered(2))

    assert [(1, "unknown_meter")] == codes(came)
    assert (2, 1, (0, 1)) == (came.accepted, mended.accepted, (again.accepted, again.known))
    assert Decimal(3) == documents(engine)


def test_a_number_that_was_discarded_is_known(engine: Engine) -> None:
    """A person decided that it is never counted."""
    save_book(engine, subscription())
    declare(engine, Identity.SEQUENCE)
    take(engine, numbered(1), numbered(2, meter="fax"))
    with reading(engine) as connection:
        (entry,) = store_quarantine.quarantined(connection)
    discard(engine, entry.entry_id, by="ana", why="a test", clock=CLOCK)

    again = take(engine, numbered(2))

    assert (0, 1, Decimal(1)) == (again.accepted, again.known, documents(engine))


def test_a_retry_finds_a_number_in_quarantine(engine: Engine) -> None:
    """What waits under a number that has come is tried again as it is."""
    save_book(engine, subscription(starts_on=date(2010, 1, 1)))
    declare(engine, Identity.SEQUENCE)
    late = replace(numbered(2), occurred_at=NOW - 4_000 * DAY)
    took = take(engine, numbered(1), late)

    report = retry(engine, Wanted(), clock=CLOCK, backfill=True)

    assert ([(1, "event_too_old")], 1, 1) == (codes(took), took.accepted, report.accepted)


def test_two_writers_count_numbers_in_turn(engine: Engine) -> None:
    """Both send the same hundred events; each is counted once, and none is told as missing."""
    save_book(engine, subscription())
    declare(engine, Identity.SEQUENCE)
    results: list[IngestResult] = []
    together = Barrier(2)

    def write() -> None:
        together.wait()
        tens = (range(first, first + 10) for first in range(1, 101, 10))
        results.extend(take(engine, *map(numbered, ten)) for ten in tens)

    writers = [Thread(target=write) for _ in range(2)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()

    assert (100, 100, []) == (
        sum(each.accepted for each in results),
        sum(each.known for each in results),
        [each for result in results for each in result.problems],
    )
    assert Decimal(100) == documents(engine)


def test_an_id_with_its_time(engine: Engine) -> None:
    """The same id and instant is known; at another instant it is another event, as its source declared."""
    save_book(engine, subscription())
    declare(engine, Identity.TIME)
    later = replace(numbered(1), occurred_at=INSTANT + DAY)

    first, again = take(engine, numbered(1)), take(engine, numbered(1), later)
    other = take(engine, numbered(1, units=2))

    assert (1, 1, 1) == (first.accepted, again.accepted, again.known)
    assert [(0, "event_conflict")] == codes(other)


def test_what_is_settled_stays(engine: Engine) -> None:
    """An event without a declaration settles its source; a declaration does too; the same again is fine."""
    save_book(engine, subscription())
    take(engine, numbered(1))
    declare(engine, Identity.TEXT)
    declare(engine, Identity.UUID7, "other")

    with pytest.raises(Conflict, match="settled"):
        declare(engine, Identity.SEQUENCE)
    with pytest.raises(Conflict, match="settled"):
        declare(engine, Identity.TIME, "other")
    assert [(0, "invalid_event")] == codes(take(engine, numbered(1, source="other")))


def test_a_process_learns_of_a_declaration(engine: Engine) -> None:
    """A book that knew the account before counts by what was declared since."""
    save_book(engine, subscription())
    book = MeterBook()
    with unit_of_work(engine) as connection:
        ingest(connection, book, [numbered(1, source="first")], clock=CLOCK)
    declare(engine, Identity.SEQUENCE)

    with unit_of_work(engine) as connection:
        result = ingest(connection, book, [numbered(2)], clock=CLOCK)

    assert [(0, "sequence_gap")] == codes(result)


def test_a_process_learns_of_a_new_contract(engine: Engine) -> None:
    """A book holds what it read until it has changed: an end that came since is seen by the next batch."""
    save_book(engine, subscription())
    book = MeterBook()
    with unit_of_work(engine) as connection:
        before = ingest(connection, book, [numbered(1)], clock=CLOCK)
    with unit_of_work(engine) as connection:
        ended = "UPDATE subscriptions SET during = daterange(lower(during), '2026-03-01')"
        connection.execute(text(ended))

    with unit_of_work(engine) as connection:
        after = ingest(connection, book, [numbered(2)], clock=CLOCK)

    assert (1, [(0, "event_outside_subscription")]) == (before.accepted, codes(after))


def test_the_command_declares_and_lists(engine: Engine) -> None:
    """``clausula meter source`` tells what events are known by."""
    save_book(engine, subscription())
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False)})

    declared = runner.invoke(app, ("meter", "source", "declare", "acme", "gw", "--identity", "sequence"))
    listed = runner.invoke(app, ("meter", "source", "list", "acme"))

    assert ["Events of gw of acme are known by: sequence."] == declared.stdout.splitlines()
    assert ["gw: sequence"] == listed.stdout.splitlines()


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_known_by_an_instant_is_measured_again(engine: Engine, seed: int) -> None:
    """Whatever comes later, in whatever order, the quantities of then are found, and nothing is changed."""
    save_book(engine, subscription())
    events = mixed_events(seed, 200)
    random.Random(seed).shuffle(events)  # noqa: S311 the same for the same seed
    wants = [Want(*ids(), meter, "", Period(*MARCH), METERS[meter], SAO_PAULO.time_zone) for meter in MIXED]
    feed(engine, events[:120])
    with unit_of_work(engine) as connection:
        then = measure(connection, wants)
    clock = FixedClock(NOW + DAY)
    with unit_of_work(engine) as connection:
        ingest(connection, MeterBook(), events[120:], clock=clock)
        now = measure(connection, wants)

    with unit_of_work(engine) as connection:
        found = measure_as_of(connection, CATALOG, wants, recorded_by=CLOCK.now())
        left = measure(connection, wants)

    assert (then, now) == (found, left)
    assert then != now


def test_a_message_may_come_with_a_zone_of_its_own(engine: Engine) -> None:
    """An instant is one, however it is written: the same event from two clocks is known."""
    save_book(engine, subscription())
    local = INSTANT.astimezone(SAO_PAULO_ZONE)
    take(engine, message(1, INSTANT))

    again = take(engine, message(1, local))

    assert (0, 1) == (again.accepted, again.known)
