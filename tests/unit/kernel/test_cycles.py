"""A cycle tiles time: every day lies in exactly one period, whatever the month's length."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidPeriod
from kernel.periods import LARGEST_DISTANCE_CYCLES, Cycle, CycleUnit, Part, Period

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
NUMBERS = st.integers(-120, 120)
CYCLES = st.builds(
    Cycle,
    anchor=DAYS,
    length=st.integers(1, 24),
    unit=st.sampled_from(CycleUnit),
    day=st.integers(0, 31),
)


@st.composite
def spans(draw: st.DrawFn) -> Period:
    """Draw a span of one day to two years."""
    start = draw(DAYS)
    return Period(start, start + timedelta(days=draw(st.integers(1, 730))))


def borders(cycle: Cycle, count: int) -> list[str]:
    """Return the first days of periods 0, 1, 2 and so on."""
    return [cycle.border(number).isoformat() for number in range(count)]


@pytest.mark.parametrize(
    ("year", "february"),
    [(2026, "2026-02-28"), (2024, "2024-02-29"), (2000, "2000-02-29"), (2100, "2100-02-28")],
)
def test_the_31st_clamps_to_the_end_of_a_short_month_and_comes_back(year: int, february: str) -> None:
    """A month that starts on the 31st starts on 28 or 29 February, 31 March and 30 April."""
    cycle = Cycle(date(year, 1, 31), 1)

    assert [f"{year}-01-31", february, f"{year}-03-31", f"{year}-04-30"] == borders(cycle, 4)


@pytest.mark.parametrize(
    ("cycle", "first_days"),
    [
        (Cycle(date(2025, 11, 30), 3), ["2025-11-30", "2026-02-28", "2026-05-30", "2026-08-30"]),
        (
            Cycle(date(2024, 2, 29), 12),
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        (Cycle(date(2026, 2, 10), 1, day=31), ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (Cycle(date(2026, 1, 31), 1, day=15), ["2026-01-15", "2026-02-15"]),
        (Cycle(date(2026, 2, 26), 7, CycleUnit.DAY), ["2026-02-26", "2026-03-05", "2026-03-12"]),
        (Cycle(date(2026, 1, 31), 30, CycleUnit.DAY, day=15), ["2026-01-31", "2026-03-02"]),
    ],
)
def test_a_cycle_begins_where_its_unit_and_day_say(cycle: Cycle, first_days: list[str]) -> None:
    """Quarters and years clamp as months do, a day of its own prevails over the anchor's, days ignore it."""
    assert first_days == borders(cycle, len(first_days))


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 1, 31), 0),
        (date(2026, 2, 27), 0),
        (date(2026, 2, 28), 1),
        (date(2026, 3, 30), 1),
        (date(2026, 3, 31), 2),
        (date(2026, 1, 30), -1),
        (date(2025, 12, 31), -1),
        (date(2025, 12, 30), -2),
    ],
)
def test_days_are_numbered_on_both_sides_of_the_anchor(day: date, number: int) -> None:
    """The day of a border opens the next period, and days before the anchor lie in negative periods."""
    assert number == Cycle(date(2026, 1, 31), 1).number_of(day)


def test_weeks_are_numbered_on_both_sides_of_the_anchor() -> None:
    """The day before a weekly anchor lies in week -1, and so does the seventh before it."""
    cycle = Cycle(date(2026, 2, 26), 7, CycleUnit.DAY)
    days = (date(2026, 2, 18), date(2026, 2, 19), date(2026, 2, 25), date(2026, 2, 26), date(2026, 3, 5))

    assert [-2, -1, -1, 0, 1] == [cycle.number_of(day) for day in days]


@given(cycle=CYCLES, number=NUMBERS)
def test_periods_tile_time(cycle: Cycle, number: int) -> None:
    """Each period ends where the next begins, across leap days too."""
    assert cycle.period(number).end == cycle.period(number + 1).start


@given(cycle=CYCLES, number=NUMBERS)
def test_numbering_is_the_inverse_of_the_tiling(cycle: Cycle, number: int) -> None:
    """The first and the last day of period n are numbered n."""
    period = cycle.period(number)

    assert [number, number] == [cycle.number_of(period.start), cycle.number_of(period.last_day)]


@given(cycle=CYCLES, day=DAYS)
def test_every_day_lies_in_the_period_that_is_named_for_it(cycle: Cycle, day: date) -> None:
    """No day is left out, however far on either side of the anchor."""
    assert day in cycle.period_of(day)


@given(cycle=CYCLES.filter(lambda cycle: cycle.unit is CycleUnit.MONTH), number=NUMBERS)
def test_a_border_is_the_cycles_day_or_the_last_of_its_month(cycle: Cycle, number: int) -> None:
    """Clamping never drifts: a border off its day is always a month's last day."""
    border = cycle.border(number)

    assert border.day == cycle.day or (border.day < cycle.day and (border + timedelta(days=1)).day == 1)


def test_periods_follow_from_the_one_that_holds_a_day() -> None:
    """A run that starts in mid-period sees that period whole, and then the next ones."""
    cycle = Cycle(date(2026, 1, 15), 1)

    assert [
        Period(date(2026, 2, 15), date(2026, 3, 15)),
        Period(date(2026, 3, 15), date(2026, 4, 15)),
    ] == list(islice(cycle.periods_from(date(2026, 3, 14)), 2))


