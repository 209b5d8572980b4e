"""Rows of a CSV file know their line; a bad one is set aside and the rest is read."""

from __future__ import annotations

import pytest

from contracts.csv_reading import Columns, columns_of, parse_csv
from contracts.parties import Account
from kernel.errors import InvalidBook

COLUMNS = Columns(known=("code", "name", "email"), required=("code",))


def cells(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return the good rows with their lines."""
    return [(row.line, row.cells) for row in parse_csv(text, "a.csv", COLUMNS)[0]]


def test_rows_bear_their_lines() -> None:
    """Comments, blank lines and cells of several lines are counted, empty cells are absent."""
    text = '# who\ncode,name,email\n\na,"two\nlines",\n# more\nb,,b@x.example\n'

    assert [(4, {"code": "a", "name": "two\nlines"}), (7, {"code": "b", "email": "b@x.example"})] == cells(
        text
    )


def test_spreadsheets_of_the_south_are_understood() -> None:
    """A file that Excel saved with semicolons reads as one with commas."""
    assert [(2, {"code": "a", "name": "x, y"})] == cells("code;name;email\na;x, y;\n")


def test_a_short_row_is_set_aside() -> None:
    """A row with too few or too many cells is a problem with its line, the others stay."""
    rows, problems = parse_csv("code,name,email\na,b\nc,d,e\nf,g,h,i\n", "a.csv", COLUMNS)

    assert ["c"] == [row.cells["code"] for row in rows]
    assert [("a.csv:2", "2"), ("a.csv:4", "4")] == [(each.place, each.value) for each in problems]


def test_an_open_quote_stops_the_reading_and_says_so() -> None:
    """What comes behind an open quote is not guessed."""
    rows, problems = parse_csv('code,name,email\na,,\n"b,,\nc,,\n', "a.csv", COLUMNS)

    assert ["a"] == [row.cells["code"] for row in rows]
    assert ["a.csv:3"] == [each.place for each in problems]


def test_a_header_that_is_no_csv_is_refused() -> None:
    """Without a header no row means anything."""
    with pytest.raises(InvalidBook) as caught:
        parse_csv('"code"x,name\na,b\n', "a.csv", COLUMNS)

    assert "a.csv:1" == caught.value.place


@pytest.mark.parametrize(
    ("header", "field"),
    [("code,nam,email", "nam"), ("name,email", "code"), ("code,code", "code"), ("", "code")],
)
def test_a_wrong_header_is_refused(header: str, field: str) -> None:
    """A column that is unknown, missing or named twice would silently lose a value."""
    with pytest.raises(InvalidBook) as caught:
        parse_csv(header + "\n", "a.csv", COLUMNS)

    assert ("a.csv:1", field) == (caught.value.place, caught.value.field)


def test_the_nearest_column_is_named_first() -> None:
    """A typing error in a header finds its mend."""
    with pytest.raises(InvalidBook) as caught:
        parse_csv("code,emial\n", "a.csv", COLUMNS)

    assert "email" == caught.value.expected.removeprefix("one of ").split(", ")[0]


def test_a_files_columns_are_the_fields_of_its_records() -> None:
    """What has no default must have a column."""
    assert ["code", "name", "country", "email"] == columns_of(Account).required
