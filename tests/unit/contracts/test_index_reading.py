"""A price index is read as published: each month once, none left out, and no figure guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.index_reading import parse_index, parse_published, read_figures
from contracts.indices import Figure
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


EXPORTED_CSV = '"data";"valor"\r\n"01/11/2025";"0,27"\r\n"01/12/2025";"-0,01"\r\n"01/01/2026";"0,41"\r\n'
EXPORTED_JSON = """\
[{"data":"01/11/2025","valor":"0.27"},
 {"data":"01/12/2025","valor":"-0.01"},
 {"data":"01/01/2026","valor":"0.41"}]
"""


@pytest.mark.parametrize("text", [EXPORTED_CSV, EXPORTED_CSV.replace('"', ""), EXPORTED_JSON])
def test_the_central_banks_files_say_the_same(text: str) -> None:
    """SGS exports ``;`` with a decimal comma, and JSON with a point: both say the same."""
    assert parse_index(TEXT, "igpm.csv", "IGPM") == parse_index(text, "bcdata.sgs.189", "IGPM")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "expected"),
    [
        ("-0,01", "-0.01", 3, "valor", "a percentage such as -0,34, up to 100"),
        ("-0,01", "1.000,01", 3, "valor", "a percentage such as -0,34, up to 100"),
        ("-0,01", "", 3, "valor", "a percentage such as -0,34, up to 100"),
        ("01/12/2025", "12/2025", 3, "data", "the first day of a month such as 01/04/2026"),
        ("01/12/2025", "12/01/2025", 3, "data", "the first day of a month such as 01/04/2026"),
        ("01/12/2025", "1/12/2025", 3, "data", "the first day of a month such as 01/04/2026"),
        ("01/12/2025", "2025-12-01", 3, "data", "the first day of a month such as 01/04/2026"),
        ("01/12/2025", "01/11/2025", 3, "data", "2025-12, the month after the row above"),
        ("01/01/2026", "01/02/2026", 4, "data", "2026-01, the month after the row above"),
    ],
)
def test_a_bad_row_of_an_export(old: str, new: str, line: int, field: str, expected: str) -> None:
    """The error names file, line, field and value, and what would be right there."""
    with pytest.raises(InvalidBook) as caught:
        parse_index(EXPORTED_CSV.replace(old, new), "sgs.csv", "IGPM")

    error = caught.value
    assert (f"sgs.csv:{line}", field, new, expected) == (
        error.place,
        error.field,
        error.value,
        error.expected,
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "field"),
    [
        ('"-0.01"', '"-0,01"', "sgs.json:2 item 2", "valor"),
        ('"-0.01"', "-0.01", "sgs.json:2 item 2", "valor"),
        ('"01/01/2026"', '"01/02/2026"', "sgs.json:3 item 3", "data"),
        ('"data":"01/01/2026"', '"mes":"01/01/2026"', "sgs.json:3 item 3", "valor"),
        ("]", "", "sgs.json:1", ""),
        ("[", '{"error": [', "sgs.json:1", ""),
        ("[", "[" * 5_000, "sgs.json:1", ""),
    ],
)
def test_a_bad_item_of_an_export(old: str, new: str, place: str, field: str) -> None:
    """All of a JSON file may stand on one line: the item's number is told besides."""
    with pytest.raises(InvalidBook) as caught:
        parse_index(EXPORTED_JSON.replace(old, new), "sgs.json", "IGPM")

    assert (place, field) == (caught.value.place, caught.value.field)


def test_every_bad_row_is_told() -> None:
    """One reading tells all that is to be mended, and a bad row does not make its neighbours bad."""
    text = "data;valor\n01/11/2025;x\n99/12/2025;0,01\n01/01/2026;0,41\n01/01/2026;0,41\n01/04/2026;0,1\n"
    problems = read_figures(text, "sgs.csv", "IGPM").problems

    assert [
        ("sgs.csv:2", "x"),
        ("sgs.csv:3", "99/12/2025"),
        ("sgs.csv:5", "01/01/2026"),
        ("sgs.csv:6", "01/04/2026"),
    ] == [(each.place, each.value) for each in problems]


def test_a_row_of_three_cells_does_not_make_a_gap() -> None:
    """The month of a row that cannot be cut into cells is not missing besides."""
    problems = read_figures(TEXT.replace("-0.01", "-0,01"), "igpm.csv", "IGPM").problems

    assert ["igpm.csv:4"] == [each.place for each in problems]


@pytest.mark.parametrize("text", ["month,igpm_pct\n", "data;valor\n", "[]"])
def test_a_file_without_a_month_is_refused(text: str) -> None:
    """A download that failed is no index."""
    with pytest.raises(InvalidBook, match="no month"):
        parse_index(text, "igpm.csv", "IGPM")


def test_published_figures_of_twelve_months_may_leave_months_out() -> None:
    """They are checks: a month without a source has none, and no month has two."""
    text = "month,igpm_12m_pct\n1990-04,6782.3\n2021-05,37.04\n2022-12,5.45\n"
    found = parse_published(text, "igpm.csv", "IGPM")
    twice = read_figures(text.replace("2022-12", "2021-05"), "igpm.csv", "IGPM", Figure.PUBLISHED_12M)

    assert [(1990, "6782.3"), (2021, "37.04"), (2022, "5.45")] == [
        (month.year, str(percent)) for month, percent in found.items()
    ]
    assert [("igpm.csv:4", "2021-05")] == [(each.place, each.value) for each in twice.problems]


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
