"""Prepaid credits: amounts that pay for use, in the order in which they are to be used up.

The lower priority first, then what expires first, then what is older.  What a credit pays is never more than
is left of it, nor more than the use that it is meant for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.money import Money
from kernel.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Credits that were given: how much is left, from when, until when (exclusive; None: for good).

    ``charges`` names what they pay for; empty, all use.
    """

    code: str
    name: str
    clause: str
    amount: Money
    left: Money
    priority: int
    given_on: date
    expires_on: date | None = None
    charges: tuple[str, ...] = ()

    def holds_in(self, period: Period) -> bool:
        """Tell whether the credits can be used for a period: they live on one of its days at least.

        Use is summed over its period; a credit that expires within one still pays for all of it.
        """
        return self.given_on < period.end and (self.expires_on is None or period.start < self.expires_on)


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be paid for: a charge, the days of it, and what it owes."""

    charge: str
    period: Period
    amount: Money
    is_usage: bool = True


@dataclass(frozen=True, slots=True)
class Burn:
    """So much of a grant paid for one use, by their positions; ``left`` is what the grant has then."""

    grant: int
    use: int
    amount: Money
    left: Money


def burn_order(grants: Sequence[Grant]) -> tuple[Grant, ...]:
    """Return grants in the order in which they are used up."""
    return tuple(
        sorted(
            grants,
            key=lambda each: (each.priority, each.expires_on or date.max, each.given_on, each.code),
        )
    )


def burn(grants: Sequence[Grant], uses: Sequence[Use], *, ceiling: Money) -> tuple[Burn, ...]:
    """Return what each grant pays, grant by grant in the order given, each use in full before the next.

    100.00 that never expire and 30.00 that do, 50.00 of use: 30.00 of the latter, then 20.00.  All together
    pay at most the ``ceiling``, what the whole invoice owes.
    """
    burns: list[Burn] = []
    owed = [use.amount for use in uses]
    for number, grant in enumerate(grants):
        left = grant.left
        for position, use in enumerate(uses):
            paid = min(left, owed[position], ceiling, key=lambda money: money.amount)
            if paid > Money.zero(paid.currency) and _pays_for(grant, use):
                left, owed[position], ceiling = left - paid, owed[position] - paid, ceiling - paid
                burns.append(Burn(number, position, paid, left))
    return tuple(burns)


def _pays_for(grant: Grant, use: Use) -> bool:
    meant = use.charge in grant.charges if grant.charges else use.is_usage
    return meant and grant.holds_in(use.period)
