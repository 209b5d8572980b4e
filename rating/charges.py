"""From a charge and a quantity to the amount of a line, with its working.

Prices are indexed at 12 places, then everything is exact until the one crossing to money at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import assert_never

import msgspec

from contracts.charges import (
    FixedCharge,
    Flat,
    Graduated,
    OneOff,
    Package,
    PerUnit,
    Proration,
    Tier,
    UsageCharge,
    Volume,
)
from kernel.errors import InvalidInput
from kernel.money import Exact, Money, UnitPrice, round_exact
from rating.packages import packages
from rating.tiers import Priced, graduated, volume
from rating.working import Step, Working, step

#: All customers of a plan whose anniversary falls in one month share its indexed prices.
INDEXED_PRICES_KEPT = 10_000

#: Decimals of a quantity that is a fraction; its price is that of the fraction.
QUANTITY_PLACES = 12

_ONE = Decimal(1)
_WHOLE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Rated:
    """What a charge owes: the quantity as measured, the amount, and the working that led to it."""

    quantity: Decimal
    amount: Money
    working: Working


def rate_fixed(charge: FixedCharge, *, currency: str, share: Fraction = _WHOLE, factor: Exact = 1) -> Rated:
    """Rate a fee for a share of its period; a fee without proration and a fee once are owed whole.

    ``factor`` multiplies the price, as :meth:`contracts.subscriptions.Contract.factor_of` gives it.
    1,999.00 for 17 of 31 days is 33983/31 exactly, 1,096.23 as money.

    >>> fee = Flat(code="platform", name="Platform", clause="ZEN-IX-4.2", amount=Decimal(1999))
    >>> str(rate_fixed(fee, currency="MXN", share=Fraction(17, 31)).amount)
    '1,096.23 MXN'
    """
    match charge:
        case Flat():
            quantity = charge.quantity
            owed_share = _WHOLE if charge.proration is Proration.NONE else share
        case OneOff():
            quantity, owed_share = _ONE, _WHOLE
        case _:
            assert_never(charge)
    price = _indexed(charge.amount, currency, factor)
    priced = _per_unit(Fraction(quantity), price, currency)
    return _crossed(quantity, priced, owed_share, currency, _price_steps(factor))


def rate_usage(
    charge: UsageCharge,
    quantity: Exact,
    *,
    currency: str,
    before: Decimal | None = None,
    factor: Exact = 1,
    share: Fraction = _WHOLE,
) -> Rated:
    """Rate use: the allowance first, then the price of what is left, times a share of the period.

    ``before`` is what was rated of the same period already: it has used up allowance and tiers.  None says
    that nothing was rated, 0 that no use was; only the former still owes the first tier's flat amount.
    A quantity may be a fraction: 342/31 seats, the mean of a month in which two were added.
    A ``share`` is for what is held rather than used (seats); other use is owed whole.

    >>> sms = PerUnit(code="sms", name="SMS", clause="ZEN-IX-4.2", meter="sms",
    ...               unit_price=Decimal("0.4735"), allowance=Decimal(100))
    >>> str(rate_usage(sms, Decimal(1337), currency="MXN").amount)
    '585.72 MXN'
    """
    if quantity < 0 or (before or 0) < 0:
        raise InvalidInput(
            "use is never negative",
            field=f"charge.{charge.code}.quantity",
            value=f"{quantity} after {before or 0}",
            expected=">= 0",
        )
    allowed = Fraction(charge.allowance)
    earlier = None if before is None else max(Fraction(), Fraction(before) - allowed)
    reached = max(Fraction(), Fraction(before or 0) + Fraction(quantity) - allowed)
    billable = reached - (earlier or 0)
    priced = _priced(charge, billable, earlier, currency, factor)
    used = _usage_steps(charge, quantity, before, billable)
    return _crossed(quantity, priced, share, currency, used, _price_steps(factor))


def _priced(
    charge: UsageCharge, quantity: Fraction, before: Fraction | None, currency: str, factor: Exact
) -> Priced:
    match charge:
        case PerUnit():
            return _per_unit(quantity, _indexed(charge.unit_price, currency, factor), currency)
        case Graduated():
            tiers = _indexed_tiers(charge, currency, factor)
            return graduated(tiers, quantity, currency=currency, before=before)
        case Volume():
            tiers = _indexed_tiers(charge, currency, factor)
            return volume(tiers, quantity, currency=currency, before=before)
        case Package():
            price = _indexed(charge.amount, currency, factor)
            return packages(charge, quantity, price=price, currency=currency, before=before)
        case _:
            assert_never(charge)


def _per_unit(quantity: Fraction, price: Decimal, currency: str) -> Priced:
    amount = quantity * Fraction(price)
    return Priced(amount, (step("units", amount, quantity=quantity, unit_price=price, currency=currency),))


@lru_cache(maxsize=INDEXED_PRICES_KEPT)
def _moved(price: Decimal, currency: str, factor: Exact) -> Decimal:
    return UnitPrice(price, currency).indexed(factor).amount


def _indexed(price: Decimal, currency: str, factor: Exact) -> Decimal:
    """Return a list price as the index and the changes in force moved it."""
    return price if factor == 1 else _moved(price, currency, factor)


def _indexed_tiers(charge: Graduated | Volume, currency: str, factor: Exact) -> tuple[Tier, ...]:
    if factor == 1:
        return charge.tiers
    return tuple(
        msgspec.structs.replace(
            tier,
            unit_price=_indexed(tier.unit_price, currency, factor),
            flat_amount=_indexed(tier.flat_amount, currency, factor),
        )
        for tier in charge.tiers
    )


def _usage_steps(charge: UsageCharge, quantity: Exact, before: Decimal | None, billable: Fraction) -> Working:
    steps = [step("quantity", quantity)]
    if before:
        steps.append(step("rated_before", before))
    if charge.allowance:
        included = Fraction(quantity) - billable
        steps.append(step("allowance", billable, included=included, quantity=quantity))
    return tuple(steps)


def _price_steps(factor: Exact) -> Working:
    return () if factor == 1 else (step("factor", factor),)


def _crossed(quantity: Exact, priced: Priced, share: Fraction, currency: str, *led: Working) -> Rated:
    """Cross to money, once: take the share of what was priced, round it, and show all that led there."""
    exact = priced.amount * share
    amount = Money.rounded(exact, currency)
    steps = [each for working in (*led, priced.working) for each in working]
    if share != 1:
        steps.append(step("share", exact, share=str(share), currency=currency))
    return Rated(_measured(quantity), amount, (*steps, _last_step(exact, amount)))


def _measured(quantity: Exact) -> Decimal:
    """Return a quantity as it is printed and kept: a mean without end (342/31) to 12 places."""
    return quantity if isinstance(quantity, Decimal) else round_exact(quantity, QUANTITY_PLACES)


def _last_step(exact: Fraction, amount: Money) -> Step:
    if amount.exact == exact:
        return step("amount", amount.amount, currency=amount.currency)
    return step("rounding", amount.amount, exact=exact, currency=amount.currency)
