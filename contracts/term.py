"""The term of a contract: how long it lasts, when it renews, and on which days that may be refused.  Pure.

A term of twelve months that begins on 1 March 2026 ends with 28 February 2027 and renews on 1 March.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from contracts.life_rules import RefusalTime, Renewal, TermRule
from contracts.plans import Plan
from contracts.subscriptions import Contract, Subscription
from contracts.terms import Terms
from kernel.calendars import first_day_after, last_day_before, last_day_within
from kernel.periods import Cycle, Period


def terms_from(rule: TermRule, contract: Contract, day: date) -> Iterator[Period]:
    """Yield the term that holds a day and those that follow it, as long as the contract goes on.

    Terms follow each other from the day on which the contract starts.  One that does not renew has the first
    term only; one with an end has none that begins on that day or later.
    """
    signed = contract.subscription
    if not signed.holds(day):
        return
    first = Period(signed.starts_on, _cycle(rule, contract).border(1))
    terms = _cycle(rule, contract).periods_from(day)
    if rule.renewal is Renewal.NONE:
        yield from (first,) if day in first else ()
        return
    yield from takewhile(lambda term: signed.ends_on is None or term.start < signed.ends_on, terms)


def term_of(rule: TermRule, contract: Contract, day: date) -> Period | None:
    """Return the term that holds a day, or None: before the start, after the end, or never renewed."""
    return next(terms_from(rule, contract, day), None)


def refusal_window(rule: TermRule, term: Period) -> Period | None:
    """Return the days on which the renewal of a term may be refused, None where it does not renew.

    Within 90 days of a renewal on 1 March 2027: from 1 December 2026 to 28 February 2027.  At least 90 days
    before it: up to and on 1 December 2026.  Without a number of days, all days of the term.
    """
    if rule.renewal is Renewal.NONE:
        return None
    if not rule.refusal_days:
        return term
    border = last_day_before(term.end, rule.refusal_days)
    if rule.refusal is RefusalTime.WITHIN:
        return Period(max(term.start, border), term.end)
    # A term that is shorter than its notice can only be refused before it begins.
    return Period(min(term.start, border), first_day_after(border, 0))


def renews(rule: TermRule, term: Period, refused_on: date | None = None) -> bool:
    """Tell whether a term is followed by another; a refusal outside its days changes nothing."""
    window = refusal_window(rule, term)
    if window is None:
        return False
    return refused_on is None or refused_on not in window


def agreed_end(terms: Terms, plan: Plan, signed: Subscription) -> tuple[date, str] | None:
    """Return the first day after a contract of one term or one trial, as its paper has it, and the clause.

    None, where the contract renews, goes on until somebody ends it, or bears an end of its own.
    """
    if signed.ends_on is not None:
        return None
    if plan.trial and terms.trial is not None:
        return last_day_within(signed.starts_on, terms.trial.rule.days), terms.trial.clause.id
    if terms.term is not None and terms.term.rule.renewal is Renewal.NONE:
        return _lasting(terms.term.rule, plan, signed.starts_on).border(1), terms.term.clause.id
    return None


def _cycle(rule: TermRule, contract: Contract) -> Cycle:
    return _lasting(rule, contract.plan, contract.subscription.starts_on)


def _lasting(rule: TermRule, plan: Plan, start: date) -> Cycle:
    return Cycle(start, rule.months) if rule.months else plan.cycle_from(start)
