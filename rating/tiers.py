"""Graduated and volume tiers, exactly.

A border belongs to the tier that it ends: the 100th unit of a tier up to 100 costs that tier's price, and
100.5 units put half a unit into the next.  A flat amount is owed once the tier is entered; the first tier
is entered by being subscribed, so that no use at all owes its flat amount.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from contracts.charges import Tier
from kernel.money import Exact
from rating.working import Step, Working, step


@dataclass(frozen=True, slots=True)
class Priced:
    """An exact amount, not yet money, and the steps that led to it."""

    amount: Fraction
    working: Working


def graduated(
    tiers: tuple[Tier, ...], quantity: Fraction, *, currency: str, before: Fraction | None = None
) -> Priced:
    """Price each unit in the tier that it falls in, after ``before`` units that were rated already.

    The result is the price of ``before + quantity`` less the price of ``before``, so runs add up.
    ``before`` None says that nothing was rated, 0 that no use was: its flat amount was owed then.

    >>> from decimal import Decimal
    >>> tiers = (Tier(up_to=Decimal(100), unit_price=Decimal(1)), Tier(unit_price=Decimal("0.5")))
    >>> graduated(tiers, Fraction(250), currency="MXN").amount
    Fraction(175, 1)
    >>> graduated(tiers, Fraction(200), currency="MXN", before=Fraction(50)).amount
    Fraction(125, 1)
    """
    start = before or Fraction()
    end = start + quantity
    amount, steps = Fraction(), []
    for low, first, tier in _bands(tiers, end):
        inside = (end if tier.up_to is None else min(end, Fraction(tier.up_to))) - max(start, low)
        if inside > 0:
            price = inside * Fraction(tier.unit_price)
            amount += price
            steps.append(_unit_step(first, tier, inside, price, currency))
        entered = start <= low < end if low else before is None
        if entered and tier.flat_amount:
            amount += Fraction(tier.flat_amount)
            steps.append(_flat_step(first, tier, currency))
    return Priced(amount, tuple(steps))


def volume(
    tiers: tuple[Tier, ...], quantity: Fraction, *, currency: str, before: Fraction | None = None
) -> Priced:
    """Price all units by the tier that the whole quantity falls in.

    After ``before`` units the result is the price of the sum less the price of those, which may be negative:
    15 units at 10 are 150, 16 at 5 are 80, so the 16th unit gives 70 back.

    >>> from decimal import Decimal
    >>> tiers = (Tier(up_to=Decimal(15), unit_price=Decimal(10)), Tier(unit_price=Decimal(5)))
    >>> volume(tiers, Fraction(1), currency="MXN", before=Fraction(15)).amount
    Fraction(-70, 1)
    """
    if before is None:
        return _whole_volume(tiers, quantity, currency)
    sum_of_runs = _whole_volume(tiers, before + quantity, currency)
    earlier = _whole_volume(tiers, before, currency).amount
    less = step("less_rated_before", -earlier, quantity=before, currency=currency)
    return Priced(sum_of_runs.amount - earlier, (*sum_of_runs.working, less))


def _bands(tiers: tuple[Tier, ...], counted: Fraction) -> Iterator[tuple[Fraction, Exact, Tier]]:
    """Yield each tier with the quantity above which it begins and the first that people say is in it.

    Whole units are said to begin with 101 after 100, a quantity that has decimals begins after 100 itself.
    """
    are_whole = counted.denominator == 1 and all(int(tier.up_to or 0) == (tier.up_to or 0) for tier in tiers)
    low = Fraction()
    for tier in tiers:
        yield low, low + are_whole, tier
        low = Fraction(tier.up_to or 0)


def _whole_volume(tiers: tuple[Tier, ...], quantity: Fraction, currency: str) -> Priced:
    first, tier = next(
        (first, tier)
        for _, first, tier in _bands(tiers, quantity)
        if tier.up_to is None or quantity <= tier.up_to
    )
    price = quantity * Fraction(tier.unit_price)
    steps = [_unit_step(first, tier, quantity, price, currency)] if quantity else []
    if tier.flat_amount:
        steps.append(_flat_step(first, tier, currency))
    return Priced(price + Fraction(tier.flat_amount), tuple(steps))


def _unit_step(first: Exact, tier: Tier, quantity: Fraction, price: Fraction, currency: str) -> Step:
    code, borders = _named("tier", first, tier)
    return step(code, price, **borders, quantity=quantity, unit_price=tier.unit_price, currency=currency)


def _flat_step(first: Exact, tier: Tier, currency: str) -> Step:
    code, borders = _named("tier_flat", first, tier)
    return step(code, tier.flat_amount, **borders, currency=currency)


def _named(code: str, first: Exact, tier: Tier) -> tuple[str, dict[str, Exact]]:
    if tier.up_to is None:
        return f"last_{code}", {"first": first}
    return code, {"first": first, "up_to": tier.up_to}
