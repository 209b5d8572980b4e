"""Periods are half-open spans of days that are never empty; months and anniversaries clamp and come back."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidPeriod
from kernel.periods import Period, anniversary, month_of, months_before

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Draw a period of one day to three years."""
    start = draw(DAYS)
    return Period(start, start + timedelta(days=draw(st.integers(1, 1100))))


def test_a_period_holds_its_first_day_and_not_its_end() -> None:
    """January holds 1 and 31 January, and neither 31 December nor 1 February."""
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))

    assert [False, True, True, False] == [day in JANUARY for day in days]


def test_a_period_counts_its_days_and_names_its_last() -> None:
    """January has 31 days, ends on the 31st, and is printed with both days inclusive."""
    assert (31, date(2026, 1, 31), "2026-01-01 to 2026-01-31") == (
        JANUARY.days,
        JANUARY.last_day,
        str(JANUARY),
    )


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_an_empty_or_backward_period_is_refused(end: date) -> None:
    """Dates in the wrong order are an error to report, never clamped to something billable."""
    with pytest.raises(InvalidPeriod) as caught:
        Period(date(2026, 1, 1), end)

    assert ("end", str(end), "after 2026-01-01") == (
        caught.value.field,
        caught.value.value,
        caught.value.expected,
    )


@pytest.mark.parametrize(
    ("other", "common"),
    [
        (Period(date(2025, 12, 1), date(2026, 1, 1)), None),
        (Period(date(2026, 2, 1), date(2026, 3, 1)), None),
        (Period(date(2025, 12, 1), date(2026, 1, 2)), Period(date(2026, 1, 1), date(2026, 1, 2))),
        (Period(date(2026, 1, 31), date(2027, 1, 1)), Period(date(2026, 1, 31), date(2026, 2, 1))),
        (Period(date(2025, 1, 1), date(2027, 1, 1)), JANUARY),
        (Period(date(2026, 1, 10), date(2026, 1, 11)), Period(date(2026, 1, 10), date(2026, 1, 11))),
    ],
)
def test_periods_that_only_touch_do_not_overlap(other: Period, common: Period | None) -> None:
    """Neighbours share no day; one common day is an overlap of one day, from either side."""
    assert [common, common] == [JANUARY.overlap(other), other.overlap(JANUARY)]


def test_a_share_is_an_exact_fraction_of_the_whole() -> None:
    """Fifteen days of January are 15/31, and no rounding happens yet."""
    assert Fraction(15, 31) == Period(date(2026, 1, 17), date(2026, 2, 1)).share_of(JANUARY)


def test_a_period_is_cut_only_at_days_inside_it() -> None:
    """Borders, days outside and repeated days cut nothing; order does not matter."""
    cuts = (date(2026, 1, 20), date(2026, 1, 1), date(2026, 1, 10), date(2026, 2, 1), date(2026, 1, 20))

    assert (
        Period(date(2026, 1, 1), date(2026, 1, 10)),
        Period(date(2026, 1, 10), date(2026, 1, 20)),
        Period(date(2026, 1, 20), date(2026, 2, 1)),
    ) == JANUARY.split_at(cuts)


def test_a_period_cut_nowhere_is_itself() -> None:
    """Without a cut there is one part, the period."""
    assert (JANUARY,) == JANUARY.split_at(())


@given(whole=periods(), cuts=st.lists(DAYS, max_size=6).map(tuple))
def test_the_parts_of_a_cut_tile_the_period(whole: Period, cuts: tuple[date, ...]) -> None:
    """Whatever the cuts, parts leave no gap, do not overlap, and their shares sum to one."""
    parts = whole.split_at(cuts)

    assert [whole.start, *(part.end for part in parts)] == [*(part.start for part in parts), whole.end]
    assert sum(part.share_of(whole) for part in parts) == 1


def test_periods_sort_by_start_then_end() -> None:
    """A list of periods reads in the order of time."""
    shorter = Period(date(2026, 1, 1), date(2026, 1, 2))
    later = Period(date(2026, 1, 2), date(2026, 1, 3))

    assert [shorter, JANUARY, later] == sorted([later, JANUARY, shorter])


@pytest.mark.parametrize(
    ("day", "years", "reached"),
    [
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(2023, 2, 28), 1, date(2024, 2, 28)),
        (date(2024, 12, 31), 2, date(2026, 12, 31)),
        (date(2024, 5, 20), 0, date(2024, 5, 20)),
    ],
)
def test_an_anniversary_of_29_february_falls_on_the_28th_and_comes_back(
    day: date, years: int, reached: date
) -> None:
    """A contract signed on a leap day has an anniversary every year, counted from the day of signature."""
    assert reached == anniversary(day, years)


def test_a_month_is_named_by_its_first_day() -> None:
    """The first and the last day of a month name the same month."""
    assert {date(2024, 2, 1)} == {month_of(date(2024, 2, 1)), month_of(date(2024, 2, 29))}


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2026, 3, 31), 0, date(2026, 3, 1)),
        (date(2026, 3, 31), 1, date(2026, 2, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 3, 31), 12, date(2025, 3, 1)),
        (date(2026, 3, 31), 15, date(2024, 12, 1)),
    ],
)
def test_months_before_a_day_are_counted_by_calendar(day: date, months: int, first: date) -> None:
    """One month before 31 March is February, although it has no 31st; before January is December."""
    assert first == months_before(day, months)
