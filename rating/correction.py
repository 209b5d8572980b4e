"""Monetary correction: what an index did to money between two days.

The published monthly variations are compounded over the late days, those after the due date up to and on the
payment date.  A month that is late only in part counts linearly, its variation times its late days over its
days: 0.62 % for 20 of 30 days is 0.413333... %.  The other form in use, (1 + v) ** (days / days), is
irrational; the linear one is exact and anyone can check it by hand, and in a month the two differ by less
than v ** 2 / 8, which is 1 in 100,000 at 0.9 %.

What has accumulated is floored at zero, not each month: months that fell offset months that rose.  A rule may
floor each month instead, and then what fell offsets nothing.

A month counts once it is over (IGP-M of a month is out on its last days), or through a month that the caller
knows to be published.  Months after the last of the series are not published yet: they do not count, and the
working says so.  A month that is missing before the last one is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from contracts.indices import IndexSeries
from contracts.late_rules import CorrectionFloor, CorrectionProration
from kernel.calendars import day_before
from kernel.periods import Cycle, Period, month_of, months_before
from rating.lateness import charged_days
from rating.working import Step, Working, step


@dataclass(frozen=True, slots=True)
class Correction:
    """What a principal is multiplied by, never less than 1, and the months that led to it."""

    factor: Fraction
    working: Working


def correction_between(
    series: IndexSeries,
    due_on: date,
    until: date,
    *,
    proration: CorrectionProration = CorrectionProration.DAYS,
    floor: CorrectionFloor = CorrectionFloor.WHOLE,
    published_through: date | None = None,
    held: Sequence[Period] = (),
) -> Correction:
    """Return the correction of a principal that was due on one day and paid on another, later one.

    From 10 September 2024 to 15 January 2025 IGP-M did +0.62, +1.52, +1.30 and +0.94 % in the months that are
    over: 1.04450054 by whole months, 1.042355... by days.

    ``held`` days do not count.  A month up to ``published_through`` that the series lacks raises
    IndexNotPublished.
    """
    last = _last_month(series, until, published_through)
    late = _months(proration, charged_days(due_on, until, held))
    accumulated = Fraction(1)
    steps: list[Step] = []
    for month, (days, of_days) in late.items():
        if month > last:
            break
        percent = series.variation(month)
        counted = percent if floor is CorrectionFloor.WHOLE else max(percent, Decimal(0))
        accumulated *= 1 + Fraction(counted) / 100 * Fraction(days, of_days)
        steps.append(_month_step(series.code, month, percent, (days, of_days)))
        if counted != percent:
            steps.append(step("index_month_floor", Fraction(), index=series.code, month=f"{month:%Y-%m}"))
    if published_through is None and any(last < month < month_of(until) for month in late):
        steps.append(step("index_unpublished", f"{last:%Y-%m}", index=series.code))
    if accumulated < 1:
        steps.append(step("index_floor", accumulated, index=series.code))
    return Correction(max(Fraction(1), accumulated), tuple(steps))


def _months(proration: CorrectionProration, charged: Sequence[Period]) -> dict[date, tuple[int, int]]:
    """Return the days of each month that count, and the days that it has, in order.

    By whole months a stretch of late days takes the month of the day before its first: what was due on 31
    January takes January.
    """
    counted: dict[date, tuple[int, int]] = {}
    for days in charged:
        if proration is CorrectionProration.WHOLE_MONTHS:
            start = month_of(day_before(days.start))
            whole = Cycle(start, 1).parts_of(Period(start, days.end))
            counted |= {part.whole.start: (part.whole.days, part.whole.days) for part in whole}
            continue
        for part in Cycle(month_of(days.start), 1).parts_of(days):
            before, _ = counted.get(part.whole.start, (0, 0))
            counted[part.whole.start] = before + part.period.days, part.whole.days
    return counted


def _last_month(series: IndexSeries, until: date, published_through: date | None) -> date:
    """Return the last month that counts: as told, or the one before the payment's as far as it is known."""
    if published_through is not None:
        return month_of(published_through)
    before_payment = months_before(until, 1)
    return min(before_payment, max(series.percent_by_month, default=before_payment))


def _month_step(index: str, month: date, percent: Decimal, days: tuple[int, int]) -> Step:
    counted, of_days = days
    facts = {"index": index, "month": f"{month:%Y-%m}"}
    return step("index_month", percent, **facts, days=counted, of_days=of_days)
