"""Ingest: once for ever, bad events set aside, conversations in any order of arrival, nothing half done."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, func, select, text

from db.unit_of_work import unit_of_work
from kernel.errors import InvalidRequest
from kernel.ids import account_id_of
from metering import store_quarantine
from metering.events import UsageEvent
from metering.ingest import MOST_EVENTS, ingest
from metering.meter_book import MeterBook
from metering.quarantine import Quarantined
from metering.tables import conversations, usage_events
from tests.integration.metering_book import (
    feed,
    forget_usage,
    measured,
    mixed_events,
    save_book,
    sign,
    snapshot,
)
from tests.unit.metering.book import CLOCK, at, message, subscription, used

pytestmark = pytest.mark.integration

INSTANT = at("2026-03-10T12:00:00Z")
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def stored_events(engine: Engine) -> int:
    """Return how many events are stored."""
    with unit_of_work(engine) as connection:
        return connection.scalars(select(func.count()).select_from(usage_events)).one()


def quarantined(engine: Engine) -> list[Quarantined]:
    """Return what is in quarantine, by code."""
    with unit_of_work(engine) as connection:
        return sorted(store_quarantine.quarantined(connection, limit=100), key=lambda each: each.problem.code)


def test_an_event_counts_once_for_ever(engine: Engine) -> None:
    """The same event again, in the same batch or in a later one, changes nothing and is told as known."""
    save_book(engine, subscription())
    event = used(1, INSTANT, 3)

    results = feed(engine, [event, event], batch=2) + feed(engine, [event], batch=1)

    assert [(1, 1, ()), (0, 1, ())] == [(each.accepted, each.known, each.problems) for each in results]
    assert Decimal(3) == measured(engine, "documents", *MARCH)


def test_an_id_is_unique_within_account_and_source(engine: Engine) -> None:
    """The same id from another source, or of another account, is another event."""
    save_book(engine, subscription(), subscription("globex"))
    event = used(1, INSTANT, 3)

    (result,) = feed(engine, [event, replace(event, source="crm"), replace(event, account="globex")])

    assert (3, 0, ()) == (result.accepted, result.known, result.problems)
    assert Decimal(6) == measured(engine, "documents", *MARCH)


def test_another_body_under_the_same_id_is_a_conflict(engine: Engine) -> None:
    """Both bodies are shown, what is stored stays, and the event waits in quarantine."""
    save_book(engine, subscription())
    feed(engine, [used(1, INSTANT, 3)])

    (result,) = feed(engine, [used(1, INSTANT + timedelta(hours=1), 4)])

    (problem,) = result.problems
    assert ("event_conflict", "1: 2026-03-10T13:00:00+00:00, quantity 4") == (
        problem.problem.code,
        problem.problem.value,
    )
    assert "2026-03-10T12:00:00+00:00, quantity 3" in problem.problem.expected
    assert Decimal(3) == measured(engine, "documents", *MARCH)
    assert ["event_conflict"] == [each.problem.code for each in quarantined(engine)]


def test_the_original_does_not_clear_the_conflict(engine: Engine) -> None:
    """Sending the stored event again settles nothing: somebody still has to look at the other body."""
    save_book(engine, subscription())
    event = used(1, INSTANT, 3)

    results = feed(engine, [event, replace(event, quantity=Decimal(4))]) + feed(engine, [event])

    assert [(1, 0, 1), (0, 1, 0)] == [(each.accepted, each.known, len(each.problems)) for each in results]
    assert ["event_conflict"] == [each.problem.code for each in quarantined(engine)]


def test_a_conflict_within_a_batch_is_measured_against_what_is_stored(engine: Engine) -> None:
    """Of two bodies in a batch the one that the database holds is known, wherever it stands."""
    save_book(engine, subscription())
    event = used(1, INSTANT, 3)
    feed(engine, [event])

    (result,) = feed(engine, [replace(event, quantity=Decimal(4)), event])

    assert (0, 1, [0]) == (result.accepted, result.known, [each.index for each in result.problems])


def test_bad_events_are_set_aside_and_the_rest_counts(engine: Engine) -> None:
    """Each problem bears index, code and value; quarantine keeps it once, however often it comes."""
    save_book(engine, subscription())
    events = [
        used(1, INSTANT, 1),
        used(2, INSTANT, 1, meter="fax"),
        used(3, INSTANT, -1),
        used(4, INSTANT, 1),
    ]

    results = feed(engine, events) + feed(engine, events)

    expected = [(1, "unknown_meter", "fax"), (2, "invalid_event", "-1")]
    assert [expected, expected] == [
        [(each.index, each.problem.code, each.problem.value) for each in result.problems]
        for result in results
    ]
    assert [("invalid_event", "3"), ("unknown_meter", "2")] == [
        (each.problem.code, each.event_id) for each in quarantined(engine)
    ]
    assert Decimal(2) == measured(engine, "documents", *MARCH)


def test_a_mended_event_leaves_quarantine(engine: Engine) -> None:
    """Once its account is in the book, the same event is accepted and waits no longer."""
    save_book(engine, subscription())
    event = replace(used(1, INSTANT, 3), account="globex")
    feed(engine, [event])
    waiting = [each.account_id for each in quarantined(engine)]
    sign(engine, subscription("globex"))

    (result,) = feed(engine, [event])

    assert ([account_id_of("globex")], 1, []) == (waiting, result.accepted, quarantined(engine))


def test_an_account_without_subscription_is_known(engine: Engine) -> None:
    """An account that signed nothing is told apart from one that does not exist."""
    save_book(engine, subscription(), accounts=("empty",))
    event = used(1, INSTANT, 1)

    (result,) = feed(engine, [replace(event, account="empty"), replace(event, account="nobody")])

    assert ["event_outside_subscription", "unknown_account"] == [
        each.problem.code for each in result.problems
    ]


def test_no_text_is_stored(engine: Engine) -> None:
    """Of an SMS only its segments stay, whether it was counted or set aside."""
    save_book(engine, subscription())
    sms = UsageEvent(id="1", account="acme", meter="sms", occurred_at=INSTANT, text="geheim" * 30)
    feed(engine, [sms, replace(sms, id="2", text="geheim", quantity=Decimal(1))])

    with unit_of_work(engine) as connection:
        everything = text(
            "SELECT count(*) FROM (SELECT e::text AS kept FROM usage_events e UNION ALL"
            " SELECT q::text FROM quarantine q) AS everything WHERE kept LIKE '%geheim%'"
        )
        assert 0 == connection.scalars(everything).one()
    assert Decimal(2) == measured(engine, "sms", *MARCH)


def test_nothing_is_half_done(engine: Engine) -> None:
    """A batch whose transaction does not commit leaves no event, no sum, no conversation."""
    save_book(engine, subscription())
    before = snapshot(engine)

    with engine.connect() as connection:
        result = ingest(connection, MeterBook(), [used(1, INSTANT, 3), message(2, INSTANT)], clock=CLOCK)
        connection.rollback()

    assert (2, 0, before) == (result.accepted, stored_events(engine), snapshot(engine))


def test_two_batches_in_one_transaction(engine: Engine) -> None:
    """A caller may ingest twice before committing; the second batch sees the first."""
    save_book(engine, subscription())

    with unit_of_work(engine) as connection:
        batches = ([used(1, INSTANT, 3)], [used(1, INSTANT, 3), used(2, INSTANT, 4)])
        results = [ingest(connection, MeterBook(), batch, clock=CLOCK) for batch in batches]

    assert [(1, 0), (1, 1)] == [(each.accepted, each.known) for each in results]
    assert Decimal(7) == measured(engine, "documents", *MARCH)


def test_an_empty_batch(engine: Engine) -> None:
    """Nothing in, nothing out."""
    save_book(engine, subscription())

    with unit_of_work(engine) as connection:
        result = ingest(connection, MeterBook(), [], clock=CLOCK)

    assert (0, 0, ()) == (result.accepted, result.known, result.problems)


def test_a_batch_has_a_limit(engine: Engine) -> None:
    """More events than one transaction may hold are refused before anything is read."""
    with unit_of_work(engine) as connection, pytest.raises(InvalidRequest) as caught:
        ingest(connection, MeterBook(), [used(1, INSTANT, 1)] * (MOST_EVENTS + 1), clock=CLOCK)

    assert ("events", str(MOST_EVENTS + 1)) == (caught.value.field, caught.value.value)


def windows(engine: Engine) -> list[tuple[str, int]]:
    """Return when each conversation opened, in hours from the instant, and its messages."""
    with unit_of_work(engine) as connection:
        rows = connection.execute(select(conversations).order_by(conversations.c.opened_at)).all()
    return [(str(row.opened_at - INSTANT), row.messages) for row in rows]


@pytest.mark.clause("ZEN-VII-CONVERSACION")
def test_a_late_message_moves_the_windows_after_it(engine: Engine) -> None:
    """Windows are recomputed from the late message on, and the sums by day follow."""
    save_book(engine, subscription())
    feed(engine, [message(hour, INSTANT + timedelta(hours=hour)) for hour in (0, 30, 54)])
    before = windows(engine)

    feed(engine, [message("late", INSTANT + timedelta(hours=29))])

    assert [("0:00:00", 1), ("1 day, 6:00:00", 1), ("2 days, 6:00:00", 1)] == before
    assert [("0:00:00", 1), ("1 day, 5:00:00", 2), ("2 days, 6:00:00", 1)] == windows(engine)
    days = [date(2026, 3, day) for day in (10, 11, 12, 13)]
    found = [measured(engine, "whatsapp", day, day + timedelta(days=1)) for day in days]
    assert [Decimal(count) for count in (1, 1, 1, 0)] == found


def test_a_late_message_before_everything_takes_over(engine: Engine) -> None:
    """An earlier first message opens the window that swallows the old one, and shifts the next."""
    save_book(engine, subscription())
    feed(engine, [message(hour, INSTANT + timedelta(hours=hour)) for hour in (0, 5, 23)])
    assert [("0:00:00", 3)] == windows(engine)

    feed(engine, [message("late", INSTANT - timedelta(hours=20))])

    assert [("-1 day, 4:00:00", 2), ("5:00:00", 2)] == windows(engine)


def test_conversations_are_by_contact_meter_and_account(engine: Engine) -> None:
    """The same instant with two contacts, on two channels, of two accounts, is four conversations."""
    save_book(engine, subscription(), subscription("globex"))
    first = message(1, INSTANT)
    feed(
        engine,
        [
            first,
            replace(first, id="2", contact="bea"),
            replace(first, id="3", meter="instagram"),
            replace(first, account="globex"),
        ],
    )

    assert [("0:00:00", 1)] * 4 == windows(engine)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_arrival_changes_nothing(engine: Engine, seed: int) -> None:
    """Any order, in batches of any size, ends with the sums and conversations of one ordered batch."""
    save_book(engine, subscription())
    events = mixed_events(seed, 300)
    draw = random.Random(seed)  # noqa: S311 the same for the same seed
    draw.shuffle(events)
    for batch in (events[:100], events[100:150], events[150:]):
        feed(engine, batch, batch=draw.randrange(1, 60))
    in_pieces = snapshot(engine)
    forget_usage(engine)

    feed(engine, sorted(events, key=lambda each: each.occurred_at))

    assert snapshot(engine) == in_pieces
