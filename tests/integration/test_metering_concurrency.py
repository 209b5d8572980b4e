"""Writers at the same time: two importers count what one would, and a run and ingest wait for each other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from contracts.store import lock_subscriptions
from db.unit_of_work import unit_of_work
from kernel.periods import Period
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.measure import Counted, LateUsage, Want, late_usage, measure, settle
from metering.meter_book import MeterBook
from tests.integration.metering_book import INSTANT, feed, forget_usage, mixed_events, save_book, snapshot
from tests.integration.writers import at_once, wait_until_blocked
from tests.unit.metering.book import CLOCK, METERS, ids, subscription, used

pytestmark = pytest.mark.integration

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def accepted(results: Sequence[object]) -> int:
    """Add up what several writers had accepted."""
    return sum(result.accepted for each in results for result in each)  # type: ignore[attr-defined]  # of feed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_importers_count_what_one_would(engine: Engine, seed: int) -> None:
    """Interleaved halves that overlap and meet from both ends: no deadlock, nothing lost or doubled."""
    save_book(engine, subscription())
    events = mixed_events(seed, 400)
    draw = random.Random(seed)  # noqa: S311 the same for the same seed
    shared = draw.sample(events, 150)
    halves = [[*events[::2], *shared], [*events[1::2], *shared][::-1]]

    results = at_once(*(lambda half=half: feed(engine, half, batch=25) for half in halves))

    together = snapshot(engine)
    forget_usage(engine)
    feed(engine, events)
    assert (len(events), snapshot(engine)) == (accepted(results), together)


def test_the_same_file_twice_at_once(engine: Engine) -> None:
    """Of two writers of the same events each event is accepted from one and known from the other."""
    save_book(engine, subscription())
    events = mixed_events(9, 300)

    results = at_once(lambda: feed(engine, events, batch=50), lambda: feed(engine, events[::-1], batch=50))

    together = snapshot(engine)
    forget_usage(engine)
    feed(engine, events)
    assert (len(events), snapshot(engine)) == (accepted(results), together)


def ingest_one(engine: Engine, event: UsageEvent) -> int:
    """Ingest an event; return how many were accepted."""
    with unit_of_work(engine) as connection:
        return ingest(connection, MeterBook(), [event], clock=CLOCK).accepted


def test_ingest_waits_for_a_run_and_is_late(engine: Engine) -> None:
    """Usage that comes while a run bills is not in what the run measured, and is marked for the next."""
    save_book(engine, subscription())
    feed(engine, [used(1, INSTANT, 3)])
    want = Want(*ids(), "documents", "", MARCH, METERS["documents"], "America/Sao_Paulo")
    with ThreadPoolExecutor(1) as threads:
        with unit_of_work(engine) as run:
            lock_subscriptions(run, [ids()[0]], exclusive=True)
            billed = measure(run, [want])[want]
            coming: Future[int] = threads.submit(ingest_one, engine, used(2, INSTANT, 4))
            wait_until_blocked(engine)
            settle(run, [Counted(*ids(), "documents", MARCH.end)], [])
        assert 1 == coming.result()

    with unit_of_work(engine) as connection:
        assert (Decimal(3), Decimal(7)) == (billed, measure(connection, [want])[want])
        assert (LateUsage(*ids(), "documents", INSTANT.date()),) == late_usage(connection, [ids()[0]])


def run_once(engine: Engine) -> Decimal:
    """Measure and settle March as a run does."""
    want = Want(*ids(), "documents", "", MARCH, METERS["documents"], "America/Sao_Paulo")
    with unit_of_work(engine) as run:
        lock_subscriptions(run, [ids()[0]], exclusive=True)
        measured = measure(run, [want])[want]
        settle(run, [Counted(*ids(), "documents", MARCH.end)], [])
    return measured


def test_a_run_waits_for_ingest_and_bills_it(engine: Engine) -> None:
    """Usage that is on its way when a run begins is in what the run measures, and not late."""
    save_book(engine, subscription())
    with ThreadPoolExecutor(1) as threads:
        with unit_of_work(engine) as connection:
            ingest(connection, MeterBook(), [used(1, INSTANT, 3)], clock=CLOCK)
            running: Future[Decimal] = threads.submit(run_once, engine)
            wait_until_blocked(engine)
        assert Decimal(3) == running.result()

    with unit_of_work(engine) as connection:
        assert () == late_usage(connection, [ids()[0]])
