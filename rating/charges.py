"""From a charge and a quantity to the amount of a line, with its working.

Prices are indexed at 12 places, then everything is exact until the one crossing to money at the end.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import assert_never

import msgspec

from contracts.charges import (
    FixedCharge,
    Flat,
    Graduated,
    GraduatedPercentage,
    Matrix,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Proration,
    Stairstep,
    UsageCharge,
    Volume,
)
from kernel.errors import InvalidInput
from kernel.money import Exact, Money, round_exact
from rating.allowances import Included
from rating.exact import minus, plus
from rating.matrix import matrix
from rating.packages import packages
from rating.percentage import by_transaction, graduated_percentage, percentage
from rating.priced import Priced, units
from rating.prices import at_prices
from rating.stairs import stairstep
from rating.tiers import graduated, volume
from rating.use import Combinations, Transactions, Use, quantity_of
from rating.working import Step, Working, step, text_of

#: Decimals of a quantity that is a fraction; its price is that of the fraction.
QUANTITY_PLACES = 12

_ZERO = Decimal(0)
_ONE = Decimal(1)
_WHOLE = Fraction(1)


class Rated(msgspec.Struct, frozen=True, gc=False):
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
    price = at_prices(charge, currency=currency, factor=factor).amount
    priced = units(quantity, price, currency=currency)
    return _crossed(quantity, [*_price_steps(factor), *priced.working], priced.amount, owed_share, currency)


def rate_usage(
    charge: UsageCharge,
    used: Use | Fraction,
    *,
    currency: str,
    before: Use | None = None,
    factor: Exact = 1,
    share: Fraction = _WHOLE,
    included: Included | None = None,
) -> Rated:
    """Rate use: what is included first, then the price of what is left, times a share of the period.

    ``before`` is what was rated of the same period already: it has used up what is included, and tiers.  None
    says that nothing was rated, 0 that no use was; only the former still owes the first tier's flat amount.
    A quantity may be a fraction: 342/31 seats, the mean of a month in which two were added.
    A ``share`` is for what is held rather than used (seats); other use is owed whole.  ``included`` stands
    for the charge's own allowance where it is pooled or rolled over.

    >>> sms = PerUnit(code="sms", name="SMS", clause="ZEN-IX-4.2", meter="sms",
    ...               unit_price=Decimal("0.4735"), allowance=Decimal(100))
    >>> str(rate_usage(sms, Decimal(1337), currency="MXN").amount)
    '585.72 MXN'
    """
    quantity = used if isinstance(used, Fraction) else quantity_of(used)
    earlier = None if before is None else quantity_of(before)
    _refuse_negative(charge, quantity, earlier)
    if included is None and charge.allowance:
        included = Included(charge.allowance)
    priced_charge = at_prices(charge, currency=currency, factor=factor)
    steps = [step("quantity", quantity)]
    if earlier:
        steps.append(step("rated_before", earlier))
    if not isinstance(used, Decimal | Fraction):
        priced = _priced_events(priced_charge, used, before, currency)
    elif included is None:
        priced = _priced(priced_charge, quantity, earlier, currency)
    else:
        billable, beyond = _beyond(quantity, earlier, included)
        free = minus(quantity, billable)
        steps += (*included.working, step("allowance", billable, included=free, quantity=quantity))
        priced = _priced(priced_charge, billable, beyond, currency)
    steps += (*_price_steps(factor), *priced.working)
    return _crossed(quantity, steps, priced.amount, share, currency)


def _refuse_negative(charge: UsageCharge, quantity: Exact, before: Decimal | None) -> None:
    if quantity < 0 or (before is not None and before < 0):
        raise InvalidInput(
            "use is never negative",
            field=f"charge.{charge.code}.quantity",
            value=f"{quantity} after {before or 0}",
            expected=">= 0",
        )


def _beyond(quantity: Exact, before: Decimal | None, included: Included) -> tuple[Exact, Decimal | None]:
    """Return how much of a quantity, and of what was rated before it, lies beyond what is included."""
    earlier = max(_ZERO, minus(before or _ZERO, included.units))
    reached = max(_ZERO, minus(plus(before or _ZERO, quantity), included.units))
    return minus(reached, earlier), None if before is None else earlier


def _priced(charge: UsageCharge, quantity: Exact, before: Decimal | None, currency: str) -> Priced:
    match charge:
        case PerUnit():
            priced = units(quantity, charge.unit_price, currency=currency)
        case Graduated():
            priced = graduated(charge.tiers, quantity, currency=currency, before=before)
        case Volume():
            priced = volume(charge.tiers, quantity, currency=currency, before=before)
        case Stairstep():
            priced = stairstep(charge, quantity, currency=currency, before=before)
        case Package():
            priced = packages(charge, quantity, currency=currency, before=before)
        case GraduatedPercentage():
            priced = graduated_percentage(charge.percent_tiers, quantity, currency=currency, before=before)
        case Percentage() if not charge.by_transaction:
            priced = percentage(charge.percent, quantity, currency=currency)
        case Percentage() | Matrix():
            raise _unfit(charge, "a quantity")
        case _:
            assert_never(charge)
    return priced


def _priced_events(
    charge: UsageCharge, used: Transactions | Combinations, before: Use | None, currency: str
) -> Priced:
    match charge, used:
        case Percentage(), Transactions():
            earlier = before if isinstance(before, Transactions) else None
            return by_transaction(charge, used, currency=currency, before=earlier)
        case Matrix(), Combinations():
            return matrix(charge, used, currency=currency)
        case _:
            raise _unfit(charge, type(used).__name__)


def _unfit(charge: UsageCharge, used: str) -> InvalidInput:
    return InvalidInput(
        "this is not what the charge prices",
        field=f"charge.{charge.code}.used",
        value=used,
        expected="transactions for what is priced by them, combinations for a matrix, else a quantity",
    )


def _price_steps(factor: Exact) -> Working:
    return () if factor == 1 else (step("factor", factor),)


def _crossed(quantity: Exact, steps: list[Step], priced: Exact, share: Fraction, currency: str) -> Rated:
    """Cross to money, once: take the share of what was priced, round it, and show all that led there."""
    exact: Exact = priced
    told: Exact | str = priced
    if share is not _WHOLE and share != 1:
        numerator, divisor = priced.as_integer_ratio()
        exact = Fraction(numerator * share.numerator, divisor * share.denominator)
        told = text_of(exact)
        steps.append(step("share", told, share=str(share), currency=currency))
    amount = Money.rounded(exact, currency)
    if amount.amount == exact:
        steps.append(step("amount", amount.amount, currency=currency))
    else:
        steps.append(step("rounding", amount.amount, exact=told, currency=currency))
    return Rated(_measured(quantity), amount, tuple(steps))


def _measured(quantity: Exact) -> Decimal:
    """Return a quantity as it is printed and kept: a mean without end (342/31) to 12 places."""
    return quantity if isinstance(quantity, Decimal) else round_exact(quantity, QUANTITY_PLACES)
