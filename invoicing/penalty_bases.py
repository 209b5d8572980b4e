"""What a penalty is counted on: the fees of some days of a contract, at its prices or the list's.  Pure.

Fees are composed as an invoice composes them, so that a stop, a share and a factor count here as there;
prices are those that are known.  Use is no fee.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from contracts.charges import Flat, Proration
from contracts.subscriptions import Contract
from contracts.term import term_of
from invoicing.compose import Mark, MarkKey, compose
from invoicing.cycles import DuePart
from invoicing.stopped import before_end
from kernel.calendars import day_before
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.penalties import Discount, SpanFee


def fees_of(contract: Contract, span: Period) -> tuple[SpanFee, ...]:
    """Return what each fee of a contract comes to over some days, an end that is set left aside."""
    found = ((each, fee_amount(contract, each, span)) for each in _fees(contract.charges))
    return tuple(SpanFee(charge.code, span, amount) for charge, amount in found if amount)


def remaining_fees(
    contract: Contract, billed: Mapping[MarkKey, Mark], *, ends_on: date
) -> tuple[SpanFee, ...]:
    """Return the fees from the first day without a contract to the end of its term, beyond what was billed.

    1,000.00 a month, March billed in advance, ended on 15 March, the term ends in December: nine months.
    A fee without proration owes the period in course whole, so that none of it remains either.  Without a
    term nothing does.
    """
    term = _term(contract, day_before(ends_on))
    found: list[SpanFee] = []
    for charge in _fees(contract.charges):
        ends = [key.period.end for key in billed if key.charge == charge.code]
        if charge.proration is Proration.NONE:
            ends.append(contract.cycle.period_of(day_before(ends_on)).end)
        start = max([ends_on, *ends])
        if term is not None and start < term.end:
            span = Period(start, term.end)
            found.append(SpanFee(charge.code, span, fee_amount(contract, charge, span)))
    return tuple(each for each in found if each.amount)


def term_fees(contract: Contract, day: date) -> tuple[SpanFee, ...]:
    """Return the fees of the whole term that holds a day, or of the last one before it."""
    ends_on = contract.subscription.ends_on
    held = day if ends_on is None else min(day, Period(contract.subscription.starts_on, ends_on).last_day)
    term = _term(contract, held)
    return () if term is None else fees_of(contract, term)


def discounts_given(contract: Contract, *, ends_on: date) -> tuple[Discount, ...]:
    """Return, by fee, what the term has cost to its last day by the plan's price and by the order form's.

    A contract without a term, or one that ran to the end of it, kept what it got the discount for.
    """
    term = _term(contract, day_before(ends_on))
    if term is None or ends_on == term.end:
        return ()
    used = Period(term.start, ends_on)
    listed = {each.code: each for each in _fees(contract.plan.charge)}
    discounts = (
        Discount(
            charge.code,
            used,
            listed=fee_amount(contract, listed[charge.code], used),
            agreed=fee_amount(contract, charge, used),
        )
        for charge in _fees(contract.charges)
        if charge.code in listed
    )
    return tuple(each for each in discounts if each.given)


def fee_amount(contract: Contract, charge: Flat, span: Period) -> Money:
    """Return what a fee comes to over some days, period by period as it is billed."""
    draft = compose(contract, _parts(contract, charge, span), {}, {})
    return total_of((mark.amount for mark in draft.marks.values()), contract.currency)


def _fees(charges: Iterable[object]) -> Iterator[Flat]:
    return (each for each in charges if isinstance(each, Flat))


def _parts(contract: Contract, charge: Flat, span: Period) -> Iterator[DuePart]:
    for whole in contract.cycle.periods_from(span.start):
        part = whole.overlap(span)
        if part is None:
            return
        days = before_end(contract, charge, part)
        if days is not None:
            yield DuePart(charge, days, whole)


def _term(contract: Contract, day: date) -> Period | None:
    sourced = contract.terms.term
    return None if sourced is None else term_of(sourced.rule, contract, day)
