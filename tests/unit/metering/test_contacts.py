"""Contacts: one person's number, however it is written and whenever it was noted down, is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidEvent
from metering.contacts import e164


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        pytest.param("+5511987654321", "", "+5511987654321", id="as it is written today"),
        pytest.param("+55 (11) 98765-4321", "", "+5511987654321", id="spaces and brackets"),
        pytest.param("+55 11 8765-4321", "", "+5511987654321", id="Brazil before the ninth digit"),
        pytest.param("+551161234567", "", "+5511961234567", id="Brazil, a mobile that begins with 6"),
        pytest.param("+551171234567", "", "+5511971234567", id="Brazil, a mobile that begins with 71"),
        pytest.param("+551178234567", "", "+551178234567", id="Brazil, radio services kept eight digits"),
        pytest.param("+551133334444", "", "+551133334444", id="Brazil, a landline has eight digits"),
        pytest.param("11 98765-4321", "BR", "+5511987654321", id="of the account's country"),
        pytest.param("011 98765-4321", "BR", "+5511987654321", id="with Brazil's prefix of long distance"),
        pytest.param("11 8765-4321", "BR", "+5511987654321", id="of the country, without the ninth digit"),
        pytest.param("5511987654321", "BR", "+5511987654321", id="the plus is missing"),
        pytest.param("5511987654321", "MX", "+5511987654321", id="the plus is missing, another country"),
        pytest.param("551187654321", "MX", "+5511987654321", id="no plus, no ninth digit"),
        pytest.param("005511987654321", "MX", "+5511987654321", id="00 instead of the plus"),
        pytest.param("+525512345678", "", "+525512345678", id="Mexico today"),
        pytest.param("+5215512345678", "", "+525512345678", id="Mexico before the 1 was dropped"),
        pytest.param("+52 1 55 1234 5678", "", "+525512345678", id="Mexico, the old 1 and spaces"),
        pytest.param("5215512345678", "MX", "+525512345678", id="the old 1 without a plus"),
        pytest.param("55 1234 5678", "MX", "+525512345678", id="ten digits of Mexico"),
        pytest.param(" +14155552671 ", "MX", "+14155552671", id="another country"),
    ],
)
@pytest.mark.clause("ZEN-II-4.5")
def test_a_number_has_one_form(number: str, country: str, expected: str) -> None:
    """E.164, by the numbering plan of today."""
    assert expected == e164(number, country=country)


@pytest.mark.parametrize("number", ["ana", "", "+", "12", "+5511", "+999123456789", "+551198765432100", "٣"])
def test_what_is_no_number_is_refused(number: str) -> None:
    """The error shows what came and what would be right."""
    with pytest.raises(InvalidEvent) as refused:
        e164(number, country="BR")

    assert ("contact", number, "with its country: +5511987654321") == (
        refused.value.field,
        refused.value.value,
        refused.value.expected,
    )


#: Mobile numbers of Brazil and Mexico as they are today.
BRAZILIAN = st.from_regex(r"\A\+5511(9[689]\d{7})\Z", fullmatch=True).filter(str.isascii)
MEXICAN = st.from_regex(r"\A\+5255[1-9]\d{7}\Z", fullmatch=True).filter(str.isascii)


@given(BRAZILIAN | MEXICAN)
def test_a_number_in_its_one_form_stays(number: str) -> None:
    """What was made equal once is not changed again."""
    assert number == e164(number) == e164(e164(number), country="MX")


@given(BRAZILIAN)
def test_the_ninth_digit_makes_no_other_contact(number: str) -> None:
    """Without its ninth digit a mobile number of Brazil is the same contact."""
    assert number == e164(number.replace("+55119", "+5511", 1))


@given(MEXICAN)
def test_the_old_1_makes_no_other_contact(number: str) -> None:
    """With the 1 that Mexico dropped a mobile number is the same contact."""
    assert number == e164(number.replace("+52", "+521", 1))
