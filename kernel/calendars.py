"""Counting days: the only place that does.

"More than N days late" acts first on the due date + N + 1; "within N days" ends on the anchor + N; "N days
before" is kept up to and on the anchor - N; a notice counts from the day after its delivery.  Business days
follow the issuing entity's calendar, and each of them has all its hours.
"""

from __future__ import annotations

from calendar import SATURDAY
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from dateutil.easter import easter

from kernel.errors import InvalidInput
from kernel.periods import Period
from kernel.zones import aware, local_day, start_of_day

#: Optional holidays of Brazil on which banks are closed (Lei 7.089/83 practice): Carnival Monday and
#: Tuesday, and Corpus Christi, as days from Easter Sunday.
BRAZIL_BANK_DAYS_FROM_EASTER = (-48, -47, 60)

#: A search for a business day that runs longer than this has a broken calendar behind it.
LONGEST_HOLIDAY_DAYS = 30

#: The longest limit in business days that a contract can mean: about four years.
LARGEST_BUSINESS_DAY_COUNT = 1_000

#: The longest limit in business hours that a contract can mean: so many business days of 24 hours.
LARGEST_BUSINESS_HOUR_COUNT = 24_000


def days_late(due: date, on: date) -> int:
    """Return how many days a payment is late on a day; zero up to and on the due date."""
    return max(0, (on - due).days)


def last_day_within(anchor: date, days: int, held: Sequence[Period] = ()) -> date:
    """Return the last day of a time limit: within 20 days of 10 March ends on 30 March.

    On days that are ``held`` the limit does not run: 12 to 14 March held, it ends on 2 April.
    """
    last = anchor + timedelta(days=days)
    while held:
        moved = anchor + timedelta(days=days + _days_held(anchor, last, held))
        if moved == last:
            break
        last = moved
    return last


def first_day_after(anchor: date, days: int, held: Sequence[Period] = ()) -> date:
    """Return the first day on which "more than N days" holds: 10 days after 10 March, it is 21 March."""
    return last_day_within(anchor, days, held) + timedelta(days=1)


def moved_by(anchor: date, last_day: date, held: Sequence[Period]) -> date:
    """Return the last day of a limit that runs from an anchor to a day, moved by the days that are held."""
    return last_day_within(anchor, days_between(anchor, last_day), held)


def last_day_before(anchor: date, days: int) -> date:
    """Return the last day on which "N days before" is kept: 7 days before 20 March, it is 13 March."""
    return anchor - timedelta(days=days)


def instant_after(instant: datetime, *, hours: int = 0, minutes: int = 0) -> datetime:
    """Return the instant so much later, or earlier for a negative number, whatever clocks show."""
    return aware(instant) + timedelta(hours=hours, minutes=minutes)


def days_between(start: date, end: date) -> int:
    """Return the days from one day to another, signed."""
    return (end - start).days


def day_before(day: date) -> date:
    """Return the day before."""
    return day - timedelta(days=1)