def test_each_part_of_a_span_keeps_the_denominator_of_its_own_period() -> None:
    """25 January to 2 February is 7 days of 31 and 2 of 28, never 9 of 31."""
    january = Period(date(2026, 1, 1), date(2026, 2, 1))
    february = Period(date(2026, 2, 1), date(2026, 3, 1))
    parts = Cycle(date(2026, 1, 1), 1).parts_of(Period(date(2026, 1, 25), date(2026, 2, 3)))

    assert (
        Part(Period(date(2026, 1, 25), date(2026, 2, 1)), january),
        Part(Period(date(2026, 2, 1), date(2026, 2, 3)), february),
    ) == parts
    assert [Fraction(7, 31), Fraction(2, 28)] == [part.share for part in parts]


def test_a_whole_period_is_one_part_with_share_one() -> None:
    """A span that is one period of the cycle is not cut, and is charged in full."""
    cycle = Cycle(date(2026, 1, 31), 1)

    assert [Fraction(1)] == [part.share for part in cycle.parts_of(cycle.period(1))]


@given(cycle=CYCLES, span=spans())
def test_parts_tile_the_span_and_lie_in_their_wholes(cycle: Cycle, span: Period) -> None:
    """No day of a span is charged twice or left out, and no part outgrows what it is measured on."""
    parts = cycle.parts_of(span)

    assert [span.start, *(part.period.end for part in parts)] == [
        *(part.period.start for part in parts),
        span.end,
    ]
    assert all(part.period == part.period.overlap(part.whole) for part in parts)
    assert all(part.share == 1 for part in parts[1:-1])


@given(cycle=CYCLES, span=spans(), cut=st.integers(1, 729))
def test_shares_of_a_span_do_not_depend_on_where_it_is_cut(cycle: Cycle, span: Period, cut: int) -> None:
    """A change of plan in mid-period charges and credits what adds up to the period, exactly."""
    pieces = span.split_at((span.start + timedelta(days=cut),))
    shares = [part.share for piece in pieces for part in cycle.parts_of(piece)]

    assert sum(part.share for part in cycle.parts_of(span)) == sum(shares)


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [
        (date(2026, 1, 31), date(2026, 2, 27), 0),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 3, 30), 1),
        (date(2026, 1, 31), date(2026, 3, 31), 2),
        (date(2026, 1, 31), date(2026, 1, 31), 0),
        (date(2026, 1, 31), date(2026, 1, 1), 0),
    ],
)
def test_whole_periods_are_counted_from_their_own_start(start: date, end: date, whole: int) -> None:
    """A month is over when the same day, or the end of a shorter month, is reached."""
    assert whole == Cycle(date(2020, 1, 15), 1).whole_periods(start, end)


@given(cycle=CYCLES, span=spans())
def test_whole_periods_are_the_most_that_fit(cycle: Cycle, span: Period) -> None:
    """That many periods end by the last day, and one more would not."""
    counted = Cycle(span.start, cycle.length, cycle.unit)
    whole = cycle.whole_periods(span.start, span.end)

    assert counted.border(whole) <= span.end < counted.border(whole + 1)


@pytest.mark.parametrize(("length", "day"), [(0, 1), (-1, 1), (1, 32), (1, -1)])
def test_a_cycle_without_length_or_with_an_impossible_day_is_refused(length: int, day: int) -> None:
    """A cycle of no months would never end, and no month has a 32nd."""
    with pytest.raises(InvalidPeriod):
        Cycle(date(2026, 1, 1), length, day=day)


def test_a_missing_day_is_the_anchors_own() -> None:
    """Leaving the day out and naming the anchor's day make the same cycle."""
    assert Cycle(date(2026, 1, 31), 1, day=31) == Cycle(date(2026, 1, 31), 1)


@pytest.mark.parametrize("number", [LARGEST_DISTANCE_CYCLES + 1, -LARGEST_DISTANCE_CYCLES - 1])
def test_a_period_too_far_away_is_refused(number: int) -> None:
    """A typing error in a year is an error, not a thousand invoices."""
    with pytest.raises(InvalidPeriod):
        Cycle(date(2026, 1, 1), 1, CycleUnit.DAY).border(number)


def test_the_farthest_period_is_still_a_period() -> None:
    """The limit itself can be reached: 12,000 days after 1 January 2026."""
    assert date(2058, 11, 9) == Cycle(date(2026, 1, 1), 1, CycleUnit.DAY).border(LARGEST_DISTANCE_CYCLES)


@pytest.mark.parametrize("unit", CycleUnit)
@pytest.mark.parametrize("number", [9_999, -9_999])
def test_a_border_beyond_the_calendar_is_refused_by_name(unit: CycleUnit, number: int) -> None:
    """Ten thousand years ahead or back there is no date, and the error is one of the house."""
    with pytest.raises(InvalidPeriod) as caught:
        Cycle(date(2026, 1, 1), 360, unit).border(number)

    assert "beyond the calendar" == caught.value.message
