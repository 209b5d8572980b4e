"""Corrections: nothing is changed, no more is taken than was there, the next invoice has the difference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from db.unit_of_work import unit_of_work
from invoicing.documents import LineKind
from kernel.ids import account_id_of
from metering.events import UsageEvent
from metering.ingest import IngestResult, ingest
from metering.meter_book import MeterBook
from metering.rebuild import differences, rebuild
from metering.tables import usage_events
from tests.integration.invoicing_book import Office, counted
from tests.integration.metering_book import feed, measured, save_book
from tests.unit.metering.book import CATALOG, CLOCK, at, message, subscription, used

pytestmark = pytest.mark.integration

INSTANT = at("2026-03-10T12:00:00Z")
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def correction(number: str, quantity: int, *, of: str = "1") -> UsageEvent:
    """Return a correction of an event of ten documents."""
    return replace(used(number, INSTANT, quantity), corrects=of)


def outcome(result: IngestResult) -> tuple[int, int, list[tuple[int, str, str]]]:
    """Return what was accepted, what was known, and index, code and field of each problem."""
    problems = [(each.index, each.problem.code, each.problem.field) for each in result.problems]
    return result.accepted, result.known, problems


@pytest.fixture(name="ten")
def _ten(engine: Engine) -> Engine:
    """A database that holds an event of ten documents."""
    save_book(engine, subscription())
    feed(engine, [used(1, INSTANT, 10)])
    return engine


def test_a_correction_takes_away_and_changes_nothing(ten: Engine) -> None:
    """Three of ten documents were none: seven are left, and both events are there."""
    (result,) = feed(ten, [correction("c", -3)])

    assert (1, 0, []) == outcome(result)
    assert Decimal(7) == measured(ten, "documents", *MARCH)
    with unit_of_work(ten) as connection:
        rows = connection.execute(select(usage_events.c.event_id, usage_events.c.quantity)).all()
    assert {("1", Decimal(10)), ("c", Decimal(-3))} == {tuple(row) for row in rows}


def test_a_check_counts_corrections_as_ingest_did(ten: Engine) -> None:
    """What an event took from another is taken again when all is counted anew."""
    feed(ten, [correction("c", -3)])
    with unit_of_work(ten) as connection:
        wrong = differences(connection, CATALOG, [account_id_of("acme")])
        rebuild(connection, CATALOG, [account_id_of("acme")])

    assert frozenset() == wrong
    assert Decimal(7) == measured(ten, "documents", *MARCH)


def test_a_correction_counts_once(ten: Engine) -> None:
    """Sent again, even when nothing is left to take, it is known."""
    results = feed(ten, [correction("c", -10)]) + feed(ten, [correction("c", -10)])

    assert [(1, 0, []), (0, 1, [])] == [outcome(each) for each in results]
    assert Decimal(0) == measured(ten, "documents", *MARCH)


def test_never_more_than_was_there(ten: Engine) -> None:
    """Of six, five and four off ten, the second is refused; and no later one takes the last."""
    (first,) = feed(ten, [correction("a", -6), correction("b", -5), correction("c", -4)])
    (second,) = feed(ten, [correction("d", -1)])

    assert (2, 0, [(1, "invalid_correction", "quantity")]) == outcome(first)
    assert (0, 0, [(0, "invalid_correction", "quantity")]) == outcome(second)
    assert "at least -4" == first.problems[0].problem.expected
    assert Decimal(0) == measured(ten, "documents", *MARCH)


def test_an_event_is_replaced(ten: Engine) -> None:
    """All of it is taken, and the right one comes under an id of its own."""
    (result,) = feed(ten, [correction("c", -10), used("right", INSTANT + timedelta(days=1), 12)])

    assert (2, 0, []) == outcome(result)
    assert Decimal(12) == measured(ten, "documents", *MARCH)


def test_a_correction_beside_its_event(engine: Engine) -> None:
    """In one batch, before it or after it, it finds what it corrects."""
    save_book(engine, subscription())

    (result,) = feed(engine, [correction("c", -3), used(1, INSTANT, 10)])

    assert (2, 0, []) == outcome(result)
    assert Decimal(7) == measured(engine, "documents", *MARCH)


def test_a_correction_before_its_event_waits(engine: Engine) -> None:
    """What was never counted is not corrected; sent again once it was, the correction counts."""
    save_book(engine, subscription())

    results = feed(engine, [correction("c", -3), used(1, INSTANT, 10), correction("c", -3)], batch=1)

    assert [(0, 0, [(0, "unknown_event", "corrects")]), (1, 0, []), (1, 0, [])] == [
        outcome(each) for each in results
    ]


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (replace(used("c", INSTANT, -1), corrects=""), "invalid_event", "quantity"),
        (replace(correction("c", -1), source="crm"), "unknown_event", "corrects"),
        (
            replace(correction("c", -1), occurred_at=INSTANT + timedelta(days=1)),
            "invalid_correction",
            "occurred_at",
        ),
        (
            replace(correction("c", -1), meter="voice", dimensions={"country": "MX"}),
            "invalid_correction",
            "meter",
        ),
        (replace(used("c", INSTANT, -1, meter="agents"), corrects="1"), "invalid_correction", "corrects"),
        (replace(message("c", INSTANT), corrects="1"), "invalid_correction", "corrects"),
        (correction("c", -1, of="first"), "invalid_correction", "corrects"),
    ],
    ids=[
        "of nothing",
        "another source",
        "another day",
        "another meter",
        "seats",
        "a message",
        "a correction",
    ],
)
def test_what_is_no_correction(ten: Engine, event: UsageEvent, code: str, field: str) -> None:
    """It names an event of its source, repeats where that counted, and only sums are corrected."""
    feed(ten, [correction("first", -1)])

    (result,) = feed(ten, [event])

    assert (0, 0, [(0, code, field)]) == outcome(result)
    assert Decimal(9) == measured(ten, "documents", *MARCH)


def test_two_that_correct_at_once_take_no_more_than_there_is(ten: Engine) -> None:
    """Eight writers take three each of ten: three of them succeed."""

    def take(number: int) -> int:
        with unit_of_work(ten) as connection:
            return ingest(connection, MeterBook(), [correction(f"c{number}", -3)], clock=CLOCK).accepted

    with ThreadPoolExecutor(8) as writers:
        accepted = sum(writers.map(take, range(8)))

    assert (3, Decimal(1)) == (accepted, measured(ten, "documents", *MARCH))


def test_the_next_invoice_has_the_difference(engine: Engine) -> None:
    """1,300 transactions were billed for January; 100 were none: the next invoice gives them back."""
    office = Office.open(engine)
    day = date(2026, 1, 20)
    events = list(counted("ipe", "docs_transactions", 1_300, day))
    office.gets(events)
    office.bills(date(2026, 2, 1))
    billed = sum(
        each.quantity for each in office.of("ipe", date(2026, 2, 1)).lines if each.charge == "overage"
    )
    (first,) = events
    with unit_of_work(engine) as connection:
        taken = replace(first, id="c", corrects=first.id, quantity=Decimal(-100))
        result = ingest(connection, MeterBook(), [taken], clock=CLOCK)
    office.bills(date(2026, 3, 1))

    lines = [each for each in office.of("ipe", date(2026, 3, 1)).lines if each.kind is LineKind.LATE_USAGE]
    assert (1, Decimal(1_300)) == (result.accepted, billed)
    assert [("overage", "2026-01-01 to 2026-01-31", Decimal(-100))] == [
        (each.charge, str(each.period), each.quantity) for each in lines
    ]
    assert lines[0].net < 0
