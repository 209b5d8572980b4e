"""What is promised beside charges: a spend that is owed whatever the use, credits, estimates ahead of use.

A commitment of one cycle is what people call a minimum; one of twelve months is what they call a commitment.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec

from contracts.charges import Proration
from contracts.clauses import Rule
from contracts.credit_grants import LARGEST_PRIORITY, USUAL_PRIORITY
from contracts.reductions import Cycles, check_amount, last_border
from kernel.periods import Cycle

#: Lower numbers are used up first.
Priority = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_PRIORITY)]


class PromiseTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all promises have: a name for the invoice, an amount before taxes, and what counts against it.

    ``charges`` and ``plans`` name codes; empty, all are meant.
    """

    name: str
    amount: Decimal
    charges: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a promise of nothing."""
        check_amount(self.amount)

    def holds_for(self, plan: str) -> bool:
        """Tell whether the promise is meant for a plan."""
        return not self.plans or plan in self.plans

    def concerns(self, charge: str) -> bool:
        """Tell whether the promise counts a charge."""
        return not self.charges or charge in self.charges


class Commitment(PromiseTerms, frozen=True, kw_only=True, tag="commitment"):
    """At least so much is spent over each term of so many ``cycles``; what lacks is billed when it has ended.

    What its charges owe after discounts counts, by the term in which their period begins.  Of a term that the
    contract does not fill, the share of its days is owed, or the whole where ``proration`` is ``none``.
    """

    cycles: Annotated[int, msgspec.Meta(ge=1, le=1_200)] = 1
    proration: Proration = Proration.DAY
    indexed: bool = False


class Credits(PromiseTerms, frozen=True, kw_only=True, tag="credits"):
    """An amount that is paid for and pays for use until it is used up or expires; the price is a charge.

    ``charges`` empty, it pays for all use and for no fee.  It is given from ``from_on`` (else the first day
    of the contract) and lives for so many ``cycles``, or until ``expires_on``, or for good.  With
    ``each_cycle`` it is given anew in each cycle, and each of them lives as long.  Of several, the lower
    ``priority`` is used up first, then what expires first, then what is older.
    """

    priority: Priority = USUAL_PRIORITY
    from_on: date | None = None
    cycles: Cycles = 0
    expires_on: date | None = None
    each_cycle: bool = False

    def __post_init__(self) -> None:
        """Refuse credits of nothing, with two ends, or that heap up without end."""
        PromiseTerms.__post_init__(self)
        if self.cycles and self.expires_on is not None:
            message = "expires_on: credits state either their cycles or the day on which they expire"
            raise ValueError(message)
        if self.each_cycle and not self.cycles:
            message = "cycles: credits of each cycle say for how many cycles they live"
            raise ValueError(message)

    def end(self, given_on: date, cycle: Cycle) -> date | None:
        """Return the first day on which credits given on a day can no longer be used, or None."""
        return self.expires_on or last_border(cycle, given_on, self.cycles)


class EstimateBase(StrEnum):
    """What use is estimated by: an agreed amount, or what the period before came to."""

    AGREED = "agreed"
    PERIOD_BEFORE = "period_before"


class Estimate(PromiseTerms, frozen=True, kw_only=True, tag="estimate"):
    """Use is billed as an estimate when its period begins, and settled on the bill after its end.

    ``amount`` is the estimate of each period; by the ``period_before`` that of the first one only.
    """

    base: EstimateBase = EstimateBase.AGREED


Promise = Commitment | Credits | Estimate
