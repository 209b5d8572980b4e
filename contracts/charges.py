"""What a plan charges for: a closed union, matched in ``rating/charges.py`` with ``assert_never``.

Amounts are decimals in the plan's currency.  Prices may be indexed; quantities never are.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from contracts.clauses import Record


class Timing(StrEnum):
    """Whether a charge is billed on the first day of its period or on the day after its last."""

    IN_ADVANCE = "in_advance"
    IN_ARREARS = "in_arrears"


class Proration(StrEnum):
    """Whether a part of a period owes its share of the days, of the seconds, or the whole amount.

    Seconds are those between local midnights: a month in which clocks change has an hour more or less.
    """

    DAY = "day"
    SECOND = "second"
    NONE = "none"


class Tier(Record, frozen=True, kw_only=True):
    """A band of quantities that ends with ``up_to`` (inclusive; the last is open) and its prices."""

    up_to: Decimal | None = None
    unit_price: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


class ChargeTerms(Record, frozen=True, kw_only=True, tag_field="kind"):
    """What all charges have: a code, a name for the invoice, the clause, and the part of the service paid.

    ``part`` ties a charge to what a partial suspension stops; ``indexed`` lets the yearly index move it.
    """

    code: str
    name: str
    clause: str
    part: str = ""
    indexed: bool = True


class Flat(ChargeTerms, frozen=True, kw_only=True, tag="flat"):
    """A fee for each period, whatever the use."""

    amount: Decimal
    quantity: Decimal = Decimal(1)
    timing: Timing = Timing.IN_ADVANCE
    proration: Proration = Proration.DAY

    def __post_init__(self) -> None:
        """Refuse a negative fee: a reduction is a credit, not a charge."""
        _not_negative(self.amount, "amount")
        _not_negative(self.quantity, "quantity")


class OneOff(ChargeTerms, frozen=True, kw_only=True, tag="one_off"):
    """A fee once, in the first period of the subscription (Annex IX 4.2(i): activation)."""

    amount: Decimal
    indexed: bool = False

    def __post_init__(self) -> None:
        """Refuse a negative fee."""
        _not_negative(self.amount, "amount")


class UsageTerms(ChargeTerms, frozen=True, kw_only=True):
    """What all usage charges have: the meter, a dimension of it, and the units included in the plan.

    Use is billed in arrears, on the first invoice after its period (Annex X 7: the month after).
    """

    meter: str
    dimension: str = ""
    allowance: Decimal = Decimal(0)


class PerUnit(UsageTerms, frozen=True, kw_only=True, tag="per_unit"):
    """One price for each unit beyond the allowance."""

    unit_price: Decimal

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        _not_negative(self.unit_price, "unit_price")
        _not_negative(self.allowance, "allowance")


class Graduated(UsageTerms, frozen=True, kw_only=True, tag="graduated"):
    """Each unit costs the price of the tier that it falls in."""

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        """Refuse tiers that leave a quantity without a price."""
        check_tiers(self.tiers)
        _not_negative(self.allowance, "allowance")


class Volume(UsageTerms, frozen=True, kw_only=True, tag="volume"):
    """All units cost the price of the tier that the whole quantity falls in."""

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        """Refuse tiers that leave a quantity without a price."""
        check_tiers(self.tiers)
        _not_negative(self.allowance, "allowance")


class Package(UsageTerms, frozen=True, kw_only=True, tag="package"):
    """Whole packages of units beyond the allowance, each started one in full."""

    size: Decimal
    amount: Decimal

    def __post_init__(self) -> None:
        """Refuse a package without content or with a negative price."""
        _not_negative(self.amount, "amount")
        _not_negative(self.allowance, "allowance")
        _not_negative(self.size, "size")
        if self.size == 0:
            message = f"size: a package holds something, not {self.size}"
            raise ValueError(message)


FixedCharge = Flat | OneOff
UsageCharge = PerUnit | Graduated | Volume | Package
Charge = Flat | OneOff | PerUnit | Graduated | Volume | Package


def check_tiers(tiers: tuple[Tier, ...]) -> None:
    """Refuse tiers that do not tile from zero to infinity: each ends above the one before."""
    if not tiers:
        message = "tiers: at least one tier is needed"
        raise ValueError(message)
    if tiers[-1].up_to is not None:
        message = f"tiers: the last tier must be open (no up_to), not end at {tiers[-1].up_to}"
        raise ValueError(message)
    borders = [Decimal(0), *(tier.up_to for tier in tiers[:-1] if tier.up_to is not None)]
    for border in borders:
        _not_negative(border, "up_to")
    if len(borders) != len(tiers) or any(low >= high for low, high in pairwise(borders)):
        message = "tiers: only the last tier is open, and each up_to is above the one before"
        raise ValueError(message)
    for tier in tiers:
        _not_negative(tier.unit_price, "unit_price")
        _not_negative(tier.flat_amount, "flat_amount")


def _not_negative(number: Decimal, name: str) -> None:
    if not number.is_finite() or number < 0:
        message = f"{name}: must be a number and not negative, is {number}"
        raise ValueError(message)
