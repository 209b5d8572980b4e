"""What charges are made of: when they are billed, tiers, stairs, prices by dimension, and phases.

Each part refuses what would leave a quantity without a price, or with two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

import msgspec

from contracts.clauses import Record

#: Months of a subscription after which a phase may begin: fifty years.
PhaseMonths = Annotated[int, msgspec.Meta(ge=1, le=600)]


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


class AtZero(StrEnum):
    """What is owed where nothing is used: nothing, or the first package or stair."""

    BILL_ZERO = "bill_zero"
    BILL_ONE = "bill_one"


class Unlisted(StrEnum):
    """What use is owed whose dimensions no price of a matrix lists: its default price, or it is refused."""

    DEFAULT_PRICE = "default_price"
    REFUSED = "refused"


class Tier(Record, frozen=True, kw_only=True):
    """A band of quantities that ends with ``up_to`` (inclusive; the last is open) and its prices."""

    up_to: Decimal | None = None
    unit_price: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


class PercentTier(Record, frozen=True, kw_only=True):
    """A band of an amount that ends with ``up_to`` (inclusive; the last is open) and what it costs."""

    up_to: Decimal | None = None
    percent: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


class Stair(Record, frozen=True, kw_only=True):
    """A band of quantities that ends with ``up_to`` (inclusive; the last is open) and the amount for all."""

    up_to: Decimal | None = None
    amount: Decimal


class MatrixPrice(Record, frozen=True, kw_only=True):
    """The price of a unit whose dimensions have these values: a marketing message to Mexico."""

    values: tuple[str, ...]
    unit_price: Decimal


class Phase(Record, frozen=True, kw_only=True):
    """Prices that take the place of a charge's own from a day on, or from some month of the subscription.

    ``after_months`` 12 is the first day of the second year.  What a phase does not state is as it was agreed,
    not as the phase before had it.
    """

    after_months: PhaseMonths | None = None
    from_day: date | None = None
    amount: Decimal | None = None
    unit_price: Decimal | None = None
    default_price: Decimal | None = None
    percent: Decimal | None = None
    fixed_amount: Decimal | None = None
    tiers: tuple[Tier, ...] | None = None
    percent_tiers: tuple[PercentTier, ...] | None = None
    stairs: tuple[Stair, ...] | None = None
    prices: tuple[MatrixPrice, ...] | None = None
    allowance: Decimal | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None

    @property
    def stated(self) -> dict[str, object]:
        """What the phase states, by the names of the charge's fields."""
        named = {name: getattr(self, name) for name in _PHASED_FIELDS}
        return {name: value for name, value in named.items() if value is not None}


_PHASED_FIELDS = tuple(name for name in Phase.__struct_fields__ if name not in {"after_months", "from_day"})


def check_tiers(tiers: tuple[Tier, ...]) -> None:
    """Refuse tiers that do not tile from zero to infinity: each ends above the one before."""
    check_borders([tier.up_to for tier in tiers])
    for tier in tiers:
        not_negative(tier.unit_price, "unit_price")
        not_negative(tier.flat_amount, "flat_amount")


def check_percent_tiers(tiers: tuple[PercentTier, ...]) -> None:
    """Refuse tiers of an amount that do not tile from zero to infinity."""
    check_borders([tier.up_to for tier in tiers], name="percent_tiers")
    for tier in tiers:
        not_negative(tier.percent, "percent")
        not_negative(tier.flat_amount, "flat_amount")


def check_stairs(stairs: tuple[Stair, ...]) -> None:
    """Refuse stairs that do not tile from zero to infinity."""
    check_borders([stair.up_to for stair in stairs], name="stairs", one="stair")
    for stair in stairs:
        not_negative(stair.amount, "amount")


def check_borders(ends: Sequence[Decimal | None], *, name: str = "tiers", one: str = "tier") -> None:
    """Refuse bands of quantities that leave a gap: only the last is open, each ends above the one before."""
    if not ends:
        message = f"{name}: at least one {one} is needed"
        raise ValueError(message)
    if ends[-1] is not None:
        message = f"{name}: the last {one} must be open (no up_to), not end at {ends[-1]}"
        raise ValueError(message)
    borders = [Decimal(0), *(end for end in ends[:-1] if end is not None)]
    for border in borders:
        not_negative(border, "up_to")
    if len(borders) != len(ends) or any(low >= high for low, high in pairwise(borders)):
        message = f"{name}: only the last {one} is open, and each up_to is above the one before"
        raise ValueError(message)


def check_matrix(by: tuple[str, ...], prices: tuple[MatrixPrice, ...]) -> None:
    """Refuse combinations that do not say one value of each dimension, or that stand twice."""
    if not all(by) or not by or len(set(by)) != len(by):
        raise ValueError("by: a matrix names its dimensions, each once")
    combinations = [each.values for each in prices]
    if not combinations:
        raise ValueError("prices: at least one combination is needed; one price for all is per_unit")
    if not all(len(values) == len(by) and all(values) for values in combinations):
        message = f"prices: each combination has a value of {', '.join(by)}"
        raise ValueError(message)
    if len(set(combinations)) != len(combinations):
        raise ValueError("prices: a combination stands twice")
    for each in prices:
        not_negative(each.unit_price, "unit_price")


def check_phases(phases: tuple[Phase, ...], fields: Sequence[str]) -> None:
    """Refuse phases without a beginning, with two, out of order, or that state what the charge has not."""
    for phase in phases:
        if (phase.after_months is None) == (phase.from_day is None):
            raise ValueError("phases: a phase begins after_months or on from_day, one of them")
        strange = sorted(set(phase.stated) - set(fields))
        if strange or not phase.stated:
            message = f"phases: a phase states what the charge has, not {', '.join(strange) or 'nothing'}"
            raise ValueError(message)
    months = [phase.after_months for phase in phases if phase.after_months is not None]
    days = [phase.from_day for phase in phases if phase.from_day is not None]
    if (months and days) or months != sorted(set(months)) or days != sorted(set(days)):
        raise ValueError("phases: they begin one after the other, all by months or all by days")


def not_negative(number: Decimal | None, name: str) -> None:
    """Refuse what is no number, or negative; nothing stated is fine."""
    if number is not None and (not number.is_finite() or number < 0):
        message = f"{name}: must be a number and not negative, is {number}"
        raise ValueError(message)
