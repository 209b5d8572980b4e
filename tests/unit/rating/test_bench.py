"""The benchmark of rating rates what a plan owes, and not something easier."""

from __future__ import annotations

from bench.rating import CHARGES, lines


def test_each_line_is_rated_with_its_working() -> None:
    """A plan's five lines come in turn, each with the steps that led to its amount."""
    rated = list(lines(20 * CHARGES))

    assert 20 * CHARGES == len(rated)
    assert len({each.amount for each in rated}) > CHARGES
    assert {"amount", "rounding"} == {each.working[-1].code for each in rated}
    assert all(len(each.working) > 1 for each in rated)
