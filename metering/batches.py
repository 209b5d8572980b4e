"""A batch of events, read through: each event once, with what it comes to, and the problems of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from contracts.subscriptions import Contract
from kernel.errors import ClausulaError, EventOutsideSubscription, EventTooOld, UnknownAccount, UnknownMeter
from kernel.problems import Problem
from metering.events import Rejected, UsageEvent, check
from metering.usage import (
    EventKey,
    MeterInForce,
    StoredBody,
    Usage,
    conflict_of,
    counted_meters,
    in_force,
    meters_of,
    usage_of,
)
from metering.usage_times import check_ahead, too_old

#: The contracts of each account that exists, by its code; an account may have none.
ContractsByAccount = Mapping[str, Sequence[Contract]]


@dataclass(frozen=True, slots=True)
class IndexedProblem:
    """A problem, and the place in its batch of the event that has it."""

    index: int
    problem: Problem


class IndexedUsage(msgspec.Struct, frozen=True, gc=False):
    """What an event of a batch comes to, its place in the batch, and the meter that it feeds."""

    index: int
    usage: Usage
    metered: MeterInForce


@dataclass(slots=True)
class SortedBatch:
    """The events of a batch by their keys, those of them that came again, and what is wrong with the rest."""

    firsts: dict[EventKey, IndexedUsage] = field(default_factory=dict)
    repeats: list[tuple[EventKey, IndexedUsage]] = field(default_factory=list)
    problems: list[IndexedProblem] = field(default_factory=list)
    #: Events that come too late to be counted, unless they were counted before.
    too_old: dict[EventKey, EventTooOld] = field(default_factory=dict)

    @property
    def plain(self) -> list[Usage]:
        """The events that stand by themselves."""
        return [each.usage for each in self.firsts.values() if not each.usage.corrects]

    @property
    def corrections(self) -> list[Usage]:
        """The events that correct others, in the order in which they came."""
        return [each.usage for each in self.firsts.values() if each.usage.corrects]

    def refuse(self, refused: Mapping[EventKey, ClausulaError]) -> None:
        """Make problems of events, and of those that came again in the batch."""
        gone = [(key, self.firsts.pop(key)) for key in refused]
        gone += [(key, each) for key, each in self.repeats if key in refused]
        self.repeats = [(key, each) for key, each in self.repeats if key not in refused]
        self.problems += (
            IndexedProblem(each.index, Problem.of(refused[key], subject=key.event_id)) for key, each in gone
        )

    def by_meter(self, known: Collection[EventKey]) -> dict[MeterInForce, list[Usage]]:
        """Return the events that are not among the known ones, by the meter that they feed."""
        grouped: defaultdict[MeterInForce, list[Usage]] = defaultdict(list)
        for key, each in self.firsts.items():
            if key not in known:
                grouped[each.metered].append(each.usage)
        return grouped

    def known(self, keys: Iterable[EventKey]) -> list[tuple[EventKey, IndexedUsage]]:
        """Return the events of known keys, and those that came again within the batch."""
        return [(key, self.firsts[key]) for key in keys] + self.repeats


def sort_batch(
    events: Iterable[UsageEvent | Rejected],
    book: ContractsByAccount,
    *,
    now: datetime,
    backfill: bool = False,
) -> SortedBatch:
    """Find what each event comes to; one that cannot be counted becomes a problem and stops nothing.

    With ``backfill`` an event is not too old, however old it is.  Nor is a correction: its time was judged
    when the event that it corrects came in.
    """
    batch = SortedBatch()
    metered_by_name: dict[tuple[str, str, str], Sequence[MeterInForce]] = {}
    for index, event in enumerate(events):
        if isinstance(event, Rejected):
            batch.problems.append(IndexedProblem(index, event.problem))
            continue
        try:
            check(event, now=now)
            name = (event.account, event.subscription, event.meter)
            if name not in metered_by_name:
                metered_by_name[name] = _metered(event, book)
            metered, day = in_force(event, metered_by_name[name])
            check_ahead(event.occurred_at, metered.times, now=now)
            found = IndexedUsage(index, usage_of(event, metered, day), metered)
        except ClausulaError as error:
            batch.problems.append(IndexedProblem(index, Problem.of(error, subject=event.id)))
            continue
        key = found.usage.key
        if batch.firsts.setdefault(key, found) is not found:
            batch.repeats.append((key, found))
        elif not backfill and not event.corrects:
            old = too_old(event.occurred_at, metered.times, now=now)
            if old is not None:
                batch.too_old[key] = old
    return batch


def conflicts(
    again: Iterable[tuple[EventKey, IndexedUsage]], stored: Mapping[EventKey, StoredBody]
) -> list[IndexedProblem]:
    """Return those of the events that were known whose body is not the one that is stored."""
    return [
        IndexedProblem(each.index, Problem.of(conflict_of(each.usage, stored[key]), subject=key.event_id))
        for key, each in again
        if each.usage.digest != stored[key].digest
    ]


def _metered(event: UsageEvent, book: ContractsByAccount) -> tuple[MeterInForce, ...]:
    """Return the meters that the event may mean, or say what is missing."""
    if event.account not in book:
        raise UnknownAccount(
            "no account bears this code", field="account", value=event.account, expected="an account's code"
        )
    contracts = book[event.account]
    named = [each for each in contracts if event.subscription in ("", each.subscription.code)]
    if not named:
        raise EventOutsideSubscription(
            "the account has no such subscription",
            field="subscription",
            value=event.subscription,
            expected="one of " + ", ".join(sorted(each.subscription.code for each in contracts)),
        )
    metered = meters_of(named, event.meter)
    if not metered:
        raise UnknownMeter(
            "no subscription of the account has this meter",
            field="meter",
            value=event.meter,
            expected="one of "
            + ", ".join(sorted({meter for each in named for meter in counted_meters(each)})),
        )
    return metered
