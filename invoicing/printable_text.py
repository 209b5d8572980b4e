"""Any text in the letters that the PDF's built-in fonts can draw.

The fonts are Helvetica in its Windows encoding (code page 1252): every letter of English, Spanish and
Portuguese, the euro, typographic quotes.  Every reader has them, so an invoice embeds no font and stays near
4 kB.  Another letter is printed without its accent (Łódź: Lódz); what has no such form becomes a question
mark, so that a reader sees that something is missing.  The fonts that reportlab itself brings (Bitstream
Vera) lack most of those letters too (ą, ę, ń, ő), so nothing is gained by them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: What those fonts can draw.
CODE_PAGE = "cp1252"

#: Printed for a letter that has no likeness in the code page.
MISSING = "?"

#: Texts that a process keeps as printed: names, units and clauses come again on each invoice.
TEXTS_KEPT = 8_192

#: Signs and letters that Unicode does not decompose into what the code page holds.
_LIKENESSES = str.maketrans(
    {
        "\u2212": "-",  # minus sign
        "\u2010": "-",  # hyphen
        "\u2011": "-",  # non-breaking hyphen
        "\u2192": "->",
        "\u2264": "<=",
        "\u2265": ">=",
        "đ": "d",
        "Đ": "D",
        "ħ": "h",
        "Ħ": "H",
        "\u0131": "i",  # dotless i
        "ł": "l",
        "Ł": "L",
        "ŧ": "t",
        "Ŧ": "T",
        "ẞ": "SS",
    }
)


@lru_cache(maxsize=TEXTS_KEPT)
def printable(text: str) -> str:
    """Return the text in one line of letters that the fonts can draw.

    >>> printable("Łódź, 5 \u2212 3 €")
    'Lódz, 5 - 3 €'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_drawn(letter) for letter in unicodedata.normalize("NFC", text).translate(_LIKENESSES))


def _drawn(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "Z" or category == "Cc":
        return " "
    if category in {"Cf", "Mn"}:  # joiners, direction marks, variation selectors, stray accents: not seen
        return ""
    if _is_drawable(letter):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if _is_drawable(part))
    return plain or MISSING


def _is_drawable(letter: str) -> bool:
    try:
        letter.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True
