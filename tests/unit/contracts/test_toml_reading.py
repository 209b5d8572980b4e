"""TOML becomes records, or one error that an editor can follow: file, line, field, value, mend."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contracts.charges import Graduated, Tier
from contracts.late_rules import LateChargeRule
from contracts.plans import Plan
from contracts.terms import TermsDocument
from contracts.toml_reading import parse_toml
from kernel.errors import InvalidPlan, InvalidTerms, UnknownCurrency

TERMS = """\
[document]
id = "own-terms"
vendor = "own"
layer = "general"
title = "Own terms"
version = "1"
effective_from = 2026-01-01

[[clause]]
id = "OWN-1"
place = "Section 1"
says_en = "Late is dear."

[rules.late_charges]
clause = "OWN-1"
fine_percent = 10
interest_percent_per_month = 1.5
day_basis = "thirty"

[meters.sms]
kind = "sms_segments"
clause = "OWN-1"

[meters.talks]
kind = "conversations"
clause = "OWN-1"
"""

PLAN = """\
code = "pro"
version = 1
product = "crm"
vendor = "own"
name = "Pro"
currency = "MXN"
effective_from = 2026-01-01
documents = ["own-terms"]

[[charge]]
kind = "flat"
code = "platform"
name = "Platform"
clause = "OWN-1"
amount = 1999.00

