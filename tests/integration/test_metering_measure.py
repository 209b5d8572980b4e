"""Measuring: what a run is told, and what it is told again when usage comes late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.measure import Counted, LateUsage, Want, late_usage, measure, settle
from tests.integration.metering_book import feed, measured, save_book
from tests.unit.metering.book import METERS, at, ids, message, subscription, used

pytestmark = pytest.mark.integration

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))


def bill(engine: Engine, meter: str, through: date, *late: LateUsage) -> None:
    """Say that a run has billed acme's meter up to a day, and has dealt with late days."""
    with unit_of_work(engine) as connection:
        settle(connection, [Counted(*ids(), meter, through)], late)


def late_days(engine: Engine) -> list[tuple[str, date]]:
    """Return meter and day of acme's late usage."""
    with unit_of_work(engine) as connection:
        return [(late.meter, late.day) for late in late_usage(connection, [ids()[0]])]


def test_a_period_holds_the_days_of_the_issuers_zone(engine: Engine) -> None:
    """The last second of January in Sao Paulo is 02:59:59Z of 1 February."""
    save_book(engine, subscription())
    feed(engine, [used(1, at("2026-02-01T02:59:59Z"), 2), used(2, at("2026-02-01T03:00:00Z"), 5)])

    found = [
        measured(engine, "documents", JANUARY, FEBRUARY),
        measured(engine, "documents", FEBRUARY, MARCH),
        measured(engine, "documents", JANUARY, MARCH),
    ]

    assert [Decimal(2), Decimal(5), Decimal(7)] == found


def test_dimensions_apart_and_together(engine: Engine) -> None:
    """A want with a dimension asks for it alone, one without asks for all; decimals add up exactly."""
    save_book(engine, subscription())
    feed(
        engine,
        [
            used(1, at("2026-01-10T12:00:00Z"), "0.1", meter="voice", country="MX"),
            used(2, at("2026-01-10T12:00:00Z"), "0.2", meter="voice", country="MX"),
            used(3, at("2026-01-11T12:00:00Z"), "0.000000000001", meter="voice", country="BR"),
        ],
    )

    found = [measured(engine, "voice", JANUARY, FEBRUARY, dimension=each) for each in ("MX", "BR", "CO", "")]

    assert [Decimal("0.3"), Decimal("0.000000000001"), Decimal(0), Decimal("0.300000000001")] == found


@pytest.mark.clause("ZEN-V-3.1")
def test_a_conversation_counts_on_the_day_on_which_it_opened(engine: Engine) -> None:
    """A window that crosses the end of a month belongs to the month of its first message."""
    save_book(engine, subscription())
    feed(engine, [message(1, at("2026-01-31T20:00:00Z")), message(2, at("2026-02-01T19:00:00Z"))])

    found = [measured(engine, "whatsapp", *period) for period in ((JANUARY, FEBRUARY), (FEBRUARY, MARCH))]

    assert [Decimal(1), Decimal(0)] == found


def test_seats_are_the_highest_level_of_the_period(engine: Engine) -> None:
    """The level that a period begins with counts, as does each level in it, and none after it."""
    save_book(engine, subscription())
    feed(
        engine,
        [
            used(1, at("2026-01-10T12:00:00Z"), 5, meter="agents"),
            used(2, at("2026-01-20T12:00:00Z"), 8, meter="agents"),
            used(3, at("2026-01-25T12:00:00Z"), 6, meter="agents"),
            used(4, at("2026-03-01T03:00:00Z"), 2, meter="agents"),
        ],
    )
    periods = [
        (date(2025, 12, 1), JANUARY),
        (JANUARY, FEBRUARY),
        (FEBRUARY, MARCH),
        (MARCH, APRIL),
        (date(2026, 1, 25), FEBRUARY),
    ]

    assert [Decimal(level) for level in (0, 8, 6, 2, 8)] == [
        measured(engine, "agents", *period) for period in periods
    ]


def test_seats_by_role_and_in_total(engine: Engine) -> None:
    """The total's highest is that of the sum at one instant, not the sum of each role's highest."""
    save_book(engine, subscription())
    feed(
        engine,
        [
            used(1, at("2026-01-10T12:00:00Z"), 5, meter="roles", role="agent"),
            used(2, at("2026-01-11T12:00:00Z"), 1, meter="roles", role="agent"),
            used(3, at("2026-01-12T12:00:00Z"), 3, meter="roles", role="boss"),
        ],
    )

    found = [measured(engine, "roles", JANUARY, FEBRUARY, dimension=each) for each in ("agent", "boss", "")]

    assert [Decimal(5), Decimal(3), Decimal(5)] == found


