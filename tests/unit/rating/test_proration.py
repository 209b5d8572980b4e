"""Shares of time are exact, and each part is measured on the period that it lies in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kernel.calendars import first_day_after
from kernel.periods import Cycle, CycleUnit, Period
from rating.proration import WHOLE, share_in_seconds, share_of, share_of_span
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


NEW_YORK = "America/New_York"
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


def test_seconds_know_that_a_day_was_short() -> None:
    """Half of March 2026 in New York lacks an hour: 1,292,400 of 2,674,800 seconds, not 15 of 31."""
    half = Period(MARCH.start, date(2026, 3, 16))
    share = share_in_seconds(half, MONTHS, NEW_YORK)

    assert Fraction(1_292_400, 2_674_800) == share.exact < share_of(half, MONTHS).exact
    assert ("1,292,400 of 2,674,800 seconds",) == lines_of(share.working)


def test_where_no_clock_changes_seconds_are_days() -> None:
    """17 of 31 days of January are as many of its seconds."""
    span = Period(date(2026, 1, 15), date(2026, 2, 1))

    assert share_of(span, MONTHS).exact == share_in_seconds(span, MONTHS, NEW_YORK).exact


def test_a_whole_month_is_whole_by_seconds_too() -> None:
    """Whatever its clocks do, and without working."""
    assert WHOLE == share_in_seconds(MARCH, MONTHS, NEW_YORK)


def test_a_change_at_a_second_is_measured_there() -> None:
    """What is left of a cycle from 3 March, 19:14:48, is 881,112 of its 2,419,200 seconds."""
    whole = (datetime(2017, 2, 14, tzinfo=UTC), datetime(2017, 3, 14, tzinfo=UTC))
    share = share_of_span((datetime(2017, 3, 3, 19, 14, 48, tzinfo=UTC), whole[1]), whole)

    assert Fraction(881_112, 2_419_200) == share.exact
    assert ("881,112 of 2,419,200 seconds",) == lines_of(share.working)


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.lists(st.integers(1, 70), min_size=1, max_size=5),
    st.sampled_from([NEW_YORK, "America/Sao_Paulo", "America/Tijuana"]),
)
def test_splitting_a_span_adds_up(start: date, lengths: list[int], zone: str) -> None:
    """However a span is cut, its pieces owe what it owes, by days and by seconds."""
    borders = [start]
    for days in lengths:
        borders.append(first_day_after(borders[-1], days - 1))
    pieces = [Period(since, until) for since, until in pairwise(borders)]
    whole = Period(start, borders[-1])

    assert share_of(whole, MONTHS).exact == sum(share_of(piece, MONTHS).exact for piece in pieces)
    assert share_in_seconds(whole, MONTHS, zone).exact == sum(
        share_in_seconds(piece, MONTHS, zone).exact for piece in pieces
    )
