"""Level times time: what a level that was held costs by the day or the hour, exactly.

100 MB from 1 April, nothing from noon of the 11th: 1,050 MB-days.  A day is one, also where a clock change
gives it 23 or 25 hours; hours are those that passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from contracts.meters import TimeUnit, WeightedMeter
from kernel.money import Exact
from kernel.periods import Period
from kernel.zones import instants
from metering.quantities import Want
from metering.seats import DayLevel, seconds_between

SECONDS_PER_HOUR: Final = 3_600


def level_time(
    carried: Decimal, days: Iterable[DayLevel], period: Period, *, per: TimeUnit, zone: str
) -> Fraction:
    """Return level times days, or hours, over a period of an issuer's time zone; a mean is one of days.

    ``carried`` is the level with which the period begins, ``days`` are those of one dimension on which it
    changed.
    """
    total, level, since = Fraction(0), carried, period.start
    for each in sorted(days, key=lambda each: each.day):
        after = each.day + timedelta(days=1)
        total += Fraction(level) * _time(since, each.day, per=per, zone=zone)
        share = Fraction(each.level_seconds) / _seconds(each.day, after, zone)
        total += share * _time(each.day, after, per=per, zone=zone)
        level, since = each.closing, after
    return total + Fraction(level) * _time(since, period.end, per=per, zone=zone)


def of_levels(want: Want, carried: Decimal, days: Sequence[DayLevel]) -> Exact:
    """Return what a question about levels comes to: the last level of the period, or level times time."""
    if isinstance(want.rule, WeightedMeter):
        return level_time(carried, days, want.period, per=want.rule.per, zone=want.zone)
    return level_at_end(carried, days)


def level_at_end(carried: Decimal, days: Iterable[DayLevel]) -> Decimal:
    """Return the level with which a period ends."""
    last = max(days, key=lambda each: each.day, default=None)
    return carried if last is None else last.closing


def _time(start: date, end: date, *, per: TimeUnit, zone: str) -> Fraction:
    if per is TimeUnit.HOUR:
        return _seconds(start, end, zone) / SECONDS_PER_HOUR
    return Fraction((end - start).days)


def _seconds(start: date, end: date, zone: str) -> Fraction:
    return Fraction(0) if start == end else seconds_between(*instants(Period(start, end), zone))
