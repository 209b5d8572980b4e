"""Money keeps to its currency's minor unit, never mixes currencies and never loses a cent in a split."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import CurrencyMismatch, InvalidInput, InvalidMoney, UnknownCurrency
from kernel.money import Money, Rounding, total_of

#: A binary float, as a careless JSON reader would hand it over.
A_FLOAT = json.loads("0.1")

CURRENCIES = st.sampled_from(("CLP", "BRL", "MXN", "KWD"))
EXACTS = st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6)
WEIGHTS = st.lists(st.fractions(min_value=0, max_value=1000, max_denominator=360), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("CLP", "1999", "1,999 CLP"),
        ("JPY", "-5", "-5 JPY"),
        ("MXN", "1999", "1,999.00 MXN"),
        ("BRL", "0.1", "0.10 BRL"),
        ("MXN", "1E+2", "100.00 MXN"),
        ("MXN", "1.5000", "1.50 MXN"),
        ("KWD", "1.5", "1.500 KWD"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(currency: str, amount: str, text: str) -> None:
    """Pesos show two decimals, yen none and dinars three, however the number was written."""
    assert text == str(Money.of(amount, currency))


@pytest.mark.parametrize(("currency", "amount"), [("CLP", "0.5"), ("MXN", "0.001"), ("KWD", "0.0001")])
def test_a_part_of_the_minor_unit_is_no_money(currency: str, amount: str) -> None:
    """A third of a cent is refused, because rounding happens in one named place only."""
    with pytest.raises(InvalidMoney) as caught:
        Money.of(amount, currency)

    assert ("invalid_money", "amount", amount) == (caught.value.code, caught.value.field, caught.value.value)


@pytest.mark.parametrize("amount", [A_FLOAT, json.loads("5"), Decimal("NaN"), Decimal("Infinity")])
def test_money_is_made_of_finite_decimals_only(amount: Decimal) -> None:
    """A float, an int, a NaN and an infinity are refused where money is made, whatever the types promise."""
    with pytest.raises(InvalidMoney):
        Money(amount, "MXN")


@pytest.mark.parametrize("amount", [A_FLOAT, True, None, "ten", "", "NaN", "1,000.00"])
def test_the_rim_refuses_what_is_not_an_exact_number(amount: object) -> None:
    """What the outside sends as a float, a flag or prose is refused with the name of its field."""
    with pytest.raises(InvalidInput) as caught:
        Money.of(amount, "MXN", field="credit_limit")

    assert "credit_limit" == caught.value.field


def test_a_currency_without_a_known_minor_unit_is_refused() -> None:
    """Guessing two decimals would bill yen a hundredfold, so an unknown currency is named and refused."""
    with pytest.raises(UnknownCurrency) as caught:
        Money.zero("XAU")

    assert "unknown_currency; XAU; True" == (
        f"{caught.value.code}; {caught.value.value}; {'MXN' in caught.value.expected}"
    )


def test_fifteen_digits_before_the_point_are_money_and_sixteen_are_not() -> None:
    """The largest amount is 999 trillion, so that every sum stays exact; one more is refused, not rounded."""
    largest = Money.of("999999999999999.99", "MXN")

    with pytest.raises(InvalidMoney):
        largest + Money.of("0.01", "MXN")
    with pytest.raises(InvalidMoney):
        Money(Decimal("1E+30"), "MXN")


def test_there_is_no_minus_zero_of_money() -> None:
    """Nothing is printed without a sign, or a statement would show -0.00."""
    assert ["0.00 MXN", "0.00 MXN"] == [str(Money.of("-0.00", "MXN")), str(-Money.zero("MXN"))]


def test_money_adds_subtracts_and_changes_sign_within_one_currency() -> None:
    """Sums of cents are exact: 0.10 and 0.20 are 0.30."""
    ten, twenty = Money.of("0.10", "BRL"), Money.of("0.20", "BRL")

    assert [Money.of("0.30", "BRL"), Money.of("-0.10", "BRL"), Money.of("-0.10", "BRL")] == [
        ten + twenty,
        ten - twenty,
        -ten,
    ]


@pytest.mark.parametrize(
    "operation",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge],
)
def test_two_currencies_never_meet(operation: Callable[[Money, Money], object]) -> None:
    """Adding or comparing reais and pesos is refused, with both currencies named."""
    with pytest.raises(CurrencyMismatch) as caught:
        operation(Money.of("1", "BRL"), Money.of("1", "MXN"))

    assert ("MXN", "BRL") == (caught.value.value, caught.value.expected)


def test_equal_numbers_of_two_currencies_are_not_equal_money() -> None:
    """Equality is never an error: one real simply is not one peso."""
    assert Money.of("1", "BRL") != Money.of("1", "MXN")


def test_money_of_one_currency_is_ordered_by_amount() -> None:
    """Comparisons follow the amount, at equality too."""
    low, high = Money.of("-1.00", "MXN"), Money.of("0.01", "MXN")

    assert [True, True, False, False, True, True] == [
        low < high,
        low <= high,
        low > high,
        low >= high,
        high <= Money.of("0.01", "MXN"),
        high >= Money.of("0.01", "MXN"),
    ]


def test_only_zero_is_no_money() -> None:
    """A balance is falsy when nothing is left, and a debt of one cent still counts."""
    assert [False, True, True] == [bool(Money.of(text, "MXN")) for text in ("0", "0.01", "-0.01")]


@pytest.mark.parametrize(("currency", "units"), [("CLP", -12), ("MXN", -1200), ("KWD", -12000)])
def test_gateways_get_minor_units(currency: str, units: int) -> None:
    """Twelve of a currency is 12, 1,200 or 12,000 of its minor unit, with its sign."""
    assert units == Money.of("-12", currency).minor_units


def test_an_empty_sum_is_zero_of_its_currency() -> None:
    """A statement without lines still totals to zero, in the currency of the statement."""
    assert Money.zero("BRL") == total_of([], "BRL")


def test_a_sum_adds_every_amount() -> None:
    """The total is the sum of the lines, without a correcting cent."""
    lines = [Money.of(text, "BRL") for text in ("0.10", "0.20", "-0.05")]

    assert Money.of("0.25", "BRL") == total_of(lines, "BRL")


def test_a_sum_refuses_a_line_of_another_currency() -> None:
    """A total never hides that one of its lines is in another currency."""
    with pytest.raises(CurrencyMismatch):
        total_of([Money.of("1", "BRL"), Money.of("1", "MXN")], "BRL")


@pytest.mark.parametrize(
    ("exact", "currency", "rounding", "amount"),
    [
        (Decimal("0.4735") * 1237, "MXN", Rounding.HALF_UP, "585.72"),
        (Decimal("0.0049999"), "MXN", Rounding.HALF_UP, "0.00"),
        (Decimal("0.005"), "MXN", Rounding.HALF_UP, "0.01"),
        (Decimal("-0.005"), "MXN", Rounding.HALF_UP, "-0.01"),
        (Decimal("-0.0049999"), "MXN", Rounding.HALF_UP, "0.00"),
        (Decimal("2.5"), "CLP", Rounding.HALF_UP, "3"),
        (Fraction(10000, 31), "JPY", Rounding.HALF_UP, "323"),
        (Decimal("0.0005"), "KWD", Rounding.HALF_UP, "0.001"),
        (Fraction(-2, 3), "MXN", Rounding.DOWN, "-0.66"),
        (Fraction(-1, 3), "MXN", Rounding.UP, "-0.34"),
        (Decimal("0.0001"), "MXN", Rounding.UP, "0.01"),
        (7, "MXN", Rounding.UP, "7.00"),
    ],
)
def test_the_crossing_to_money_rounds_as_it_is_told(
    exact: Fraction | Decimal | int, currency: str, rounding: Rounding, amount: str
) -> None:
    """Halves go away from zero on both sides of it; down goes toward zero, up away from it."""
    assert Money.of(amount, currency) == Money.rounded(exact, currency, rounding)


@given(exact=EXACTS, currency=CURRENCIES)
def test_rounding_half_up_is_the_nearest_unit_and_mirrors_at_zero(exact: Fraction, currency: str) -> None:
    """A credit is rounded as the charge it takes back, and never by more than half a unit."""
    money = Money.rounded(exact, currency)
    half_a_unit = Fraction(1, 2 * 10 ** -int(money.amount.as_tuple().exponent))

    assert abs(money.exact - exact) <= half_a_unit
    assert -money == Money.rounded(-exact, currency)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("10.00", (1, 1, 1), ("3.34", "3.33", "3.33")),
        ("-10.00", (1, 1, 1), ("-3.34", "-3.33", "-3.33")),
        ("0.02", (1, 3), ("0.00", "0.02")),
        ("0.01", (0, 1, 0, 1), ("0.00", "0.01", "0.00", "0.00")),
        ("100.00", (Decimal("0.5"), Fraction(1, 3), Fraction(1, 6)), ("50.00", "33.33", "16.67")),
        ("1.00", (6000, 4000), ("0.60", "0.40")),
        ("0.00", (2, 1), ("0.00", "0.00")),
    ],
)
def test_a_split_gives_the_remainder_to_the_largest_remainders(
    amount: str, weights: tuple[Fraction | Decimal | int, ...], parts: tuple[str, ...]
) -> None:
    """The cents left over go where most was cut off; of equals, to the larger weight, then the first."""
    assert parts == tuple(str(part.amount) for part in Money.of(amount, "MXN").split(weights))


@given(units=st.integers(-(10**9), 10**9), weights=WEIGHTS.filter(any), currency=CURRENCIES)
def test_the_parts_of_a_split_add_up(units: int, weights: list[Fraction], currency: str) -> None:
    """No cent is lost or made: parts sum to the whole, each within one unit of its exact share."""
    whole = Money.rounded(Fraction(units, 1000), currency)
    parts = whole.split(weights)
    unit = Fraction(1, 10 ** -int(whole.amount.as_tuple().exponent))

    assert whole == total_of(parts, currency)
    assert all(
        abs(part.exact - whole.exact * weight / sum(weights)) < unit
        for part, weight in zip(parts, weights, strict=True)
    )


@given(units=st.integers(-(10**6), 10**6), weights=WEIGHTS.filter(any))
def test_what_weighs_nothing_gets_nothing_and_no_part_changes_sign(
    units: int, weights: list[Fraction]
) -> None:
    """A line without a share of a discount takes none of its cents, and a credit has no part that charges."""
    whole = Money(Decimal(units).scaleb(-2), "MXN")
    parts = whole.split(weights)

    assert all(not part for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert all(part.amount * units >= 0 for part in parts)


@pytest.mark.parametrize("weights", [(), (0, 0), (2, -1), (Fraction(-1, 2),)])
def test_a_split_needs_weights_that_weigh_something(weights: tuple[Fraction | int, ...]) -> None:
    """Nothing can be split among nobody, and a negative share would charge one to credit another."""
    with pytest.raises(InvalidInput) as caught:
        Money.of("10", "MXN").split(weights)

    assert "weights" == caught.value.field
