"""Workings keep exact numbers, survive storage, and are printed in the language of a catalog."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.working import Catalog, Step, from_json, lines_of, step, text_of, to_json

#: A catalog of one line, as a Portuguese one would begin.
PORTUGUESE = Catalog(
    MappingProxyType({"rounding": "arredondado: {exact:amount} -> {result:money}"}), group=".", point=","
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (Decimal("0.90"), "0.9"),
        (Decimal("1E+3"), "1000"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 20), "-0.05"),
        (Fraction(12345, 1000), "12.345"),
        (Fraction(17, 31), "17/31"),
        (Fraction(-1, 3), "-1/3"),
        (Fraction(1, 10**40), "0." + "0" * 39 + "1"),
    ],
)
def test_a_number_is_written_exactly(number: Fraction | Decimal | int, text: str) -> None:
    """A decimal where it ends, a fraction where it does not, and never an exponent."""
    assert text == text_of(number)


@given(st.fractions())
def test_a_written_number_reads_back_as_itself(number: Fraction) -> None:
    """Nothing is lost on the way to text and back."""
    assert number == Fraction(text_of(number))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_a_written_decimal_reads_back_as_itself(number: Decimal) -> None:
    """A price keeps all of its twelve places."""
    assert number == Decimal(text_of(number))


def test_a_step_keeps_its_facts_as_text() -> None:
    """Numbers of any exact kind become text, words stay as they are."""
    made = step("tier", Fraction(810), quantity=900, unit_price=Decimal("0.90"), currency="MXN")

    assert Step("tier", {"quantity": "900", "unit_price": "0.9", "currency": "MXN"}, "810") == made


TIER = step("tier", 810, first=1, up_to=1000, quantity=900, unit_price=Decimal("0.9"), currency="MXN")


@pytest.mark.parametrize(
    ("each", "line"),
    [
        (TIER, "tier 1 to 1,000: 900 x 0.90 MXN = 810.00 MXN"),
        (step("allowance", 900, included=100, quantity=1000), "allowance: 100 of 1,000 included"),
        (step("days", Fraction(17, 31), days=17, of_days=31), "17 of 31 days"),
        (
            step(
                "index",
                Decimal("1.146548"),
                index="IGPM",
                first_month="2021-05",
                last_month="2022-04",
                percent=Decimal("14.6548"),
            ),
            "index factor 1.146548 (IGPM 2021-05 to 2022-04, +14.6548 %)",
        ),
        (
            step("rounding", Decimal("585.72"), exact=Decimal("585.7195"), currency="MXN"),
            "rounded half up: 585.7195 -> 585.72 MXN",
        ),
        (
            step("rounding", Decimal("-822.58"), exact=Fraction(-25500, 31), currency="MXN"),
            "rounded half up: -822.580645... -> -822.58 MXN",
        ),
        (step("amount", Decimal(1234567), currency="CLP"), "amount: 1,234,567 CLP"),
    ],
)
def test_a_step_is_printed_for_people(each: Step, line: str) -> None:
    """Thousands are grouped, money has its currency's decimals, an endless number ends in dots."""
    assert (line,) == lines_of((each,))


def test_another_language_is_another_catalog() -> None:
    """The same step in Portuguese has other words and other marks in its numbers."""
    working = (step("rounding", Decimal("1585.72"), exact=Decimal("1585.7195"), currency="BRL"),)

    assert ("arredondado: 1.585,7195 -> 1.585,72 BRL",) == lines_of(working, PORTUGUESE)


@pytest.mark.parametrize(
    ("each", "line"),
    [
        (step("magic", 7, spell="3"), "magic: spell 3 = 7"),
        (step("magic", 7), "magic: 7"),
    ],
)
def test_a_step_without_a_template_is_printed_all_the_same(each: Step, line: str) -> None:
    """What an older or a newer version wrote is shown fact by fact, never left out."""
    assert (line,) == lines_of((each,))


def test_a_working_survives_storage() -> None:
    """What is read back is what was written, and the text is the same each time."""
    working = (TIER, step("amount", Decimal(810), currency="MXN"))

    assert working == from_json(to_json(working))
    assert to_json(working) == to_json(from_json(to_json(working)))


def test_the_stored_form_is_plain_json() -> None:
    """Others read it without this program."""
    assert '[{"code":"quantity","facts":{},"result":"900"}]' == to_json((step("quantity", 900),))
