"""The fees that a penalty is counted on: of the rest of a term, of the whole, at the list's prices."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import Flat, Proration, Timing
from contracts.life_rules import Renewal, TermRule
from contracts.subscriptions import Contract, OrderForm
from invoicing.compose import Mark, MarkKey
from invoicing.penalty_bases import discounts_given, fees_of, remaining_fees, term_fees
from kernel.calendars import first_day_after
from kernel.money import Money, Percent, total_of
from kernel.periods import Cycle, Period
from rating.penalties import clawback, share_of_fees
from tests.parts import FEE, SUBSCRIPTION, library, parts

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
ARREARS = replace(FEE, code="support", amount=Decimal(310), timing=Timing.IN_ARREARS)
DAYS_OF_YEAR = st.integers(min_value=0, max_value=364)


def contract_of(*charges: Flat, agreed: str = "", months: int = 12) -> Contract:
    """A contract under Annex X from January, whose order form states the term and perhaps a price."""
    form = OrderForm(
        rules=replace(
            OrderForm().rules,
            term=TermRule(clause="ZEN-X-12", months=months, renewal=Renewal.SAME_TERM) if months else None,
        ),
        charges={"fee": {"amount": agreed}} if agreed else {},
    )
    papers = library("zenvia-general", "zenvia-annex-x" if months else "zenvia-annex-ix")
    cited = tuple(replace(each, clause=papers[1].clause[0].id) for each in charges)
    return parts(papers, charges=cited, subscription=replace(SUBSCRIPTION, order_form=form)).contract()


def mxn(amount: str) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def billed(month: int) -> dict[MarkKey, Mark]:
    """A month of the fee that was billed in advance."""
    start = date(2026, month, 1)
    return {MarkKey("fee", Period(start, Cycle(start, 1).border(1))): Mark(Decimal(1), mxn("1000.00"))}


def test_a_span_is_priced_period_by_period() -> None:
    """Half of March and April: 1,000.00 x 16/31 and 1,000.00."""
    (fee,) = fees_of(contract_of(FEE), Period(date(2026, 3, 16), date(2026, 5, 1)))

    assert mxn("1516.13") == fee.amount


@pytest.mark.clause("ZEN-X-14")
def test_what_was_billed_in_advance_does_not_remain() -> None:
    """March is billed: nine months of the fee remain; of what is paid afterwards 16 days of March, too."""
    contract = contract_of(FEE, ARREARS)
    fees = {each.charge: each for each in remaining_fees(contract, billed(3), ends_on=date(2026, 3, 16))}

    assert (mxn("9000.00"), date(2026, 4, 1)) == (fees["fee"].amount, fees["fee"].days.start)
    assert (mxn("2950.00"), date(2026, 3, 16)) == (fees["support"].amount, fees["support"].days.start)


@pytest.mark.clause("ZEN-X-14")
def test_a_fee_without_proration_owes_the_period_in_course_and_none_of_it_remains() -> None:
    """Ended on 15 March: March is billed whole, before or after that is known, so nine months remain."""
    whole = replace(ARREARS, proration=Proration.NONE)
    (rest,) = remaining_fees(contract_of(whole), {}, ends_on=date(2026, 3, 16))

    assert (date(2026, 4, 1), mxn("2790.00")) == (rest.days.start, rest.amount)


@pytest.mark.clause("ZEN-X-14")
def test_nothing_remains_on_the_last_day_of_a_term() -> None:
    """The first day without the contract is that of the next term, which it never had."""
    contract = contract_of(FEE, replace(ARREARS, proration=Proration.NONE))
    last_month = billed(12)

    assert () == remaining_fees(contract, last_month, ends_on=YEAR.end)
    assert () == discounts_given(contract_of(FEE, agreed="800.00"), ends_on=YEAR.end)


def replace_end(contract: Contract) -> Contract:
    """The contract, as it stands once it ends with its year."""
    return dataclasses.replace(contract, subscription=replace(contract.subscription, ends_on=YEAR.end))


def test_without_a_term_nothing_remains_and_no_discount_comes_back() -> None:
    """Annex IX states none: whoever leaves it leaves nothing early."""
    contract = contract_of(FEE, agreed="800.00", months=0)

    assert () == remaining_fees(contract, {}, ends_on=date(2026, 3, 16))
    assert () == discounts_given(contract, ends_on=date(2026, 3, 16))
    assert () == term_fees(contract, date(2026, 3, 16))


@pytest.mark.clause("ZEN-X-19")
def test_the_fees_of_a_term_are_those_of_the_one_that_holds_the_day() -> None:
    """Twelve months, and the last term once the contract is over."""
    contract = contract_of(FEE)

    assert [(YEAR, mxn("12000.00"))] == [
        (each.days, each.amount) for each in term_fees(contract, date(2026, 3, 16))
    ]
    assert [YEAR] == [each.days for each in term_fees(replace_end(contract), date(2027, 3, 16))]


@pytest.mark.clause("ZEN-IX-10.1")
def test_a_discount_is_the_list_less_what_was_agreed() -> None:
    """1,000.00 for 800.00 until 9 April: 3,300.00 less 2,640.00."""
    (given_back,) = discounts_given(contract_of(FEE, agreed="800.00"), ends_on=date(2026, 4, 10))

    assert (mxn("3300.00"), mxn("2640.00")) == (given_back.listed, given_back.agreed)
    assert () == discounts_given(contract_of(FEE), ends_on=date(2026, 4, 10))
    assert () == discounts_given(contract_of(FEE, agreed="1200.00"), ends_on=date(2026, 4, 10))


@given(DAYS_OF_YEAR, st.integers(min_value=1, max_value=999))
def test_a_clawback_and_what_was_paid_never_exceed_the_list(days: int, agreed: int) -> None:
    """Whatever the last day: what was agreed and the claw-back are the list, to the cent."""
    contract = contract_of(FEE, agreed=str(agreed))
    discounts = discounts_given(contract, ends_on=first_day_after(YEAR.start, days))
    due = clawback(discounts, currency="MXN", clause="c")
    listed, paid = (
        total_of((getattr(each, name) for each in discounts), "MXN") for name in ("listed", "agreed")
    )

    assert listed == due.amount + paid
    assert Money.of(0, "MXN") <= due.amount <= Money.of(12 * (1000 - agreed), "MXN")


def half_of_the_rest(days: int) -> Money:
    """Return the penalty of a contract whose first day without service is so many days after its first."""
    rest = remaining_fees(contract_of(ARREARS), {}, ends_on=first_day_after(YEAR.start, days - 1))
    return share_of_fees(Percent(Decimal(50)), rest, currency="MXN", clause="c").amount


@given(DAYS_OF_YEAR)
def test_a_penalty_on_the_rest_never_grows_as_the_term_runs_out(days: int) -> None:
    """A day later less remains, and after the last day nothing."""
    assert half_of_the_rest(days + 1) >= half_of_the_rest(min(days + 2, 365))
    assert Money.of(0, "MXN") == half_of_the_rest(365)
