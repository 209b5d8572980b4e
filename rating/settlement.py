"""Estimates in advance and their settlement: use that is billed before it is known, and made good after it.

The estimate of a period is an agreed amount, or what the period before came to, by days.  When the period has
ended its use is billed in full and the estimate is taken back, so that the two are what was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.money import Exact, Money
from rating.proration import Share
from rating.working import Working, step


@dataclass(frozen=True, slots=True)
class Estimated:
    """What is billed ahead of its use, and how that was found."""

    amount: Money
    working: Working


def agreed_estimate(amount: Exact, share: Share, *, currency: str) -> Estimated:
    """Return an agreed estimate of a whole period for a share of it: 310.00 for 17 of 31 days are 170.00."""
    found = Money.rounded(Fraction(amount) * share.exact, currency)
    return Estimated(found, (*share.working, step("estimate", found.amount, currency=currency)))


def estimate_by(before: Money, share_before: Fraction, share: Share) -> Estimated:
    """Return the estimate by what a share of the period before came to, for a share of this one.

    85.00 in half a period are estimated as 170.00 for a whole one.
    """
    found = Money.rounded(before.exact / share_before * share.exact, before.currency)
    shown = step("estimate_by", found.amount, before=before.amount, currency=before.currency)
    return Estimated(found, (*share.working, shown))


def taken_back(estimated: Money) -> Estimated:
    """Return what settles an estimate, whose use is billed in full beside it.

    >>> str(taken_back(Money.of("170.00", "MXN")).amount)
    '-170.00 MXN'
    """
    rest = -estimated
    shown = step("settled", rest.amount, amount=estimated.amount, currency=rest.currency)
    return Estimated(rest, (shown,))
