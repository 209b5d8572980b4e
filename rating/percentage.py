"""Percentages of an amount: of its sum, by tiers of it, or transaction by transaction.

Amounts are in the plan's currency.  A percent is never rounded, and neither is what a transaction owes: the
line is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from contracts.charges import Percentage, PercentTier
from kernel.money import Exact
from rating.exact import minus, percent_of, plus, times
from rating.priced import Priced
from rating.tiers import reached
from rating.use import Transactions
from rating.working import Step, step

_ZERO = Decimal(0)


def percentage(percent: Decimal, amount: Exact, *, currency: str) -> Priced:
    """Price an amount by one percent: 2.9 % of 4.00 is 0.116.

    >>> percentage(Decimal("2.9"), Decimal(4), currency="USD").amount
    Decimal('0.116')
    """
    owed = percent_of(amount, percent)
    return Priced(owed, (step("percent_of", owed, percent=percent, base=amount, currency=currency),))


def graduated_percentage(
    tiers: tuple[PercentTier, ...], amount: Exact, *, currency: str, before: Decimal | None = None
) -> Priced:
    """Price each part of an amount by its tier's percent, after ``before`` of it that was rated already.

    1 % to 10 and 2 % beyond, with 200 and 300 flat: 11 owe 200 + 0.10 + 300 + 0.02.  As with units, a tier's
    flat amount is owed once it is entered, the first one's also for nothing.

    >>> tiers = (PercentTier(up_to=Decimal(10), percent=Decimal(1), flat_amount=Decimal(200)),
    ...          PercentTier(percent=Decimal(2), flat_amount=Decimal(300)))
    >>> graduated_percentage(tiers, Decimal(11), currency="EUR").amount
    Decimal('500.12')
    """
    start = before or _ZERO
    end = plus(start, amount)
    owed: Exact = _ZERO
    steps: list[Step] = []
    for low, inside, tier in reached(tiers, start, end):
        if inside > 0:
            part = percent_of(inside, tier.percent)
            owed = plus(owed, part)
            steps.append(_tier_step(low, tier, inside, part, currency))
        if tier.flat_amount and (start <= low < end if low else before is None):
            owed = plus(owed, tier.flat_amount)
            steps.append(step("percent_tier_flat", tier.flat_amount, above=low, currency=currency))
    return Priced(owed, tuple(steps))


def by_transaction(
    charge: Percentage, used: Transactions, *, currency: str, before: Transactions | None = None
) -> Priced:
    """Price single transactions: a percent and a fixed part of each, within a least and a most amount.

    A transaction is free while neither the free transactions of the period nor its free amount are used up,
    as far as they are stated.  Of one that uses the free amount up, the rest is charged.  200, 100, 100 and
    50 at 1.2 % and 0.10, with three transactions and 500 free: the fourth owes 0.10 + 0.60.  What was used
    ``before`` in the period has taken of what is free.

    >>> charge = Percentage(code="c", name="", clause="", meter="paid", percent=Decimal("1.2"),
    ...                     fixed_amount=Decimal("0.10"), free_transactions=3, allowance=Decimal(500))
    >>> amounts = (Decimal(200), Decimal(100), Decimal(100), Decimal(50))
    >>> by_transaction(charge, Transactions(amounts), currency="USD").amount
    Decimal('0.700')
    """
    earlier = len(before.amounts) if before else 0
    amounts = (*before.amounts, *used.amounts) if before else used.amounts
    tally = _Tally()
    for number, (amount, free) in enumerate(_freed(charge, amounts)):
        if number >= earlier and amount:
            tally.add(charge, amount, free)
    return Priced(tally.owed, tuple(_told(charge, tally, currency)))


@dataclass(slots=True)
class _Tally:
    """Sums over the transactions of a line: what of them was free, charged, raised and lowered."""

    transactions: int = 0
    free: int = 0
    free_amount: Decimal = _ZERO
    base: Decimal = _ZERO
    raised: int = 0
    raised_by: Decimal = _ZERO
    lowered: int = 0
    lowered_by: Decimal = _ZERO
    owed: Decimal = _ZERO

    @property
    def charged(self) -> int:
        """How many transactions owe something."""
        return self.transactions - self.free

    def add(self, charge: Percentage, amount: Decimal, free: Decimal) -> None:
        """Count one transaction, of which a part is free."""
        self.transactions += 1
        self.free_amount = plus(self.free_amount, free)
        if free == amount:
            self.free += 1
            return
        base = minus(amount, free)
        self.base = plus(self.base, base)
        exact = plus(percent_of(base, charge.percent), charge.fixed_amount)
        least, most = charge.minimum_per_transaction, charge.maximum_per_transaction
        owed = exact
        if least is not None and exact < least:
            owed = least
            self.raised += 1
            self.raised_by = plus(self.raised_by, minus(owed, exact))
        elif most is not None and exact > most:
            owed = most
            self.lowered += 1
            self.lowered_by = plus(self.lowered_by, minus(owed, exact))
        self.owed = plus(self.owed, owed)


def _freed(charge: Percentage, amounts: tuple[Decimal, ...]) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield each transaction with the part of it that is free."""
    most, left, counted = charge.free_transactions, charge.allowance, 0
    is_limited = bool(charge.allowance)
    for amount in amounts:
        free = _ZERO
        if amount and (counted < most if most is not None else is_limited):
            free = min(amount, left) if is_limited else amount
            left = minus(left, free) if is_limited else left
            counted += 1
        yield amount, free


def _told(charge: Percentage, tally: _Tally, currency: str) -> Iterator[Step]:
    if tally.free_amount:
        yield step(
            "free_transactions",
            tally.free_amount,
            free=tally.free,
            transactions=tally.transactions,
            currency=currency,
        )
    if tally.charged:
        owed = percent_of(tally.base, charge.percent)
        yield step("percent_of", owed, percent=charge.percent, base=tally.base, currency=currency)
        if charge.fixed_amount:
            fixed = times(Decimal(tally.charged), charge.fixed_amount)
            yield step("fixed_parts", fixed, count=tally.charged, each=charge.fixed_amount, currency=currency)
    if tally.raised and charge.minimum_per_transaction is not None:
        least = charge.minimum_per_transaction
        yield step("raised", tally.raised_by, count=tally.raised, least=least, currency=currency)
    if tally.lowered and charge.maximum_per_transaction is not None:
        most = charge.maximum_per_transaction
        yield step("lowered", tally.lowered_by, count=tally.lowered, most=most, currency=currency)


def _tier_step(low: Exact, tier: PercentTier, inside: Exact, part: Exact, currency: str) -> Step:
    percent = tier.percent
    if tier.up_to is None:
        return step("last_percent_tier", part, above=low, percent=percent, base=inside, currency=currency)
    return step(
        "percent_tier", part, above=low, up_to=tier.up_to, percent=percent, base=inside, currency=currency
    )
