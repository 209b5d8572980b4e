"""Ingest: a batch of events is counted once for ever, or told what is wrong with it; in one transaction.

Load what the batch is about, decide what each event comes to, store what is new, and bring conversations,
seats and the sums by day up to date.  An acknowledgement means that the caller's transaction was committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.store import accounts_of, lock_subscriptions, sound_contracts_of
from contracts.subscriptions import Contract
from kernel.clock import Clock
from kernel.errors import InvalidRequest
from kernel.ids import AccountId, account_id_of
from metering import store, store_quarantine
from metering.affected import UsageByMeter
from metering.batches import IndexedProblem, SortedBatch, conflicts, sort_batch
from metering.corrections import key_of_corrected, refused_corrections
from metering.events import Rejected, UsageEvent
from metering.quarantine import quarantined
from metering.recount import recount
from metering.rollups import TouchedDays, touched_when_billed
from metering.thresholds import tell_thresholds
from metering.usage import EventKey, MeterKey, Usage

#: Events that one transaction takes: more would hold its locks for too long.
MOST_EVENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of a batch: new events, those that were known, and those that could not be counted."""

    accepted: int
    known: int
    problems: tuple[IndexedProblem, ...]


def nowhere(_index: int) -> str:
    """Return the place of an event that stands in no file."""
    return ""


def ingest(
    connection: Connection,
    catalog: Catalog,
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
    now = clock.now()
    book = _contracts_by_account(connection, catalog, events)
    read = sort_batch(events, book, now=now, backfill=backfill)
    _refuse_old(connection, read)
    known = _store(connection, read.plain, at=now)
    known |= _correct(connection, read, at=now)
    new = read.by_meter(known)
    touched = _count(connection, new, at=now)
    tell_thresholds(connection, chain.from_iterable(book.values()), touched, at=now)
    again = read.known(known)
    problems = read.problems + conflicts(again, store.stored_bodies(connection, {key for key, _ in again}))
    told = tuple(
        IndexedProblem(each.index, replace(each.problem, place=each.problem.place or place_of(each.index)))
        for each in sorted(problems, key=lambda each: each.index)
    )
    aside = (quarantined(events[each.index], each.problem, batch=batch, received_at=now) for each in told)
    store_quarantine.set_aside(connection, aside)
    accepted = sum(map(len, new.values()))
    return IngestResult(accepted=accepted, known=len(events) - accepted - len(told), problems=told)


def _contracts_by_account(
    connection: Connection, catalog: Catalog, events: Iterable[UsageEvent | Rejected]
) -> dict[str, list[Contract]]:
    """Return the contracts of the accounts that the events name, which stay as they are until the commit."""
    codes = {event.account for event in events if isinstance(event, UsageEvent)}
    ids = {code: account_id_of(code) for code in codes}
    account_ids = sorted(ids.values())
    lock_subscriptions(connection, account_ids, exclusive=False)
    found: defaultdict[AccountId, list[Contract]] = defaultdict(list)
    # An event of a contract that does not resolve goes to quarantine; the others of its batch are counted.
    contracts, _ = sound_contracts_of(connection, catalog, account_ids)
    for contract in contracts:
        found[contract.account_id].append(contract)
    existing = found.keys() | accounts_of(connection, [each for each in account_ids if each not in found])
    return {code: found[account_id] for code, account_id in ids.items() if account_id in existing}


def _refuse_old(connection: Connection, read: SortedBatch) -> None:
    """Refuse the events that come too late; those that were counted before stay known for ever."""
    if read.too_old:
        known = store.stored_bodies(connection, read.too_old.keys())
        read.refuse({key: error for key, error in read.too_old.items() if key not in known})


def _store(connection: Connection, usages: Sequence[Usage], *, at: datetime) -> frozenset[EventKey]:
    """Store events, which need quarantine no longer; return the keys that were known before."""
    known = store.add_events(connection, usages, received_at=at)
    store_quarantine.clear_stored(connection, known)
    return known


def _correct(connection: Connection, read: SortedBatch, *, at: datetime) -> frozenset[EventKey]:
    """Store the corrections of a batch that can be, and refuse the others; return those known before.

    Whoever corrects holds the meters' lock, so that two never take the same quantity.
    """
    if not read.corrections:
        return frozenset()
    store.lock_meters(connection, [_meter_of(each) for each in read.corrections])
    known = store.stored_bodies(connection, {each.key for each in read.corrections})
    new = [each for each in read.corrections if each.key not in known]
    stored = store.corrected(connection, {key_of_corrected(each) for each in new})
    read.refuse(refused_corrections(new, stored))
    return _store(connection, read.corrections, at=at)


def _meter_of(usage: Usage) -> MeterKey:
    return MeterKey(usage.account_id, usage.subscription_id, usage.meter)


def _count(connection: Connection, new: UsageByMeter, *, at: datetime) -> list[TouchedDays]:
    """Feed the meters with events that were stored in this transaction; return the days that they touch."""
    keys = [metered.key for metered in new]
    store.add_meters(connection, keys)
    store.lock_meters(connection, [metered.key for metered, usages in new.items() if usages[0].ordered])
    touched = recount(connection, new)
    late = touched_when_billed(touched, store.billed_through(connection, keys))
    store.mark_late(connection, late, noticed_at=at)
    return touched
