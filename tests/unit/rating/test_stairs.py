"""Stairs: one amount for all, by the stair that is reached."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import AtZero, Stair, Stairstep
from kernel.money import Exact
from rating.exact import plus
from rating.stairs import stairstep
from rating.working import lines_of

CONTACTS = Stairstep(
    code="contacts",
    name="Contacts",
    clause="c",
    meter="contacts",
    stairs=(
        Stair(up_to=Decimal(100), amount=Decimal(20)),
        Stair(up_to=Decimal(1000), amount=Decimal(50)),
        Stair(amount=Decimal(200)),
    ),
)
QUANTITIES = st.decimals(min_value=0, max_value=2_000, places=2)


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [("0", 20), ("0.01", 20), ("100", 20), ("100.01", 50), ("101", 50), ("1000", 50), ("1001", 200)],
)
def test_the_stair_reached_is_owed(quantity: str, amount: int) -> None:
    """The last unit of a stair belongs to it, the first part of a unit beyond reaches the next."""
    assert amount == stairstep(CONTACTS, Decimal(quantity), currency="EUR").amount


def test_no_use_owes_nothing_where_the_plan_says_so() -> None:
    """The first stair is owed from the first part of a unit on."""
    charge = replace(CONTACTS, at_zero=AtZero.BILL_ZERO)

    assert [0, 20] == [stairstep(charge, Decimal(used), currency="EUR").amount for used in ("0", "0.01")]


def test_a_later_run_owes_what_the_next_stair_adds() -> None:
    """60 contacts after 90 climb from 20.00 to 50.00."""
    priced = stairstep(CONTACTS, Decimal(60), currency="EUR", before=Decimal(90))

    assert ("stair up to 1,000: 50.00 EUR", "less the price of 90: -20.00 EUR") == lines_of(priced.working)
    assert 30 == priced.amount


def test_the_last_stair_says_where_it_begins() -> None:
    """It has no end that could be named."""
    assert ("stair above 1,000: 200.00 EUR",) == lines_of(
        stairstep(CONTACTS, Decimal(5000), currency="EUR").working
    )


@given(QUANTITIES, QUANTITIES)
def test_rising_stairs_never_cost_less_for_more(quantity: Decimal, more: Decimal) -> None:
    """Stairs whose amounts rise are monotone."""
    fewer = stairstep(CONTACTS, quantity, currency="EUR").amount

    assert stairstep(CONTACTS, quantity + more, currency="EUR").amount >= fewer


@given(st.sampled_from(AtZero), st.lists(QUANTITIES, min_size=1, max_size=5))
def test_runs_add_up_to_the_whole(at_zero: AtZero, runs: list[Decimal]) -> None:
    """However a period is split, its runs owe the stair that it reaches."""
    charge = replace(CONTACTS, at_zero=at_zero)
    before: Decimal | None = None
    amount: Exact = Decimal(0)
    for quantity in runs:
        amount = plus(amount, stairstep(charge, quantity, currency="EUR", before=before).amount)
        before = (before or Decimal(0)) + quantity

    assert stairstep(charge, sum(runs, Decimal(0)), currency="EUR").amount == amount
