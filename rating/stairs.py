"""Stairs: one amount for all units, by the stair that the whole quantity reaches.

A border belongs to the stair that it ends: 10 units of a stair up to 10 cost its amount, 10.5 the next one's.
"""

from __future__ import annotations

from decimal import Decimal

from contracts.charges import AtZero, Stairstep
from kernel.money import Exact
from rating.priced import Priced, beyond
from rating.tiers import band_of
from rating.working import step


def stairstep(charge: Stairstep, quantity: Exact, *, currency: str, before: Decimal | None = None) -> Priced:
    """Price a quantity by its stair, after ``before`` units that were rated already.

    Up to 10 units at 100 and beyond at 150, after 8 units 4 more cost what the second stair adds: 50.

    >>> from contracts.charges import Stair
    >>> stairs = (Stair(up_to=Decimal(10), amount=Decimal(100)), Stair(amount=Decimal(150)))
    >>> charge = Stairstep(code="c", name="", clause="", meter="contacts", stairs=stairs)
    >>> stairstep(charge, Decimal(4), currency="MXN", before=Decimal(8)).amount
    Decimal('50')
    """
    return beyond(lambda whole: _reached(charge, whole, currency), quantity, before=before, currency=currency)


def _reached(charge: Stairstep, quantity: Exact, currency: str) -> Priced:
    if not quantity and charge.at_zero is AtZero.BILL_ZERO:
        return Priced(Decimal(0), ())
    low, stair = band_of(charge.stairs, quantity)
    if stair.up_to is None:
        found = step("last_stair", stair.amount, above=low, currency=currency)
    else:
        found = step("stair", stair.amount, up_to=stair.up_to, currency=currency)
    return Priced(stair.amount, (found,))
