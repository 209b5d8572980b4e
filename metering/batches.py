"""A batch of events, read through: each event once, with what it comes to, and the problems of the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contracts.subscriptions import Contract
from kernel.errors import ClausulaError, EventOutsideSubscription, EventTooOld, UnknownAccount, UnknownMeter
from kernel.ids import AccountId
from kernel.problems import Problem
from metering.events import Rejected, UsageEvent, check
from metering.sources import EventKeys, Identity, UsageSource, is_number
from metering.usage import (
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

#: Sources of an account whose keys are kept in mind: whoever sends events chooses their names.
MOST_SOURCES: Final = 10_000


class KnownAccount:
    """What is known of an account while a batch is read: its contracts, their meters, and its sources.

    ``declared`` are the sources that have sent events, or said what theirs are known by.  Meters and keys are
    worked out once for each name.
    """

    __slots__ = ("_keys", "_metered", "account_id", "contracts", "declared")

    def __init__(
        self,
        account_id: AccountId,
        contracts: Sequence[Contract],
        declared: Mapping[str, Identity] | None = None,
    ) -> None:
        """Take the contracts of an account, of any day; there may be none."""
        self.account_id = account_id
        self.contracts = contracts
        self.declared = dict(declared or {})
        self._metered: dict[tuple[str, str], tuple[MeterInForce, ...]] = {}
        self._keys: dict[str, EventKeys] = {}

    def metered(self, event: UsageEvent) -> tuple[MeterInForce, ...]:
        """Return the meters that the event may mean, or say what is missing."""
        name = (event.subscription, event.meter)
        found = self._metered.get(name)
        if found is None:
            found = self._metered[name] = _metered(event, self.contracts)
        return found

    def learn(self, settled: UsageSource) -> None:
        """Take in what a source's events are known by; that never changes once it is settled."""
        self.declared[settled.source] = settled.identity
        if self.keys(settled.source).source != settled:
            del self._keys[settled.source]

    def keys(self, source: str) -> EventKeys:
        """Return what computes the keys of a source's events."""
        found = self._keys.get(source)
        if found is None:
            if len(self._keys) >= MOST_SOURCES:
                self._keys.clear()
            identity = self.declared.get(source, Identity.TEXT)
            found = self._keys[source] = EventKeys(UsageSource(self.account_id, source, identity))
        return found


#: Each account that exists, by its code.
AccountsByCode = Mapping[str, KnownAccount]


@dataclass(frozen=True, slots=True)
class IndexedProblem:
    """A problem, and the place in its batch of the event that has it."""

    index: int
    problem: Problem


