"""Rollups: what a batch adds to the quantities by subscription, meter, day and dimension."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from kernel.ids import AccountId, SubscriptionId
from metering.conversations import Window
from metering.usage import MeterKey, Usage


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


def usage_additions(usages: Iterable[Usage]) -> Iterator[Addition]:
    """Yield what events add to their days; a message adds nothing by itself, a level is not added."""
    for usage in usages:
        if not usage.ordered and usage.quantity is not None:
            yield Addition(usage.day, usage.dimension, usage.quantity)


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
