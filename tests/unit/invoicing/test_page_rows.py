"""Rows keep their order and their places, whatever stands beside them and wherever a page ends."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from invoicing.page_rows import (
    LEAST_BEGINNING,
    Band,
    Block,
    Row,
    Rows,
    Style,
    Text,
    beside,
    height_of,
    pages_of,
)
from invoicing.type_setting import Pen

STYLE = Style("Any", 10, "#000000", 12)
ROOM = 300


def row(name: str, height: int = 10) -> Row:
    """Return a row that can be told from others."""
    return Row(height, (Text(0, name, STYLE),))


def names(rows: Rows) -> list[str]:
    """Return the texts of rows, in order."""
    return [text.text for each in rows for text in each.texts]


def feet(rows: Rows) -> dict[str, int]:
    """Return how far down each text stands."""
    reached = accumulate(each.height for each in rows)
    return {text.text: foot for each, foot in zip(rows, reached, strict=True) for text in each.texts}


def column(letter: str) -> st.SearchStrategy[Rows]:
    """Return columns of rows of any height."""
    heights = st.lists(st.integers(min_value=1, max_value=40), max_size=30)
    return heights.map(lambda given: tuple(row(f"{letter}{n}", height) for n, height in enumerate(given)))


@given(column("left "), column("right "))
def test_columns_keep_their_own_pace(left: Rows, right: Rows) -> None:
    """Each text stands as far down as it would alone, and both columns take what the higher one takes."""
    both = beside(left, right)

    assert feet(left) | feet(right) == feet(both)
    assert max(height_of(left), height_of(right)) == height_of(both)


def test_bands_and_rules_stay_at_their_feet() -> None:
    """A row that is cut by a neighbour still draws its whole band."""
    band = Band((0, 100), 20)

    assert (Row(5), Row(15, band=band, rule=(0, 9))) == beside((Row(5),), (Row(20, band=band, rule=(0, 9)),))


@given(st.lists(column("row "), max_size=20))
def test_pages_lose_no_row_and_hold_no_more_than_they_can(columns: list[Rows]) -> None:
    """All rows are there in their order, and no page is overfull."""
    pages = pages_of((Block(rows) for rows in columns), room=ROOM)

    assert [name for rows in columns for name in names(rows)] == [
        name for page in pages for name in names(page)
    ]
    assert [] == [page for page in pages if height_of(page) > ROOM]


def test_a_block_that_does_not_fit_begins_a_page() -> None:
    """250 of 300 points are taken: a block of 60 goes to the next page, whole."""
    first, second = pages_of([Block((row("long", 250),)), Block((row("a", 30), row("b", 30)))], room=ROOM)

    assert ["long"] == names(first)
    assert ["a", "b"] == names(second)


def test_a_block_that_fits_to_the_point_stays() -> None:
    """240 and 60 are 300."""
    (only,) = pages_of([Block((row("long", 240),)), Block((row("a", 30), row("b", 30)))], room=ROOM)

    assert ["long", "a", "b"] == names(only)


def test_a_high_block_fills_the_page_and_goes_on() -> None:
    """A block above a third of the page is divided, if the page can take a fair beginning of it."""
    high = Block(tuple(row(f"{number}") for number in range(12)))
    above = ROOM - LEAST_BEGINNING

    first, second = pages_of([Block((row("above", above),)), high], room=ROOM)
    assert ["above", "0", "1", "2", "3", "4", "5"] == names(first)
    assert ["6", "7", "8", "9", "10", "11"] == names(second)

    first, second = pages_of([Block((row("above", above + 1),)), high], room=ROOM)
    assert ["above"] == names(first)
    assert [f"{number}" for number in range(12)] == names(second)


def test_each_page_repeats_the_running_head_and_the_head_of_its_rows() -> None:
    """The head is printed once where its rows begin, and again on each page that they reach."""
    head = (row("head"),)
    lines = [Block((row(f"{number}", 90),), head) for number in range(5)]

    first, second = pages_of([*lines, Block((row("end"),))], room=ROOM, running=(row("running"),))

    assert ["head", "0", "1", "2"] == names(first)
    assert ["running", "head", "3", "4", "end"] == names(second)


def measure(text: str, style: Style) -> int:
    """Let each letter be half as wide as high."""
    return len(text) * style.size // 2


@given(st.text(alphabet="ab ñ€", max_size=200), st.integers(min_value=5, max_value=300))
def test_a_text_is_set_within_its_width_and_keeps_its_letters(text: str, width: int) -> None:
    """No row is wider than asked for, and together they hold all that is not space."""
    rows = Pen(measure).rows(7, text, STYLE, width=width)

    assert [] == [each for each in rows for part in each.texts if measure(part.text, STYLE) > width]
    assert "".join(text.split()) == "".join("".join(names(rows)).split())


def test_a_text_breaks_between_words_and_a_long_word_between_letters() -> None:
    """20 points hold four letters of five points each."""
    assert ["ab", "cdef", "ghij", "kl m"] == names(Pen(measure).rows(0, "ab cdefghijkl m", STYLE, width=20))


def test_a_text_may_end_at_a_place() -> None:
    """Numbers and titles stand flush to the right."""
    (only,) = Pen(measure).rows_to(100, "7", STYLE, width=50)

    assert (Text(100, "7", STYLE, ends=True),) == only.texts
