"""Any text can be drawn: with its letters where the fonts have them, with likenesses where they have not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.printable_text import CODE_PAGE, printable


@given(st.text())
def test_whatever_is_written_can_be_drawn(text: str) -> None:
    """One line of letters that the fonts hold, and the same again when it is taken twice."""
    drawn = printable(text)

    assert drawn == drawn.encode(CODE_PAGE).decode(CODE_PAGE)
    assert [] == [letter for letter in drawn if not (letter.isprintable() or letter == " ")]
    assert drawn == printable(drawn)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "áéíóúüñ¿¡ªº ÁÉÍÓÚÜÑ", "ãõâêôàç ÃÕÂÊÔÀÇ", "€ – — “quoted” it’s … • · × § ° ½", "ŠšŽžŒœŸ"],
)
def test_what_the_fonts_hold_stands_as_it_is(text: str) -> None:
    """Spanish, Portuguese and typography lose nothing."""
    assert text == printable(text)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("n\u0303", "ñ"),  # a letter and its accent become one
        ("Łódź Žižkov ąęńő", "Lódz Žižkov aeno"),
        ("ﬁn Ⅳ ①", "fin IV 1"),
        ("a\u00a0b\u2009c\u202fd\ne\tf", "a b c d e f"),
        ("1 \u2212 2 \u2192 3", "1 - 2 -> 3"),
        ("soft\u00adhyphen\u200b\u200e", "softhyphen"),
        ("\N{ROCKET}", "?"),
        ("株式会社", "????"),
        ("a\x00b\x7fc\x9dd", "a b c d"),
        ("\ud800", "?"),
    ],
)
def test_what_they_lack_is_drawn_as_what_it_looks_like(text: str, drawn: str) -> None:
    """Accents go, signs become their plain form, and what has no likeness is seen to be missing."""
    assert drawn == printable(text)
