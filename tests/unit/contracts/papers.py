"""Terms of an invented vendor, as text and as documents, for the tests of the tools around terms."""

from __future__ import annotations

from contracts.terms import TermsDocument
from contracts.toml_reading import TomlFile, parse_toml
from kernel.errors import InvalidTerms

GENERAL = """\
[document]
id = "acme-general"
vendor = "acme"
layer = "general"
title = "Acme, general terms"
version = "2026"
effective_from = 2026-01-01

[[clause]]
id = "ACM-1"
place = "Clause 1"
says_en = "An invoice is due in 30 days."
says_es = "Una factura vence en 30 días."

[[clause]]
id = "ACM-2"
place = "Clause 2"
says_en = "Messages are counted."

[rules.payment]
clause = "ACM-1"
due_days_after_sent = 30
reading = "From the day on which it is sent."

[[rules.dunning.steps]]
code = "notice"
clause = "ACM-1"
action = "notify"
more_than_days = 0

[[rules.dunning.steps]]
code = "pause"
clause = "ACM-1"
action = "suspend"
anchor = "notice_delivered"
notice = "notice"
more_than_days = 5

[rules.dunning]
clause = "ACM-1"

[meters.messages]
kind = "sum"
clause = "ACM-2"
unit = "message"
"""

PLAN = """\
code = "pro"
version = 1
product = "crm"
vendor = "acme"
name = "Pro"
currency = "MXN"
effective_from = 2026-01-01
documents = ["acme-general"]

[[charge]]
kind = "flat"
code = "fee"
name = "Monthly fee"
clause = "ACM-1"
amount = 100.00

[[charge]]
kind = "graduated"
code = "messages"
name = "Messages"
clause = "ACM-2"
meter = "messages"
tiers = [{ up_to = 250, unit_price = 0.42 }, { unit_price = 0.3675, flat_amount = 5 }]
"""


def toml(text: str, name: str = "acme.toml") -> TomlFile:
    """Return a text as a parsed file."""
    return parse_toml(text, name, InvalidTerms)


def document(text: str) -> TermsDocument:
    """Return a text as a document."""
    return toml(text).read(TermsDocument, InvalidTerms)


def changed(text: str, old: str, new: str) -> str:
    """Return a text with one thing replaced, which must be there."""
    assert old in text
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    """Return the line on which a text first has a part."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)
