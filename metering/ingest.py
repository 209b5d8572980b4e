"""Ingest: a batch of events is counted once for ever, or told what is wrong with it; in one transaction.

Load what the batch is about, decide what each event comes to, store what is new, and bring conversations,
seats and the sums by day up to date.  An acknowledgement means that the caller's transaction was committed.

Writers that meet wait for each other in one order and cannot deadlock: subscriptions, months, sources,
keys of events, meters, days; of each kind in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from kernel.clock import Clock
from kernel.errors import ClausulaError, InvalidRequest
from metering import store, store_days, store_events, store_quarantine, store_sources
from metering.archived_months import archive_of, refuse_archived
from metering.batches import IndexedProblem, SortedBatch, conflicts
from metering.corrections import Correction, refused_corrections
from metering.events import Rejected, UsageEvent
from metering.meter_book import MeterBook
from metering.prepare import PreparedBatch, codes_of, prepare
from metering.quarantine import quarantined
from metering.recount import recount
from metering.rollups import TouchedDays, touched_when_billed
from metering.sources import UsageSource, gap_after, gap_error
from metering.thresholds import tell_thresholds
from metering.usage import StoredBody, Usage

#: Events that one transaction takes: more would hold its locks for too long.
MOST_EVENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of a batch: new events, those that were known, and those that could not be counted."""

    accepted: int
    known: int
    problems: tuple[IndexedProblem, ...]


@dataclass(slots=True)
class KnownEvents:
    """The events of a batch that were counted before: what is remembered of their bodies, or their keys."""

    bodies: dict[bytes, StoredBody] = field(default_factory=dict)
    numbers: set[bytes] = field(default_factory=set)

    def __contains__(self, key: object) -> bool:
        """Tell whether an event was counted before."""
        return key in self.bodies or key in self.numbers

    def __len__(self) -> int:
        """Return how many were."""
        return len(self.bodies) + len(self.numbers)


def nowhere(_index: int) -> str:
    """Return the place of an event that stands in no file."""
    return ""


def ingest(
    connection: Connection,
    book: MeterBook,
    events: Sequence[UsageEvent | Rejected],
    *,
    clock: Clock,
    batch: str = "",
    place_of: Callable[[int], str] = nowhere,
    backfill: bool = False,
) -> IngestResult:
    """Store the new events of a batch and feed the meters; set aside what cannot be counted.

    ``batch`` and ``place_of`` tell in quarantine where an event came from.  The same event again, whatever
    the batch, changes nothing; with another body it is an ``event_conflict``.  ``backfill`` takes events
    however old they are.
    """
    if len(events) > MOST_EVENTS:
        raise InvalidRequest(
            "too many events", field="events", value=len(events), expected=f"at most {MOST_EVENTS}"
        )
    accounts = book.remembered(connection, codes_of(events))
    prepared = prepare(events, accounts, now=clock.now(), backfill=backfill)
    return ingest_prepared(
        connection, book, prepared, clock=clock, batch=batch, place_of=place_of, backfill=backfill
    )


def ingest_prepared(
    connection: Connection,
    book: MeterBook,
    prepared: PreparedBatch,
    *,
    clock: Clock,
    batch: str = "",
    place_of: Callable[[int], str] = nowhere,
    backfill: bool = False,
) -> IngestResult:
    """Do what :func:`ingest` does with a prepared batch; it is prepared again if its contracts changed."""
    now = clock.now()
    events = prepared.events
    accounts = book.accounts(connection, codes_of(events))
    if not prepared.holds_for(accounts):
        prepared = prepare(events, accounts, now=now, backfill=backfill)
    if _settle_sources(connection, prepared):
        prepared = prepare(events, accounts, now=now, backfill=backfill)
    read = prepared.read
    known = _store(connection, prepared, at=now)
    touched = _count(connection, prepared, known, at=now)
    if touched:
        tell_thresholds(connection, prepared.limited_contracts, touched, at=now)
    problems = read.problems + conflicts(_differing(connection, read, known))
    told = tuple(
        IndexedProblem(each.index, replace(each.problem, place=each.problem.place or place_of(each.index)))
        for each in sorted(problems, key=lambda each: each.index)
    )
    aside = (quarantined(events[each.index], each.problem, batch=batch, received_at=now) for each in told)
    store_quarantine.set_aside(connection, aside)
    accepted = len(read.firsts) - len(known)
    return IngestResult(accepted=accepted, known=len(events) - accepted - len(told), problems=told)


# ------------------------------------------------------------------------------------------------- the events


def _settle_sources(connection: Connection, prepared: PreparedBatch) -> bool:
    """Settle what events of new sources are known by; tell whether one was settled otherwise before."""
    by_id = {each.account_id: each for each in prepared.accounts.values()}
    sources = [keys.source for keys in prepared.read.sources]
    unsettled = {each for each in sources if each.source not in by_id[each.account_id].declared}
    if not unsettled:
        return False
    settled = store_sources.settle(connection, unsettled)
    for each in settled:
        by_id[each.account_id].learn(each)
    return not settled <= unsettled


