"""Meters of every kind, measured over any period, against an oracle that walks all events in their order."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.events import UsageEvent
from metering.measure import Counted, Want, late_usage, measure, settle
from tests.integration.metering_book import NUMBERS, feed, measured, mixed_events, save_book, snapshot
from tests.integration.metering_oracle import owed
from tests.unit.metering.book import METERS, SAO_PAULO, at, ids, message, subscription, used

pytestmark = pytest.mark.integration

KINDS = ("requests", "documents", "minutes", "talk", "calls", "people", "devices", "boxes", "storage", "cpu")
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def wanted(code: str, start: date, end: date) -> Want:
    """Ask what acme used of a meter."""
    return Want(*ids(), code, "", Period(start, end), METERS[code], SAO_PAULO.time_zone)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_kind_counts_what_the_oracle_counts(engine: Engine, seed: int) -> None:
    """Shuffled, repeated and in batches of any size, over every border of days that the events touch."""
    save_book(engine, subscription())
    draw = random.Random(seed)  # noqa: S311 the same for the same seed
    events = [each for each in mixed_events(seed, 900) if each.meter in KINDS]
    arriving = [*events, *draw.sample(events, 100)]
    draw.shuffle(arriving)

    feed(engine, arriving, batch=draw.choice([1, 37, 400]) if seed != 1 else 90)

    periods = [(MARCH, APRIL), (date(2026, 3, 12), date(2026, 3, 13)), (date(2026, 3, 14), date(2026, 3, 18))]
    wants = [wanted(code, start, end) for start, end in periods for code in KINDS]
    with unit_of_work(engine) as connection:
        assert {want: owed(events, want) for want in wants} == measure(connection, wants)


def test_a_dimension_of_values_and_of_greatest(engine: Engine) -> None:
    """A value of two countries is one in each and one in all; the greatest of all is that of one country."""
    save_book(engine, subscription())
    noon = at("2026-03-10T12:00:00Z")
    seen = [("a", "BR"), ("a", "MX"), ("b", "MX"), ("b", "MX")]
    feed(
        engine,
        [
            *(
                replace(used(number, noon, 0, meter="devices", device=device, country=country), quantity=None)
                for number, (device, country) in enumerate(seen)
            ),
            used(10, noon, 3, meter="calls", country="BR"),
            used(11, noon + timedelta(days=1), 5, meter="calls", country="MX"),
        ],
    )

    def apart(meter: str) -> list[Decimal]:
        return [measured(engine, meter, MARCH, APRIL, dimension=each) for each in ("BR", "MX", "CO", "")]

    assert [Decimal(each) for each in (1, 2, 0, 2)] == apart("devices")
    assert [Decimal(each) for each in (3, 5, 0, 5)] == apart("calls")


def test_what_holds_goes_on_and_what_is_counted_does_not(engine: Engine) -> None:
    """In April, without an event, a level stands and weighs, and there is no greatest and no contact."""
    save_book(engine, subscription())
    noon = at("2026-03-10T12:00:00Z")
    feed(
        engine,
        [
            *(used(meter, noon, 4, meter=meter) for meter in ("boxes", "storage", "cpu")),
            used("calls", noon, 4, meter="calls", country="BR"),
            message("people", noon, meter="people", contact=NUMBERS[0]),
        ],
    )

    found = [
        measured(engine, code, APRIL, date(2026, 5, 1))
        for code in ("boxes", "storage", "cpu", "calls", "people")
    ]

    assert [Decimal(each) for each in (4, 120, 2_880, 0, 0)] == found


def test_only_what_changes_a_billed_day_is_late(engine: Engine) -> None:
    """A lower number, a known contact in another form and the same level change nothing that was billed."""
    save_book(engine, subscription())
    noon = at("2026-03-10T12:00:00Z")

    def use(number: int, calls: int, contact: str, stored: int) -> list[UsageEvent]:
        instant = noon + timedelta(minutes=number)
        return [
            used(f"c{number}", instant, calls, meter="calls", country="BR"),
            message(f"p{number}", instant, meter="people", contact=contact),
            used(f"b{number}", instant, stored, meter="boxes"),
        ]

    def late() -> set[str]:
        with unit_of_work(engine) as connection:
            return {each.meter for each in late_usage(connection, [ids()[0]])}

    feed(engine, use(1, 5, NUMBERS[0], 7))
    with unit_of_work(engine) as connection:
        settle(connection, [Counted(*ids(), meter, APRIL) for meter in ("calls", "people", "boxes")], [])
    feed(engine, use(2, 4, NUMBERS[1], 7))
    unchanged = late()
    feed(engine, use(3, 6, NUMBERS[2], 8))

    assert (set(), {"calls", "people", "boxes"}) == (unchanged, late())


def test_a_number_that_is_none_waits_in_quarantine(engine: Engine) -> None:
    """It is told with its index and what would be right; the others of its batch count."""
    save_book(engine, subscription())
    noon = at("2026-03-10T12:00:00Z")
    contacts = [NUMBERS[0], "ana", ""]

    (result,) = feed(
        engine,
        [message(number, noon, meter="people", contact=each) for number, each in enumerate(contacts)],
    )

    assert [(1, "invalid_event", "contact", "ana"), (2, "invalid_event", "contact", "")] == [
        (each.index, each.problem.code, each.problem.field, each.problem.value) for each in result.problems
    ]
    assert Decimal(1) == measured(engine, "people", MARCH, APRIL)


def test_a_number_comes_again_in_another_form(engine: Engine) -> None:
    """The same event id with the number written otherwise is another body: a conflict, as for any event."""
    save_book(engine, subscription())
    noon = at("2026-03-10T12:00:00Z")
    first = message(1, noon, meter="people", contact=NUMBERS[0])

    feed(engine, [first])
    before = snapshot(engine)
    (result,) = feed(engine, [replace(first, contact=NUMBERS[1])])

    assert ["event_conflict"] == [each.problem.code for each in result.problems]
    assert before == snapshot(engine)
