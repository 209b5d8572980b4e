"""Unit prices, percents and plain numbers keep every digit that they were given."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput, InvalidMoney, UnknownCurrency
from kernel.money import Percent, Rounding, UnitPrice, decimal_of, plain, round_exact

A_FLOAT = json.loads("0.1")


def test_a_unit_price_keeps_twelve_places() -> None:
    """A tariff of a millionth of a millionth is a price, and is printed as it was agreed."""
    price = UnitPrice(Decimal("0.000000000001"), "MXN")

    assert ("0.000000000001 MXN", Fraction(1, 10**12)) == (str(price), price.exact)


@pytest.mark.parametrize(
    "amount",
    [Decimal("0.0000000000001"), Decimal("1E-999999"), Decimal("1E+15"), Decimal("NaN"), A_FLOAT],
)
def test_what_is_finer_or_larger_than_any_tariff_is_no_price(amount: Decimal) -> None:
    """A thirteenth place, a quadrillion, a NaN and a float are refused."""
    with pytest.raises(InvalidMoney) as caught:
        UnitPrice(amount, "MXN")

    assert "unit_price" == caught.value.field


def test_trailing_zeros_are_no_further_places() -> None:
    """A price written with fourteen decimals, the last of them zeros, is the same price."""
    assert UnitPrice(Decimal("0.5"), "MXN") == UnitPrice(Decimal("0.50000000000000"), "MXN")


def test_a_price_needs_a_known_currency() -> None:
    """A price in an unknown currency could never become money, so it is refused at once."""
    with pytest.raises(UnknownCurrency):
        UnitPrice(Decimal("0.5"), "XXX")


@pytest.mark.parametrize(
    ("price", "factor", "indexed"),
    [
        ("0.50", Decimal("1.1465"), "0.57325"),
        ("0.50", Fraction(1), "0.5"),
        ("0.000000000001", Fraction(3, 2), "0.000000000002"),
        ("-0.000000000001", Fraction(3, 2), "-0.000000000002"),
        ("100", Fraction(2, 3), "66.666666666667"),
    ],
)
def test_an_indexed_price_is_rounded_at_twelve_places(
    price: str, factor: Fraction | Decimal, indexed: str
) -> None:
    """The index factor multiplies the exact price, and only the thirteenth place is rounded."""
    assert UnitPrice(Decimal(indexed), "BRL") == UnitPrice(Decimal(price), "BRL").indexed(factor)


def test_ten_percent_is_a_tenth() -> None:
    """A percent is written as people say it and computed as a fraction of one."""
    percent = Percent(Decimal("10.0"))

    assert ("10 %", Fraction(1, 10)) == (str(percent), percent.exact)


def test_percents_are_ordered() -> None:
    """Two rates can be compared, for caps such as the legal maximum of a fine."""
    assert Percent(Decimal(2)) < Percent(Decimal(10))


@pytest.mark.parametrize("value", [A_FLOAT, Decimal("NaN"), Decimal("-Infinity")])
def test_a_percent_is_a_finite_decimal(value: Decimal) -> None:
    """A float is refused, because one percent of a float is not one percent."""
    with pytest.raises(InvalidInput):
        Percent(value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E+2", "100"),
        ("100", "100"),
        ("100.10", "100.1"),
        ("1E-7", "0.0000001"),
        ("-0.50", "-0.5"),
        ("-0.00", "0"),
        ("0E+3", "0"),
        ("0", "0"),
    ],
)
def test_plain_numbers_have_no_exponent_and_no_trailing_zero(number: str, text: str) -> None:
    """A quantity on an invoice reads as a person would write it."""
    assert text == plain(Decimal(number))


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)
)
def test_plain_loses_nothing(number: Decimal) -> None:
    """What is printed reads back as the same number."""
    assert number == Decimal(plain(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [("10.50", "10.50"), (7, "7"), (Decimal("0.10"), "0.10"), (" -1e3 ", "-1000"), ("9" * 15, "9" * 15)],
)
def test_an_exact_number_is_read_as_it_stands(text: object, number: str) -> None:
    """A string, an int and a decimal are read digit by digit."""
    assert Decimal(number) == decimal_of(text, field="quantity")


@pytest.mark.parametrize(
    "text",
    [
        "1e15",
        "1e999999",
        "-1e999999",
        "1e-25",
        "1e-999999",
        pytest.param(10**5000, id="five thousand digits"),
    ],
)
def test_a_short_text_cannot_make_a_number_too_long_to_compute_with(text: object) -> None:
    """A number beyond all measure is refused by name before anything multiplies with it."""
    with pytest.raises(InvalidInput) as caught:
        decimal_of(text, field="quantity")

    assert ("quantity", "a number beyond all measure") == (caught.value.field, caught.value.message)


@pytest.mark.parametrize("text", ["sNaN", "Infinity", Decimal("NaN"), "12,5", "1.2.3", b"1", [1]])
def test_what_is_no_number_is_refused_with_its_field(text: object) -> None:
    """The error says which field held it."""
    with pytest.raises(InvalidInput) as caught:
        decimal_of(text, field="quantity")

    assert "quantity" == caught.value.field


@pytest.mark.parametrize(
    ("exact", "places", "rounding", "rounded"),
    [
        (Fraction(1, 8), 2, Rounding.HALF_UP, "0.13"),
        (Fraction(-1, 8), 2, Rounding.HALF_UP, "-0.13"),
        (Fraction(-1, 8), 2, Rounding.DOWN, "-0.12"),
        (Fraction(1, 1000), 2, Rounding.UP, "0.01"),
        (Decimal("2.5"), 0, Rounding.HALF_UP, "3"),
        (Fraction(2 * 10**30, 3), 2, Rounding.HALF_UP, "6" * 30 + ".67"),
    ],
)
def test_rounding_is_exact_at_every_length(
    exact: Fraction | Decimal, places: int, rounding: Rounding, rounded: str
) -> None:
    """Thirty digits are rounded as faithfully as three, whatever precision Decimal computes in."""
    assert rounded == str(round_exact(exact, places, rounding))
