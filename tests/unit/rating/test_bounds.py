"""The least and the most of a charge hold over all lines of a period, to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import PerUnit
from kernel.money import Money, total_of
from rating.bounds import Bounds, bounds_of
from rating.charges import Rated, rate_usage
from rating.working import lines_of

CALLS = PerUnit(
    code="calls",
    name="Calls",
    clause="c",
    meter="calls",
    unit_price=Decimal("0.3333"),
    minimum_amount=Decimal(10),
    maximum_amount=Decimal(100),
)
WHOLE = bounds_of([(CALLS, Fraction(1))], currency="EUR")
ZERO = Money.zero("EUR")


def eur(amount: str) -> Money:
    """Euros."""
    return Money.of(amount, "EUR")


def owing(amount: str) -> Rated:
    """Return a line that owes an amount."""
    return Rated(Decimal(1), eur(amount), ())


def held(bounds: Bounds, amount: str, *, spent: Money = ZERO, is_last: bool = True) -> Money:
    """Return what a line owes within the bounds."""
    return bounds.hold(owing(amount), spent=spent, is_last=is_last).amount


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0", "10"), ("9.99", "10"), ("10", "10"), ("10.01", "10.01"), ("100", "100"), ("100.01", "100")],
)
def test_a_period_owes_at_least_and_at_most(amount: str, expected: str) -> None:
    """A cent below the least is raised, a cent above the most is cut, and what lies between stands."""
    assert eur(expected) == held(WHOLE, amount)


def test_what_lies_within_gets_no_step() -> None:
    """The working says nothing of bounds that bind nobody."""
    assert owing("50") == WHOLE.hold(owing("50"), spent=ZERO, is_last=True)


def test_only_the_last_line_makes_up_for_the_least() -> None:
    """After 4.00 on an earlier line the last owes 6.00; the earlier one owed what it was."""
    assert eur("4") == held(WHOLE, "4", is_last=False)
    assert eur("6") == held(WHOLE, "0", spent=eur("4"))


def test_each_line_finds_what_is_left_to_the_most() -> None:
    """65.00 after 35.00, and nothing once the most is reached."""
    assert (eur("65"), ZERO) == (held(WHOLE, "100", spent=eur("35")), held(WHOLE, "5", spent=eur("100")))


def test_a_part_of_a_period_owes_its_share_of_both() -> None:
    """15 of 31 days: 4.84 and 48.39, and the line shows it."""
    bounds = bounds_of([(CALLS, Fraction(15, 31))], currency="EUR")

    assert (eur("4.84"), eur("48.39")) == (bounds.minimum, bounds.maximum)
    assert (
        "minimum of 10.00 EUR for 15/31 of the period: 4.838709... EUR",
        "the period owes at least 4.84 EUR, 1.00 EUR on its earlier lines: 3.84 EUR",
    ) == lines_of(bounds.hold(owing("2"), spent=eur("1"), is_last=True).working)


def test_bounds_that_changed_in_the_period_count_by_their_days() -> None:
    """Half a period at 10.00 and half at 20.00 owe at least 15.00; one half without a most has none."""
    dearer = replace(CALLS, minimum_amount=Decimal(20), maximum_amount=None)
    bounds = bounds_of([(CALLS, Fraction(1, 2)), (dearer, Fraction(1, 2))], currency="EUR")

    assert (eur("15"), None) == (bounds.minimum, bounds.maximum)


@given(st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=6))
def test_the_bounds_hold_over_all_lines_of_a_period(runs: list[int]) -> None:
    """Although each line is rounded, their sum is neither a cent below the least nor one above the most."""
    before, spent, lines = None, ZERO, list[Rated]()
    for number, used in enumerate(runs, start=1):
        rated = rate_usage(CALLS, Decimal(used), currency="EUR", before=before)
        lines.append(WHOLE.hold(rated, spent=spent, is_last=number == len(runs)))
        spent += lines[-1].amount
        before = (before or Decimal(0)) + used
    total = total_of((line.amount for line in lines), "EUR")

    assert eur("10") <= total <= eur("100")
    assert all(Decimal(line.working[-1].result) == line.amount.amount for line in lines)
