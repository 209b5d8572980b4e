"""Use that is billed as an estimate on the first day of its period, and settled when that has ended.  Pure.

A period that has ended before it was ever billed is not estimated; its use is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.charges import UsageTerms
from contracts.promises import Estimate, EstimateBase
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.cycles import Progress, parts_from
from invoicing.documents import InvoiceLine, LineKind
from invoicing.marked import Amounts, MarkedLine, PromisedLine, billed_before
from kernel.calendars import day_before
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.proration import share_of
from rating.settlement import Estimated, agreed_estimate, estimate_by, taken_back


@dataclass(frozen=True, slots=True)
class DueEstimate:
    """A part of a period whose use is to be estimated, or to be settled once it has ended."""

    code: str
    sourced: Sourced[Estimate]
    part: Period
    has_ended: bool


def estimates_due(contract: Contract, progress: Progress, as_of: date) -> tuple[DueEstimate, ...]:
    """Return the periods to settle as of a date, oldest first, and after them those to estimate."""
    rules = tuple(_estimates(contract))
    if not rules:
        return ()
    ended = [each for each, _ in parts_from(contract, progress.arrears_through, as_of) if each.end <= as_of]
    # A fee of another cycle says nothing of the use that was estimated: what begins may be looked at twice.
    is_one = contract.usage_cycle == contract.cycle
    since = progress.advance_through if is_one else progress.arrears_through
    begun = [each for each, _ in parts_from(contract, since, as_of) if each.end > as_of]
    return tuple(
        DueEstimate(code, sourced, part, has_ended)
        for parts, has_ended in ((ended, True), (begun, False))
        for part in parts
        for code, sourced in rules
    )


def estimate_line(contract: Contract, due: DueEstimate, amounts: Amounts, number: int) -> MarkedLine:
    """Return the estimate of a period, or what settles it: nothing where it was never estimated."""
    nothing = Money.zero(contract.currency)
    before = billed_before(amounts, due.code, due.part)
    if before is None:
        if due.has_ended:
            return MarkedLine(due.code, due.part, nothing, None)
        found = _estimated(contract, due, amounts)
        return MarkedLine(due.code, due.part, found.amount, _line(contract, due, due.part, found, number))
    period, billed = before
    if not due.has_ended:
        return MarkedLine(due.code, period, billed, None)
    return MarkedLine(due.code, period, nothing, _line(contract, due, period, taken_back(billed), number))


def _estimates(contract: Contract) -> Iterator[tuple[str, Sourced[Estimate]]]:
    for code, sourced in contract.terms.promises.items():
        rule = sourced.rule
        if isinstance(rule, Estimate) and rule.holds_for(contract.plan.code):
            yield code, Sourced(rule, sourced.clause, sourced.document)


def _estimated(contract: Contract, due: DueEstimate, amounts: Amounts) -> Estimated:
    rule, share = due.sourced.rule, share_of(due.part, contract.usage_cycle)
    if rule.base is EstimateBase.PERIOD_BEFORE:
        begins = contract.usage_cycle.period_of(due.part.start).start
        whole = contract.usage_cycle.period_of(day_before(begins))
        before = contract.subscription.within(whole)
        if before is not None:
            used = _used(contract, rule, before, amounts)
            return estimate_by(used, before.share_of(whole), share)
    return agreed_estimate(rule.amount, share, currency=contract.currency)


def _used(contract: Contract, rule: Estimate, days: Period, amounts: Amounts) -> Money:
    """Return what the use that is estimated came to in some days."""
    use = {
        charge.code
        for charge in contract.charges
        if isinstance(charge, UsageTerms) and rule.concerns(charge.code)
    }
    owed = (amount for (code, period), amount in amounts.items() if code in use and period.start in days)
    return total_of(owed, contract.currency)


def _line(
    contract: Contract, due: DueEstimate, period: Period, found: Estimated, number: int
) -> InvoiceLine | None:
    if not found.amount:
        return None
    line = PromisedLine(LineKind.ESTIMATE, due.code, due.sourced, period, found.amount, found.working)
    return line.numbered(contract, number)