def _store(connection: Connection, prepared: PreparedBatch, *, at: datetime) -> KnownEvents:
    """Store what is new; return what was known before."""
    read = prepared.read
    known = KnownEvents()
    archive = archive_of(connection)
    store_events.add_months(connection, prepared.months)
    store_events.stage(connection, prepared.rows, prepared.meters)
    _store_numbers(connection, read, known)
    _refuse_old(connection, read, known)
    refuse_archived(connection, read, archive, known)
    _add(connection, read, known, corrections=False, at=at)
    if read.corrections:
        _refuse_corrections(connection, prepared, known)
        _add(connection, read, known, corrections=True, at=at)
    store_events.clear_quarantine(connection)
    return known


def _store_numbers(connection: Connection, read: SortedBatch, known: KnownEvents) -> None:
    """Move the numbers of sources forward; find what they knew before, and refuse what skips a number.

    A number that waits in quarantine came before, and is still to be counted.
    """
    numbered = read.numbered
    sources = numbered.keys() | read.refused_numbers.keys()
    if not sources:
        return
    refused: dict[bytes, ClausulaError] = {}
    moved: dict[UsageSource, int] = {}
    for source, last in store_sources.lock_numbers(connection, sources).items():
        by_number = numbered[source]
        before = {number: key for number, key in by_number.items() if number <= last}
        waiting = store_sources.waiting_numbers(connection, source, before)
        known.numbers |= {key for number, key in before.items() if number not in waiting}
        came = [number for number in (*by_number, *read.refused_numbers[source]) if number > last]
        missing = gap_after(last, came)
        moved[source] = missing - 1 if missing else max(came, default=last)
        if missing:
            refused |= {
                key: gap_error(source.source, number, missing)
                for number, key in by_number.items()
                if number > missing
            }
    store_sources.move_numbers(connection, moved)
    places = _places(read, refused.keys() | known.numbers)
    read.refuse(refused)
    store_events.unstage(connection, places)


def _refuse_old(connection: Connection, read: SortedBatch, known: KnownEvents) -> None:
    """Refuse the events that come too late; those that were counted before stay known for ever."""
    old = {key: error for key, error in read.too_old.items() if key in read.firsts and key not in known}
    if old:
        counted = store_events.known(connection, _places(read, old))
        refused = {key: error for key, error in old.items() if read.firsts[key].index not in counted}
        store_events.unstage(connection, _places(read, refused))
        read.refuse(refused)


def _add(
    connection: Connection, read: SortedBatch, known: KnownEvents, *, corrections: bool, at: datetime
) -> None:
    """Remember the keys of events and store those that are new."""
    places = store_events.add_keys(connection, corrections=corrections)
    if places:
        bodies = store_events.bodies(connection, places)
        by_place = {usage.index: key for key, usage in read.firsts.items() if usage.index in bodies}
        known.bodies |= {by_place[place]: body for place, body in bodies.items()}
        store_events.unstage(connection, places)
    store_events.add_events(connection, corrections=corrections, received_at=at)


def _refuse_corrections(connection: Connection, prepared: PreparedBatch, known: KnownEvents) -> None:
    """Refuse the corrections that cannot be; those that were counted before stay known for ever.

    Whoever corrects holds the meters' lock, so that two never take the same quantity.
    """
    read = prepared.read
    corrections = [(key, usage) for key, usage in read.corrections if key not in known]
    store.lock_meters(connection, {usage.metered.key for _, usage in corrections})
    counted = store_events.known(connection, [usage.index for _, usage in corrections])
    new = [
        Correction(key, prepared.key_of_corrected(usage), usage)
        for key, usage in corrections
        if usage.index not in counted
    ]
    stored = store_events.corrected(connection, [(each.corrected, each.usage) for each in new])
    refused = refused_corrections(new, stored)
    store_events.unstage(connection, _places(read, refused))
    read.refuse(refused)


def _differing(
    connection: Connection, read: SortedBatch, known: KnownEvents
) -> list[tuple[Usage, StoredBody]]:
    """Return the events whose bodies differ from those that were counted, with all that is told of these."""
    differing = read.differing(known.bodies)
    asked = [(usage, body.occurred_at) for usage, body in differing if body.quantity is None]
    if not asked:
        return differing
    quantities = store_events.quantities(connection, asked)
    return [
        (usage, body._replace(quantity=quantities.get(usage.index, body.quantity)))
        for usage, body in differing
    ]


def _places(read: SortedBatch, keys: Collection[bytes]) -> list[int]:
    return [read.firsts[key].index for key in keys]


# ------------------------------------------------------------------------------------------------- the meters


def _count(
    connection: Connection, prepared: PreparedBatch, known: KnownEvents, *, at: datetime
) -> list[TouchedDays]:
    """Feed the meters with events that were stored in this transaction; return touched days with a limit."""
    read = prepared.read
    if len(read.firsts) == len(known):
        return []
    store_days.add_meters(connection)
    rest = read.not_adding(known)
    if any(metered.ordered for metered in rest):
        store_days.lock_ordered_meters(connection)
    billed = store_days.billed_through(connection)
    store_days.add_days(connection, corrections=bool(read.corrections))
    touched = recount(connection, rest, prepared.meters)
    if billed:
        store_days.mark_days_late(connection, noticed_at=at)
        store.mark_late(connection, touched_when_billed(touched, billed), noticed_at=at)
    limited = {metered.key for _, metered in prepared.meters if metered.limited}
    if not limited:
        return []
    return [each for each in (*touched, *store_days.summed_days(connection)) if each[:3] in limited]
