"""The cycles of a plan: how long, from where, and use on another than fees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.charges import Flat, Timing
from contracts.plans import Alignment, CycleLength
from kernel.periods import Period
from tests.parts import PLAN

#: A Wednesday inside a week, a month, a quarter, a half-year and a year.
START = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("length", "first", "end"),
    [
        (CycleLength.WEEKLY, date(2026, 5, 18), date(2026, 5, 25)),
        (CycleLength.MONTHLY, date(2026, 5, 1), date(2026, 6, 1)),
        (CycleLength.QUARTERLY, date(2026, 4, 1), date(2026, 7, 1)),
        (CycleLength.SEMI_ANNUAL, date(2026, 1, 1), date(2026, 7, 1)),
        (CycleLength.ANNUAL, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_calendar_periods_begin_with_the_calendars(length: CycleLength, first: date, end: date) -> None:
    """Weeks on Monday, months on the 1st, quarters, half-years and years with January."""
    plan = replace(PLAN, cycle=length, aligned=Alignment.CALENDAR)

    assert Period(first, end) == plan.fee_cycle(START).period_of(START)


@pytest.mark.parametrize("length", CycleLength)
def test_anniversary_periods_begin_on_the_day_of_the_start(length: CycleLength) -> None:
    """Whatever their length."""
    assert START == replace(PLAN, cycle=length).fee_cycle(START).period_of(START).start


def test_a_billing_day_moves_the_calendars_borders() -> None:
    """Quarters of the calendar on the 15th: 15 April to 14 July holds 20 May; weeks know no such day."""
    quarters = replace(PLAN, cycle=CycleLength.QUARTERLY, aligned=Alignment.CALENDAR)
    weeks = replace(quarters, cycle=CycleLength.WEEKLY)

    assert Period(date(2026, 4, 15), date(2026, 7, 15)) == quarters.fee_cycle(START, 15).period_of(START)
    assert date(2026, 5, 18) == weeks.fee_cycle(START, 15).period_of(START).start


def test_use_may_have_a_cycle_of_its_own() -> None:
    """A fee for a year from 20 May, its use each month; without a word use goes with the fee."""
    plan = replace(PLAN, cycle=CycleLength.ANNUAL, usage_cycle=CycleLength.MONTHLY)

    assert Period(START, date(2027, 5, 20)) == plan.fee_cycle(START).period_of(START)
    assert Period(START, date(2026, 6, 20)) == plan.use_cycle(START).period_of(START)
    assert PLAN.fee_cycle(START) == PLAN.use_cycle(START)


def test_a_fee_in_arrears_takes_no_second_cycle() -> None:
    """It is billed with the use, and would not know for how long."""
    fee = Flat(code="f", name="f", clause="T-1", amount=Decimal(1), timing=Timing.IN_ARREARS)

    with pytest.raises(ValueError, match="one cycle for all, and f is one"):
        replace(PLAN, charge=(fee,), usage_cycle=CycleLength.WEEKLY)
