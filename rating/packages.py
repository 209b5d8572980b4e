"""Packages: a started one is owed in full; an exact multiple starts no further one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

from contracts.charges import Package
from rating.tiers import Priced
from rating.working import step


def started_packages(quantity: Fraction, size: Decimal) -> int:
    """Return how many packages hold a quantity: 121 units in packages of 10 are 13, 120 are 12, 0 are 0."""
    return ceil(quantity / Fraction(size))


def packages(
    charge: Package, quantity: Fraction, *, price: Decimal, currency: str, before: Fraction | None = None
) -> Priced:
    """Price the packages that a quantity starts beyond those that ``before`` units had started.

    >>> charge = Package(code="sms", name="", clause="", meter="sms", size=Decimal(100), amount=Decimal(5))
    >>> packages(charge, Fraction(101), price=charge.amount, currency="USD").amount
    Fraction(10, 1)
    >>> packages(charge, Fraction(99), price=charge.amount, currency="USD", before=Fraction(101)).amount
    Fraction(0, 1)
    """
    earlier = before or Fraction()
    count = started_packages(earlier + quantity, charge.size) - started_packages(earlier, charge.size)
    amount = count * Fraction(price)
    code = "one_package" if count == 1 else "package"
    return Priced(
        amount, (step(code, amount, packages=count, size=charge.size, price=price, currency=currency),)
    )
