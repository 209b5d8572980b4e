"""Usage: which subscription an event belongs to, on which day, and what each kind of meter counts of it."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.meters import SegmentEncoding, SmsMeter
from kernel.ids import account_id_of
from metering.batches import KnownAccount, SortedBatch, conflicts, sort_batch
from metering.counting import quantity_of
from metering.events import Rejected, UsageEvent
from metering.usage import counted_meters, meters_of
from tests.unit.contracts.agreements import ATTRACTION, signed
from tests.unit.metering.book import (
    CLAUSE,
    METERS,
    NOW,
    at,
    contract,
    ids,
    message,
    price,
    subscription,
    used,
)

BOOK = {
    "acme": [
        contract(subscription(code="first", starts_on=date(2025, 1, 1), ends_on=date(2026, 2, 1))),
        contract(subscription(code="second", starts_on=date(2026, 2, 1), ends_on=date(2026, 9, 1))),
        contract(subscription(code="crm", product="crm", starts_on=date(2026, 3, 1))),
    ],
    "west": [contract(subscription("west", entity="vendor-mx", starts_on=date(2026, 1, 1)))],
    "empty": [],
}


def sorted_of(*events: UsageEvent | Rejected) -> SortedBatch:
    """Return a batch sorted against the book."""
    accounts = {code: KnownAccount(account_id_of(code), contracts) for code, contracts in BOOK.items()}
    return sort_batch(events, accounts, now=NOW)


def problem_of(event: UsageEvent) -> tuple[str, str]:
    """Return code and field of the one problem of an event."""
    (found,) = sorted_of(event).problems
    return found.problem.code, found.problem.field


def belongs_to(event: UsageEvent) -> tuple[str, date]:
    """Return the code of the subscription that an event belongs to, and its day."""
    (found,) = sorted_of(event).firsts.values()
    return found.metered.subscription.code, found.day


def test_the_day_is_the_issuers() -> None:
    """02:59Z on 1 February is still 31 January in Sao Paulo, and belongs to the subscription of that day."""
    assert ("first", date(2026, 1, 31)) == belongs_to(used(1, at("2026-02-01T02:59:59Z"), 1))
    assert ("second", date(2026, 2, 1)) == belongs_to(used(1, at("2026-02-01T03:00:00Z"), 1))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-08T07:59:59Z", date(2026, 3, 7)),
        ("2026-03-08T08:00:00Z", date(2026, 3, 8)),
        ("2026-03-09T06:59:59Z", date(2026, 3, 8)),
        ("2026-03-09T07:00:00Z", date(2026, 3, 9)),
    ],
)
def test_days_follow_daylight_saving(instant: str, day: date) -> None:
    """In Tijuana 8 March 2026 begins at 08:00Z and, the clocks set forward, the next day at 07:00Z."""
    assert ("main", day) == belongs_to(replace(used(1, at(instant), 1), account="west"))


def test_a_named_subscription_is_taken() -> None:
    """Two subscriptions have the meter; the event says which one it is about."""
    sms = UsageEvent(id="1", account="acme", meter="sms", occurred_at=at("2026-03-10T12:00:00Z"), text="hola")

    assert ("ambiguous_subscription", "subscription") == problem_of(sms)
    assert ["crm", "second"] == sorted(
        belongs_to(replace(sms, subscription=code))[0] for code in ("crm", "second")
    )


def test_the_only_one_with_the_meter_need_not_be_named() -> None:
    """Two subscriptions are in force, one of them has the meter."""
    assert ("second", date(2026, 3, 10)) == belongs_to(used(1, at("2026-03-10T12:00:00Z"), 1))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (replace(used(1, at("2026-03-10T12:00:00Z"), 1), account="nobody"), ("unknown_account", "account")),
        (used(1, at("2026-03-10T12:00:00Z"), 1, meter="fax"), ("unknown_meter", "meter")),
        (used(1, at("2024-12-31T12:00:00Z"), 1), ("event_outside_subscription", "occurred_at")),
        (used(1, at("2026-09-01T12:00:00Z"), 1), ("event_outside_subscription", "occurred_at")),
        (
            replace(used(1, at("2026-03-10T12:00:00Z"), 1), subscription="third"),
            ("event_outside_subscription", "subscription"),
        ),
        (
            replace(used(1, at("2026-03-10T12:00:00Z"), 1), subscription="first"),
            ("event_outside_subscription", "occurred_at"),
        ),
        (
            replace(used(1, at("2026-03-10T12:00:00Z"), 1), account="empty"),
            ("event_outside_subscription", "subscription"),
        ),
    ],
)
def test_an_event_of_no_subscription_is_told_why(event: UsageEvent, expected: tuple[str, str]) -> None:
    """Unknown account, unknown meter and a day without a subscription are three different problems."""
    assert expected == problem_of(event)


def counted(event: UsageEvent) -> Decimal | None:
    """Return what an event counts for."""
    return quantity_of(event, METERS[event.meter])


def test_each_meter_counts_its_own() -> None:
    """A sum adds quantities, an SMS its segments, seats are a level, messages count in conversations."""
    instant = at("2026-03-10T12:00:00Z")
    sms = UsageEvent(id="1", account="acme", meter="sms", occurred_at=instant, text="a" * 161)

    assert [Decimal("1.5"), Decimal(2), Decimal(7), None] == [
        counted(used(1, instant, "1.5")),
        counted(sms),
        counted(used(1, instant, 7, meter="agents")),
        counted(message(1, instant)),
    ]


@pytest.mark.clause("ZEN-VII-SMS-SMS-CONCATENADO")
def test_the_terms_say_how_segments_are_counted() -> None:
    """The encoding and the reserved characters of the meter's terms are used."""
    sms = UsageEvent(id="1", account="acme", meter="sms", occurred_at=NOW, text="a" * 141)
    engage = SmsMeter(clause=CLAUSE, reserved_characters=20)
    literal = SmsMeter(clause=CLAUSE, encoding=SegmentEncoding.LITERAL)

    assert [2, 1] == [quantity_of(sms, engage), quantity_of(sms, literal)]