def test_many_wants_in_one_question(engine: Engine) -> None:
    """Each want has its answer, zero where nothing was used, and a want may be asked twice."""
    save_book(engine, subscription(), subscription("globex"))
    used_day = at("2026-01-10T12:00:00Z")
    feed(engine, [used(1, used_day, 3), replace(used(1, used_day, 4), account="globex")])
    january = Period(JANUARY, FEBRUARY)
    wants = [
        Want(*ids(code), meter, "", january, METERS[meter], "America/Sao_Paulo")
        for code in ("acme", "globex")
        for meter in ("documents", "sms")
    ]

    with unit_of_work(engine) as connection:
        found = measure(connection, [*wants, wants[0]])
        nothing = measure(connection, [])

    assert [Decimal(quantity) for quantity in (3, 0, 4, 0)] == [found[want] for want in wants]
    assert {} == nothing


def test_usage_of_a_billed_day_is_late(engine: Engine) -> None:
    """After January is billed, its usage is counted and marked; that of February is only counted."""
    save_book(engine, subscription())
    feed(engine, [used(1, at("2026-01-10T12:00:00Z"), 3)])
    bill(engine, "documents", FEBRUARY)

    feed(engine, [used(2, at("2026-01-31T12:00:00Z"), 4), used(3, at("2026-02-01T12:00:00Z"), 5)])

    assert [("documents", date(2026, 1, 31))] == late_days(engine)
    assert Decimal(7) == measured(engine, "documents", JANUARY, FEBRUARY)


def test_nothing_is_late_before_a_run(engine: Engine) -> None:
    """However old an event is, a period that was never billed bills it in full."""
    save_book(engine, subscription())
    feed(engine, [used(1, at("2019-01-10T12:00:00Z"), 3)])

    assert [] == late_days(engine)


def test_a_run_that_found_nothing_makes_first_usage_late(engine: Engine) -> None:
    """A meter without any use is billed as zero; its first event for those days is late."""
    save_book(engine, subscription())
    bill(engine, "documents", FEBRUARY)

    feed(engine, [used(1, at("2026-01-10T12:00:00Z"), 3)])

    assert [("documents", date(2026, 1, 10))] == late_days(engine)


def test_known_and_bad_events_make_nothing_late(engine: Engine) -> None:
    """Only what changes a billed day marks it."""
    save_book(engine, subscription())
    event = used(1, at("2026-01-10T12:00:00Z"), 3)
    feed(engine, [event])
    bill(engine, "documents", FEBRUARY)

    feed(engine, [event, replace(event, quantity=Decimal(9)), used(2, at("2026-01-10T12:00:00Z"), -1)])

    assert [] == late_days(engine)


def test_settling_forgets_what_was_dealt_with(engine: Engine) -> None:
    """The next run drops the late days that it billed, and no others; what is billed never goes back."""
    save_book(engine, subscription())
    bill(engine, "documents", MARCH)
    feed(engine, [used(1, at("2026-01-10T12:00:00Z"), 3), used(2, at("2026-02-10T12:00:00Z"), 3)])

    bill(engine, "documents", FEBRUARY, LateUsage(*ids(), "documents", date(2026, 1, 10)))

    assert [("documents", date(2026, 2, 10))] == late_days(engine)
    feed(engine, [used(3, at("2026-02-11T12:00:00Z"), 3)])
    assert 2 == len(late_days(engine))


def test_a_late_message_touches_the_days_that_gain_and_lose(engine: Engine) -> None:
    """A conversation whose start moves to the day before leaves one billed day and enters another."""
    save_book(engine, subscription())
    feed(engine, [message(1, at("2026-01-11T03:00:00Z"))])
    bill(engine, "whatsapp", FEBRUARY)

    feed(engine, [message(2, at("2026-01-11T02:00:00Z"))])

    assert [("whatsapp", date(2026, 1, 10)), ("whatsapp", date(2026, 1, 11))] == late_days(engine)


def test_a_late_message_within_a_window_is_not_late(engine: Engine) -> None:
    """A conversation that only grows is billed already."""
    save_book(engine, subscription())
    feed(engine, [message(1, at("2026-01-11T03:00:00Z"))])
    bill(engine, "whatsapp", FEBRUARY)

    feed(engine, [message(2, at("2026-01-11T23:00:00Z"))])

    assert [] == late_days(engine)


def test_a_late_level_touches_every_billed_day_that_it_holds(engine: Engine) -> None:
    """Seats that changed in January hold on in the billed February, up to the next change."""
    save_book(engine, subscription())
    feed(engine, [used(1, at("2026-01-10T12:00:00Z"), 5, meter="agents")])
    bill(engine, "agents", date(2026, 2, 4))

    feed(engine, [used(2, at("2026-01-30T12:00:00Z"), 9, meter="agents")])

    first = date(2026, 1, 30)
    assert [("agents", first + timedelta(days=day)) for day in range(5)] == late_days(engine)
