"""How use is counted: the closed union of meters that terms may define.

A meter is a rule like any other: it cites its clause, and an order form may replace it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from contracts.clauses import Rule


class OpenedBy(StrEnum):
    """Whose message opens a conversation."""

    EITHER = "either"
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class WindowKind(StrEnum):
    """Whether a conversation ends so long after the message that opened it, or after the last that could."""

    FIXED = "fixed"
    SLIDING = "sliding"


class SegmentEncoding(StrEnum):
    """How a text is cut into SMS: by GSM 03.38 and UCS-2, or by plain length as the contract's words go."""

    GSM = "gsm"
    LITERAL = "literal"


class UnitRounding(StrEnum):
    """Where a quantity between two multiples of a meter's unit size goes."""

    NONE = "none"
    UP = "up"
    DOWN = "down"
    HALF_UP = "half_up"


class RoundEach(StrEnum):
    """What is rounded: each event before it adds up, or once what a period comes to."""

    EVENT = "event"
    PERIOD = "period"


class TimeUnit(StrEnum):
    """The time by which a level is multiplied; a local day is one, even where a clock change shortens it.

    By the period a level is not multiplied but averaged: seats that come and go within a month.
    """

    DAY = "day"
    HOUR = "hour"
    PERIOD = "period"


class Normalised(StrEnum):
    """How values are made equal before they are compared: as they stand, or as telephone numbers."""

    NOT = "not"
    E164 = "e164"


class MeterTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all meters have: the unit they count, and the dimension of an event that is priced apart.

    ``by`` names that dimension (``country``: the country of the customer's line, Annex IX 4.2(iii)).
    """

    unit: str
    by: str = ""


class RoundedMeter(MeterTerms, frozen=True, kw_only=True):
    """What meters have whose quantity may be rounded to whole multiples of ``unit_size``.

    61 seconds are 120 by ``unit_size = 60`` and ``rounding = "up"``; exact multiples stay what they are.
    """

    rounding: UnitRounding = UnitRounding.NONE
    unit_size: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        """Refuse a unit of no size."""
        if not self.unit_size > 0:
            raise ValueError("unit_size must be above 0")


class SumMeter(RoundedMeter, frozen=True, kw_only=True, tag="sum"):
    """Adds the quantity of each event: documents, orchestrations, seconds of voice."""

    round_each: RoundEach = RoundEach.PERIOD


class CountMeter(MeterTerms, frozen=True, kw_only=True, tag="count"):
    """Counts each event as one: messages sent and received, requests."""


class MaximumMeter(RoundedMeter, frozen=True, kw_only=True, tag="maximum"):
    """Takes the greatest quantity of any event of a period, nothing of earlier ones: calls at one time."""


class UniqueMeter(MeterTerms, frozen=True, kw_only=True, tag="unique"):
    """Counts the different values of a dimension that the events of a period bear, each once and exactly.

    Without ``of`` the contacts are counted.  As telephone numbers (``e164``) values are equal however they
    are written: with Brazil's ninth digit or without it, with Mexico's old 1 after +52 or without it.
    """

    of: str = ""
    normalised: Normalised = Normalised.NOT


ReservedCharacters = Annotated[int, msgspec.Meta(ge=0, le=159)]


class SmsMeter(MeterTerms, frozen=True, kw_only=True, tag="sms_segments"):
    """Adds the SMS segments of each event's text; ``reserved_characters`` are taken from the first 160.

    ``reserved_by`` says them apart for values of the dimension ``by``: the platform that sends.
    """

    unit: str = "segment"
    encoding: SegmentEncoding = SegmentEncoding.GSM
    reserved_characters: ReservedCharacters = 0
    reserved_by: dict[str, ReservedCharacters] = {}

    def __post_init__(self) -> None:
        """Refuse characters that are reserved by a dimension that is not named."""
        if self.reserved_by and not self.by:
            raise ValueError("reserved_by needs by, the dimension that it goes by")

    def reserved_for(self, dimension: str) -> int:
        """Return the characters that are taken from an SMS in a dimension: 20 of one sent by a platform."""
        return self.reserved_by.get(dimension, self.reserved_characters)


class ConversationMeter(MeterTerms, frozen=True, kw_only=True, tag="conversations"):
    """Counts windows of messages with one contact: ``[t, t + hours)`` from the message that opens one.

    A ``sliding`` window lasts as long after each message that may open one: Meta's own, which every message
    of the customer renews.
    """

    unit: str = "conversation"
    opened_by: OpenedBy = OpenedBy.EITHER
    hours: Annotated[int, msgspec.Meta(ge=1, le=8_784)] = 24
    window: WindowKind = WindowKind.FIXED


class SeatMeter(MeterTerms, frozen=True, kw_only=True, tag="seats"):
    """Takes each event's quantity as the number of seats from then on; a period owes its highest number."""

    unit: str = "seat"


class LatestMeter(RoundedMeter, frozen=True, kw_only=True, tag="latest"):
    """Takes each event's quantity as the level from then on; a period owes the one that it ends with."""


class WeightedMeter(RoundedMeter, frozen=True, kw_only=True, tag="time_weighted"):
    """Takes each event's quantity as the level from then on; a period owes level times time.

    100 MB from 1 April to noon of the 11th, nothing after: 1,050 MB-days, or 25,200 MB-hours.  By the period
    it is the mean: 10 seats for 15 days of March and 12 for 16 are 342/31 seats, exactly.
    """

    per: TimeUnit = TimeUnit.DAY

    def __post_init__(self) -> None:
        """Refuse a unit of no size, and the rounding of a mean, which would undo what it is for."""
        super().__post_init__()
        if self.per is TimeUnit.PERIOD and self.rounding is not UnitRounding.NONE:
            raise ValueError("rounding: a mean over the period is not rounded")


Meter = (
    SumMeter
    | CountMeter
    | MaximumMeter
    | UniqueMeter
    | SmsMeter
    | ConversationMeter
    | SeatMeter
    | LatestMeter
    | WeightedMeter
)

#: Meters whose events set a level, which holds until the next one.
LEVELS: Final = (SeatMeter, LatestMeter, WeightedMeter)


def adds_up(meter: Meter) -> bool:
    """Tell whether the quantities of two periods are together that of both: not so for a highest number."""
    return not isinstance(meter, SeatMeter | LatestMeter | MaximumMeter | UniqueMeter) and not averages(meter)


def averages(meter: Meter) -> bool:
    """Tell whether a period owes the mean of a level; what is measured of it is the level times days."""
    return isinstance(meter, WeightedMeter) and meter.per is TimeUnit.PERIOD
