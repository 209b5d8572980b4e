"""Ramps: from its day on a phase has its own prices, and what it does not state is as agreed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.charges import Flat, PerUnit, Phase
from rating.ramps import charge_on, phase_working, ramp_days
from rating.working import lines_of

STARTS = date(2026, 1, 31)
FEE = Flat(
    code="fee",
    name="Fee",
    clause="c",
    amount=Decimal(100),
    phases=(
        Phase(after_months=1, amount=Decimal(120)),
        Phase(after_months=12, amount=Decimal(150)),
    ),
)
SMS = PerUnit(
    code="sms",
    name="SMS",
    clause="c",
    meter="sms",
    unit_price=Decimal("0.50"),
    allowance=Decimal(100),
    phases=(
        Phase(from_day=date(2026, 4, 10), unit_price=Decimal("0.40")),
        Phase(from_day=date(2026, 7, 1), allowance=Decimal(200)),
    ),
)


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        (date(2026, 1, 31), 100),
        (date(2026, 2, 27), 100),
        (date(2026, 2, 28), 120),  # a month after the 31st
        (date(2027, 1, 30), 120),
        (date(2027, 1, 31), 150),
        (date(2040, 1, 1), 150),
    ],
)
def test_phases_count_months_from_the_first_day(day: date, amount: int) -> None:
    """The first day of a phase has its price, the day before the one before."""
    assert amount == charge_on(FEE, day, starts_on=STARTS).amount


def test_what_a_phase_does_not_state_is_as_agreed() -> None:
    """From July 200 are included, and a unit costs again what the plan says."""
    april, july = (charge_on(SMS, date(2026, month, 15), starts_on=STARTS) for month in (4, 7))

    assert (Decimal("0.40"), Decimal(100)) == (april.unit_price, april.allowance)
    assert (Decimal("0.50"), Decimal(200)) == (july.unit_price, july.allowance)


def test_the_days_on_which_phases_begin() -> None:
    """There a period of use is cut, and the line says since when its prices hold."""
    assert (date(2026, 4, 10), date(2026, 7, 1)) == ramp_days(SMS, starts_on=STARTS)
    assert () == phase_working(SMS, date(2026, 4, 9), starts_on=STARTS)
    assert ("prices agreed from 2026-04-10 on",) == lines_of(
        phase_working(SMS, date(2026, 6, 30), starts_on=STARTS)
    )
