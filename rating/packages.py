"""Packages: a started one is owed in full; an exact multiple starts no further one."""

from __future__ import annotations

from decimal import Decimal

from contracts.charges import AtZero, Package
from kernel.money import Exact
from rating.exact import plus, times, whole_and_rest
from rating.priced import Priced
from rating.working import step


def started_packages(quantity: Exact, size: Decimal) -> int:
    """Return how many packages hold a quantity: 121 units in packages of 10 are 13, 120 are 12, 0 are 0."""
    full, rest = whole_and_rest(quantity, size)
    return int(full) + bool(rest)


def packages(charge: Package, quantity: Exact, *, currency: str, before: Decimal | None = None) -> Priced:
    """Price the packages that a quantity starts beyond those that ``before`` units had started.

    A plan may bill one package where no unit is to be paid (``at_zero``); the first unit is in that one.

    >>> charge = Package(code="sms", name="", clause="", meter="sms", size=Decimal(100), amount=Decimal(5))
    >>> packages(charge, Decimal(101), currency="USD").amount
    Decimal('10')
    >>> packages(charge, Decimal(99), currency="USD", before=Decimal(101)).amount
    Decimal('0')
    """
    count = _owed(charge, plus(before or Decimal(0), quantity))
    if before is not None:
        count -= _owed(charge, before)
    amount = times(Decimal(count), charge.amount)
    code = "one_package" if count == 1 else "package"
    facts = step(code, amount, packages=count, size=charge.size, price=charge.amount, currency=currency)
    return Priced(amount, (facts,))


def _owed(charge: Package, quantity: Exact) -> int:
    return max(int(charge.at_zero is AtZero.BILL_ONE), started_packages(quantity, charge.size))