def _days_held(anchor: date, last: date, held: Sequence[Period]) -> int:
    """Count the days after the anchor, up to the last, that are held; days in two periods count once."""
    counted, free = 0, first_day_after(anchor, 0)
    for period in sorted(held):
        start, end = max(period.start, free), min(period.end, first_day_after(last, 0))
        if start < end:
            counted, free = counted + days_between(start, end), end
    return counted


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The working days of a place: a country, a subdivision of it, and whether its banks' days count.

    Source of holidays: the PyPI package ``holidays``; for Brazil's banks see ``docs.md``.
    """

    country: str
    subdivision: str = ""
    banks: bool = False

    def __post_init__(self) -> None:
        """Refuse a place that the calendar does not know, and banks whose days it does not know."""
        known = _places()
        if self.country not in known:
            raise InvalidInput("no calendar for this country", field="country", value=self.country)
        if self.subdivision and self.subdivision not in known[self.country]:
            raise InvalidInput(
                "no calendar for this subdivision",
                field="subdivision",
                value=self.subdivision,
                expected="one of " + ", ".join(known[self.country]),
            )
        if self.banks and self.country != "BR":
            raise InvalidInput(
                "no calendar of this country's banks", field="banks", value=self.country, expected="BR"
            )

    def is_holiday(self, day: date) -> bool:
        """Tell whether a day is a public holiday here (or a bank holiday, where banks count)."""
        return day in _public_holidays(self.country, self.subdivision, day.year) or (
            self.banks and day in _brazil_bank_days(day.year)
        )

    def is_business_day(self, day: date) -> bool:
        """Tell whether people work on a day: Monday to Friday and no holiday."""
        return day.weekday() < SATURDAY and not self.is_holiday(day)

    def next_business_day(self, day: date) -> date:
        """Return the day itself if it is a business day, else the first one after it."""
        for ahead in range(LONGEST_HOLIDAY_DAYS):
            candidate = day + timedelta(days=ahead)
            if self.is_business_day(candidate):
                return candidate
        raise InvalidInput("no business day in sight", field="day", value=day)

    def add_business_days(self, day: date, count: int) -> date:
        """Return the ``count``-th business day after a day, which itself does not count."""
        _refuse_count(count, LARGEST_BUSINESS_DAY_COUNT)
        reached = day
        for _ in range(count):
            reached = self.next_business_day(reached + timedelta(days=1))
        return reached

    def last_business_day(self, day: date) -> date:
        """Return the day itself if it is a business day, else the last one before it."""
        for back in range(LONGEST_HOLIDAY_DAYS):
            candidate = day - timedelta(days=back)
            if self.is_business_day(candidate):
                return candidate
        raise InvalidInput("no business day in sight", field="day", value=day)

    def subtract_business_days(self, day: date, count: int) -> date:
        """Return the ``count``-th business day before a day, which itself does not count."""
        _refuse_count(count, LARGEST_BUSINESS_DAY_COUNT)
        reached = day
        for _ in range(count):
            reached = self.last_business_day(reached - timedelta(days=1))
        return reached

    def add_business_hours(self, instant: datetime, hours: int, zone: str) -> datetime:
        """Return the instant after so many business hours: each business day of the zone has all of its own.

        48 hours from Friday 15:00 end on Tuesday 15:00: Friday gives 9, Monday 24, Tuesday 15.
        """
        _refuse_count(hours, LARGEST_BUSINESS_HOUR_COUNT)
        reached, left = aware(instant), timedelta(hours=hours)
        while left:
            day = local_day(reached, zone)
            ends = start_of_day(day + timedelta(days=1), zone)
            if self.is_business_day(day):
                passing = min(left, ends - reached)
                reached, left = reached + passing, left - passing
            else:
                reached = ends
        return reached

    def subtract_business_hours(self, instant: datetime, hours: int, zone: str) -> datetime:
        """Return the instant so many business hours before: 48 before Tuesday 15:00 it is Friday 15:00."""
        _refuse_count(hours, LARGEST_BUSINESS_HOUR_COUNT)
        reached, left = aware(instant), timedelta(hours=hours)
        while left:
            day = local_day(reached - timedelta.resolution, zone)
            begins = start_of_day(day, zone)
            if self.is_business_day(day):
                passing = min(left, reached - begins)
                reached, left = reached - passing, left - passing
            else:
                reached = begins
        return reached


def _refuse_count(count: int, largest: int) -> None:
    if not 0 <= count <= largest:
        raise InvalidInput(
            "business time is counted in one direction, and not for ever",
            field="count",
            value=count,
            expected=f"0 to {largest}",
        )


@lru_cache(maxsize=1)
def _places() -> dict[str, list[str]]:
    return holidays.list_supported_countries()


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


@lru_cache(maxsize=128)
def _brazil_bank_days(year: int) -> frozenset[date]:
    return frozenset(easter(year) + timedelta(days=days) for days in BRAZIL_BANK_DAYS_FROM_EASTER)
