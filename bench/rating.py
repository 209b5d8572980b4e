"""Rating: lines rated a second on one core, working included, for a plan of five charges.

``python -m bench.rating --size 100000`` needs no database.  The plan has a fee for part of a period, a price
for each unit, three graduated tiers, packages and a volume price; each charge has an allowance or a flat
amount somewhere, and no two quantities are alike.  The limit is the same amounts by bare decimals: one
multiplication and one rounding a line, no working, no charge, no check.

The sizes half and whole tell whether a line costs the same among many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Final

import typer

from bench.report import figures, per_second, show
from contracts.charges import Flat, Graduated, Package, PerUnit, Tier, UsageCharge, Volume
from rating.charges import Rated, rate_fixed, rate_usage

DEFAULT_SIZE: Final = 100_000
REPEATS: Final = 5
CURRENCY: Final = "MXN"
CENT: Final = Decimal("0.01")
PRICE: Final = Decimal("0.4735")

FEE: Final = Flat(code="fee", name="Fee", clause="C-1", amount=Decimal("1999.00"))
USE: Final[tuple[UsageCharge, ...]] = (
    PerUnit(code="sms", name="SMS", clause="C-2", meter="sms", unit_price=PRICE, allowance=Decimal(100)),
    Graduated(
        code="talks",
        name="Conversations",
        clause="C-3",
        meter="talks",
        tiers=(
            Tier(up_to=Decimal(1000), unit_price=Decimal("0.90")),
            Tier(up_to=Decimal(5000), unit_price=Decimal("0.70"), flat_amount=Decimal(10)),
            Tier(unit_price=Decimal("0.55")),
        ),
    ),
    Package(
        code="documents",
        name="Documents",
        clause="C-4",
        meter="documents",
        size=Decimal(100),
        amount=Decimal("4.99"),
    ),
    Volume(
        code="contacts",
        name="Contacts",
        clause="C-5",
        meter="contacts",
        tiers=(Tier(up_to=Decimal(2000), unit_price=Decimal("0.02")), Tier(unit_price=Decimal("0.015"))),
    ),
)
CHARGES: Final = 1 + len(USE)


def lines(size: int) -> Iterator[Rated]:
    """Yield so many rated lines, a plan's five after the other, each of another quantity."""
    for number in range(size // CHARGES):
        used = Decimal(number % 9973) + Decimal(number % 4) / 4
        yield rate_fixed(FEE, currency=CURRENCY, share=Fraction(1 + number % 30, 31))
        for charge in USE:
            yield rate_usage(charge, used, currency=CURRENCY)


def bare(size: int) -> Iterator[Decimal]:
    """Yield as many amounts, each a product that is rounded."""
    for number in range(size):
        yield (Decimal(number % 9973) * PRICE).quantize(CENT, ROUND_HALF_UP)


def timed(work: Callable[[int], Iterator[object]], size: int) -> int:
    """Return the least of some times: what disturbs the machine only ever adds."""
    return min(_timed(work, size) for _ in range(REPEATS))


def _timed(work: Callable[[int], Iterator[object]], size: int) -> int:
    """Return the nanoseconds of processor time that so much work takes."""
    began = time.process_time_ns()
    for _ in work(size):
        pass
    return time.process_time_ns() - began


def main(size: Annotated[int, typer.Option(min=CHARGES, help="Lines to rate.")] = DEFAULT_SIZE) -> None:
    """Rate lines, and half as many."""
    timed(lines, CHARGES)  # what is made once a plan is made before
    half, whole, limit = timed(lines, size // 2), timed(lines, size), timed(bare, size)
    found = figures("rating", size, rate=per_second(size, whole), limit=per_second(size, limit))
    show(found, unit="rated lines", rows=[("half as many, a second", f"{per_second(size // 2, half):,}")])


if __name__ == "__main__":
    typer.run(main)
