"""Commitments and minimums: a spend over a term that is owed whatever the use.

What was spent draws the commitment down; what lacks when the term has ended is billed, and the two together
are the commitment.  A term that the contract does not fill commits to the share of its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel.money import Exact, Money
from rating.working import Working, step


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What a term still owes, and how that was found."""

    committed: Money
    counted: Money
    amount: Money
    working: Working


def committed(amount: Exact, *, share: Fraction, currency: str) -> Money:
    """Return what a share of a term commits to: 400.00 for 90 of 91 days are 395.60.

    >>> str(committed(400, share=Fraction(90, 91), currency="EUR"))
    '395.60 EUR'
    """
    return Money.rounded(Fraction(amount) * share, currency)


def true_up(commitment: Money, counted: Money) -> TrueUp:
    """Return what lacks to a commitment; nothing where more was spent.

    >>> str(true_up(Money.of("10.00", "EUR"), Money.of("7.00", "EUR")).amount)
    '3.00 EUR'
    """
    lacks = max(commitment - counted, Money.zero(commitment.currency), key=lambda money: money.amount)
    shown = step(
        "true_up",
        lacks.amount,
        committed=commitment.amount,
        counted=counted.amount,
        currency=commitment.currency,
    )
    return TrueUp(commitment, counted, lacks, (shown,))
