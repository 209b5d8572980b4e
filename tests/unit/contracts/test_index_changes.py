"""What an import would do to an index: new, revised and known months, gaps, twelve months that disagree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from contracts.index_changes import (
    Revised,
    change_of,
    checkable_months,
    disagreements,
    missing_months,
)
from contracts.indices import IndexSeries
from contracts.library import library_indices
from kernel.money import round_exact

IGPM = library_indices()["IGPM"]
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
DECEMBER = date(2025, 12, 1)


def flat_year(published: str) -> IndexSeries:
    """Return a year in which nothing moved, of which a figure was published."""
    months = {date(2025, month, 1): Decimal(0) for month in range(1, 13)}
    return IndexSeries("IGPM", months, {DECEMBER: Decimal(published)})


def test_a_change_tells_new_revised_and_known_months() -> None:
    """0.50 and 0.5 are the same figure."""
    change = change_of(
        {JAN: Decimal("0.5"), FEB: Decimal("0.1")},
        {JAN: Decimal("0.50"), FEB: Decimal("0.2"), MAR: Decimal("0.3")},
    )

    assert {MAR: Decimal("0.3")} == change.new
    assert {FEB: Revised(Decimal("0.1"), Decimal("0.2"))} == change.revised
    assert 1 == change.known
    assert {FEB: Decimal("0.2"), MAR: Decimal("0.3")} == change.figures


def test_months_that_are_left_out_are_named() -> None:
    """Between what is recorded and what a file adds no month is missing."""
    series = IndexSeries("IGPM", {JAN: Decimal(1), APR: Decimal(1)})

    assert ["2026-02", "2026-03"] == [each.value for each in missing_months(series)]
    assert [] == list(missing_months(IndexSeries("IGPM", {})))


@pytest.mark.parametrize(
    ("published", "refused"), [("0", 0), ("0.03", 0), ("-0.03", 0), ("0.031", 1), ("-0.031", 1)]
)
def test_twelve_months_may_differ_by_three_hundredths(published: str, refused: int) -> None:
    """0.03 points are a matter of rounding; more is another series."""
    assert refused == len(list(disagreements(flat_year(published))))


def test_a_published_figure_without_its_twelve_months_cannot_be_checked() -> None:
    """It is kept all the same; the first eleven months of a series have none to be held against."""
    series = IndexSeries("IGPM", {JAN: Decimal(1)}, {JAN: Decimal(9)})

    assert () == checkable_months(series)
    assert [] == list(disagreements(series))


def test_the_librarys_igpm_is_the_published_one() -> None:
    """All 17 figures with a source agree; the furthest, to May 2021, by 0.023027 points."""
    months = checkable_months(IGPM)
    compounded = {month: (IGPM.compounded(month, 12) - 1) * 100 for month in months}
    furthest = max(abs(compounded[month] - Fraction(IGPM.published_12m[month])) for month in months)

    assert 17 == len(months) == len(IGPM.published_12m)
    assert [] == list(disagreements(IGPM))
    assert Decimal("0.023027") == round_exact(furthest, 6)


def test_a_wrong_copy_is_found() -> None:
    """A public copy has 0.27 instead of 0.07 for January 2024: the message gives both figures."""
    wrong = {**IGPM.percent_by_month, date(2024, 1, 1): Decimal("0.27")}
    (problem,) = disagreements(IndexSeries("IGPM", wrong, IGPM.published_12m))

    assert ("conflict", "index IGPM", "2024-12") == (problem.code, problem.subject, problem.field)
    assert "6.7491 % compounded" == problem.value
    assert "6.54 % as published, within 0.03 points" == problem.expected


def test_a_copy_without_its_minus_signs_is_found() -> None:
    """Another public copy has zeros for the months in which the index fell."""
    wrong = {month: max(Decimal(0), percent) for month, percent in IGPM.percent_by_month.items()}
    problems = disagreements(IndexSeries("IGPM", wrong, IGPM.published_12m))

    assert {"2023-12", "2024-12", "2025-12"} <= {each.field for each in problems}
