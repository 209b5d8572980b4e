"""Penalties: what an end before its time, or a breach, costs the customer.

They are a family of rules: each has a code of its own (``[penalties.early_end]``), which a higher layer may
state anew.  An ending that no penalty names is free: who turns a price down (ZEN-16.4) owes none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from contracts.clauses import Rule
from contracts.indices import YEAR_MONTHS
from contracts.life_rules import Months, Party
from kernel.money import Percent

#: The largest share of fees that a paper can mean.
LARGEST_PERCENT = 1_000


class PenaltyTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all penalties have: a name for the invoice, and what brings them.

    ``endings`` names the ways to end that bring it, where the side ``by`` gave the word; else ``event`` names
    what a person records as having happened, under the contract or up to ``months_after_end`` after it.  An
    order form waives a penalty by stating it with neither.  ``taxed`` ones bear the taxes of a fee.
    """

    name: str
    endings: tuple[str, ...] = ()
    by: Party = Party.CUSTOMER
    event: str = ""
    months_after_end: Months = 0
    taxed: bool = False

    def __post_init__(self) -> None:
        """Refuse a penalty that two things bring."""
        if self.endings and self.event:
            message = "event: a penalty follows from endings or from an event, not from both"
            raise ValueError(message)

    def follows(self, ending: str, sender: Party) -> bool:
        """Tell whether an ending that a side has given brings the penalty."""
        return ending in self.endings and self.by in (Party.EITHER, sender)


class FeeShare(PenaltyTerms, frozen=True, kw_only=True):
    """A percentage of the fees of some time."""

    percent: Decimal

    def __post_init__(self) -> None:
        """Refuse a share that is no share."""
        super().__post_init__()
        if not 0 <= self.percent <= LARGEST_PERCENT:
            message = f"percent: must lie between 0 and {LARGEST_PERCENT}, is {self.percent}"
            raise ValueError(message)

    @property
    def share(self) -> Percent:
        """The percentage."""
        return Percent(self.percent)


class RemainingTermPenalty(FeeShare, frozen=True, kw_only=True, tag="remaining_term"):
    """A percentage of the fees that the rest of the term would have owed and that are not billed yet."""


class ContractSharePenalty(FeeShare, frozen=True, kw_only=True, tag="contract_share"):
    """A percentage of the fees of the whole term in which it happened, or of the last one."""


class DiscountClawback(PenaltyTerms, frozen=True, kw_only=True, tag="discount_clawback"):
    """The fees of the term so far, its notice included, once more without the discount of the order form."""

    taxed: bool = True


class AverageUsePenalty(PenaltyTerms, frozen=True, kw_only=True, tag="average_use"):
    """So many times the monthly average of what was billed for use in the last months before it happened."""

    times: Annotated[int, msgspec.Meta(ge=1, le=120)]
    window_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = YEAR_MONTHS


class PassThrough(PenaltyTerms, frozen=True, kw_only=True, tag="pass_through"):
    """What a sanction, a claim or a work for the customer cost the vendor, as a person states it."""


Penalty = RemainingTermPenalty | ContractSharePenalty | DiscountClawback | AverageUsePenalty | PassThrough
