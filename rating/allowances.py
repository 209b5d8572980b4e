"""What a period includes for nothing: a charge's own units, with those rolled over, or its share of a pool.

Quantities only: an allowance has no price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rating.exact import minus, plus, total
from rating.working import Working, step

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Included:
    """The units of a period that are free, and where they come from where they are not the charge's own."""

    units: Decimal
    working: Working = ()


def pooled(allowances: Iterable[Decimal], drawn: Decimal) -> Included:
    """Return what is left of a pool for a charge, after the charges before it in the plan have drawn.

    500 and 300 pooled are 800; a charge whose forerunners used 650 finds 150, whatever it brought in.

    >>> pooled((Decimal(500), Decimal(300)), drawn=Decimal(650)).units
    Decimal('150')
    """
    pool = total(tuple(allowances))
    left = max(_ZERO, minus(pool, drawn))
    return Included(left, (step("pool", left, pool=pool, drawn=min(drawn, pool)),))


def unused(allowance: Decimal, used: Decimal, *, limit: Decimal) -> Decimal:
    """Return how much of a period's own allowance is left for the next period, at most ``limit``.

    What was rolled over into the period itself lapses with it: 100 included and 30 used leave 70, or the
    limit of 50.
    """
    return min(limit, max(_ZERO, minus(allowance, used)))


def rolled_over(allowance: Decimal, carried: Decimal) -> Included:
    """Return what a period includes with what the one before has left: its own units are used first."""
    working = (step("rolled_over", carried),) if carried else ()
    return Included(plus(allowance, carried), working)
