"""Half-open periods of days, and the cycles that tile time with them.

``Period(2026-01-01, 2026-02-01)`` is January: the end is the first day that does not belong.
A cycle anchored on the 31st falls on 28 February and comes back to 31 March.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from kernel.errors import InvalidPeriod

#: No contract of the field bills further ahead; a larger distance is a typing error in a date.  It also ends
#: every walk along a cycle.
LARGEST_DISTANCE_CYCLES = 12_000

#: Contracts that begin on one day share their borders, and one contract asks for each of its own many times.
BORDERS_KEPT = 10_000

#: The last day of a month that a cycle can ask for.
LONGEST_MONTH_DAYS = 31


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``start`` to the day before ``end``; never empty."""

    start: date
    end: date

    def __post_init__(self) -> None:
        """Refuse an empty or a backward period: it is never clamped in silence."""
        if self.end <= self.start:
            raise InvalidPeriod(
                "a period ends after it starts", field="end", value=self.end, expected=f"after {self.start}"
            )

    @property
    def days(self) -> int:
        """The number of days: January has 31."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day that belongs, as people write the end of a period."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        """Tell whether a day belongs."""
        return self.start <= day < self.end

    def overlap(self, other: Period) -> Period | None:
        """Return the days that both hold, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def share_of(self, whole: Period) -> Fraction:
        """Return this period's days over the whole's: 17 days of January are 17/31."""
        return Fraction(self.days, whole.days)

    def split_at(self, days: tuple[date, ...]) -> tuple[Period, ...]:
        """Cut at each day that lies inside; the parts tile the period."""
        borders = [self.start, *sorted({day for day in days if self.start < day < self.end}), self.end]
        return tuple(Period(start, end) for start, end in pairwise(borders))

    def __str__(self) -> str:
        """Return both ends, the last day inclusive, as an invoice prints them."""
        return f"{self.start.isoformat()} to {self.last_day.isoformat()}"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a span, and the whole period of a cycle that it lies in and is measured on."""

    period: Period
    whole: Period

    @property
    def share(self) -> Fraction:
        """How much of the whole the piece covers: 25 to 31 January is 7/31, a whole period is 1."""
        return self.period.share_of(self.whole)


class CycleUnit(StrEnum):
    """What a cycle counts in: calendar months, or plain days."""

    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Cycle:
    """An endless tiling of time into equal periods.

    ``day`` is the day of the month on which periods of months begin; in a shorter month they begin on its
    last day and return afterwards.  Cycles of days start at ``anchor`` and ignore ``day``.
    """

    anchor: date
    length: int
    unit: CycleUnit = CycleUnit.MONTH
    day: int = 0

    def __post_init__(self) -> None:
        """Refuse a cycle without length; a missing ``day`` is the anchor's own."""
        if self.length < 1:
            raise InvalidPeriod("a cycle has a length", field="length", value=self.length, expected=">= 1")
        if not 0 <= self.day <= LONGEST_MONTH_DAYS:
            raise InvalidPeriod("no such day of a month", field="day", value=self.day, expected="1 to 31")
        if self.day == 0:
            object.__setattr__(self, "day", self.anchor.day)

    def border(self, number: int) -> date:
        """Return the first day of period ``number``; number 0 begins in the anchor's month (or on it)."""
        if abs(number) > LARGEST_DISTANCE_CYCLES:
            raise InvalidPeriod("too far away", field="number", value=number, expected="a nearer date")
        try:
            if self.unit is CycleUnit.DAY:
                return self.anchor + timedelta(days=self.length * number)
            return _day_of_month(self.anchor, self.length * number, self.day)
        except (ValueError, OverflowError):
            raise InvalidPeriod(
                "beyond the calendar", field="number", value=number, expected="a date of the years 1 to 9999"
            ) from None

    def number_of(self, day: date) -> int:
        """Return the number of the period that holds a day."""
        if self.unit is CycleUnit.DAY:
            return (day - self.anchor).days // self.length
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        number = months // self.length
        return number if self.border(number) <= day else number - 1

    def period(self, number: int) -> Period:
        """Return one period of the tiling."""
        return Period(self.border(number), self.border(number + 1))

    def period_of(self, day: date) -> Period:
        """Return the period that holds a day."""
        return self.period(self.number_of(day))

    def periods_from(self, day: date) -> Iterator[Period]:
        """Yield the period that holds a day and all that follow."""
        number = self.number_of(day)
        while True:
            yield self.period(number)
            number += 1

    def parts_of(self, span: Period) -> tuple[Part, ...]:
        """Cut a span at the cycle's borders; each part keeps the denominator of its own whole period.

        25 January to 2 February by calendar months is 7/31 and 2/28, never 9/31.  The parts tile the span.
        """
        parts = []
        for whole in self.periods_from(span.start):
            inside = span.overlap(whole)
            if inside is None:
                break
            parts.append(Part(inside, whole))
        return tuple(parts)

    def whole_periods(self, start: date, end: date) -> int:
        """Count the whole periods that fit between two days, counted from ``start``."""
        counted = Cycle(start, self.length, self.unit)
        return counted.number_of(end) if end >= start else 0


@lru_cache(maxsize=BORDERS_KEPT)
def _day_of_month(anchor: date, months: int, day: int) -> date:
    """Return a day of the month so many months later, or that month's last day."""
    return anchor + relativedelta(months=months, day=day)


def anniversary(day: date, years: int) -> date:
    """Return the day so many years later; 29 February falls on 28 February in a common year."""
    return day + relativedelta(years=years)


def anniversaries(signed_on: date, *, after: date, through: date, months: int = 12) -> tuple[date, ...]:
    """Return the anniversaries of a signature later than ``after``, up to and on ``through``.

    What was signed on 29 February has its anniversary on the 28th in a common year, and on the 29th again
    in a leap year.
    """
    cycle = Cycle(signed_on, months)
    first, last = cycle.number_of(max(after, signed_on)) + 1, cycle.number_of(through)
    return tuple(cycle.border(number) for number in range(first, last + 1))


def month_of(day: date) -> date:
    """Return the first day of a day's month, the name of that month."""
    return day.replace(day=1)


def year_of(day: date) -> date:
    """Return the first day of a day's year."""
    return day.replace(month=1, day=1)


def week_of(day: date) -> date:
    """Return the Monday of a day's week, as ISO 8601 begins weeks."""
    return day - timedelta(days=day.weekday())


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months before a day's month."""
    return month_of(day) - relativedelta(months=months)
