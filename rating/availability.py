"""Availability of a month, the credit that a table gives for it, and when a customer may leave over it.

By Annex VIII 6.2 it is (720 - H) / 720, with 744 hours in a month of 31 days and H the hours of outage.
Hours are exact fractions; outages that overlap count once, and excluded time is no outage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from contracts.service_level_rules import MonthHours, ServiceCredit, ServiceExit
from kernel.money import Money
from kernel.periods import Period, months_before
from rating.working import Working, step

#: A span of instants, half-open.
Span = tuple[datetime, datetime]

STANDARD_HOURS = 720
LONG_MONTH_HOURS = 744
LONG_MONTH_DAYS = 31

_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """The availability of a month: its hours, those of outage, those left out, and what was promised."""

    hours: Fraction
    outage_hours: Fraction
    excluded_hours: Fraction
    target_percent: Fraction

    @property
    def percent(self) -> Fraction:
        """The share of the hours without outage, in percent; never less than nothing."""
        return max(Fraction(), 100 * (self.hours - self.outage_hours) / self.hours)

    @property
    def missed(self) -> bool:
        """Tell whether it lies below the target; 99.50 % exactly is met."""
        return self.percent < self.target_percent


def availability(
    window: Span, hours: Fraction, target_percent: Fraction, *, down: Iterable[Span], excluded: Iterable[Span]
) -> Availability:
    """Return the availability of a window of time that has so many hours.

    A fault of four hours in June, of which one lies in a maintenance: (720 - 3) / 720 are 99.583333... %.
    """
    left_out = _union(excluded, window)
    outages = _union(down, window)
    counted = _length(outages) + _length(left_out) - _length(_union([*outages, *left_out], window))
    return Availability(
        hours=hours,
        outage_hours=_length(outages) - counted,
        excluded_hours=_length(left_out),
        target_percent=target_percent,
    )


def hours_of(month: Period, basis: MonthHours, window: Span) -> Fraction:
    """Return the hours of a month by a rule: 720 for February, or its 672, a change of clocks included."""
    if basis is MonthHours.CALENDAR:
        return _length([window])
    return Fraction(LONG_MONTH_HOURS if month.days == LONG_MONTH_DAYS else STANDARD_HOURS)


def availability_working(found: Availability, clause: str) -> Working:
    """Return how an availability came about."""
    return (
        step("sla_outage", found.outage_hours, excluded=found.excluded_hours),
        step(
            "sla_availability",
            found.percent,
            hours=found.hours,
            outage=found.outage_hours,
            target=found.target_percent,
            clause=clause,
        ),
    )


@dataclass(frozen=True, slots=True)
class CreditDue:
    """What of a fee a missed level gives back, and the working that led to it."""

    amount: Money
    working: Working


def credit_due(rule: ServiceCredit, found: Availability, fee: Money) -> CreditDue:
    """Return the credit of a table on a fee: the largest of the steps that the availability lies below.

    Below 99.5 % five percent, below 98 % ten: at 97 % of a fee of 1,999.00 it is 199.90.  A level that was
    met gives none, whatever the table says.
    """
    reached = [each for each in rule.steps if found.missed and found.percent < Fraction(each.below_percent)]
    best = max(reached, key=lambda each: each.credit_percent, default=None)
    if best is None:
        return CreditDue(Money.zero(fee.currency), ())
    amount = Money.rounded(fee.exact * best.credit.exact, fee.currency)
    working = step(
        "sla_credit",
        amount.amount,
        below=best.below_percent,
        percent=best.credit_percent,
        fee=fee.amount,
        currency=fee.currency,
        clause=rule.clause,
    )
    return CreditDue(amount, (working,))


def reason_to_leave(rule: ServiceExit, months: Mapping[date, Availability], month: date) -> str:
    """Return why the customer may leave over a month, or an empty text.

    ``months`` are those that are known, by their first days; one that is not known was not missed.  Four in a
    row; five of twelve that end with the month; or one below 95 %.  A month that was met frees nobody.
    """
    found = months.get(month)
    if found is None or not found.missed:
        return ""
    if found.percent < Fraction(rule.below_percent):
        return f"below {rule.below_percent} % in one month"
    if rule.consecutive_months and _missed(months, month, rule.consecutive_months) == rule.consecutive_months:
        return f"missed in {rule.consecutive_months} consecutive months"
    if rule.months and (count := _missed(months, month, rule.of_months)) >= rule.months:
        return f"missed in {count} of {rule.of_months} months"
    return ""


def _missed(months: Mapping[date, Availability], last: date, count: int) -> int:
    looked_at = (months.get(months_before(last, before)) for before in range(count))
    return sum(1 for each in looked_at if each is not None and each.missed)


def _union(spans: Iterable[Span], window: Span) -> list[Span]:
    """Return spans within a window, merged where they touch."""
    merged: list[Span] = []
    for start, end in sorted((max(start, window[0]), min(end, window[1])) for start, end in spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _length(spans: Sequence[Span]) -> Fraction:
    """Return how many hours spans last that do not overlap."""
    lasted = sum((end - start for start, end in spans), timedelta())
    return Fraction(lasted // _MICROSECOND, _HOUR // _MICROSECOND)
