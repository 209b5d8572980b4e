"""Shares of time are exact, and each part is measured on the period that it lies in."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kernel.calendars import first_day_after
from kernel.periods import Cycle, CycleUnit, Period
from rating.proration import share_of
from rating.working import lines_of

MONTHS = Cycle(date(2024, 1, 1), 1)


def test_a_part_of_a_month() -> None:
    """From 15 to 31 January are 17 of 31 days."""
    share = share_of(Period(date(2026, 1, 15), date(2026, 2, 1)), MONTHS)

    assert Fraction(17, 31) == share.exact
    assert ("17 of 31 days",) == lines_of(share.working)


def test_days_are_shown_as_counted() -> None:
    """14 of 28 days is a half, and is not printed as 1 of 2."""
    share = share_of(Period(date(2026, 2, 1), date(2026, 2, 15)), MONTHS)

    assert (Fraction(1, 2), ("14 of 28 days",)) == (share.exact, lines_of(share.working))


def test_a_whole_period_needs_no_working() -> None:
    """All of its days are one, in February too."""
    share = share_of(Period(date(2024, 2, 1), date(2024, 3, 1)), MONTHS)

    assert (Fraction(1), ()) == (share.exact, share.working)


def test_two_halves_of_two_periods_are_shown_as_two() -> None:
    """They sum to one period and are not a whole one."""
    share = share_of(Period(date(2026, 1, 16), date(2026, 2, 15)), Cycle(date(2026, 1, 1), 30, CycleUnit.DAY))

    assert (Fraction(1), ("15 of 30 days", "15 of 30 days")) == (share.exact, lines_of(share.working))


def test_a_single_day_of_a_leap_february() -> None:
    """29 February is 1 of 29 days."""
    share = share_of(Period(date(2024, 2, 29), date(2024, 3, 1)), MONTHS)

    assert (Fraction(1, 29), ("1 of 29 days",)) == (share.exact, lines_of(share.working))


def test_a_span_over_a_border_keeps_two_denominators() -> None:
    """25 January to 2 February is 7/31 and 2/28."""
    share = share_of(Period(date(2015, 1, 25), date(2015, 2, 3)), MONTHS)

    assert Fraction(7, 31) + Fraction(2, 28) == share.exact
    assert ("7 of 31 days", "2 of 28 days") == lines_of(share.working)


@given(
    st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 1, 1)),
    st.integers(min_value=0, max_value=400),
    st.integers(min_value=0, max_value=400),
    st.integers(min_value=1, max_value=31),
    st.sampled_from([1, 3, 6, 12]),
)
def test_shares_of_the_parts_of_a_span_add_up(
    start: date, first: int, second: int, day: int, length: int
) -> None:
    """Cutting a span anywhere changes nothing, to the last digit."""
    cycle = Cycle(date(2020, 1, 1), length, day=day)
    middle = first_day_after(start, first)
    end = first_day_after(middle, second)
    parts = (share_of(Period(start, middle), cycle), share_of(Period(middle, end), cycle))

    assert share_of(Period(start, end), cycle).exact == sum((part.exact for part in parts), Fraction())
