"""Graduated and volume tiers, exactly.

A border belongs to the tier that it ends: the 100th unit of a tier up to 100 costs that tier's price, and
100.5 units put half a unit into the next.  A flat amount is owed once the tier is entered; the first tier
is entered by being subscribed, so that no use at all owes its flat amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

from contracts.charges import Tier
from kernel.money import Exact
from rating.exact import minus, plus, times
from rating.priced import Priced, beyond
from rating.working import Step, step

_ZERO = Decimal(0)


class Band(Protocol):
    """Quantities from the end of the band before to ``up_to``, which belongs to it; the last is open."""

    @property
    def up_to(self) -> Decimal | None:
        """The last quantity of the band, or None."""


B = TypeVar("B", bound=Band)


def graduated(
    tiers: tuple[Tier, ...], quantity: Exact, *, currency: str, before: Decimal | None = None
) -> Priced:
    """Price each unit in the tier that it falls in, after ``before`` units that were rated already.

    The result is the price of ``before + quantity`` less the price of ``before``, so runs add up.
    ``before`` None says that nothing was rated, 0 that no use was: its flat amount was owed then.

    >>> tiers = (Tier(up_to=Decimal(100), unit_price=Decimal(1)), Tier(unit_price=Decimal("0.5")))
    >>> graduated(tiers, Decimal(250), currency="MXN").amount
    Decimal('175.0')
    >>> graduated(tiers, Decimal(200), currency="MXN", before=Decimal(50)).amount
    Decimal('125.0')
    """
    start = before or _ZERO
    end = plus(start, quantity)
    offset = _first_unit(tiers, end)
    amount: Exact = _ZERO
    steps: list[Step] = []
    for low, inside, tier in reached(tiers, start, end):
        if inside > 0:
            price = times(inside, tier.unit_price)
            amount = plus(amount, price)
            steps.append(_unit_step(low + offset, tier, inside, price, currency))
        if tier.flat_amount and (start <= low < end if low else before is None):
            amount = plus(amount, tier.flat_amount)
            steps.append(_flat_step(low + offset, tier, currency))
    return Priced(amount, tuple(steps))


def volume(
    tiers: tuple[Tier, ...], quantity: Exact, *, currency: str, before: Decimal | None = None
) -> Priced:
    """Price all units by the tier that the whole quantity falls in.

    After ``before`` units the result is the price of the sum less the price of those, which may be negative:
    15 units at 10 are 150, 16 at 5 are 80, so the 16th unit gives 70 back.

    >>> tiers = (Tier(up_to=Decimal(15), unit_price=Decimal(10)), Tier(unit_price=Decimal(5)))
    >>> volume(tiers, Decimal(1), currency="MXN", before=Decimal(15)).amount
    Decimal('-70')
    """
    return beyond(
        lambda whole: _whole_volume(tiers, whole, currency), quantity, before=before, currency=currency
    )


def reached(bands: Sequence[B], start: Exact, end: Exact) -> Iterator[tuple[Exact, Exact, B]]:
    """Yield each band up to ``end`` with its beginning, and what lies in it from ``start`` to ``end``."""
    low: Exact = _ZERO
    for band in bands:
        high = end if band.up_to is None or end < band.up_to else band.up_to
        yield low, minus(high, max(start, low)), band
        if high == end:
            return
        low = high


def band_of(bands: Sequence[B], quantity: Exact) -> tuple[Exact, B]:
    """Return where the band begins that holds a quantity, and the band."""
    return next(
        (low, band)
        for low, _, band in reached(bands, quantity, quantity)
        if band.up_to is None or quantity <= band.up_to
    )


def _first_unit(tiers: tuple[Tier, ...], counted: Exact) -> int:
    """Return what is added to the end of a tier to say where the next begins.

    Whole units are said to begin with 101 after 100, a quantity that has decimals begins after 100 itself.
    """
    ends = (tier.up_to for tier in tiers)
    return int(counted == int(counted) and all(end is None or end == int(end) for end in ends))


def _whole_volume(tiers: tuple[Tier, ...], quantity: Exact, currency: str) -> Priced:
    low, tier = band_of(tiers, quantity)
    first = low + _first_unit(tiers, quantity)
    price = times(quantity, tier.unit_price)
    steps = [_unit_step(first, tier, quantity, price, currency)] if quantity else []
    if tier.flat_amount:
        steps.append(_flat_step(first, tier, currency))
    return Priced(plus(price, tier.flat_amount), tuple(steps))


def _unit_step(first: Exact, tier: Tier, quantity: Exact, price: Exact, currency: str) -> Step:
    unit_price = tier.unit_price
    if tier.up_to is None:
        return step(
            "last_tier", price, first=first, quantity=quantity, unit_price=unit_price, currency=currency
        )
    return step(
        "tier",
        price,
        first=first,
        up_to=tier.up_to,
        quantity=quantity,
        unit_price=unit_price,
        currency=currency,
    )


def _flat_step(first: Exact, tier: Tier, currency: str) -> Step:
    if tier.up_to is None:
        return step("last_tier_flat", tier.flat_amount, first=first, currency=currency)
    return step("tier_flat", tier.flat_amount, first=first, up_to=tier.up_to, currency=currency)
