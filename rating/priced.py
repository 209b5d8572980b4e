"""What a price makes of a quantity: an exact amount, not yet money, and the steps that led to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from kernel.money import Exact
from rating.exact import minus, plus, times
from rating.working import Working, step

_ZERO = Decimal(0)


class Priced(msgspec.Struct, frozen=True, gc=False):
    """An exact amount and its working."""

    amount: Exact
    working: Working


def units(quantity: Exact, price: Decimal, *, currency: str) -> Priced:
    """Price each unit alike: 1,237 at 0.4735 are 585.7195."""
    amount = times(quantity, price)
    return Priced(amount, (step("units", amount, quantity=quantity, unit_price=price, currency=currency),))


def beyond(
    whole: Callable[[Exact], Priced], quantity: Exact, *, before: Decimal | None, currency: str
) -> Priced:
    """Price a quantity after one that was rated already: the price of both less the price of that one.

    For prices that look at the whole quantity of a period, so that runs of it add up.  The rest may be
    negative.  None says that nothing was rated, and so nothing is taken off.
    """
    if before is None:
        return whole(quantity)
    both, earlier = whole(plus(before, quantity)), whole(before).amount
    less = step("less_rated_before", minus(_ZERO, earlier), quantity=before, currency=currency)
    return Priced(minus(both.amount, earlier), (*both.working, less))
