"""A price index is read as published: each month once, none left out, and no figure guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.index_reading import parse_index
from contracts.library import library_indices
from kernel.errors import IndexNotPublished, InvalidBook

TEXT = "# source\nmonth,igpm_pct\n2025-11,0.27\n2025-12,-0.01\n2026-01,0.41\n"


def test_a_series_is_read_exactly() -> None:
    """Each month has the variation that is printed, negative ones too."""
    series = parse_index(TEXT, "igpm.csv", "IGPM")

    assert {
        date(2025, 11, 1): Decimal("0.27"),
        date(2025, 12, 1): Decimal("-0.01"),
        date(2026, 1, 1): Decimal("0.41"),
    } == series.percent_by_month


def test_a_month_that_is_not_out_is_not_guessed() -> None:
    """A missing month is an error with its name, never a zero."""
    with pytest.raises(IndexNotPublished) as caught:
        parse_index(TEXT, "igpm.csv", "IGPM").variation(date(2026, 2, 1))

    assert ("IGPM", "2026-02") == (caught.value.field, caught.value.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("2025-12,-0.01", "2025-13,-0.01", 4, "month"),
        ("2025-12,-0.01", "December,-0.01", 4, "month"),
        ("2025-12,-0.01\n", "", 4, "month"),
        ("2025-12,-0.01", "2025-11,-0.01", 4, "month"),
        ("-0.01", "minus", 4, "igpm_pct"),
        ("-0.01", "", 4, "igpm_pct"),
        ("-0.01", "101", 4, "igpm_pct"),
        ("-0.01", "NaN", 4, "igpm_pct"),
        ("igpm_pct", "igpn_pct", 2, "igpn_pct"),
        ("0.41", "0.41,9", 5, ""),
    ],
)
def test_a_bad_row_is_an_error_with_its_line(old: str, new: str, line: int, field: str) -> None:
    """A wrong copy of an index must not move a price."""
    with pytest.raises(InvalidBook) as caught:
        parse_index(TEXT.replace(old, new), "igpm.csv", "IGPM")

    assert (f"igpm.csv:{line}", field) == (caught.value.place, caught.value.field)


def test_a_level_stands_for_the_first_variation_only() -> None:
    """An office that publishes levels has no variation for its first month, and for each one after it."""
    text = "month,inpc_mx_index,inpc_mx_pct\n2000-01,44.93,\n2000-02,45.33,0.887\n"

    assert {date(2000, 2, 1): Decimal("0.887")} == parse_index(text, "x.csv", "INPC_MX").percent_by_month
    with pytest.raises(InvalidBook):
        parse_index(text + "2000-03,45.5,\n", "x.csv", "INPC_MX")


@pytest.mark.parametrize(
    ("code", "month", "percent"),
    [
        ("IGPM", date(2026, 4, 1), "2.73"),
        ("IPCA", date(2025, 3, 1), "0.56"),
        ("INPC_BR", date(2024, 6, 1), "0.25"),
        ("INPC_MX", date(2026, 2, 1), "0.500738"),
    ],
)
def test_the_library_holds_the_published_indices(code: str, month: date, percent: str) -> None:
    """The engine comes with the indices that its contracts name, up to the last month that was found."""
    assert Decimal(percent) == library_indices()[code].variation(month)
