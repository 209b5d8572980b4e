"""Clauses, and the layers of paper that they stand on.

A rule never stands alone: it names the clause that justifies it, and a resolved rule names the document, its
version and its layer besides.  An order form prevails over an annex, an annex over the general terms.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

#: Days that a rule may grant: ten years and some leap days.  A longer time is a typing error.
Days = Annotated[int, msgspec.Meta(ge=0, le=3_660)]

#: Percent of a limit at which word is sent.
Thresholds = tuple[Annotated[int, msgspec.Meta(ge=1, le=1_000)], ...]

#: The thresholds of a limit whose terms state none.
THRESHOLDS: Thresholds = (80, 100)

#: The version of a plan.
VersionNumber = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Layer(StrEnum):
    """The kind of document that a rule comes from; later members prevail over earlier ones."""

    GENERAL = "general"
    ANNEX = "annex"
    ORDER_FORM = "order_form"


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all that is read from TOML: frozen, by name only, and strict about unknown keys."""


class Clause(Record, frozen=True, kw_only=True):
    """One numbered rule of a contract, in our own words.

    ``id`` is that of the register (``ZEN-IX-6.2``); ``place`` where the document holds it; ``says_en``,
    ``says_es`` and ``says_pt`` paraphrase it in a line each.
    """

    id: str
    place: str
    says_en: str
    says_es: str = ""
    says_pt: str = ""


class DocumentHead(Record, frozen=True, kw_only=True):
    """What identifies one version of one document."""

    id: str
    vendor: str
    layer: Layer
    title: str
    version: str
    effective_from: date


class Rule(Record, frozen=True, kw_only=True):
    """Base of all rules: the clause that a rule executes, and why it reads so where that is silent."""

    clause: str
    reading: str = ""
