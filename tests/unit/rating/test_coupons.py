"""Coupons over the lines of an invoice: no cent is lost, nothing falls below zero."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money, Percent, total_of
from rating.coupons import share_back, spread, spread_percent

CENTS = st.integers(min_value=-(10**9), max_value=10**9)
AMOUNTS = st.lists(CENTS, min_size=1, max_size=12)
VALUES = st.integers(min_value=1, max_value=10**10)


def eur(cents: int) -> Money:
    """Euros of so many cents."""
    return Money(Decimal(cents).scaleb(-2), "EUR")


def total(amounts: list[Money]) -> Money:
    """The sum of lines."""
    return total_of(amounts, "EUR")


def test_a_coupon_is_spread_by_what_lines_owe() -> None:
    """10.00 over 10.00, 10.00 and 10.00 are 3.34, 3.33 and 3.33."""
    lines = [eur(1000)] * 3

    assert (eur(334), eur(333), eur(333)) == spread(eur(1000), lines, ceiling=total(lines))


def test_a_line_that_gives_back_is_given_nothing() -> None:
    """20.00 and 5.00 back: a coupon of 30.00 takes the 15.00 that are owed, all off the first line."""
    lines = [eur(2000), eur(-500)]

    assert (eur(1500), eur(0)) == spread(eur(3000), lines, ceiling=total(lines))


def test_a_coupon_gives_nothing_to_an_invoice_that_owes_nothing() -> None:
    """5.00 less 5.00: there is nothing to take it off."""
    lines = [eur(500), eur(-500)]

    assert (eur(0), eur(0)) == spread(eur(100), lines, ceiling=total(lines))


def test_a_percent_is_rounded_line_by_line() -> None:
    """15 % of 9.99 and of 0.30 are 1.50 and 0.05."""
    lines = [eur(999), eur(30)]

    assert (eur(150), eur(5)) == spread_percent(Percent(Decimal(15)), lines, ceiling=total(lines))


def test_all_of_a_line_brings_all_of_its_coupon_back() -> None:
    """Of 399.00 that were given 250.00, all come back with 250.00 and half with 125.00."""
    assert eur(25000) == share_back(eur(25000), part=eur(39900), whole=eur(39900))
    assert eur(12500) == share_back(eur(25000), part=eur(19950), whole=eur(39900))


@given(VALUES, AMOUNTS)
def test_no_cent_is_lost(value: int, cents: list[int]) -> None:
    """What lines are given adds up to the coupon, to what the invoice owes, or to what its lines owe."""
    lines = [eur(each) for each in cents]
    given_to = spread(eur(value), lines, ceiling=total(lines))
    positive = sum(each for each in cents if each > 0)

    assert eur(max(0, min(value, sum(cents), positive))) == total(list(given_to))


@given(VALUES, AMOUNTS)
def test_nothing_falls_below_zero(value: int, cents: list[int]) -> None:
    """No line is given more than it owes, and no total that was not below zero becomes so."""
    lines = [eur(each) for each in cents]
    given_to = spread(eur(value), lines, ceiling=total(lines))

    assert all(
        eur(0) <= off <= max(line, eur(0), key=lambda each: each.amount)
        for off, line in zip(given_to, lines, strict=True)
    )
    assert min(sum(cents), 0) <= (total(lines) - total(list(given_to))).minor_units


@given(st.decimals(min_value="0.01", max_value=100, places=2), AMOUNTS)
def test_a_percent_makes_no_total_negative(percent: Decimal, cents: list[int]) -> None:
    """Whatever the lines give back."""
    lines = [eur(each) for each in cents]
    off = spread_percent(Percent(percent), lines, ceiling=total(lines))

    assert min(sum(cents), 0) <= (total(lines) - total(list(off))).minor_units
