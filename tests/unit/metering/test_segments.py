"""SMS segments: the borders of both alphabets, what costs two units, and a second opinion on any text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.meters import SegmentEncoding
from metering.segments import GSM, UCS2, alphabet_of, segments

TEXTS_VARIABLE = "CLAUSULA_SMS_TEXTS"

#: Characters of both alphabets, of the extension table and beyond the basic plane, to meet every border.
#: The bare escape is left out: it stands for no character (3GPP TS 23.038), yet smsutil takes it for one.
TEXTS = st.text(
    st.sampled_from("aé\n€[ñãç😀`\f") | st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"),
    min_size=1,
    max_size=400,
)


@pytest.mark.clause("ZEN-I-A")
@pytest.mark.parametrize(
    ("characters", "expected"), [(0, 1), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)]
)
def test_gsm_borders(characters: int, expected: int) -> None:
    """A GSM text is one segment up to 160 characters, then parts of 153."""
    assert expected == segments("a" * characters)


@pytest.mark.parametrize(("characters", "expected"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_ucs2_borders(characters: int, expected: int) -> None:
    """A text outside GSM is one segment up to 70 characters, then parts of 67."""
    assert expected == segments("ã" * characters)


def test_one_character_moves_the_whole_text() -> None:
    """One character outside the alphabet makes 160 cheap characters three expensive parts."""
    assert (GSM, 1) == (alphabet_of("a" * 160), segments("a" * 160))
    assert (UCS2, 3) == (alphabet_of("a" * 159 + "ç"), segments("a" * 159 + "ç"))


@pytest.mark.parametrize("character", "^{}[]~|\\€\f")
def test_extended_characters_cost_two(character: str) -> None:
    """An escaped character takes two of the 160."""
    assert (1, 2) == (segments(character * 80), segments(character * 81))


def test_an_escape_is_not_torn_from_its_character() -> None:
    """Where one unit is left in a part, an escaped character goes to the next: 306 units need three parts."""
    assert 3 == segments("a" * 152 + "€" + "a" * 152)
    assert 2 == segments("a" * 151 + "€" + "a" * 153)


def test_a_surrogate_pair_is_not_torn() -> None:
    """Where one unit is left in a part of 67, an emoji goes to the next."""
    assert 2 == segments("ã" * 65 + "😀" + "ã" * 67)
    assert 3 == segments("ã" * 66 + "😀" + "ã" * 66)


@pytest.mark.clause("ZEN-IV-3-i")
@pytest.mark.parametrize(("characters", "expected"), [(140, 1), (141, 2), (286, 2), (287, 3)])
def test_reserved_characters_are_appended_once(characters: int, expected: int) -> None:
    """An opt-out text of 20 characters leaves 140 for one segment, and 20 less in all for a chain."""
    assert expected == segments("a" * characters, reserved_characters=20)


def test_reserved_characters_follow_escapes() -> None:
    """The appended text also fills the part after an escape that moved on."""
    assert 3 == segments("a" * 152 + "€" + "a" * 132, reserved_characters=20)


@pytest.mark.parametrize(("characters", "expected"), [(0, 1), (160, 1), (161, 2), (320, 2), (321, 3)])
def test_literal_mode_divides_by_160(characters: int, expected: int) -> None:
    """Where the contract reads literally, only the length counts, whatever the alphabet."""
    assert expected == segments("ç" * characters, encoding=SegmentEncoding.LITERAL)


def test_literal_mode_reserves_too() -> None:
    """The appended text counts as characters in the literal reading as well."""
    found = [
        segments("a" * length, encoding=SegmentEncoding.LITERAL, reserved_characters=20)
        for length in (140, 141)
    ]

    assert [1, 2] == found


@given(TEXTS)
@example("a" * 152 + "€" * 2)
def test_agrees_with_smsutil(text: str) -> None:
    """On any text the alphabet and the number of segments are those of an independent library."""
    other = smsutil.split(text)

    assert (other.encoding == "gsm0338", len(other.parts)) == (alphabet_of(text) is GSM, segments(text))


@given(TEXTS, TEXTS)
def test_more_text_never_costs_less(text: str, more: str) -> None:
    """Appending to a text never lowers its segments."""
    assert segments(text) <= segments(text + more)


@pytest.mark.skipif(TEXTS_VARIABLE not in os.environ, reason=f"{TEXTS_VARIABLE} names no file of texts")
def test_two_thousand_real_texts() -> None:
    """The 2,000 texts of a public collection, whose licence keeps them out of here, are 2,147 segments."""
    texts = Path(os.environ[TEXTS_VARIABLE]).read_text(encoding="utf-8").splitlines()

    assert (2000, 2147) == (len(texts), sum(segments(text) for text in texts))
