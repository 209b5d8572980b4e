"""Matrix: the dimensions of an event make its price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import Matrix, MatrixPrice, Unlisted
from kernel.errors import UnknownDimension
from rating.charges import rate_usage
from rating.exact import plus
from rating.matrix import matrix
from rating.use import Combinations
from rating.working import lines_of

MESSAGES = Matrix(
    code="messages",
    name="Messages",
    clause="c",
    meter="messages",
    by=("category", "country"),
    prices=(
        MatrixPrice(values=("marketing", "MX"), unit_price=Decimal("0.04")),
        MatrixPrice(values=("marketing", "BR"), unit_price=Decimal("0.06")),
        MatrixPrice(values=("service", "MX"), unit_price=Decimal(0)),
    ),
    unlisted=Unlisted.DEFAULT_PRICE,
    default_price=Decimal("0.10"),
)
KEYS: st.SearchStrategy[tuple[str, ...]] = st.tuples(
    st.sampled_from(["marketing", "service", ""]), st.sampled_from(["MX", "BR", "PE"])
)
COMBINATIONS = st.builds(
    Combinations, st.dictionaries(KEYS, st.decimals(min_value=0, max_value=1_000, places=2))
)


def used(**countries: int) -> Combinations:
    """Return marketing messages by country."""
    return Combinations({("marketing", country): Decimal(count) for country, count in countries.items()})


def test_each_combination_has_its_price() -> None:
    """In the order of their names, the unlisted one at the default price and so told."""
    priced = matrix(MESSAGES, used(PE=5, MX=100, BR=10), currency="USD")

    assert (
        "marketing, BR: 10 x 0.06 USD = 0.60 USD",
        "marketing, MX: 100 x 0.04 USD = 4.00 USD",
        "marketing, PE, by the default price: 5 x 0.10 USD = 0.50 USD",
    ) == lines_of(priced.working)
    assert Decimal("5.10") == priced.amount


def test_what_an_event_does_not_say_is_unlisted() -> None:
    """Its place stays empty, and is shown as such."""
    priced = matrix(MESSAGES, Combinations({("", "MX"): Decimal(1)}), currency="USD")

    assert ("-, MX, by the default price: 1 x 0.10 USD = 0.10 USD",) == lines_of(priced.working)


def test_a_listed_price_of_nothing_is_a_price() -> None:
    """Service messages are free, not unlisted."""
    assert 0 == matrix(MESSAGES, Combinations({("service", "MX"): Decimal(9)}), currency="USD").amount


def test_an_unlisted_combination_is_refused_where_the_plan_says_so() -> None:
    """The error names it and what there is; none of it at all is no use."""
    strict = replace(MESSAGES, unlisted=Unlisted.REFUSED, default_price=None)

    with pytest.raises(UnknownDimension) as caught:
        matrix(strict, used(PE=1), currency="USD")

    assert "marketing, PE" == caught.value.value
    assert 0 == matrix(strict, used(PE=0), currency="USD").amount


def test_the_index_moves_every_price_of_a_matrix() -> None:
    """Listed ones and the default alike."""
    rated = rate_usage(MESSAGES, used(MX=100, PE=100), currency="USD", factor=Decimal("1.5"))

    assert Decimal("21.00") == rated.amount.amount
    assert Decimal(200) == rated.quantity


@given(COMBINATIONS, COMBINATIONS)
def test_runs_add_up(first: Combinations, second: Combinations) -> None:
    """Each unit has a price of its own, whenever it was used."""
    both, one, other = (
        matrix(MESSAGES, each, currency="USD").amount for each in (first + second, first, second)
    )

    assert both == plus(one, other)
    assert (first + second).quantity == first.quantity + second.quantity
