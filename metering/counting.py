"""What an event counts for: the quantity that it adds or sets, and the value that is counted once."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from contracts.meters import (
    ConversationMeter,
    CountMeter,
    LatestMeter,
    MaximumMeter,
    Meter,
    Normalised,
    RoundEach,
    SeatMeter,
    SmsMeter,
    SumMeter,
    UniqueMeter,
    UnitRounding,
    WeightedMeter,
)
from kernel.errors import InvalidCorrection, InvalidEvent
from kernel.money import plain
from metering.contacts import e164
from metering.events import UsageEvent
from metering.segments import segments
from metering.unit_rounding import rounded_event

ONE = Decimal(1)


def quantity_of(event: UsageEvent, meter: Meter, dimension: str = "") -> Decimal | None:
    """Return what an event adds or sets; None for a message, which counts only within its conversation.

    Raises :class:`InvalidEvent` where the event lacks what its meter counts, or brings what it does not, and
    :class:`InvalidCorrection` where it corrects something else than a sum of events as they are.
    """
    if event.corrects and not is_correctable(meter):
        raise InvalidCorrection(
            "only sums are corrected by an event of their own",
            field="corrects",
            value=event.corrects,
            expected="a later level for seats; what was sent, received or counted stays",
        )
    match meter:
        case SumMeter():
            return rounded_event(meter, _given_quantity(event))
        case MaximumMeter() | LatestMeter() | WeightedMeter():
            return _given_quantity(event)
        case CountMeter() | UniqueMeter():
            _refuse_quantity(event, "none: the event, or the value that it bears, counts as one")
            return ONE
        case SmsMeter():
            return _segments_of(event, meter, dimension)
        case ConversationMeter():
            _check_message(event)
            return None
        case SeatMeter():
            return _whole_seats(event)
        case _:
            assert_never(meter)


def is_correctable(meter: Meter) -> bool:
    """Tell whether an event of a meter may take from another: of a sum that is not rounded event by event."""
    return isinstance(meter, SumMeter) and not (
        meter.rounding is not UnitRounding.NONE and meter.round_each is RoundEach.EVENT
    )


def value_of(event: UsageEvent, meter: UniqueMeter, *, country: str) -> str:
    """Return what of an event is counted once: its contact, or the value of a dimension.

    A telephone number without its country's code is one of ``country``.
    """
    field = f"dimensions.{meter.of}" if meter.of else "contact"
    value = event.dimensions.get(meter.of, "") if meter.of else event.contact
    if not value:
        raise InvalidEvent("the event does not say what its meter counts", field=field, expected="a value")
    return e164(value, country=country) if meter.normalised is Normalised.E164 else value


def _segments_of(event: UsageEvent, meter: SmsMeter, dimension: str) -> Decimal:
    _refuse_quantity(event, "the text; its segments are counted here")
    if event.text is None:
        raise InvalidEvent("an SMS needs its text", field="text", expected="the text as it was sent")
    reserved = meter.reserved_for(dimension)
    return Decimal(segments(event.text, encoding=meter.encoding, reserved_characters=reserved))


def _given_quantity(event: UsageEvent) -> Decimal:
    if event.quantity is None:
        raise InvalidEvent(
            "the meter needs a quantity", field="quantity", expected='an exact number: "10.50"'
        )
    return event.quantity


def _refuse_quantity(event: UsageEvent, expected: str) -> None:
    if event.quantity is not None:
        raise InvalidEvent(
            "the meter takes no quantity", field="quantity", value=plain(event.quantity), expected=expected
        )


def _whole_seats(event: UsageEvent) -> Decimal:
    seats = _given_quantity(event)
    if seats != seats.to_integral_value():
        raise InvalidEvent(
            "a seat is not divided", field="quantity", value=plain(seats), expected="whole seats"
        )
    return seats


def _check_message(event: UsageEvent) -> None:
    _refuse_quantity(event, "direction and contact; conversations are counted here")
    if not event.direction:
        raise InvalidEvent("a message needs its direction", field="direction", expected="inbound or outbound")
    if not event.contact:
        raise InvalidEvent(
            "a message needs its contact", field="contact", expected="who the message was with"
        )