BASE = UsageEvent(id="1", account="acme", meter="sms", occurred_at=at("2026-02-10T12:00:00Z"))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (replace(BASE, meter="documents"), "quantity"),
        (replace(BASE, meter="sms"), "text"),
        (replace(BASE, meter="sms", quantity=Decimal(1), text="hola"), "quantity"),
        (replace(BASE, meter="whatsapp", contact="ana"), "direction"),
        (replace(BASE, meter="whatsapp", direction="inbound"), "contact"),
        (
            replace(BASE, meter="whatsapp", direction="inbound", contact="ana", quantity=Decimal(1)),
            "quantity",
        ),
        (replace(BASE, meter="agents"), "quantity"),
        (replace(BASE, meter="agents", quantity=Decimal("1.5")), "quantity"),
        (replace(BASE, meter="voice", quantity=Decimal(1)), "dimensions.country"),
        (replace(BASE, meter="voice", quantity=Decimal(1), dimensions={"country": ""}), "dimensions.country"),
    ],
)
def test_what_a_meter_lacks_or_would_not_count_is_refused(event: UsageEvent, field: str) -> None:
    """Each kind of meter says what an event must bring, and refuses what it would leave uncounted."""
    assert ("invalid_event", field) == problem_of(event)


def test_the_dimension_is_the_one_that_the_meter_is_priced_by() -> None:
    """Of all dimensions of an event one is counted apart; the others stay with the event."""
    event = used(1, at("2026-02-10T12:00:00Z"), 1, meter="voice", country="MX", line="7")
    (found,) = sorted_of(event).firsts.values()

    assert ("MX", '{"country":"MX","line":"7"}') == (found.dimension, found.dimensions)


def test_use_that_no_charge_prices_is_refused() -> None:
    """A country without a price goes to quarantine, for no invoice would bill it; so does a whole meter."""
    priced = dataclasses.replace(contract(subscription()), charges=(price("voice", "BR"),))
    brazil, chile = (
        used(number, at("2026-02-10T12:00:00Z"), 1, meter="voice", country=country)
        for number, country in enumerate(("BR", "CL"))
    )
    documents = used(3, at("2026-02-10T12:00:00Z"), 1, meter="documents")

    batch = sort_batch([brazil, chile, documents], {"acme": KnownAccount(ids()[0], [priced])}, now=NOW)

    assert [("unknown_dimension", "CL", "one of BR"), ("unknown_meter", "documents", "one of voice")] == [
        (each.problem.code, each.problem.value, each.problem.expected) for each in batch.problems
    ]
    assert 1 == len(batch.firsts)


def test_one_bad_event_stops_nothing() -> None:
    """The events around a bad one are counted, and the problem bears its place in the batch."""
    instant = at("2026-02-10T12:00:00Z")
    batch = sorted_of(used(1, instant, 1), used(2, instant, 1, meter="fax"), used(3, instant, 1))

    assert ([0, 2], [1]) == (
        [each.index for each in batch.firsts.values()],
        [each.index for each in batch.problems],
    )


def test_an_event_that_comes_twice_in_a_batch_is_a_repeat() -> None:
    """The first one counts; the other is compared with what is stored."""
    instant = at("2026-02-10T12:00:00Z")
    batch = sorted_of(used(1, instant, 1), used(1, instant, 2))

    (problem,) = conflicts(batch.differing({}))

    assert (1, "event_conflict") == (problem.index, problem.problem.code)
    assert (True, True) == ("quantity 2" in problem.problem.value, "quantity 1" in problem.problem.expected)


def test_a_meter_that_only_a_limit_counts_by_takes_events() -> None:
    """Nothing prices the sandbox: its messages are counted, for a limit, and billed by nobody."""
    contract = signed(ATTRACTION, plan="attraction-lite")
    (metered,) = meters_of([contract], "sandbox_messages")

    assert frozenset({""}) == metered.priced
    assert {"sandbox_messages", "attraction_contacts"} <= counted_meters(contract)
    assert () == meters_of([contract], "sms")
