"""What a plan charges for: a closed union, matched in ``rating/charges.py`` with ``assert_never``.

Amounts are decimals in the plan's currency.  Prices may be indexed; quantities and percents never are.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

import msgspec

from contracts.charge_parts import (
    AtZero,
    MatrixPrice,
    PercentTier,
    Phase,
    Proration,
    Stair,
    Tier,
    Timing,
    Unlisted,
    check_matrix,
    check_percent_tiers,
    check_phases,
    check_stairs,
    check_tiers,
    not_negative,
)
from contracts.clauses import Record

__all__ = [
    "AtZero",
    "Charge",
    "ChargeTerms",
    "FixedCharge",
    "Flat",
    "Graduated",
    "GraduatedPercentage",
    "Matrix",
    "MatrixPrice",
    "OneOff",
    "Package",
    "PerUnit",
    "PercentTier",
    "Percentage",
    "Phase",
    "Proration",
    "Stair",
    "Stairstep",
    "Tier",
    "Timing",
    "Unlisted",
    "UsageCharge",
    "UsageTerms",
    "Volume",
    "check_tiers",
]

#: Transactions of a period that may be free.
FreeTransactions = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class ChargeTerms(Record, frozen=True, kw_only=True, tag_field="kind"):
    """What all charges have: a code, a name for the invoice, the clause, and the part of the service paid.

    ``part`` ties a charge to what a partial suspension stops; ``indexed`` lets the yearly index move it.
    ``phases`` are prices that take the place of its own later: a ramp.
    """

    code: str
    name: str
    clause: str
    part: str = ""
    indexed: bool = True
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        """Refuse phases that do not follow each other, or whose prices the charge could not have."""
        check_phases(self.phases, self.__struct_fields__)
        for phase in self.phases:
            self.in_phase(phase)

    def in_phase(self, phase: Phase) -> Self:
        """Return the charge at the prices of one of its phases."""
        return msgspec.structs.replace(self, phases=(), **phase.stated)


class Flat(ChargeTerms, frozen=True, kw_only=True, tag="flat"):
    """A fee for each period, whatever the use."""

    amount: Decimal
    quantity: Decimal = Decimal(1)
    timing: Timing = Timing.IN_ADVANCE
    proration: Proration = Proration.DAY

    def __post_init__(self) -> None:
        """Refuse a negative fee: a reduction is a credit, not a charge."""
        super().__post_init__()
        not_negative(self.amount, "amount")
        not_negative(self.quantity, "quantity")


class OneOff(ChargeTerms, frozen=True, kw_only=True, tag="one_off"):
    """A fee once, in the first period of the subscription (Annex IX 4.2(i): activation)."""

    amount: Decimal
    indexed: bool = False

    def __post_init__(self) -> None:
        """Refuse a negative fee, and phases of what is owed on the first day alone."""
        super().__post_init__()
        not_negative(self.amount, "amount")
        if self.phases:
            raise ValueError("phases: a fee once has one price")


class UsageTerms(ChargeTerms, frozen=True, kw_only=True):
    """What all usage charges have: the meter, a dimension of it, what is included, and its bounds.

    Use is billed in arrears, on the first invoice after its period (Annex X 7: the month after).
    Charges that name one ``pool`` put their ``allowance`` together and draw from it in the plan's order.
    Up to ``rollover_limit`` units of an allowance that were not used may be used in the next period.
    A whole period owes at least ``minimum_amount`` and at most ``maximum_amount``, a part its share of them.
    """

    meter: str
    dimension: str = ""
    allowance: Decimal = Decimal(0)
    pool: str = ""
    rollover_limit: Decimal | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a negative allowance or bound, a minimum above the maximum, a pool that rolls over."""
        super().__post_init__()
        for name in ("allowance", "rollover_limit", "minimum_amount", "maximum_amount"):
            not_negative(getattr(self, name), name)
        _check_bounds(self.minimum_amount, self.maximum_amount, "minimum_amount")
        if self.pool and self.rollover_limit is not None:
            raise ValueError("rollover_limit: an allowance that is pooled does not roll over")

    @property
    def bounded(self) -> bool:
        """Whether a period owes a least or a most amount."""
        return self.minimum_amount is not None or self.maximum_amount is not None


class PerUnit(UsageTerms, frozen=True, kw_only=True, tag="per_unit"):
    """One price for each unit beyond the allowance."""

    unit_price: Decimal

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        super().__post_init__()
        not_negative(self.unit_price, "unit_price")


class Graduated(UsageTerms, frozen=True, kw_only=True, tag="graduated"):
    """Each unit costs the price of the tier that it falls in."""

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        """Refuse tiers that leave a quantity without a price."""
        super().__post_init__()
        check_tiers(self.tiers)


