"""The terms of commitments that have ended, and what lacks to each.  Pure.

What charges owe after discounts counts, by the term in which their period begins.  Late use lowers what was
billed as lacking, by a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import takewhile
from math import prod
from typing import assert_never

from contracts.charges import Proration
from contracts.promises import Commitment
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.cycles import Progress
from invoicing.documents import LineKind
from invoicing.marked import Amounts, MarkedLine, PromisedLine, billed_before
from kernel.calendars import day_before
from kernel.money import total_of
from kernel.periods import Cycle, Period
from rating.commitments import committed, true_up
from rating.proration import WHOLE, Share, share_in_seconds, share_of
from rating.working import Working, step


@dataclass(frozen=True, slots=True)
class DueTerm:
    """A term of a commitment that has ended: the days of it that the contract fills, and all of it."""

    code: str
    sourced: Sourced[Commitment]
    part: Period
    cycle: Cycle


def terms_due(
    contract: Contract, progress: Progress, as_of: date, days: Iterable[date]
) -> tuple[DueTerm, ...]:
    """Return the terms that have ended since the last bill, and those ended ones that hold one of some days.

    The last term of a contract that is over is always among them, for its end may have been told late.
    """
    touched = set(days)
    ends_on = contract.subscription.ends_on
    if ends_on is not None and ends_on <= as_of:
        touched.add(day_before(ends_on))
    return tuple(
        DueTerm(code, sourced, part, cycle)
        for code, sourced, cycle in _commitments(contract)
        for whole in _terms(cycle, progress.arrears_through, as_of, touched)
        if (part := contract.subscription.within(whole)) is not None and part.end <= as_of
    )


def first_days(contract: Contract, days: Iterable[date]) -> Iterator[date]:
    """Yield the first days of the terms that hold one of these days: what counts may be as old."""
    held = tuple(days)
    for _, _, cycle in _commitments(contract):
        yield from (cycle.period_of(day).start for day in held)


def _commitments(contract: Contract) -> Iterator[tuple[str, Sourced[Commitment], Cycle]]:
    base = contract.cycle
    for code, sourced in contract.terms.promises.items():
        rule = sourced.rule
        if isinstance(rule, Commitment) and rule.holds_for(contract.plan.code):
            cycle = Cycle(base.anchor, base.length * rule.cycles, base.unit, base.day)
            yield code, Sourced(rule, sourced.clause, sourced.document), cycle


def _terms(cycle: Cycle, since: date, as_of: date, days: Iterable[date]) -> Iterator[Period]:
    walked = takewhile(lambda whole: whole.start < as_of, cycle.periods_from(since))
    yield from sorted({*walked, *(cycle.period_of(day) for day in days)})


def true_up_line(contract: Contract, term: DueTerm, amounts: Amounts, number: int) -> MarkedLine:
    """Return what a term lacks; ``amounts`` are what all charges owe by now, and terms did before."""
    rule, currency = term.sourced.rule, contract.currency
    counted = total_of(
        (
            amount
            for (charge, period), amount in amounts.items()
            if period.start in term.part and charge not in contract.terms.promises and rule.concerns(charge)
        ),
        currency,
    )
    share = _share(contract, term)
    factor = _factor(contract, rule, term.part.start)
    agreed = committed(Fraction(rule.amount) * factor, share=share.exact, currency=currency)
    found = true_up(agreed, counted)
    before = billed_before(amounts, term.code, term.part)
    working = (*_factor_steps(factor), *share.working, *found.working)
    rest = found.amount
    if before is not None:
        rest = found.amount - before[1]
        shown = step("true_up_before", rest.amount, amount=before[1].amount, currency=currency)
        working = (*working, shown)
    line = PromisedLine(LineKind.TRUE_UP, term.code, term.sourced, term.part, rest, working)
    return MarkedLine(term.code, term.part, found.amount, line.numbered(contract, number) if rest else None)


def _share(contract: Contract, term: DueTerm) -> Share:
    proration = term.sourced.rule.proration
    match proration:
        case Proration.DAY:
            return share_of(term.part, term.cycle)
        case Proration.SECOND:
            return share_in_seconds(term.part, term.cycle, contract.entity.time_zone)
        case Proration.NONE:
            return WHOLE
        case _:
            assert_never(proration)


def _factor(contract: Contract, rule: Commitment, day: date) -> Fraction:
    if not rule.indexed:
        return Fraction(1)
    factors = (Fraction(each.factor) for each in contract.adjustments if each.effective_on <= day)
    return prod(factors, start=Fraction(1))


def _factor_steps(factor: Fraction) -> Working:
    return () if factor == 1 else (step("factor", factor),)
