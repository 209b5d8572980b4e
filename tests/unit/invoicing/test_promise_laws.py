"""Laws of invoices with discounts, coupons, commitments and credits, whatever was used."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from contracts.promises import Commitment, Credits, Estimate, Promise
from contracts.reductions import AmountCoupon, AmountDiscount, PercentCoupon, PercentDiscount, Reduction
from contracts.subscriptions import Contract
from invoicing.compose import Draft
from invoicing.drawdowns import Drawdown, Given, Source
from invoicing.use_owed import UsageKey
from kernel.money import Money, total_of
from kernel.periods import Period
from tests.unit.invoicing.agreements import CONVERSATIONS, contract_of
from tests.unit.invoicing.promising import FEB, JAN, drafted, promising

JANUARY = Period(JAN, FEB)
SIGNED = contract_of(CONVERSATIONS, ends_on=FEB)

AMOUNTS = st.integers(1, 60_000).map(lambda cents: Decimal(cents).scaleb(-2))
PERCENTS = st.integers(1, 10_000).map(lambda cents: Decimal(cents).scaleb(-2))
USES = st.integers(0, 1_000)

REDUCTIONS: st.SearchStrategy[dict[str, Reduction]] = st.fixed_dictionaries(
    {},
    optional={
        "percent": PERCENTS.map(lambda each: PercentDiscount(clause="T-1", name="P", percent=each)),
        "amount": AMOUNTS.map(lambda each: AmountDiscount(clause="T-1", name="A", amount=each)),
        "coupon": AMOUNTS.map(lambda each: AmountCoupon(clause="T-1", name="C", amount=each)),
    },
)
PROMISES: st.SearchStrategy[dict[str, Promise]] = st.fixed_dictionaries(
    {},
    optional={
        "minimum": AMOUNTS.map(lambda each: Commitment(clause="T-1", name="M", amount=each)),
        "credits": AMOUNTS.map(lambda each: Credits(clause="T-1", name="K", amount=each)),
    },
)
CONTRACTS = st.builds(
    lambda reductions, promises: promising(SIGNED, reductions=reductions, promises=promises),
    REDUCTIONS,
    PROMISES,
)


def mxn(amount: Decimal) -> Money:
    """Pesos."""
    return Money(amount, "MXN")


def used(count: int) -> Mapping[UsageKey, Decimal]:
    """So many conversations of January."""
    return {UsageKey("whatsapp", "", JANUARY): Decimal(count)}


def net(*drafts: Draft) -> Money:
    """What drafts bill before taxes."""
    return total_of((mxn(line.net) for draft in drafts for line in draft.lines), "MXN")


def drawn(drawdowns: tuple[Drawdown, ...], source: Source) -> Money:
    """What was drawn from coupons or from credits."""
    return total_of((each.amount for each in drawdowns if each.purse.source is source), "MXN")


@given(CONTRACTS, USES)
def test_what_is_owed_is_billed_or_given(contract: Contract, count: int) -> None:
    """The marks, which are what is owed, are the lines and what coupons and credits gave to them."""
    draft = drafted(contract, FEB, used(count))
    owed = total_of((mark.amount for mark in draft.marks.values()), "MXN")
    given_to = total_of((each.amount for each in draft.drawdowns), "MXN")

    assert owed == net(draft) + given_to
    assert all(line.net + line.tax == line.gross for line in draft.lines)


@given(CONTRACTS, USES)
def test_nothing_is_given_beyond_what_there_is(contract: Contract, count: int) -> None:
    """No line falls below zero, and no coupon or credit gives more than it has."""
    draft = drafted(contract, FEB, used(count))
    coupons = [each.rule for each in contract.terms.reductions.values()]
    coupon = sum((each.amount for each in coupons if isinstance(each, AmountCoupon)), Decimal(0))
    promises = [each.rule for each in contract.terms.promises.values()]
    credit = sum((each.amount for each in promises if isinstance(each, Credits)), Decimal(0))

    assert all(line.net >= 0 for line in draft.lines)
    assert drawn(draft.drawdowns, Source.COUPON) <= mxn(coupon)
    assert drawn(draft.drawdowns, Source.CREDITS) <= mxn(credit)


@given(CONTRACTS, USES, USES)
def test_use_that_comes_late_costs_what_it_would_have(contract: Contract, count: int, late: int) -> None:
    """Two bills of the same January come to what one of all of it does.

    Where a minimum was billed that late use lowers, that bill owes nothing that credits could pay: they are
    kept for later, and the two bills may come to more.
    """
    first = drafted(contract, FEB, used(count))
    second = drafted(
        contract, FEB, used(count + late), billed=first.marks, given=Given(drawn=first.drawdowns)
    )
    at_once = drafted(contract, FEB, used(count + late))

    if {"credits", "minimum"} <= set(contract.terms.promises):
        assert net(at_once) <= net(first, second)
    else:
        assert net(at_once) == net(first, second)


@given(AMOUNTS, USES)
def test_an_estimate_and_its_settlement_are_the_use(amount: Decimal, count: int) -> None:
    """Whatever was estimated, the two bills come to what was used, and so do their taxes."""
    rule = Estimate(clause="T-1", name="E", amount=amount)
    contract = promising(SIGNED, promises={"ahead": rule})
    first = drafted(contract, JAN)
    second = drafted(contract, FEB, used(count), billed=first.marks)
    plain = drafted(SIGNED, FEB, used(count))

    assert net(plain) == net(first, second)
    assert plain.total("MXN") == first.total("MXN") + second.total("MXN")


@given(st.lists(PERCENTS, min_size=1, max_size=4), USES)
def test_coupons_of_percents_make_no_total_negative(percents: list[Decimal], count: int) -> None:
    """However many there are."""
    coupons = {
        f"c{number}": PercentCoupon(clause="T-1", name="C", percent=each)
        for number, each in enumerate(percents)
    }
    draft = drafted(promising(SIGNED, reductions=coupons), FEB, used(count))

    assert Money.zero("MXN") <= draft.total("MXN")
