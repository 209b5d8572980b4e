"""The yearly price index: which adjustments a contract owes as of a date, by its terms.  Pure.

Each is a dated fact with its months and its clause; a contract that no rule indexes owes none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.catalog import Catalog
from contracts.indices import IndexSeries
from contracts.rules import IndexationRule, Unpublished
from contracts.subscriptions import Contract, PriceAdjustment
from kernel.calendars import day_before
from kernel.periods import anniversaries
from rating.indexation import (
    NOTHING_CARRIED,
    adjustment,
    carried_over,
    is_discontinued,
    is_published,
)


def adjustments_due(
    contract: Contract, catalog: Catalog, *, as_of: date, use_billed_through: date
) -> tuple[PriceAdjustment, ...]:
    """Return the adjustments of all anniversaries up to a date that are not recorded yet, oldest first.

    ``use_billed_through`` is the first day whose use is not billed: what was billed keeps its price.  An
    anniversary on or after the contract's end adjusts nothing.

    Raises :class:`kernel.errors.IndexNotPublished` when a month of the window is not known: the contract
    waits, its price is never guessed.  Where the rule catches up, that anniversary and all later ones wait,
    and the contract does not.
    """
    sourced = contract.terms.indexation
    if sourced is None or not sourced.rule.adjusts(contract.entity.country):
        return ()
    rule, signed_on = sourced.rule, contract.subscription.signed_on
    recorded = {each.effective_on: each for each in contract.adjustments if each.index}
    carried, due = NOTHING_CARRIED, []
    for day in anniversaries(
        signed_on, after=signed_on, through=_last_day(contract, as_of), months=rule.months
    ):
        adjusted = recorded.get(day)
        if adjusted is None:
            series = _series(rule, catalog, day, as_of)
            if rule.unpublished is Unpublished.CATCH_UP and not is_published(rule, series, day):
                break
            adjusted = adjustment(rule, series, anniversary=day, clause=sourced.clause.id, carried=carried)
            adjusted = _from_use_not_billed(adjusted, contract, use_billed_through)
            due.append(adjusted)
        carried = carried_over(rule, adjusted)
    return tuple(due)


def with_adjustments(contract: Contract, new: tuple[PriceAdjustment, ...]) -> Contract:
    """Return the contract with further adjustments in force."""
    return replace(contract, adjustments=(*contract.adjustments, *new)) if new else contract


def catches_up(contract: Contract) -> bool:
    """Tell whether fees are billed before the index is out, and what they lack later."""
    sourced = contract.terms.indexation
    return sourced is not None and sourced.rule.unpublished is Unpublished.CATCH_UP


def _last_day(contract: Contract, as_of: date) -> date:
    ends_on = contract.subscription.ends_on
    return as_of if ends_on is None else min(as_of, day_before(ends_on))


def _series(rule: IndexationRule, catalog: Catalog, anniversary: date, as_of: date) -> IndexSeries:
    """Return the index of a rule, or its substitute where only that one is out and the first is overdue."""
    series = catalog.index(rule.index)
    if (
        not rule.substitute
        or is_published(rule, series, anniversary)
        or not is_discontinued(rule, anniversary, as_of)
    ):
        return series
    substitute = catalog.index(rule.substitute)
    return substitute if is_published(rule, substitute, anniversary) else series


def _from_use_not_billed(
    adjusted: PriceAdjustment, contract: Contract, use_billed_through: date
) -> PriceAdjustment:
    """Leave the price of use that was billed after the anniversary, before the index was out."""
    first_day = max(adjusted.effective_on, contract.subscription.starts_on)
    return replace(adjusted, use_from=use_billed_through) if use_billed_through > first_day else adjusted
