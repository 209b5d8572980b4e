"""A quantity without end, the mean of a level, by every price that looks at quantities."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from contracts.charges import (
    Graduated,
    GraduatedPercentage,
    Package,
    PercentTier,
    PerUnit,
    Stair,
    Stairstep,
    Tier,
    UsageCharge,
    Volume,
)
from rating.charges import rate_usage

#: 10 seats for 15 days of a month, 12 for 16.
SEATS = Fraction(342, 31)

TIERS = (Tier(up_to=Decimal(11), unit_price=Decimal(10)), Tier(unit_price=Decimal(31)))

FACTS: dict[str, Any] = {"code": "seats", "name": "Seats", "clause": "T-1", "meter": "seats"}


@pytest.mark.parametrize(
    ("charge", "owed"),
    [
        (PerUnit(**FACTS, unit_price=Decimal(31)), "342.00"),
        (PerUnit(**FACTS, unit_price=Decimal(31), allowance=Decimal(11)), "1.00"),
        (Graduated(**FACTS, tiers=TIERS), "111.00"),
        (Volume(**FACTS, tiers=TIERS), "342.00"),
        (Package(**FACTS, size=Decimal(11), amount=Decimal(5)), "10.00"),
        (
            Stairstep(
                **FACTS, stairs=(Stair(up_to=Decimal(11), amount=Decimal(1)), Stair(amount=Decimal(2)))
            ),
            "2.00",
        ),
        (GraduatedPercentage(**FACTS, percent_tiers=(PercentTier(percent=Decimal(3100)),)), "342.00"),
    ],
    ids=["unit", "allowance", "graduated", "volume", "package", "stairs", "percent"],
)
def test_the_mean_is_priced_as_the_fraction_that_it_is(charge: UsageCharge, owed: str) -> None:
    """342/31 seats, a little more than 11: by the unit at 31.00 exactly 342.00."""
    rated = rate_usage(charge, SEATS, currency="MXN")

    assert Decimal(owed) == rated.amount.amount
    assert Decimal("11.032258064516") == rated.quantity
