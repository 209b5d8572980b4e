"""What a period includes: a share of a pool, or what the period before has left."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.charges import PerUnit
from rating.allowances import pooled, rolled_over, unused
from rating.charges import rate_usage
from rating.working import lines_of

QUANTITIES = st.decimals(min_value=0, max_value=1_000, places=2)
SMS = PerUnit(code="sms", name="SMS", clause="c", meter="sms", unit_price=Decimal(1))


@pytest.mark.parametrize(
    ("drawn", "left"), [("0", 800), ("650", 150), ("800", 0), ("800.01", 0), ("9000", 0)]
)
def test_a_pool_is_what_the_charges_before_have_left(drawn: str, left: int) -> None:
    """500 and 300 are 800, whoever brought them in."""
    assert left == pooled([Decimal(500), Decimal(300)], Decimal(drawn)).units


@pytest.mark.parametrize(
    ("used", "left"),
    [("0", 50), ("49", 50), ("50", 50), ("50.01", "49.99"), ("99", 1), ("100", 0), ("200", 0)],
)
def test_what_is_left_rolls_over_to_its_limit(used: str, left: str | int) -> None:
    """Of 100 included units, at most 50."""
    assert Decimal(left) == unused(Decimal(100), Decimal(used), limit=Decimal(50))


def test_the_working_of_what_was_rolled_over() -> None:
    """It says where the units come from that are not the plan's own; where none were left it says nothing."""
    rated = rate_usage(SMS, Decimal(180), currency="EUR", included=rolled_over(Decimal(100), Decimal(50)))

    assert (
        "quantity: 180",
        "50 rolled over from the period before",
        "allowance: 150 of 180 included",
        "30 x 1.00 EUR = 30.00 EUR",
        "amount: 30.00 EUR",
    ) == lines_of(rated.working)
    assert () == rolled_over(Decimal(100), Decimal(0)).working


@given(st.lists(st.tuples(QUANTITIES, QUANTITIES), min_size=1, max_size=5))
def test_a_pool_gives_neither_more_nor_less_than_was_put_in(charges: list[tuple[Decimal, Decimal]]) -> None:
    """What all charges together have free is the pool, or all that they used."""
    allowances = [allowance for allowance, _ in charges]
    drawn = free = Decimal(0)
    for _, used in charges:
        free += min(used, pooled(allowances, drawn).units)
        drawn += used

    assert free == min(drawn, sum(allowances))


@given(st.lists(QUANTITIES, min_size=2, max_size=12), QUANTITIES, QUANTITIES)
def test_no_unit_is_used_free_twice(uses: list[Decimal], allowance: Decimal, limit: Decimal) -> None:
    """Over any run of periods no more is free than was included, and no period finds more than its limit."""
    carried = [Decimal(0), *(unused(allowance, used, limit=limit) for used in uses)]
    free = [min(used, rolled_over(allowance, more).units) for used, more in zip(uses, carried, strict=False)]

    assert sum(free) <= allowance * len(uses)
    assert all(more <= limit for more in carried)
