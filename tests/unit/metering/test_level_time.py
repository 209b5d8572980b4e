"""Level times time: exact by the day and the hour, across days without an event and changes of the clock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.meters import TimeUnit
from kernel.periods import Period
from kernel.zones import start_of_day
from metering.level_time import level_at_end, level_time
from metering.seats import TOTAL, LevelChange, day_levels

SAO_PAULO, TIJUANA = "America/Sao_Paulo", "America/Tijuana"
APRIL = Period(date(2026, 4, 1), date(2026, 5, 1))
DAY, HOUR = TimeUnit.DAY, TimeUnit.HOUR


def change(day: int, level: int | str, *, zone: str = SAO_PAULO, month: int = 4, **after: int) -> LevelChange:
    """Return a level from a day of 2026 on, or from some time after its beginning."""
    local = date(2026, month, day)
    instant = start_of_day(local, zone) + timedelta(**after)
    return LevelChange(instant, instant.isoformat(), TOTAL, Decimal(level), local)


def weighed(
    *changes: LevelChange,
    carried: int = 0,
    period: Period = APRIL,
    per: TimeUnit = DAY,
    zone: str = SAO_PAULO,
) -> Fraction:
    """Return level times time of changes that all lie in the period."""
    days = day_levels({TOTAL: Decimal(carried)}, changes, zone=zone)
    return level_time(Decimal(carried), days, period, per=per, zone=zone)


def test_megabytes_by_the_day() -> None:
    """100 MB from 1 April, nothing from noon of the 11th: 1,050 MB-days."""
    held = (change(1, 100), change(11, 0, hours=12))

    assert [1_050, 25_200] == [weighed(*held), weighed(*held, per=HOUR)]


def test_a_level_without_an_event_holds_for_the_whole_period() -> None:
    """What stood before the period stands in it: 30 days of April, 31 of May."""
    may = Period(date(2026, 5, 1), date(2026, 6, 1))

    assert [210, 217] == [weighed(carried=7), weighed(carried=7, period=may)]


def test_a_third_of_a_day_is_exact() -> None:
    """One from 16:00 of the last day on is a third of a day, not 0.3333."""
    assert Fraction(1, 3) == weighed(change(30, 1, hours=16))


def test_the_smallest_time() -> None:
    """A microsecond is a day's 86,400,000,000th part."""
    held = (change(2, 1), change(2, 0, microseconds=1))

    assert Fraction(1, 86_400_000_000) == weighed(*held)


def test_a_day_is_a_day_when_the_clock_changes() -> None:
    """Tijuana's 8 March 2026 has 23 hours: one day, 23 hours; half of them are half a day."""
    day = Period(date(2026, 3, 8), date(2026, 3, 9))
    half = change(8, 0, zone=TIJUANA, month=3, hours=11, minutes=30)

    assert [1, 23] == [weighed(carried=1, period=day, per=per, zone=TIJUANA) for per in (DAY, HOUR)]
    assert [Fraction(1, 2), Fraction(23, 2)] == [
        weighed(half, carried=1, period=day, per=per, zone=TIJUANA) for per in (DAY, HOUR)
    ]


def test_a_level_with_all_its_decimals_loses_none() -> None:
    """15 digits before the point and 12 after it, for a microsecond."""
    level = "999999999999999.999999999999"
    held = (change(2, level), change(2, 0, microseconds=1))

    assert Fraction(Decimal(level)) / 3_600_000_000 == weighed(*held, per=HOUR)


@pytest.mark.parametrize(("days", "expected"), [((), 3), ((11,), 11), ((25, 11), 25)])
def test_the_level_at_the_end(days: tuple[int, ...], expected: int) -> None:
    """The last one of the period, in whatever order the days come, or what was carried into it."""
    changes = [change(day, day) for day in days]

    assert Decimal(expected) == level_at_end(Decimal(3), day_levels({}, changes, zone=SAO_PAULO))


MINUTES = st.lists(
    st.tuples(st.integers(0, 30 * 24 * 60 - 1), st.integers(0, 9)),
    max_size=20,
    unique_by=lambda each: each[0],
)


@given(MINUTES, st.integers(0, 9), st.randoms(use_true_random=False), st.integers(1, 29))
def test_level_time_is_that_of_every_minute(
    changes: list[tuple[int, int]], carried: int, order: Random, cut: int
) -> None:
    """Events in any order weigh what a walk minute by minute does, and two parts of a period the whole."""
    shuffled = [
        change(minute // (24 * 60) + 1, level, minutes=minute % (24 * 60)) for minute, level in changes
    ]
    order.shuffle(shuffled)
    level, total, at = carried, 0, dict(changes)
    for minute in range(30 * 24 * 60):
        level = at.get(minute, level)
        total += level

    assert Fraction(total, 24 * 60) == weighed(*shuffled, carried=carried)
    days = day_levels({TOTAL: Decimal(carried)}, shuffled, zone=SAO_PAULO)
    border = date(2026, 4, 1) + timedelta(days=cut)
    before = [each for each in days if each.day < border]
    entered = level_at_end(Decimal(carried), before)
    parts = (
        level_time(Decimal(carried), before, Period(APRIL.start, border), per=DAY, zone=SAO_PAULO),
        level_time(
            entered,
            [each for each in days if each.day >= border],
            Period(border, APRIL.end),
            per=DAY,
            zone=SAO_PAULO,
        ),
    )
    assert Fraction(total, 24 * 60) == sum(parts)
