"""A printed document as rows of texts, and their division into pages.  Pure.

All measures are whole points (1/72 inch) from the left border and downwards, so that the same document always
falls on the same places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

#: From one border to another, from the left edge of the page.
Span = tuple[int, int]

#: A divided block begins only where a page takes this much of it: no name stands alone at a page's foot.
LEAST_BEGINNING = 60


class Style(NamedTuple):
    """How a text looks: its font, its size, its colour, and how high a row of it is."""

    font: str
    size: int
    colour: str
    leading: int


class Text(NamedTuple):
    """A piece of text that begins at ``x``, or ends there, ``rise`` above the foot of its row."""

    x: int
    text: str
    style: Style
    ends: bool = False
    rise: int = 3


class Band(NamedTuple):
    """A tinted band that stands on the foot of its row."""

    span: Span
    height: int


class Row(NamedTuple):
    """Texts over a band, with a rule at the foot; all keep their place above it, whatever the height."""

    height: int
    texts: tuple[Text, ...] = ()
    band: Band | None = None
    rule: Span | None = None


Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that stay on one page unless they fill a third of it, under a head that each page repeats."""

    rows: Rows
    head: Rows = ()


def height_of(rows: Iterable[Row]) -> int:
    """Return the height of rows set under each other."""
    return sum(row.height for row in rows)


def beside(left: Sequence[Row], right: Sequence[Row]) -> Rows:
    """Set two columns next to each other, each at its own pace: a row ends wherever a row of either ends.

    The texts of a row follow each other from left to right, as a screen reader speaks them.
    """
    columns = (_by_foot(left), _by_foot(right))
    feet = sorted({*columns[0], *columns[1]})
    return tuple(
        _joined(foot - above, [column[foot] for column in columns if foot in column])
        for above, foot in pairwise((0, *feet))
    )


def pages_of(blocks: Iterable[Block], *, room: int, running: Rows = ()) -> tuple[Rows, ...]:
    """Lay blocks on pages of this height; ``running`` opens every page but the first.

    Of a block that is divided, a page takes as many rows as it can hold.
    """
    pages = _Pages(room, running)
    for block in blocks:
        pages.add(block)
    return tuple(tuple(page) for page in pages.pages)


class _Pages:
    """The pages so far, what is left of the last one, and under which head its rows stand."""

    def __init__(self, room: int, running: Rows) -> None:
        self.room = room
        self.running = running
        self.pages: list[list[Row]] = [[]]
        self.left = room
        self.head: Rows = ()

    def add(self, block: Block) -> None:
        """Lay a block, on a new page if it fits there and not here."""
        head = () if block.head == self.head else block.head
        height = height_of(block.rows)
        together = height if height <= self.room // 3 else LEAST_BEGINNING
        if self.left < height_of(head) + together:
            self._turn(block.head)
        else:
            self._lay(head)
        self.head = block.head
        for row in block.rows:
            if row.height > self.left:
                self._turn(block.head)
            self._lay((row,))

    def _turn(self, head: Rows) -> None:
        self.pages.append([])
        self.left = self.room
        self._lay((*self.running, *head))

    def _lay(self, rows: Rows) -> None:
        self.pages[-1].extend(rows)
        self.left -= height_of(rows)


def _by_foot(rows: Sequence[Row]) -> dict[int, Row]:
    feet = accumulate(row.height for row in rows)
    return dict(zip(feet, rows, strict=True))


def _joined(height: int, rows: Sequence[Row]) -> Row:
    return Row(
        height=height,
        texts=tuple(sorted((text for row in rows for text in row.texts), key=lambda text: text.x)),
        band=next((row.band for row in rows if row.band), None),
        rule=next((row.rule for row in rows if row.rule), None),
    )