class Volume(UsageTerms, frozen=True, kw_only=True, tag="volume"):
    """All units cost the price of the tier that the whole quantity falls in."""

    tiers: tuple[Tier, ...]

    def __post_init__(self) -> None:
        """Refuse tiers that leave a quantity without a price."""
        super().__post_init__()
        check_tiers(self.tiers)


class Stairstep(UsageTerms, frozen=True, kw_only=True, tag="stairstep"):
    """One amount for all units, by the stair that the whole quantity reaches.

    ``at_zero`` says whether a period without a billable unit owes nothing or the first stair.
    """

    stairs: tuple[Stair, ...]
    at_zero: AtZero = AtZero.BILL_ONE

    def __post_init__(self) -> None:
        """Refuse stairs that leave a quantity without a price."""
        super().__post_init__()
        check_stairs(self.stairs)


class Package(UsageTerms, frozen=True, kw_only=True, tag="package"):
    """Whole packages of units beyond the allowance, each started one in full.

    ``at_zero`` says whether a period without a billable unit owes none or one.
    """

    size: Decimal
    amount: Decimal
    at_zero: AtZero = AtZero.BILL_ZERO

    def __post_init__(self) -> None:
        """Refuse a package without content or with a negative price."""
        super().__post_init__()
        not_negative(self.amount, "amount")
        not_negative(self.size, "size")
        if self.size == 0:
            message = f"size: a package holds something, not {self.size}"
            raise ValueError(message)


class Percentage(UsageTerms, frozen=True, kw_only=True, tag="percentage"):
    """A percent of an amount that the meter adds up, and a fixed amount for each transaction of it.

    A transaction is an event of the meter.  It is free while neither the ``free_transactions`` of the period
    nor its ``allowance``, here an amount, are used up, as far as they are stated.  What is charged for one
    is at least ``minimum_per_transaction`` and at most ``maximum_per_transaction``.
    """

    percent: Decimal
    fixed_amount: Decimal = Decimal(0)
    free_transactions: FreeTransactions | None = None
    minimum_per_transaction: Decimal | None = None
    maximum_per_transaction: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse what is negative, a least above its most, and a free amount of others' units."""
        super().__post_init__()
        for name in ("percent", "fixed_amount", "minimum_per_transaction", "maximum_per_transaction"):
            not_negative(getattr(self, name), name)
        _check_bounds(self.minimum_per_transaction, self.maximum_per_transaction, "minimum_per_transaction")
        if self.by_transaction and (self.pool or self.rollover_limit is not None):
            raise ValueError("pool: what is free by transactions is neither pooled nor rolled over")

    @property
    def by_transaction(self) -> bool:
        """Whether the price depends on single transactions, and not on their sum alone."""
        return bool(
            self.fixed_amount
            or self.free_transactions is not None
            or self.minimum_per_transaction
            or self.maximum_per_transaction is not None
        )


class GraduatedPercentage(UsageTerms, frozen=True, kw_only=True, tag="graduated_percentage"):
    """Each part of an amount costs the percent of the tier that it falls in."""

    percent_tiers: tuple[PercentTier, ...]

    def __post_init__(self) -> None:
        """Refuse tiers that leave an amount without a percent."""
        super().__post_init__()
        check_percent_tiers(self.percent_tiers)


class Matrix(UsageTerms, frozen=True, kw_only=True, tag="matrix"):
    """A price for each combination of values of the events' dimensions that ``by`` names.

    ``unlisted`` says what a combination without a price owes: ``default_price``, or it is refused.
    """

    by: tuple[str, ...]
    prices: tuple[MatrixPrice, ...]
    unlisted: Unlisted
    default_price: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that leave a unit with two prices, and free units of no combination."""
        super().__post_init__()
        check_matrix(self.by, self.prices)
        not_negative(self.default_price, "default_price")
        if (self.unlisted is Unlisted.DEFAULT_PRICE) != (self.default_price is not None):
            raise ValueError("unlisted: a default price is stated where it is meant, and nowhere else")
        if self.dimension or self.allowance or self.pool or self.rollover_limit is not None:
            raise ValueError("by: a matrix prices every unit of its meter; what is free has a price of 0")


FixedCharge = Flat | OneOff
UsageCharge = PerUnit | Graduated | Volume | Stairstep | Package | Percentage | GraduatedPercentage | Matrix
Charge = FixedCharge | UsageCharge


def _check_bounds(least: Decimal | None, most: Decimal | None, name: str) -> None:
    if least is not None and most is not None and least > most:
        message = f"{name}: is {least}, more than the most of {most}"
        raise ValueError(message)
