"""Tiers price every quantity, border by border, and runs of one period add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charges import Tier
from kernel.money import Exact
from rating.exact import plus
from rating.tiers import graduated, volume
from rating.working import lines_of

TIERS = (
    Tier(up_to=Decimal(100), unit_price=Decimal(2), flat_amount=Decimal(10)),
    Tier(up_to=Decimal(200), unit_price=Decimal(1)),
    Tier(unit_price=Decimal("0.5"), flat_amount=Decimal(50)),
)

QUANTITIES = st.decimals(min_value=0, max_value=10_000, places=3)
PRICES = st.decimals(min_value=0, max_value=1000, places=6)


@st.composite
def tier_lists(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Draw one to five tiers with borders that may be fractions of a unit."""
    borders = draw(
        st.lists(st.decimals(min_value="0.001", max_value=5000, places=3), max_size=4, unique=True).map(
            sorted
        )
    )
    return tuple(
        Tier(up_to=up_to, unit_price=draw(PRICES), flat_amount=draw(PRICES)) for up_to in [*borders, None]
    )


def first_tier(tiers: tuple[Tier, ...], quantity: Decimal) -> Decimal:
    """Cut a quantity down to what the first tier holds."""
    return quantity if tiers[0].up_to is None else min(quantity, tiers[0].up_to)


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        ("0", "10"),
        ("1", "12"),
        ("100", "210"),
        ("100.5", "210.5"),
        ("101", "211"),
        ("200", "310"),
        ("200.5", "360.25"),
        ("201", "360.5"),
        ("1000", "760"),
    ],
)
def test_each_unit_costs_the_price_of_its_tier(quantity: str, amount: str) -> None:
    """Graduated: a border belongs to the tier that it ends, and a tier's flat is owed once it is entered."""
    assert Decimal(amount) == graduated(TIERS, Decimal(quantity), currency="MXN").amount


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        ("0", "10"),
        ("1", "12"),
        ("100", "210"),
        ("100.5", "100.5"),
        ("200", "200"),
        ("200.5", "150.25"),
        ("1000", "550"),
    ],
)
def test_all_units_cost_the_price_of_the_tier_reached(quantity: str, amount: str) -> None:
    """Volume: the whole quantity decides, so that one more unit may cost less than it saves."""
    assert Decimal(amount) == volume(TIERS, Decimal(quantity), currency="MXN").amount


@pytest.mark.parametrize(("before", "amount"), [(None, "12"), ("0", "2")])
def test_a_run_without_use_has_paid_the_first_flat_amount(before: str | None, amount: str) -> None:
    """Nothing rated and nothing used are two things: after the latter only the unit is owed."""
    earlier = None if before is None else Decimal(before)

    assert Decimal(amount) == graduated(TIERS, Decimal(1), currency="MXN", before=earlier).amount
    assert Decimal(amount) == volume(TIERS, Decimal(1), currency="MXN", before=earlier).amount


def test_a_second_run_goes_on_in_the_tier_where_the_first_stopped() -> None:
    """After 90 units, 120 more lie in three tiers, and only the entered one's flat amount is owed."""
    priced = graduated(TIERS, Decimal(120), currency="MXN", before=Decimal(90))

    assert (
        "tier 1 to 100: 10 x 2.00 MXN = 20.00 MXN",
        "tier 101 to 200: 100 x 1.00 MXN = 100.00 MXN",
        "tier from 201: 10 x 0.50 MXN = 5.00 MXN",
        "tier from 201: flat amount 50.00 MXN",
    ) == lines_of(priced.working)
    assert Decimal(175) == priced.amount


def test_a_flat_amount_is_owed_only_by_the_run_that_enters_the_tier() -> None:
    """A run that begins exactly on the border enters; one that begins beyond it does not."""
    on_the_border = graduated(TIERS, Decimal(10), currency="MXN", before=Decimal(200))
    beyond = graduated(TIERS, Decimal(10), currency="MXN", before=Decimal(201))

    assert (Decimal(55), Decimal(5)) == (on_the_border.amount, beyond.amount)


def test_volume_shows_what_it_takes_back() -> None:
    """A second run names the price of the whole and the price of what was rated before."""
    priced = volume(TIERS, Decimal(1), currency="MXN", before=Decimal(100))

    assert (
        "tier 101 to 200: 101 x 1.00 MXN = 101.00 MXN",
        "less the price of 100: -210.00 MXN",
    ) == lines_of(priced.working)
    assert Decimal(-109) == priced.amount


def test_borders_between_units_are_named_as_they_are() -> None:
    """A tier of tenths begins at a tenth, not one unit after it."""
    tiers = (
        Tier(up_to=Decimal("0.1"), unit_price=Decimal(10)),
        Tier(up_to=Decimal(1), unit_price=Decimal(5)),
        Tier(unit_price=Decimal(2)),
    )

    assert (
        "tier 0 to 0.1: 0.1 x 10.00 MXN = 1.00 MXN",
        "tier 0.1 to 1: 0.9 x 5.00 MXN = 4.50 MXN",
        "tier from 1: 0.5 x 2.00 MXN = 1.00 MXN",
    ) == lines_of(graduated(tiers, Decimal("1.5"), currency="MXN").working)


@given(tier_lists(), st.lists(QUANTITIES, min_size=1, max_size=5))
def test_runs_add_up_to_the_whole(tiers: tuple[Tier, ...], runs: list[Decimal]) -> None:
    """Any number of runs, some of them without use, give what one run gives, to the last digit."""
    for price in (graduated, volume):
        done: Decimal | None = None
        amount: Exact = Decimal(0)
        for quantity in runs:
            amount = plus(amount, price(tiers, quantity, currency="MXN", before=done).amount)
            done = (done or Decimal(0)) + quantity

        assert price(tiers, sum(runs, Decimal(0)), currency="MXN").amount == amount


@given(tier_lists(), QUANTITIES, QUANTITIES)
def test_more_use_never_costs_less_by_graduated_tiers(
    tiers: tuple[Tier, ...], quantity: Decimal, more: Decimal
) -> None:
    """Every unit has a price of its own, and none is negative."""
    fewer = graduated(tiers, quantity, currency="MXN").amount

    assert graduated(tiers, quantity + more, currency="MXN").amount >= fewer


@given(tier_lists(), QUANTITIES)
def test_both_kinds_agree_in_the_first_tier(tiers: tuple[Tier, ...], quantity: Decimal) -> None:
    """They differ only once a second tier is reached."""
    inside = first_tier(tiers, quantity)

    assert graduated(tiers, inside, currency="MXN") == volume(tiers, inside, currency="MXN")


@given(tier_lists(), QUANTITIES, st.none() | QUANTITIES)
def test_the_steps_add_up_to_the_amount(
    tiers: tuple[Tier, ...], quantity: Decimal, before: Decimal | None
) -> None:
    """Whoever adds the printed steps gets the amount."""
    for price in (graduated, volume):
        priced = price(tiers, quantity, currency="MXN", before=before)

        assert priced.amount == sum((Decimal(each.result) for each in priced.working), Decimal(0))
