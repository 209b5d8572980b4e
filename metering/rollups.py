"""Rollups: what a batch adds to the quantities by subscription, meter, day and dimension."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from contracts.meters import MaximumMeter, UniqueMeter
from kernel.ids import AccountId, SubscriptionId
from metering.affected import UsageByMeter
from metering.conversations import Window
from metering.usage import MeterKey

ZERO: Final = Decimal(0)


class DayKey(NamedTuple):
    """One day of one meter of one subscription, in one dimension."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    day: date
    dimension: str


class Addition(NamedTuple):
    """What is added to a day of a meter in a dimension, or taken away."""

    day: date
    dimension: str
    quantity: Decimal


class TouchedDays(NamedTuple):
    """The days of a meter whose quantity is no longer what it was: up to the day before ``end``, or open."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    start: date
    end: date | None


class DayValue(NamedTuple):
    """A value that a day of a meter saw in a dimension: a contact, mostly."""

    account_id: AccountId
    subscription_id: SubscriptionId
    meter: str
    day: date
    dimension: str
    value: str


def greatest_of_days(new: UsageByMeter) -> dict[DayKey, Decimal]:
    """Return the greatest quantity that new events bring to each day of meters that ask for it."""
    greatest: dict[DayKey, Decimal] = {}
    for metered, usages in new.items():
        if isinstance(metered.meter, MaximumMeter):
            for usage in usages:
                key = DayKey(*metered.key, usage.day, usage.dimension)
                greatest[key] = max(greatest.get(key, ZERO), usage.quantity or ZERO)
    return greatest


def values_of_days(new: UsageByMeter) -> set[DayValue]:
    """Return the values that new events bring to each day of meters that count them once."""
    return {
        DayValue(*metered.key, usage.day, usage.dimension, usage.contact)
        for metered, usages in new.items()
        if isinstance(metered.meter, UniqueMeter)
        for usage in usages
    }


def value_sums(values: Iterable[DayValue]) -> dict[DayKey, Decimal]:
    """Return how many values are new to each day."""
    return {key: Decimal(count) for key, count in Counter(DayKey(*each[:5]) for each in values).items()}


def window_additions(before: Iterable[Window], after: Iterable[Window]) -> Iterator[Addition]:
    """Yield one for each computed conversation of a contact, and minus one for each stored one."""
    for windows, one in ((before, Decimal(-1)), (after, Decimal(1))):
        for window in windows:
            yield Addition(window.day, window.dimension, one)


def day_sums(key: MeterKey, additions: Iterable[Addition]) -> dict[DayKey, Decimal]:
    """Add up by day; what comes to nothing, as a conversation that moved within its day, is left out."""
    sums: defaultdict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for day, dimension, quantity in additions:
        sums[day, dimension] += quantity
    return {DayKey(*key, *where): quantity for where, quantity in sums.items() if quantity}


def touched_by_sums(sums: Iterable[DayKey]) -> list[TouchedDays]:
    """Return the days that sums change, once for all their dimensions."""
    return list({TouchedDays(*key[:3], key.day, key.day + timedelta(days=1)): None for key in sums})


def touched_when_billed(touched: Iterable[TouchedDays], billed: Mapping[MeterKey, date]) -> list[TouchedDays]:
    """Return the touched days of which a run has billed some; ``billed`` is the first day not billed yet."""
    return [each for each in touched if each.start < billed.get(MeterKey(*each[:3]), each.start)]
