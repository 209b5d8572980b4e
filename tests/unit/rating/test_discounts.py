"""Discounts of a charge: percents first, then amounts, never more than is owed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from contracts.reductions import AmountDiscount, Discount, PercentDiscount
from kernel.money import Money
from rating.charges import Rated
from rating.discounts import Discountable, discounted

TENTH = PercentDiscount(clause="T-1", name="Tenth", percent=Decimal(10))
FIFTY = AmountDiscount(clause="T-1", name="Fifty", amount=Decimal(50))

CENTS = st.integers(min_value=0, max_value=10**9)
PERCENTS = st.decimals(min_value="0.01", max_value=100, places=2)


def mxn(amount: str | int) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def owed(amount: str | int, discounts: Mapping[str, Discount], share: Fraction | None = None) -> Discountable:
    """What a charge owes, with its discounts."""
    return Discountable(Rated(Decimal(1), mxn(amount), ()), discounts, share)


def left(*parts: Discountable) -> list[Decimal]:
    """What is owed after the discounts."""
    return [each.amount.amount for each in discounted(parts)]


def test_a_percent_is_rounded_once() -> None:
    """10 % of 1,999.05 are 199.905, which is 199.91; 1,799.14 are left."""
    assert [Decimal("1799.14")] == left(owed("1999.05", {"a": TENTH}))


def test_percents_come_before_amounts() -> None:
    """10 % of 100.00 leaves 90.00, and 50.00 of those leaves 40.00, whatever their codes."""
    assert [Decimal(40)] == left(owed(100, {"a": FIFTY, "b": TENTH}))


def test_a_discount_never_takes_more_than_is_owed() -> None:
    """50.00 off 30.00 leaves nothing, and nothing is owed to the customer."""
    assert [Decimal(0)] == left(owed(30, {"a": FIFTY}))


def test_use_in_two_parts_is_given_an_amount_once() -> None:
    """50.00 off 30.00 and 40.00 of one period takes 30.00 and 20.00."""
    assert [Decimal(0), Decimal(20)] == left(owed(30, {"a": FIFTY}), owed(40, {"a": FIFTY}))


def test_days_are_given_their_share_of_an_amount() -> None:
    """17 of 31 days of 50.00 are 27.42, off 1,096.23."""
    assert [Decimal("1068.81")] == left(owed("1096.23", {"a": FIFTY}, Fraction(17, 31)))


def test_each_discount_shows_its_working_and_its_clause() -> None:
    """What it took, of what, what is left, and why."""
    (rated,) = discounted([owed(100, {"a": TENTH, "b": FIFTY})])

    assert [("percent_discount", "90"), ("amount_discount", "40")] == [
        (each.code, each.result) for each in rated.working
    ]
    assert ["T-1", "T-1"] == [each.facts["clause"] for each in rated.working]
    assert ["10", "50"] == [each.facts["off"] for each in rated.working]


@given(CENTS, PERCENTS)
def test_a_discount_leaves_between_nothing_and_all(cents: int, percent: Decimal) -> None:
    """Whatever the percent, what is left lies between nothing and what was owed."""
    amount = Money(Decimal(cents).scaleb(-2), "MXN")
    rule = PercentDiscount(clause="T-1", name="Some", percent=percent)
    (rated,) = discounted([Discountable(Rated(Decimal(1), amount, ()), {"a": rule})])

    assert Decimal(0) <= rated.amount.amount <= amount.amount


@given(st.lists(CENTS, min_size=1, max_size=6), st.integers(min_value=1, max_value=10**9))
def test_a_period_in_parts_is_given_what_a_whole_one_is(parts: list[int], off: int) -> None:
    """However use is cut by prices, an amount takes the same off the sum."""
    rule = AmountDiscount(clause="T-1", name="Some", amount=Decimal(off).scaleb(-2))
    amounts = [Money(Decimal(each).scaleb(-2), "MXN") for each in parts]
    cut = discounted([Discountable(Rated(Decimal(1), each, ()), {"a": rule}) for each in amounts])

    assert max(Decimal(0), sum((each.amount for each in amounts), Decimal(0)) - rule.amount) == sum(
        each.amount.amount for each in cut
    )
