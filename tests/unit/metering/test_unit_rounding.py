"""Rounding to units: the exact multiple, one above it, one below it, and the laws that hold for all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.meters import MaximumMeter, RoundEach, SeatMeter, SumMeter, UnitRounding
from metering.unit_rounding import rounded, rounded_event, rounded_period

NONE, UP, DOWN, HALF_UP = UnitRounding
MINUTE = Decimal(60)


@pytest.mark.parametrize(
    ("seconds", "up", "down", "half_up"),
    [
        ("0", 0, 0, 0),
        ("0.001", 60, 0, 0),
        ("29.999", 60, 0, 0),
        ("30", 60, 0, 60),
        ("60", 60, 60, 60),
        ("60.5", 120, 60, 60),
        ("89.999999999999", 120, 60, 60),
        ("90", 120, 60, 120),
        ("120", 120, 120, 120),
    ],
)
def test_seconds_to_whole_minutes(seconds: str, up: int, down: int, half_up: int) -> None:
    """An exact multiple stays, and half a minute goes up where halves do."""
    found = [rounded(Decimal(seconds), rounding=way, unit_size=MINUTE) for way in (UP, DOWN, HALF_UP)]

    assert [Decimal(up), Decimal(down), Decimal(half_up)] == found


def test_without_rounding_nothing_is_lost() -> None:
    """A decimal stays as it is; a third has the decimals that a quantity may have."""
    found = [rounded(each, rounding=NONE, unit_size=MINUTE) for each in (Decimal("61.25"), Fraction(1, 3))]

    assert [Decimal("61.25"), Decimal("0.333333333333")] == found


def test_each_event_or_each_period() -> None:
    """Two calls of 61 seconds are 4 minutes where each is rounded, and 3 where their sum is."""
    of_events, of_periods = (
        SumMeter(clause="T-1", unit="second", rounding=UP, unit_size=MINUTE, round_each=each)
        for each in (RoundEach.EVENT, RoundEach.PERIOD)
    )
    call = Decimal(61)

    assert Decimal(240) == rounded_period(of_events, 2 * rounded_event(of_events, call))
    assert Decimal(180) == rounded_period(of_periods, 2 * rounded_event(of_periods, call))


def test_meters_that_do_not_round() -> None:
    """Seats are what they are; a greatest number is rounded once, for its period."""
    calls = MaximumMeter(clause="T-1", unit="call", rounding=UP, unit_size=Decimal(10))

    assert Decimal(7) == rounded_period(SeatMeter(clause="T-1"), Decimal(7))
    assert (Decimal(7), Decimal(10)) == (rounded_event(calls, Decimal(7)), rounded_period(calls, Decimal(7)))


@pytest.mark.parametrize("size", ["0", "-1"])
def test_a_unit_has_a_size(size: str) -> None:
    """Nothing is a multiple of nothing."""
    with pytest.raises(ValueError, match="unit_size must be above 0"):
        SumMeter(clause="T-1", unit="second", unit_size=Decimal(size))


QUANTITIES = st.decimals(0, 10**9, places=6)
SIZES = st.decimals("0.01", 10**4, places=2)


@given(QUANTITIES, SIZES)
def test_rounding_goes_to_a_neighbour(quantity: Decimal, size: Decimal) -> None:
    """Up and down are the multiples around a quantity, half up is the nearer one, and a multiple stays."""
    up, down, near = (rounded(quantity, rounding=way, unit_size=size) for way in (UP, DOWN, HALF_UP))

    assert [0, 0, 0] == [Fraction(each) % Fraction(size) for each in (up, down, near)]
    assert down <= quantity <= up
    assert up - down in (Decimal(0), size)
    assert near == (up if 2 * (quantity - down) >= size else down)
    assert [up] * 3 == [rounded(up, rounding=way, unit_size=size) for way in (UP, DOWN, HALF_UP)]
