"""What the segments of a charge owe after the discounts of their days.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from contracts.charges import Charge, Flat, OneOff, Proration
from contracts.meters import adds_up
from contracts.subscriptions import Contract
from invoicing.stopped import share_left, split
from kernel.periods import Period
from rating.charges import Rated
from rating.discounts import Discountable, discounted


def less_discounts(
    contract: Contract, charge: Charge, owed: Sequence[tuple[Period, Rated]], *, after_end: bool = False
) -> tuple[Rated, ...]:
    """Return what the segments of one part of a charge owe after discounts, in their order."""
    return discounted(
        [
            Discountable(
                rated,
                contract.discounts_of(charge, segment.start),
                _share(contract, charge, segment, after_end=after_end),
            )
            for segment, rated in owed
        ]
    )


def _share(contract: Contract, charge: Charge, segment: Period, *, after_end: bool) -> Fraction | None:
    """Return the share of an amount that days are given: fees and seats by days, other use the whole."""
    match charge:
        case OneOff() | Flat(proration=Proration.NONE):
            return Fraction(1)
        case Flat():
            pass
        case _:
            if adds_up(contract.terms.meters[charge.meter].rule):
                return None
    days = split(contract, charge, segment, after_end=after_end)
    return share_left(contract, charge, segment, days.stopped).exact
