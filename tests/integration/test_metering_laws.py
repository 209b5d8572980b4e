"""The law of metering: in any order, in any batches, repeated, from two writers, a stream counts once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from kernel.ids import SubscriptionKey
from kernel.periods import Period
from metering.conversations import INBOUND, OUTBOUND
from metering.events import UsageEvent
from metering.measure import Want, measure
from metering.rebuild import differences
from tests.integration.metering_book import NUMBERS, feed, save_book, sign
from tests.integration.metering_oracle import owed
from tests.integration.writers import at_once
from tests.unit.metering.book import CATALOG, METERS, TIJUANA, at, ids, subscription

pytestmark = pytest.mark.integration

#: Noon of Tijuana, two days before its clocks change; days begin 12, 36 and 59 hours later.
START = at("2026-03-06T20:00:00Z")
INSTANTS = st.builds(
    # On the hour or a second beside it: the ends of windows and of days, and meetings, are frequent.
    lambda hours, seconds: START + timedelta(hours=hours, seconds=seconds),
    st.sampled_from([0, 12, 24, 36, 48, 59]) | st.integers(0, 80),
    st.sampled_from([0, 0, 1, -1]),
)
#: Every day on which something may happen, one before and one after; and all of them.
DAYS = [date(2026, 3, 5) + timedelta(days=days) for days in range(7)]
PERIODS = [*(Period(day, day + timedelta(days=1)) for day in DAYS), Period(DAYS[0], DAYS[-1])]

MOST_EVENTS, MOST_REPEATS, MOST_CORRECTIONS, LARGEST_BATCH = 30, 10, 5, 12

#: Streams that are tried of each kind, by one writer and by two: each is an account of its own.
EXAMPLES = 30

_accounts = count(1)


def events(*meters: str, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[UsageEvent]:
    """Return events of meters; their ids are given to them by their place in a stream."""
    return st.builds(
        UsageEvent,
        id=st.just(""),
        account=st.just(""),
        meter=st.sampled_from(meters),
        occurred_at=INSTANTS,
        **fields,
    )


def dimensions(**values: str) -> st.SearchStrategy[dict[str, str]]:
    """Return dimensions of events by their names, each one of the words given."""
    return st.fixed_dictionaries({name: st.sampled_from(each.split()) for name, each in values.items()})


QUANTITIES = st.sampled_from([Decimal(each) for each in ("0", "1", "3", "61", "0.1", "0.000000000001")])
SEATS = st.builds(Decimal, st.integers(0, 4))
COUNTRY = dimensions(country="BR MX")
KINDS = {
    "sums": events("documents", "minutes", "talk", quantity=QUANTITIES)
    | events("voice", quantity=QUANTITIES, dimensions=COUNTRY)
    | events("requests")
    | events("sms", text=st.sampled_from([0, 160, 161, 306, 307]).map("a".__mul__)),
    "conversations": events(
        *("whatsapp", "instagram", "bots", "lines", "chats", "tickets"),
        direction=st.sampled_from([INBOUND, OUTBOUND]),
        contact=st.sampled_from("xy"),
        dimensions=COUNTRY,
    ),
    "levels": events("agents", "boxes", "storage", "cpu", quantity=SEATS)
    | events("roles", quantity=SEATS, dimensions=dimensions(role="a b")),
    "greatest and different": events("calls", quantity=QUANTITIES, dimensions=COUNTRY)
    | events("people", contact=st.sampled_from(NUMBERS))
    | events("devices", dimensions=dimensions(country="BR MX", device="x y z")),
}
KINDS["all"] = st.one_of(*KINDS.values())

#: Sums that are not rounded event by event: an event of its own may take from one.
CORRECTED = ("documents", "voice", "talk")

#: The values of the dimensions by which meters are priced.
VALUES = {"country": ("BR", "MX"), "role": ("a", "b"), "": ()}


class Arrival(NamedTuple):
    """A stream, in some order with repeats, cut into the batches of each writer."""

    stream: list[UsageEvent]
    batches: list[list[list[UsageEvent]]]

    @property
    def meters(self) -> list[str]:
        """Which meters it is about."""
        return sorted({each.meter for each in self.stream})


@st.composite
def streams(draw: st.DrawFn, kind: str) -> list[UsageEvent]:
    """Draw events of a kind whose ids are those of two sources, some of them corrected once."""
    drawn = draw(st.lists(KINDS[kind], min_size=1, max_size=MOST_EVENTS))
    stream = [
        replace(each, id=str(number // 2), source=("", "crm")[number % 2])
        for number, each in enumerate(drawn)
    ]
    mistaken = [each for each in stream if each.meter in CORRECTED and each.quantity]
    if not mistaken:
        return stream
    chosen = draw(st.lists(st.sampled_from(mistaken), max_size=MOST_CORRECTIONS, unique_by=id))
    return stream + [
        replace(each, id=f"c{each.id}", corrects=each.id, quantity=draw(_other_than(each.quantity)))
        for each in chosen
    ]


def _other_than(quantity: Decimal | None) -> st.SearchStrategy[Decimal]:
    """Return what a correction adds: nothing is left, or there was one more."""
    return st.sampled_from([-(quantity or Decimal(0)), Decimal(1)])


@st.composite
def arrivals(draw: st.DrawFn, kind: str, writers: int) -> Arrival:
    """Draw how a stream arrives."""
    stream = draw(streams(kind))
    repeated = draw(st.lists(st.sampled_from(stream), max_size=MOST_REPEATS))
    arriving = draw(st.permutations(stream + repeated))
    batches: list[list[list[UsageEvent]]] = [[] for _ in range(writers)]
    while arriving:
        size = draw(st.integers(1, LARGEST_BATCH))
        draw(st.sampled_from(batches)).append(arriving[:size])
        arriving = arriving[size:]
    return Arrival(stream, batches)


class Fed(NamedTuple):
    """How many events were accepted, and which were refused as corrections of what has not come yet."""

    accepted: int
    refused: list[UsageEvent]


def fed(book: Engine, code: str, batches: list[list[UsageEvent]]) -> Fed:
    """Feed batches of an account, each in its own transaction."""
    accepted, refused = 0, []
    for batch in batches:
        (result,) = feed(book, [replace(each, account=code) for each in batch])
        assert {"unknown_event"} >= {each.problem.code for each in result.problems}
        assert len(batch) == result.accepted + result.known + len(result.problems)
        accepted += result.accepted
        refused += [batch[each.index] for each in result.problems]
    return Fed(accepted, refused)


def wants(account: SubscriptionKey, meters: list[str]) -> list[Want]:
    """Ask for meters by the day and in all, each dimension apart and all together."""
    return [
        Want(*account, meter, dimension, period, METERS[meter], TIJUANA.time_zone)
        for meter in meters
        for dimension in ("", *VALUES[METERS[meter].by])
        for period in PERIODS
    ]


@pytest.fixture(name="book", scope="module")
def _book(module_engine: Engine) -> Engine:
    """One database for all streams."""
    save_book(module_engine)
    return module_engine


def check(book: Engine, arrival: Arrival) -> None:
    """Feed a new account as a stream arrives, each writer in its own thread, and compare.

    A correction that came before what it corrects is told, and comes again at the end.
    """
    code = f"account-{next(_accounts)}"
    sign(book, subscription(code, entity=TIJUANA.code))

    together = at_once(*(lambda own=own: fed(book, code, own) for own in arrival.batches))
    too_early = [event for each in together for event in each.refused]
    again = fed(book, code, [too_early] if too_early else [])

    assert (len(arrival.stream), []) == (
        again.accepted + sum(each.accepted for each in together),
        again.refused,
    )
    asked = wants(ids(code), arrival.meters)
    expected = {want: owed(arrival.stream, want) for want in asked}
    with unit_of_work(book) as connection:
        assert expected == measure(connection, asked)
        assert frozenset() == differences(connection, CATALOG, [ids(code)[0]])


@pytest.mark.parametrize("writers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_a_stream_counts_the_same_however_it_arrives(
    book: Engine, data: st.DataObject, *, kind: str, writers: int
) -> None:
    """Every day, dimension and total is that of a walk through the sorted stream; each event is new once.

    And what is kept beside it, windows to their last message included, is what a count of all at once makes.
    """
    check(book, data.draw(arrivals(kind, writers)))
