"""The yearly price index: which adjustments a contract owes as of a date, by its terms.  Pure.

Each is a dated fact with its months and its clause; a contract that no rule indexes owes none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from contracts.catalog import Catalog
from contracts.subscriptions import Contract, PriceAdjustment
from kernel.periods import anniversaries
from rating.indexation import adjustment, carried_over


def adjustments_due(contract: Contract, catalog: Catalog, *, as_of: date) -> tuple[PriceAdjustment, ...]:
    """Return the adjustments of all anniversaries up to a date that are not recorded yet.

    Raises :class:`kernel.errors.IndexNotPublished` when a month of the window is not known: the contract
    waits, its price is never guessed.
    """
    sourced = contract.terms.indexation
    if sourced is None:
        return ()
    rule = sourced.rule
    if not rule.adjusts(contract.entity.country):
        return ()
    series, signed_on = catalog.index(rule.index), contract.subscription.signed_on
    recorded = {each.effective_on for each in contract.adjustments}
    carried, due = Fraction(1), []
    for day in anniversaries(signed_on, after=signed_on, through=as_of, months=rule.months):
        if day not in recorded:
            due.append(adjustment(rule, series, anniversary=day, clause=sourced.clause.id, carried=carried))
        carried = carried_over(rule, series, anniversary=day, carried=carried)
    return tuple(due)


def with_adjustments(contract: Contract, new: tuple[PriceAdjustment, ...]) -> Contract:
    """Return the contract with further adjustments in force."""
    return replace(contract, adjustments=(*contract.adjustments, *new)) if new else contract
