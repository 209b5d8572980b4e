"""Spans of limits that new use touched: what has to be looked at, and which thresholds it reached.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from contracts.limits import MeterLimit, limits_of
from contracts.meters import LEVELS, MaximumMeter, Meter, UniqueMeter
from contracts.subscriptions import Contract
from kernel.calendars import first_day_after
from kernel.ids import AccountId, SubscriptionId
from kernel.periods import Period
from kernel.zones import local_day
from metering.rollups import TouchedDays
from metering.usage import MeterKey


class SpanKey(NamedTuple):
    """The row on which writers of one limit meet: one for each time over which it counts."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    code: str
    starts_on: date


class UseWant(NamedTuple):
    """The question how much of a meter was used over some days; ``how`` says how its days come together.

    ``counted`` asks for the values that were counted for the limit of this code, if they were.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    code: str
    start: date
    end: date
    how: str
    counted: bool


class ValueDays(NamedTuple):
    """Days whose different values are counted for a limit."""

    key: SpanKey
    start: date
    end: date


class Told(NamedTuple):
    """Of which limit word was sent last, and of which percent of it; 0 is none.

    ``counted`` is how many different values were counted by then; None: they never were.
    """

    quantity: Decimal
    percent: int
    counted: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LimitedSpan:
    """The days over which a limit counts, those of them that were ``touched``, and where to end."""

    limit: MeterLimit
    period: Period
    until: date
    touched: tuple[date, ...] = ()

    @property
    def key(self) -> SpanKey:
        """The row on which its writers meet."""
        contract = self.limit.contract
        return SpanKey(
            contract.account_id,
            contract.subscription_id,
            self.limit.meter,
            self.limit.code,
            self.period.start,
        )

    @property
    def want(self) -> UseWant:
        """The question what was used in the whole of it; of a level, which one stands before ``until``."""
        return use_want(self.limit, self.period.start, self.until)

    @property
    def of_values(self) -> bool:
        """Tell whether it counts different values, which takes a row for each of them."""
        return isinstance(self.limit.rule, UniqueMeter)

    def uncounted(self, told: Told) -> Iterator[ValueDays]:
        """Yield the days whose values may not be counted yet: all of them, where none ever was."""
        if told.counted is None:
            yield ValueDays(self.key, self.period.start, self.period.end)
        else:
            yield from (ValueDays(self.key, day, first_day_after(day, 0)) for day in self.touched)

    def awaits(self, told: Told) -> bool:
        """Tell whether a threshold is left of which no word was sent."""
        return self._percent(told) < max(self.limit.thresholds, default=0)

    def reached(self, used: Decimal, told: Told) -> tuple[int, ...]:
        """Return the thresholds that use has reached and of which no word was sent, lowest first."""
        return self.limit.reached(used, told_percent=self._percent(told))

    def _percent(self, told: Told) -> int:
        """Return the last percent of which word was sent: none of another limit than it is now."""
        return told.percent if told.quantity == self.limit.quantity else 0


def use_want(limit: MeterLimit, start: date, end: date, *, counted: bool = False) -> UseWant:
    """Return the question what of a limit's meter was used from a day to the one before ``end``."""
    contract = limit.contract
    key = contract.account_id, contract.subscription_id
    return UseWant(*key, limit.meter, limit.code, start, end, days_come_as(limit.rule), counted)


def limited_spans(
    contracts: Iterable[Contract], touched: Iterable[TouchedDays], *, now: datetime
) -> list[LimitedSpan]:
    """Return the spans of limits that hold touched days, each once.

    Of a level the one that stands now counts, whatever day was touched.
    """
    by_meter: defaultdict[MeterKey, list[date]] = defaultdict(list)
    for each in touched:
        by_meter[MeterKey(*each[:3])].append(each.start)
    if not by_meter:
        return []
    return [span for contract in contracts for span in _spans_of(contract, by_meter, now)]


def _spans_of(
    contract: Contract, touched: Mapping[MeterKey, Sequence[date]], now: datetime
) -> Iterator[LimitedSpan]:
    for limit in limits_of(contract):
        days = touched.get(MeterKey(contract.account_id, contract.subscription_id, limit.meter))
        if days is None or not (limit.thresholds or isinstance(limit.rule, UniqueMeter)):
            continue
        if limit.of_level:
            last = max(local_day(now, contract.entity.time_zone), *days)
            yield LimitedSpan(limit, limit.span(last), first_day_after(last, 0))
        else:
            by_period: defaultdict[Period, list[date]] = defaultdict(list)
            for day in dict.fromkeys(days):
                by_period[limit.span(day)].append(day)
            for period, own in by_period.items():
                yield LimitedSpan(limit, period, period.end, tuple(own))


def days_come_as(meter: Meter) -> str:
    """Return what the days of a meter come to: their sum, the greatest, the values, the last level."""
    match meter:
        case UniqueMeter():
            return "values"
        case MaximumMeter():
            return "greatest"
        case _:
            return "level" if isinstance(meter, LEVELS) else "sum"
