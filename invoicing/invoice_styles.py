"""The look of a printed invoice: its page, its borders, its letters and colours.  In points (1/72 inch)."""

from __future__ import annotations

from invoicing.page_rows import Style

#: A4, whose rows begin below ``TOP`` and end above ``FOOT``, measured from the lower edge.
PAGE_WIDTH, PAGE_HEIGHT = 595, 842
TOP, FOOT = 802, 54
LEFT, RIGHT = 48, 547
WHOLE = (LEFT, RIGHT)

#: Between two columns.
GAP = 14
#: Where the name of a line begins, behind its number; where its clause begins, beside its working.
NAME_X, CLAUSE_X = LEFT + 22, 340

INK, GREY, ACCENT, RULE, TINT = "#1b2430", "#5d6673", "#1d4c6f", "#d3d8de", "#f1f4f7"
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"

TITLE = Style(BOLD, 20, ACCENT, 18)
LARGE = Style(BOLD, 13, INK, 18)
TOTAL = Style(BOLD, 11, INK, 16)
STRONG = Style(BOLD, 10, INK, 14)
BODY = Style(PLAIN, 9, INK, 13)
NAME = Style(BOLD, 9, INK, 12)
NUMBER = Style(PLAIN, 9, INK, 12)
SMALL = Style(PLAIN, 8, GREY, 11)
FACT = Style(PLAIN, 8, GREY, 13)
LABEL = Style(BOLD, 7, GREY, 11)
FINE = Style(PLAIN, 7, GREY, 8)
CLAUSE = Style(BOLD, 7, ACCENT, 8)
