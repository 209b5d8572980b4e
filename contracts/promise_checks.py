"""What of discounts, coupons, commitments and credits does not fit the plan that they hold for.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.charges import Charge
from contracts.clauses import Layer, Rule
from contracts.plans import Plan
from contracts.promises import Commitment, Credits, Estimate
from contracts.reductions import AmountCoupon, AmountDiscount
from contracts.shapes import one_of
from contracts.terms import Sourced, Terms
from kernel.errors import InvalidTerms
from kernel.money import Money


def check_promises(plan: Plan, charges: Sequence[Charge], terms: Terms) -> None:
    """Refuse a reduction or a promise that names no charge of its plan, or states no amount of its currency.

    General terms and annexes are for many plans, so that only a plan and an order form must name charges that
    are there.  A promise that is billed bears a code of its own.
    """
    codes = [charge.code for charge in charges]
    for field, sourced in _held(plan, terms):
        rule = sourced.rule
        lost = sorted(set(_charges(rule)) - {*codes, *(each.code for each in plan.charge)})
        if lost and (sourced.document.layer is Layer.ORDER_FORM or sourced.document.id == plan.code):
            raise InvalidTerms(
                "the plan has no such charge",
                field=f"{field}.charges",
                value=", ".join(lost),
                expected=one_of(codes, lost[0]),
            )
        if isinstance(rule, Commitment | Estimate) and field.partition(".")[2] in codes:
            raise InvalidTerms(
                "a charge of the plan bears the code of this promise",
                field=field,
                value=field.partition(".")[2],
                expected="a code of its own, under which it is billed",
            )
        if isinstance(rule, AmountDiscount | AmountCoupon | Commitment | Credits | Estimate):
            Money.of(rule.amount, plan.currency, field=f"{field}.amount")


def _held(plan: Plan, terms: Terms) -> Iterator[tuple[str, Sourced[Rule]]]:
    for code, reduction in terms.reductions.items():
        if reduction.rule.holds_for(plan.code):
            yield f"reductions.{code}", reduction
    for code, promise in terms.promises.items():
        if promise.rule.holds_for(plan.code):
            yield f"promises.{code}", promise


def _charges(rule: Rule) -> tuple[str, ...]:
    return getattr(rule, "charges", ())
