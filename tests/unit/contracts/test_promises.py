"""Discounts, coupons, commitments, credits and estimates as papers state them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.clauses import Clause
from contracts.credit_grants import CreditGrant
from contracts.promises import Commitment, Credits, Estimate, Promise
from contracts.reductions import AmountCoupon, PercentCoupon, PercentDiscount, Reduction
from contracts.subscriptions import OrderForm
from contracts.terms import TermsDocument
from kernel.errors import InvalidInput, InvalidMoney, InvalidTerms
from kernel.ids import account_id_of, subscription_id_of
from kernel.money import Money
from kernel.periods import Cycle
from tests.parts import HEAD, PLAN, SUBSCRIPTION, Parts, parts

JAN = date(2026, 1, 1)
MONTHS = Cycle(date(2026, 1, 15), 1, day=1)
TENTH = PercentDiscount(clause="T-1", name="Tenth", percent=Decimal(10))
PAPER = TermsDocument(document=HEAD, clause=(Clause(id="T-1", place="1", says_en="A test."),))


def agreed(
    paper: TermsDocument = PAPER,
    *,
    reductions: dict[str, Reduction] | None = None,
    promises: dict[str, Promise] | None = None,
    order_form: OrderForm | None = None,
) -> Parts:
    """A contract whose plan states these."""
    return parts(
        (paper,),
        plan=replace(PLAN, reductions=reductions or {}, promises=promises or {}),
        subscription=replace(SUBSCRIPTION, order_form=order_form or OrderForm()),
    )


@pytest.mark.parametrize("percent", ["0", "100.01", "-5"])
def test_a_percent_of_nothing_or_of_more_than_all_is_refused(percent: str) -> None:
    """More than nothing, and at most a hundred."""
    with pytest.raises(ValueError, match="percent: more than 0 and at most 100"):
        PercentDiscount(clause="T-1", name="P", percent=Decimal(percent))


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_an_amount_of_nothing_is_refused(amount: str) -> None:
    """Of a coupon and of a commitment alike."""
    with pytest.raises(ValueError, match="amount: more than nothing"):
        AmountCoupon(clause="T-1", name="A", amount=Decimal(amount))
    with pytest.raises(ValueError, match="amount: more than nothing"):
        Commitment(clause="T-1", name="M", amount=Decimal(amount))


def test_two_ends_are_refused() -> None:
    """So many cycles, or until a day."""
    with pytest.raises(ValueError, match="until: a reduction states either"):
        PercentCoupon(clause="T-1", name="P", percent=Decimal(5), cycles=2, until=date(2026, 3, 1))
    with pytest.raises(ValueError, match="expires_on: credits state either"):
        Credits(clause="T-1", name="K", amount=Decimal(5), cycles=2, expires_on=date(2026, 3, 1))


def test_an_end_lies_after_the_beginning() -> None:
    """A day that is never reached is a typing error."""
    with pytest.raises(ValueError, match="until: must lie after"):
        replace(TENTH, from_on=date(2026, 3, 1), until=date(2026, 3, 1))


def test_credits_of_each_cycle_do_not_heap_up_without_end() -> None:
    """They say for how many cycles they live."""
    with pytest.raises(ValueError, match="cycles: credits of each cycle say"):
        Credits(clause="T-1", name="K", amount=Decimal(5), each_cycle=True)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 1, 14), False),
        (date(2026, 1, 15), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
    ],
)
def test_two_cycles_are_the_rest_of_the_first_and_the_second(day: date, *, holds: bool) -> None:
    """From 15 January, with bills on the first of the month: until the end of February."""
    rule = replace(TENTH, cycles=2)

    assert holds == rule.holds_on(day, date(2026, 1, 15), MONTHS)


def test_a_term_begins_and_ends_on_its_days() -> None:
    """From a day on, until a day, exclusive."""
    rule = replace(TENTH, from_on=date(2026, 2, 10), until=date(2026, 3, 10))

    assert [False, True, True, False] == [
        rule.holds_on(date(2026, month, day), JAN, MONTHS)
        for month, day in ((2, 9), (2, 10), (3, 9), (3, 10))
    ]


def test_what_a_plan_states_holds_with_its_clause() -> None:
    """The plan is a paper of its own beside its annexes."""
    contract = agreed(reductions={"tenth": TENTH}).contract()
    found = contract.terms.reductions["tenth"]

    assert ("T-1", "plan", "1") == (found.clause.id, found.document.id, found.document.version)
    assert ["tenth"] == list(contract.discounts_of(contract.charges[0], JAN))


def test_an_order_form_prevails_over_the_plan() -> None:
    """The same code, another percent."""
    form = OrderForm(reductions={"tenth": replace(TENTH, percent=Decimal(20))})
    contract = agreed(reductions={"tenth": TENTH}, order_form=form).contract()
    (rule,) = contract.discounts_of(contract.charges[0], JAN).values()

    assert isinstance(rule, PercentDiscount)
    assert Decimal(20) == rule.percent


def test_a_charge_that_the_plan_does_not_have_is_refused() -> None:
    """A slip would lower nothing: a plan and an order form name charges that are there."""
    lost = replace(TENTH, charges=("fees",))
    with pytest.raises(InvalidTerms, match="the plan has no such charge") as refused:
        agreed(reductions={"tenth": lost}).contract()

    assert ("reductions.tenth.charges", "fees", "one of fee") == (
        refused.value.field,
        refused.value.value,
        refused.value.expected,
    )


def test_general_terms_may_name_charges_of_other_plans() -> None:
    """They are for many plans."""
    paper = replace(PAPER, reductions={"tenth": replace(TENTH, charges=("another",))})
    contract = agreed(paper).contract()

    assert {} == contract.discounts_of(contract.charges[0], JAN)


@pytest.mark.parametrize(
    "rule",
    [
        Commitment(clause="T-1", name="M", amount=Decimal(5)),
        Estimate(clause="T-1", name="E", amount=Decimal(5)),
    ],
)
def test_a_promise_that_is_billed_bears_no_code_of_a_charge(rule: Promise) -> None:
    """What is marked as billed under a code is one thing."""
    with pytest.raises(InvalidTerms, match="a charge of the plan bears the code"):
        agreed(promises={"fee": rule}).contract()


def test_an_amount_is_of_its_currency() -> None:
    """Pesos have two decimals."""
    with pytest.raises(InvalidMoney, match="more decimals than the currency has"):
        agreed(promises={"k": Credits(clause="T-1", name="K", amount=Decimal("5.001"))}).contract()


def grant(**fields: object) -> CreditGrant:
    """Credits that a person gives."""
    account = account_id_of("acme")
    given: dict[str, object] = {
        "account_id": account,
        "subscription_id": subscription_id_of(account, "main"),
        "code": "outage",
        "name": "Outage",
        "clause": "T-1",
        "amount": Money.of(5, "MXN"),
        "given_on": JAN,
        "given_by": "ana",
        "reason": "an outage",
        "recorded_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return CreditGrant(**{**given, **fields})  # type: ignore[arg-type]  # fields by their names


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", Money.zero("MXN")), ("expires_on", JAN), ("priority", -1), ("priority", 101)],
)
def test_a_grant_that_makes_no_sense_is_refused(field: str, value: object) -> None:
    """Of nothing, expired when given, of no priority that there is."""
    with pytest.raises(InvalidInput) as refused:
        grant(**{field: value})

    assert field == refused.value.field
