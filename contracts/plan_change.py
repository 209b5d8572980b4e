"""Another plan at the customer's wish: from which cycle, as which contract, and whether it may cost less.

Asked for on 10 March with 30 days' notice, in months from the first: 1 April is too near, so 1 May.  Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from fractions import Fraction

from msgspec import structs

from contracts.charges import Charge, Flat, OneOff
from contracts.life_rules import PlanChangeRule
from contracts.plans import Plan
from contracts.subscriptions import Contract, Subscription
from kernel.calendars import last_day_within
from kernel.errors import Conflict
from kernel.money import minor_unit_digits, plain, round_exact
from kernel.periods import Cycle, CycleUnit

#: Days of an average month, by which fees of weeks compare with fees of months.
AVERAGE_MONTH_DAYS = Fraction(365, 12)

#: The name of the form on which a plan follows another, where the contract had no form of its own.
PLAN_CHANGE = "plan-change"

_NUMBERED = re.compile(r"(?P<name>.*)-(?P<number>\d+)")


def begins_on(rule: PlanChangeRule, cycle: Cycle, said_on: date, *, billed_until: date | None = None) -> date:
    """Return the first day of the first cycle that lies the notice or more after the wish.

    It is never a cycle that was billed in advance, which ends before ``billed_until``.
    """
    earliest = max(last_day_within(said_on, rule.notice_days), billed_until or said_on)
    period = cycle.period_of(earliest)
    return earliest if earliest == period.start else period.end


def successor(contract: Contract, plan: Plan, *, on: date, taken: Collection[str]) -> Subscription:
    """Return the contract that follows on a day: what was agreed stays, but for the old plan's prices.

    It ends when the old one would have.  A fee that is owed once and that the old plan had too is not owed
    again.
    """
    held = contract.subscription
    paid = {each.code for each in contract.plan.charge if isinstance(each, OneOff)}
    waived = tuple(each.code for each in plan.charge if isinstance(each, OneOff) and each.code in paid)
    return structs.replace(
        held,
        code=_next_code(held.code, taken),
        plan=plan.code,
        plan_version=plan.version,
        signed_on=on,
        starts_on=on,
        order_form=structs.replace(
            held.order_form, id=held.order_form.id or PLAN_CHANGE, charges={}, waived=waived
        ),
    )


def refuse_smaller(rule: PlanChangeRule, contract: Contract, plan: Plan, *, within_term: bool) -> None:
    """Refuse a plan whose fees are lower, where the terms do not let a term get smaller."""
    if rule.smaller or not within_term:
        return
    old = fees_a_month(contract.charges, contract.cycle)
    new = fees_a_month(plan.charge, plan.cycle_from(contract.subscription.starts_on))
    if new < old:
        places = minor_unit_digits(contract.currency)
        told = [f"{plain(round_exact(each, places))} {contract.currency} a month" for each in (new, old)]
        raise Conflict(
            "the terms do not let a contract get smaller within its term",
            field="plan",
            value=f"{plan.code} {plan.version}: {told[0]}",
            expected=f"fees of {told[1]} or more, or a wish for the day on which the term is renewed",
        )


def fees_a_month(charges: Collection[Charge], cycle: Cycle) -> Fraction:
    """Return the fixed fees of a plan by the month, exactly."""
    length = Fraction(cycle.length)
    months = length if cycle.unit is CycleUnit.MONTH else length / AVERAGE_MONTH_DAYS
    fees = (Fraction(each.amount) * Fraction(each.quantity) for each in charges if isinstance(each, Flat))
    return sum(fees, Fraction()) / months


def _next_code(code: str, taken: Collection[str]) -> str:
    """Return the next free code: ``conversion`` is followed by ``conversion-2``."""
    numbered = _NUMBERED.fullmatch(code)
    name, number = (numbered["name"], int(numbered["number"])) if numbered else (code, 1)
    while (following := f"{name}-{number + 1}") in taken:
        number += 1
    return following
