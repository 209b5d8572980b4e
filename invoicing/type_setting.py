"""Texts set in rows: where they break, how wide they are.  Pure: the fonts' measure comes from outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from invoicing.page_rows import Row, Rows, Style, Text
from invoicing.printable_text import TEXTS_KEPT, printable

#: Returns how wide a text is in a style, in whole points, rounded up.
Measure = Callable[[str, Style], int]


@dataclass(frozen=True, slots=True)
class Pen:
    """Sets texts with the measure of certain fonts, in letters that these can draw."""

    measure: Measure

    def width(self, text: str, style: Style) -> int:
        """Return the width that a text takes in one row."""
        return self.measure(printable(text), style)

    def text(self, x: int, text: str, style: Style, *, rise: int = 3) -> Text:
        """Set a text that begins at ``x``, as long as it is."""
        return Text(x, printable(text), style, rise=rise)

    def text_to(self, x: int, text: str, style: Style, *, rise: int = 3) -> Text:
        """Set a text that ends at ``x``, as long as it is."""
        return Text(x, printable(text), style, rise=rise, ends=True)

    def rows(self, x: int, text: str, style: Style, *, width: int) -> Rows:
        """Set a text that begins at ``x`` in rows no wider than this; an empty text takes no row."""
        parts = _wrapped(self.measure, printable(text), style, width)
        return tuple(Row(style.leading, (Text(x, part, style),)) for part in parts)

    def rows_to(self, x: int, text: str, style: Style, *, width: int) -> Rows:
        """Set a text that ends at ``x`` in rows no wider than this."""
        parts = _wrapped(self.measure, printable(text), style, width)
        return tuple(Row(style.leading, (Text(x, part, style, ends=True),)) for part in parts)


@lru_cache(maxsize=TEXTS_KEPT)
def _wrapped(measure: Measure, text: str, style: Style, width: int) -> tuple[str, ...]:
    rows: list[str] = []
    for word in text.split():
        if rows and measure(f"{rows[-1]} {word}", style) <= width:
            rows[-1] = f"{rows[-1]} {word}"
        elif measure(word, style) <= width:
            rows.append(word)
        else:
            rows.extend(_pieces(measure, word, style, width))
    return tuple(rows)


def _pieces(measure: Measure, word: str, style: Style, width: int) -> list[str]:
    """Cut a word that no row can hold between its letters; each piece has one at least."""
    pieces = [word[:1]]
    for letter in word[1:]:
        if measure(pieces[-1] + letter, style) <= width:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces
