"""Rounding of quantities to whole multiples of a unit: 61 seconds up to minutes are 120."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from contracts.meters import Meter, RoundEach, RoundedMeter, SumMeter, UnitRounding
from kernel.money import Exact, Rounding, round_exact

#: Decimals of a quantity that comes of a division: a level that held for a third of a day.
QUANTITY_PLACES: Final = 12

_MONEY_WAYS: Final = {
    UnitRounding.UP: Rounding.UP,
    UnitRounding.DOWN: Rounding.DOWN,
    UnitRounding.HALF_UP: Rounding.HALF_UP,
}


def rounded(quantity: Exact, *, rounding: UnitRounding, unit_size: Decimal) -> Decimal:
    """Return a quantity as a multiple of ``unit_size``; unrounded, as it is, to 12 decimals at most."""
    if rounding is UnitRounding.NONE:
        return quantity if isinstance(quantity, Decimal) else round_exact(quantity, QUANTITY_PLACES)
    return round_exact(Fraction(quantity) / Fraction(unit_size), 0, _MONEY_WAYS[rounding]) * unit_size


def rounded_event(meter: Meter, quantity: Decimal) -> Decimal:
    """Return what an event adds, rounded where its meter rounds each event."""
    if isinstance(meter, SumMeter) and meter.round_each is RoundEach.EVENT:
        return rounded(quantity, rounding=meter.rounding, unit_size=meter.unit_size)
    return quantity


def rounded_period(meter: Meter, quantity: Exact) -> Decimal:
    """Return what a period comes to, rounded as its meter says; sums of rounded events are left alone."""
    each_event = isinstance(meter, SumMeter) and meter.round_each is RoundEach.EVENT
    if isinstance(meter, RoundedMeter) and not each_event:
        return rounded(quantity, rounding=meter.rounding, unit_size=meter.unit_size)
    return rounded(quantity, rounding=UnitRounding.NONE, unit_size=Decimal(1))
