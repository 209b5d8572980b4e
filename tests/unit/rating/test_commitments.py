"""Commitments over a term: drawdown and true-up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from rating.commitments import committed, true_up

CENTS = st.integers(min_value=0, max_value=10**12)


def eur(cents: int) -> Money:
    """Euros of so many cents."""
    return Money(Decimal(cents).scaleb(-2), "EUR")


def test_what_lacks_is_owed() -> None:
    """7.00 spent of 10.00 committed: 3.00."""
    assert eur(300) == true_up(eur(1000), eur(700)).amount


def test_what_was_spent_beyond_is_not_given_back() -> None:
    """12.00 of 10.00: nothing lacks and nothing comes back."""
    assert eur(0) == true_up(eur(1000), eur(1200)).amount


def test_the_working_shows_both_sums() -> None:
    """What was agreed, what was spent, what lacks."""
    (shown,) = true_up(eur(1000), eur(700)).working

    assert ("10", "7", "3") == (shown.facts["committed"], shown.facts["counted"], shown.result)


@given(CENTS, CENTS)
def test_drawdown_and_true_up_are_the_commitment(commitment: int, spent: int) -> None:
    """Where less was spent the two are exactly what was agreed; where more was, just what was spent."""
    found = true_up(eur(commitment), eur(spent))

    assert eur(max(commitment, spent)) == found.counted + found.amount


@given(CENTS, st.integers(1, 365), st.integers(1, 365))
def test_the_parts_of_a_term_commit_to_the_whole(cents: int, days: int, more: int) -> None:
    """Split in two, a term commits to the same, but for the rounding of each part."""
    of_days = days + more
    parts = [
        committed(eur(cents).amount, share=Fraction(each, of_days), currency="EUR") for each in (days, more)
    ]

    assert abs((parts[0] + parts[1] - eur(cents)).minor_units) <= 1
