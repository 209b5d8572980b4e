"""The index moves every amount that a charge states, and nothing else of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.charges import (
    Charge,
    Flat,
    GraduatedPercentage,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Stair,
    Stairstep,
)
from rating.prices import at_prices
from rating.use import Transactions, together

HALF_MORE = Decimal("1.5")


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        (
            Flat(code="c", name="c", clause="c", amount=Decimal(10), quantity=Decimal(2)),
            Flat(code="c", name="c", clause="c", amount=Decimal(15), quantity=Decimal(2)),
        ),
        (
            PerUnit(
                code="c", name="c", clause="c", meter="m", unit_price=Decimal(2), allowance=Decimal(10),
                rollover_limit=Decimal(4), minimum_amount=Decimal(10), maximum_amount=Decimal(20),
            ),
            PerUnit(
                code="c", name="c", clause="c", meter="m", unit_price=Decimal(3), allowance=Decimal(10),
                rollover_limit=Decimal(4), minimum_amount=Decimal(15), maximum_amount=Decimal(30),
            ),
        ),
        (
            Package(code="c", name="c", clause="c", meter="m", size=Decimal(10), amount=Decimal(2)),
            Package(code="c", name="c", clause="c", meter="m", size=Decimal(10), amount=Decimal(3)),
        ),
        (
            Stairstep(code="c", name="c", clause="c", meter="m", stairs=(Stair(amount=Decimal(2)),)),
            Stairstep(code="c", name="c", clause="c", meter="m", stairs=(Stair(amount=Decimal(3)),)),
        ),
        (
            Percentage(
                code="c", name="c", clause="c", meter="m", percent=Decimal(2), fixed_amount=Decimal(2),
                minimum_per_transaction=Decimal(4), maximum_per_transaction=Decimal(6),
            ),
            Percentage(
                code="c", name="c", clause="c", meter="m", percent=Decimal(2), fixed_amount=Decimal(3),
                minimum_per_transaction=Decimal(6), maximum_per_transaction=Decimal(9),
            ),
        ),
        (
            GraduatedPercentage(
                code="c", name="c", clause="c", meter="m",
                percent_tiers=(PercentTier(percent=Decimal(2), flat_amount=Decimal(2)),),
            ),
            GraduatedPercentage(
                code="c", name="c", clause="c", meter="m",
                percent_tiers=(PercentTier(percent=Decimal(2), flat_amount=Decimal(3)),),
            ),
        ),
    ],
    ids=lambda charge: charge.__struct_config__.tag,
)  # fmt: skip
def test_amounts_move_quantities_and_percents_stay(charge: Charge, expected: Charge) -> None:
    """Half more of each price, least and most; the same units and percents."""
    assert expected == at_prices(charge, currency="EUR", factor=HALF_MORE)


def test_what_did_not_move_is_the_charge_itself() -> None:
    """Nothing is made anew where no index moved."""
    charge = PerUnit(code="c", name="c", clause="c", meter="m", unit_price=Decimal(2))

    assert at_prices(charge, currency="EUR", factor=1) is charge


def test_use_of_two_kinds_is_not_counted_together() -> None:
    """A sum and single transactions of one period would be counted twice."""
    with pytest.raises(TypeError, match="not counted together"):
        together(Decimal(1), Transactions((Decimal(1),)))
