"""What an early end or a breach costs: of what remains, of what was given, of what was used."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from kernel.money import Money, Percent, total_of
from kernel.periods import Period
from rating.penalties import Discount, SpanFee, clawback, passed_through, share_of_fees, times_the_average
from rating.working import lines_of

REST = Period(date(2026, 4, 1), date(2027, 1, 1))


def reais(amount: str | int | Decimal) -> Money:
    """Return money of Brazil."""
    return Money.of(amount, "BRL")


def fee(amount: str | Decimal, charge: str = "platform") -> SpanFee:
    """Return a fee of the rest of 2026."""
    return SpanFee(charge, REST, reais(amount))


def discount(listed: str | Decimal, agreed: str | Decimal) -> Discount:
    """Return what a fee came to by the list and by the order form."""
    return Discount("platform", REST, reais(listed), reais(agreed))


@pytest.mark.clause("ZEN-X-14")
def test_half_of_what_remains() -> None:
    """9,000.00 and 450.00 remain: half of 9,450.00, fee by fee in the working, with the clause."""
    due = share_of_fees(
        Percent(Decimal(50)), [fee("9000.00"), fee("450.00", "support")], currency="BRL", clause="ZEN-X-14"
    )

    assert reais("4725.00") == due.amount
    assert (
        "platform, 2026-04-01 to 2026-12-31: 9,000.00 BRL",
        "support, 2026-04-01 to 2026-12-31: 450.00 BRL",
        "50 % of 9,450.00 BRL = 4,725.00 BRL (ZEN-X-14)",
    ) == lines_of(due.working)


@pytest.mark.clause("ZEN-X-14")
def test_where_nothing_remains_nothing_is_owed() -> None:
    """Ended on the last day of the term, or with all of it billed in advance."""
    due = share_of_fees(Percent(Decimal(50)), [], currency="BRL", clause="ZEN-X-14")

    assert reais(0) == due.amount


@pytest.mark.clause("ZEN-IX-10.1")
def test_the_discount_is_taken_back() -> None:
    """5,997.00 by the list, 4,500.00 as agreed."""
    due = clawback([discount("5997.00", "4500.00")], currency="BRL", clause="ZEN-IX-10.1")

    assert reais("1497.00") == due.amount
    assert (
        (
            "platform, 2026-04-01 to 2026-12-31: 5,997.00 BRL by the list less 4,500.00 BRL as agreed"
            " = 1,497.00 BRL"
        ),
        "discount taken back: 1,497.00 BRL (ZEN-IX-10.1)",
    ) == lines_of(due.working)


@pytest.mark.clause("ZEN-IX-10.1")
def test_a_price_above_the_list_is_no_discount_and_lowers_none() -> None:
    """One fee was dearer than the list: it takes nothing from the discount on another."""
    due = clawback(
        [discount("100.00", "150.00"), discount("100.00", "80.00")], currency="BRL", clause="ZEN-IX-10.1"
    )

    assert reais("20.00") == due.amount


@pytest.mark.clause("ZEN-8.7")
def test_twelve_times_an_average_that_is_never_rounded() -> None:
    """10,000.00 in seven months: 1,428.571428... a month, twelve of which are 17,142.86."""
    due = times_the_average(12, reais("10000.00"), 7, clause="ZEN-8.7")

    assert reais("17142.86") == due.amount
    assert (
        "10,000.00 BRL of use in 7 months: 1,428.571428... BRL a month",
        "12 times 1,428.571428... BRL = 17,142.86 BRL (ZEN-8.7)",
    ) == lines_of(due.working)


def test_an_average_takes_a_month() -> None:
    """Of no month there is none."""
    with pytest.raises(InvalidInput):
        times_the_average(12, reais("1.00"), 0, clause="ZEN-8.7")


@pytest.mark.clause("ZEN-15.7")
@pytest.mark.clause("SIN-3.3c")
def test_a_cost_is_passed_on_whole() -> None:
    """What was stated is owed, to the cent."""
    due = passed_through(reais("1500.37"), clause="ZEN-15.7")

    assert reais("1500.37") == due.amount
    assert ("cost as stated: 1,500.37 BRL (ZEN-15.7)",) == lines_of(due.working)


@pytest.mark.parametrize("amount", ["0", "-0.01"])
def test_no_cost_is_passed_on_below_a_cent(amount: str) -> None:
    """Nothing, or less, is no cost."""
    with pytest.raises(InvalidInput):
        passed_through(reais(amount), clause="ZEN-15.7")


AMOUNTS = st.decimals(min_value=0, max_value=10**7, places=2)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=5))
def test_a_clawback_never_exceeds_the_discount_given(prices: list[tuple[Decimal, Decimal]]) -> None:
    """It is the sum of the discounts of each fee, and so never more than the list prices."""
    discounts = [discount(listed, agreed) for listed, agreed in prices]
    due = clawback(discounts, currency="BRL", clause="c")

    assert due.amount == total_of((each.given for each in discounts), "BRL")
    assert reais(0) <= due.amount <= total_of((each.listed for each in discounts), "BRL")


@given(st.lists(AMOUNTS, max_size=5), st.decimals(min_value=0, max_value=100, places=2))
def test_a_share_lies_between_nothing_and_the_fees(amounts: list[Decimal], percent: Decimal) -> None:
    """Up to a hundred percent a penalty is at most what it is taken of."""
    due = share_of_fees(Percent(percent), [fee(each) for each in amounts], currency="BRL", clause="c")

    assert reais(0) <= due.amount <= total_of(map(reais, amounts), "BRL")


@given(AMOUNTS, st.integers(min_value=1, max_value=120))
def test_as_many_times_the_average_as_months_is_the_whole(used: Decimal, months: int) -> None:
    """Dividing first loses nothing."""
    assert reais(used) == times_the_average(months, reais(used), months, clause="c").amount
