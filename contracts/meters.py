"""How use is counted: the closed union of meters that terms may define.

A meter is a rule like any other: it cites its clause, and an order form may replace it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from contracts.clauses import Rule


class OpenedBy(StrEnum):
    """Whose message opens a conversation."""

    EITHER = "either"
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class SegmentEncoding(StrEnum):
    """How a text is cut into SMS: by GSM 03.38 and UCS-2, or by plain length as the contract's words go."""

    GSM = "gsm"
    LITERAL = "literal"


class MeterTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all meters have: the unit they count, and the dimension of an event that is priced apart.

    ``by`` names that dimension (``country``: the country of the customer's line, Annex IX 4.2(iii)).
    """

    unit: str
    by: str = ""


class SumMeter(MeterTerms, frozen=True, kw_only=True, tag="sum"):
    """Adds the quantity of each event: documents, orchestrations, seconds of voice."""


class SmsMeter(MeterTerms, frozen=True, kw_only=True, tag="sms_segments"):
    """Adds the SMS segments of each event's text; ``reserved_characters`` are taken from the first 160."""

    unit: str = "segment"
    encoding: SegmentEncoding = SegmentEncoding.GSM
    reserved_characters: Annotated[int, msgspec.Meta(ge=0, le=159)] = 0


class ConversationMeter(MeterTerms, frozen=True, kw_only=True, tag="conversations"):
    """Counts windows of messages with one contact: ``[t, t + hours)`` from the message that opens one."""

    unit: str = "conversation"
    opened_by: OpenedBy = OpenedBy.EITHER
    hours: Annotated[int, msgspec.Meta(ge=1, le=8_784)] = 24


class SeatMeter(MeterTerms, frozen=True, kw_only=True, tag="seats"):
    """Takes each event's quantity as the number of seats from then on; a period owes its highest number."""

    unit: str = "seat"


Meter = SumMeter | SmsMeter | ConversationMeter | SeatMeter
