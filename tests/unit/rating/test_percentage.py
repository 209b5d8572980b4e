"""Percentages: of a sum, by tiers of it, and of each transaction."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import Percentage, PercentTier
from kernel.money import Exact
from rating.exact import plus
from rating.percentage import by_transaction, graduated_percentage, percentage
from rating.use import Transactions
from rating.working import lines_of

CHARGE = Percentage(
    code="payments",
    name="Payments",
    clause="c",
    meter="payments",
    percent=Decimal(2),
    fixed_amount=Decimal("0.10"),
    free_transactions=2,
    allowance=Decimal(100),
    minimum_per_transaction=Decimal(1),
    maximum_per_transaction=Decimal(5),
)
FREE_BY_NUMBER = replace(CHARGE, allowance=Decimal(0))
FREE_BY_AMOUNT = replace(CHARGE, free_transactions=None)
NOTHING_FREE = replace(CHARGE, free_transactions=None, allowance=Decimal(0))
CHARGES = (CHARGE, FREE_BY_NUMBER, FREE_BY_AMOUNT, NOTHING_FREE)

TIERS = (
    PercentTier(up_to=Decimal(1000), percent=Decimal(3), flat_amount=Decimal(5)),
    PercentTier(percent=Decimal("0.5"), flat_amount=Decimal(1)),
)
AMOUNTS = st.decimals(min_value=0, max_value=1_000, places=2)


def of(*amounts: str | int) -> Transactions:
    """Return transactions of these amounts."""
    return Transactions(tuple(map(Decimal, amounts)))


def owed(charge: Percentage, used: Transactions, before: Transactions | None = None) -> Exact:
    """Return what transactions owe, exactly."""
    return by_transaction(charge, used, currency="EUR", before=before).amount


@pytest.mark.parametrize(("amount", "expected"), [("0", "0"), ("4", "0.116"), ("0.01", "0.00029")])
def test_a_percent_of_a_sum_is_exact(amount: str, expected: str) -> None:
    """2.9 % of a cent is not nothing before the line is rounded."""
    assert Decimal(expected) == percentage(Decimal("2.9"), Decimal(amount), currency="USD").amount


@pytest.mark.parametrize(
    ("amount", "expected"), [("0", "5"), ("1000", "35"), ("1000.01", "36.00005"), ("3000", "46")]
)
def test_each_part_owes_its_tiers_percent(amount: str, expected: str) -> None:
    """The border belongs to the tier that it ends; the next one's flat amount is owed from a cent on."""
    assert Decimal(expected) == graduated_percentage(TIERS, Decimal(amount), currency="EUR").amount


@pytest.mark.parametrize(
    ("charge", "amounts", "expected"),
    [
        (NOTHING_FREE, (100,), "2.10"),
        (NOTHING_FREE, (45,), "1.00"),  # 0.90 + 0.10 is the least
        (NOTHING_FREE, (44,), "1"),
        (NOTHING_FREE, (245,), "5.00"),  # 4.90 + 0.10 is the most
        (NOTHING_FREE, (246,), "5"),
        (NOTHING_FREE, (0,), "0"),  # no transaction
        (FREE_BY_NUMBER, (100, 100, 100), "2.10"),
        (FREE_BY_NUMBER, (100, 0, 100, 100), "2.10"),  # nothing uses up no free transaction
        (FREE_BY_AMOUNT, (60, 40, 100), "2.10"),
        (FREE_BY_AMOUNT, (60, 140), "2.10"),  # 40 of the second are free
        (FREE_BY_AMOUNT, (60, 41), "1"),  # one unit is charged, and raised to the least
        (CHARGE, (10, 10, 100), "2.10"),  # the second was the last that is free by number
        (CHARGE, (100, 100), "2.10"),  # the first has used the amount up
    ],
)
def test_what_single_transactions_owe(charge: Percentage, amounts: tuple[int, ...], expected: str) -> None:
    """A percent and a fixed part of what is not free, within the least and the most of each."""
    assert Decimal(expected) == owed(charge, of(*amounts))


def test_the_working_counts_what_was_free_raised_and_lowered() -> None:
    """It stays short however many transactions there are, and adds up to the amount."""
    priced = by_transaction(CHARGE, of(60, 60, 10, 1000, 100), currency="EUR")

    assert (
        "free: 100.00 EUR, 1 of 5 transactions wholly",
        "2 % of 1,130.00 EUR = 22.60 EUR",
        "fixed part of each transaction: 4 x 0.10 EUR = 0.40 EUR",
        "2 raised to the least of 1.00 EUR each: +1.20 EUR",
        "1 lowered to the most of 5.00 EUR each: -15.10 EUR",
    ) == lines_of(priced.working)
    assert Decimal("9.10") == priced.amount


@given(st.sampled_from(CHARGES), st.lists(AMOUNTS, max_size=8), st.lists(AMOUNTS, max_size=8))
def test_runs_of_transactions_add_up(charge: Percentage, first: list[Decimal], second: list[Decimal]) -> None:
    """What is free is used up in the order of time, wherever the period is split."""
    earlier, later = Transactions(tuple(first)), Transactions(tuple(second))

    assert owed(charge, earlier + later) == plus(owed(charge, earlier), owed(charge, later, earlier))


@given(st.sampled_from(CHARGES), st.lists(AMOUNTS, max_size=8))
def test_the_steps_of_transactions_add_up(charge: Percentage, amounts: list[Decimal]) -> None:
    """Free and charged amounts are all of the use, and whoever adds the steps gets what is owed."""
    used = Transactions(tuple(amounts))
    steps = {each.code: each for each in by_transaction(charge, used, currency="EUR", before=None).working}
    free = Decimal(steps.pop("free_transactions").result) if "free_transactions" in steps else Decimal(0)
    base = Decimal(steps["percent_of"].facts["base"]) if "percent_of" in steps else Decimal(0)

    assert used.quantity == free + base
    assert owed(charge, used) == sum(Decimal(each.result) for each in steps.values())


@given(st.sampled_from(CHARGES), AMOUNTS)
def test_the_least_and_the_most_of_a_transaction_hold(charge: Percentage, amount: Decimal) -> None:
    """One that owes anything owes 1.00 to 5.00."""
    found = owed(charge, Transactions((amount,)))

    assert found == 0 or Decimal(1) <= found <= Decimal(5)


@given(st.lists(AMOUNTS, min_size=1, max_size=5))
def test_runs_of_a_graduated_percentage_add_up(runs: list[Decimal]) -> None:
    """The parts of a period are the period."""
    before: Decimal | None = None
    amount: Exact = Decimal(0)
    for each in runs:
        amount = plus(amount, graduated_percentage(TIERS, each, currency="EUR", before=before).amount)
        before = (before or Decimal(0)) + each

    assert graduated_percentage(TIERS, sum(runs, Decimal(0)), currency="EUR").amount == amount