[[charge]]
kind = "graduated"
code = "messages"
name = "Messages"
clause = "OWN-1"
meter = "sms"
tiers = [
  { up_to = 10, unit_price = "0.50" },
  { up_to = 20, unit_price = 0.4735 },
  { unit_price = "0.30" },
]
"""


def terms_of(text: str) -> TermsDocument:
    """Read a terms document."""
    return parse_toml(text, "terms/own.toml", InvalidTerms).read(TermsDocument, InvalidTerms)


def plan_of(text: str) -> Plan:
    """Read a plan."""
    return parse_toml(text, "plans/pro.toml", InvalidPlan).read(Plan, InvalidPlan)


def test_numbers_stay_exact() -> None:
    """A price with a point is a decimal, digit for digit, quoted or not."""
    messages = plan_of(PLAN).charge[1]

    assert isinstance(messages, Graduated)
    assert (
        Tier(up_to=Decimal(10), unit_price=Decimal("0.50")),
        Tier(up_to=Decimal(20), unit_price=Decimal("0.4735")),
        Tier(unit_price=Decimal("0.30")),
    ) == messages.tiers


def test_rules_are_typed() -> None:
    """A rule of a document is a value with its clause, dates and percents."""
    terms = terms_of(TERMS)

    assert date(2026, 1, 1) == terms.document.effective_from
    assert terms.rules.late_charges == LateChargeRule(
        clause="OWN-1", fine_percent=Decimal(10), interest_percent_per_month=Decimal("1.5")
    )


@pytest.mark.parametrize(
    ("change", "line", "field", "value", "expected"),
    [
        (('layer = "general"', 'layer = "anex"'), 4, "document.layer", "anex", "one of annex, "),
        (
            ("fine_percent = 10", "fine_pct = 10"),
            16,
            "rules.late_charges.fine_pct",
            "10",
            "one of fine_percent, ",
        ),
        (("fine_percent = 10", "fine_percent = -1"), 16, "rules.late_charges.fine_percent", "-1", ""),
        (("fine_percent = 10", "fine_percent = nan"), 16, "rules.late_charges.fine_percent", "NaN", ""),
        (
            ("fine_percent = 10", "fine_percent = 1e20"),
            16,
            "rules.late_charges.fine_percent",
            "1E+20",
            "a number",
        ),
        (
            ("= 1.5", '= "much"'),
            17,
            "rules.late_charges.interest_percent_per_month",
            "much",
            "an exact number",
        ),
        (('"thirty"', '"thirtieth"'), 18, "rules.late_charges.day_basis", "thirtieth", "one of thirty, "),
        (
            ('kind = "conversations"', 'kind = "conversation"'),
            25,
            "meters.talks.kind",
            "conversation",
            "one of conversations, ",
        ),
        (('kind = "conversations"\n', ""), 24, "meters.talks.kind", "", "one of conversations, "),
        (
            ('"conversations"', '"conversations"\nhours = 0'),
            26,
            "meters.talks.hours",
            "0",
            "a whole number from 1 to",
        ),
        (("2026-01-01", '"soon"'), 7, "document.effective_from", "soon", "a date such as"),
        (("Late is dear.", "\\u0000"), 12, "clause[0].says_en", "'\\x00'", "text without NUL"),
    ],
)
def test_an_error_in_terms_says_where_and_what(
    change: tuple[str, str], line: int, field: str, value: str, expected: str
) -> None:
    """Whatever is wrong in a terms document is named with its line, its path and its mend."""
    assert change[0] in TERMS

    with pytest.raises(InvalidTerms) as caught:
        terms_of(TERMS.replace(*change, 1))

    assert (f"terms/own.toml:{line}", field, value) == (
        caught.value.place,
        caught.value.field,
        caught.value.value,
    )
    assert caught.value.expected.startswith(expected)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "expected"),
    [
        (
            "unit_price = 0.4735",
            'unit_price = "0,47"',
            25,
            "charge[1].tiers[1].unit_price",
            "an exact number",
        ),
        ("{ up_to = 20, ", "{ upto = 20, ", 25, "charge[1].tiers[1].upto", "one of up_to, "),
        ('{ unit_price = "0.30" },\n', "", 23, "charge[1].tiers", ""),
        ("up_to = 10,", "up_to = 30,", 23, "charge[1].tiers", ""),
        (
            '"0.50"',
            '"0.1234567890123"',
            24,
            "charge[1].tiers[0].unit_price",
            "a number with at most 12 decimals",
        ),
        ("amount = 1999.00", "amount = -1", 15, "charge[0].amount", ""),
        ("amount = 1999.00\n", "", 10, "charge[0].amount", "an exact number"),
        ('kind = "flat"', 'kind = "flatt"', 11, "charge[0].kind", "one of flat, "),
        ('code = "messages"', 'code = "platform"', 10, "charge", ""),
        ("version = 1", "version = 0", 2, "version", "a whole number from 1 to"),
        ("effective_from", 'cycle = "montly"\neffective_from', 7, "cycle", "one of monthly, "),
    ],
)
def test_an_error_in_a_plan_says_where_and_what(
    old: str, new: str, line: int, field: str, expected: str
) -> None:
    """Whatever is wrong in a plan is named with its line, its path and its mend."""
    assert old in PLAN

    with pytest.raises(InvalidPlan) as caught:
        plan_of(PLAN.replace(old, new, 1))

    assert (f"plans/pro.toml:{line}", field) == (caught.value.place, caught.value.field)
    assert caught.value.expected.startswith(expected)


def test_a_noun_that_refuses_keeps_its_own_code() -> None:
    """A currency that is not known has its code, and gains its place."""
    with pytest.raises(UnknownCurrency) as caught:
        plan_of(PLAN.replace("MXN", "MXX"))

    assert ("plans/pro.toml:6", "currency", "MXX") == (
        caught.value.place,
        caught.value.field,
        caught.value.value,
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("code = pro", 1),
        ('code = "p"\ncode = "q"', 2),
        ("\n\n[charge", 3),
        ("x = " + "[" * 9999, 1),
        ("x = 1e99999999999999999999", 1),
    ],
)
def test_what_is_not_toml_is_refused_at_its_line(text: str, line: int) -> None:
    """A file that does not parse is one error, not a traceback."""
    with pytest.raises(InvalidPlan) as caught:
        plan_of(text)

    assert ("this is not TOML", f"plans/pro.toml:{line}") == (caught.value.message, caught.value.place)