@dataclass(slots=True)
class SortedBatch:
    """The events of a batch by their keys, those of them that came again, and what is wrong with the rest."""

    firsts: dict[bytes, Usage] = field(default_factory=dict)
    repeats: list[tuple[bytes, Usage]] = field(default_factory=list)
    problems: list[IndexedProblem] = field(default_factory=list)
    #: Events that come too late to be counted, unless they were counted before.
    too_old: dict[bytes, EventTooOld] = field(default_factory=dict)
    #: The sources of the events, each once.
    sources: dict[EventKeys, None] = field(default_factory=dict)
    #: The numbers of events that have problems: they came, although they are not counted.
    refused_numbers: defaultdict[UsageSource, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def plain(self) -> list[tuple[bytes, Usage]]:
        """The events that stand by themselves, with their keys."""
        return [(key, usage) for key, usage in self.firsts.items() if not usage.corrects]

    @property
    def corrections(self) -> list[tuple[bytes, Usage]]:
        """The events that correct others, in the order in which they came, with their keys."""
        return [(key, usage) for key, usage in self.firsts.items() if usage.corrects]

    def note_number(self, accounts: AccountsByCode, code: str, source: str, event_id: str) -> None:
        """Note the number of an event that has a problem, if its source numbers its events."""
        account = accounts.get(code)
        if account is not None and account.declared.get(source) is Identity.SEQUENCE and is_number(event_id):
            self.refused_numbers[account.keys(source).source].append(int(event_id))

    @property
    def numbered(self) -> dict[UsageSource, dict[int, bytes]]:
        """The events of sources that number theirs: their keys by their numbers."""
        found: defaultdict[UsageSource, dict[int, bytes]] = defaultdict(dict)
        by_source = {keys: keys.source for keys in self.sources if keys.source.identity is Identity.SEQUENCE}
        if by_source:
            of = {(each.account_id, each.source): each for each in by_source.values()}
            for key, usage in self.firsts.items():
                source = of.get((usage.metered.key.account_id, usage.source))
                if source is not None:
                    found[source][int(usage.event_id)] = key
        return found

    def refuse(self, refused: Mapping[bytes, ClausulaError]) -> None:
        """Make problems of events, and of those that came again in the batch."""
        gone = [(key, self.firsts.pop(key)) for key in refused]
        gone += [(key, each) for key, each in self.repeats if key in refused]
        self.repeats = [(key, each) for key, each in self.repeats if key not in refused]
        self.problems += (
            IndexedProblem(each.index, Problem.of(refused[key], subject=each.event_id)) for key, each in gone
        )

    def not_adding(self, known: Container[bytes]) -> dict[MeterInForce, list[Usage]]:
        """Return the new events whose quantities do not just add up, by the meter that they feed."""
        grouped: defaultdict[MeterInForce, list[Usage]] = defaultdict(list)
        for key, usage in self.firsts.items():
            if not usage.metered.adds and key not in known:
                grouped[usage.metered].append(usage)
        return grouped

    def differing(self, stored: Mapping[bytes, StoredBody]) -> list[tuple[Usage, StoredBody]]:
        """Return those that came with another body than the batch's first, or than what is ``stored``."""
        pairs = [(usage, stored[key]) for key, usage in self.firsts.items() if key in stored]
        for key, usage in self.repeats:
            first = self.firsts[key]
            pairs.append(
                (usage, stored.get(key, StoredBody(first.digest, first.occurred_at, first.quantity)))
            )
        return [(usage, body) for usage, body in pairs if usage.digest != body.digest]


def conflicts(differing: Iterable[tuple[Usage, StoredBody]]) -> list[IndexedProblem]:
    """Return the problems of events that came again with another body."""
    return [
        IndexedProblem(usage.index, Problem.of(conflict_of(usage, body), subject=usage.event_id))
        for usage, body in differing
    ]


def sort_batch(
    events: Iterable[UsageEvent | Rejected],
    accounts: AccountsByCode,
    *,
    now: datetime,
    backfill: bool = False,
) -> SortedBatch:
    """Find what each event comes to; one that cannot be counted becomes a problem and stops nothing.

    With ``backfill`` an event is not too old, however old it is.  Nor is a correction: its time was judged
    when the event that it corrects came in.
    """
    batch = SortedBatch()
    firsts = batch.firsts
    for index, event in enumerate(events):
        if isinstance(event, Rejected):
            batch.problems.append(IndexedProblem(index, event.problem))
            batch.note_number(accounts, event.account, event.source, event.event_id)
            continue
        try:
            check(event, now=now)
            account = _account(event, accounts)
            metered, day = in_force(event, account.metered(event))
            check_ahead(event.occurred_at, metered.times, now=now)
            usage = usage_of(index, event, metered, day)
            keys = account.keys(event.source)
            key = keys.key(event.id, event.occurred_at)
        except ClausulaError as error:
            batch.problems.append(IndexedProblem(index, Problem.of(error, subject=event.id)))
            batch.note_number(accounts, event.account, event.source, event.id)
            continue
        if firsts.setdefault(key, usage) is not usage:
            batch.repeats.append((key, usage))
            continue
        batch.sources[keys] = None
        if not backfill and not event.corrects:
            old = too_old(event.occurred_at, metered.times, now=now)
            if old is not None:
                batch.too_old[key] = old
    return batch


def _account(event: UsageEvent, accounts: AccountsByCode) -> KnownAccount:
    found = accounts.get(event.account)
    if found is None:
        raise UnknownAccount(
            "no account bears this code", field="account", value=event.account, expected="an account's code"
        )
    return found


def _metered(event: UsageEvent, contracts: Sequence[Contract]) -> tuple[MeterInForce, ...]:
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
