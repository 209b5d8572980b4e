"""Usage events: what one is, what is beyond its limits, and what tells one body from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Final, NamedTuple

import msgspec

from kernel.errors import EventInFuture, InvalidEvent, InvalidInput
from kernel.money import decimal_of, plain
from kernel.problems import Problem
from metering.conversations import INBOUND, OUTBOUND

#: Limits of one event; what is larger is no event of the trade.
ID_CHARACTERS: Final = 200
#: A source may be a URI.
SOURCE_CHARACTERS: Final = 300
NAME_CHARACTERS: Final = 100
TEXT_CHARACTERS: Final = 40_000
MOST_DIMENSIONS: Final = 16
QUANTITY_PLACES: Final = 12

#: No terms allow an event further ahead than this (``usage_times`` says how far they do).
MOST_AHEAD: Final = timedelta(days=1)
#: Before this, no service of the trade was sold.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)

DIGEST_BYTES: Final = 16

#: A whole quantity below this is within all measure.
_SURELY_MEASURED: Final = 10**12

#: Which way a message goes; what is no message says nothing.
DIRECTIONS: Final = ("", INBOUND, OUTBOUND)


#: What the fields of an event hold, in words.
EXPECTED: Final = {
    "id": "a text, unique for ever within account and source",
    "account": "the code of an account",
    "meter": "the code of a meter",
    "occurred_at": "an instant with its zone: 2026-02-01T02:30:00Z",
    "quantity": 'an exact number: "10.50" or 10.50',
    "dimensions": "an object of texts",
    "corrects": "the id of an event of the same account and source",
}


class UsageEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something an account used, at an instant; ``id`` is unique for ever within its account and ``source``.

    ``subscription`` may stay empty where only one in force has the meter.  ``quantity`` is for meters that
    add or hold a level, ``text`` for SMS, ``direction`` and ``contact`` for conversations.  ``corrects`` is
    the id of an event of the same account and source, which this one adds to or, negative, takes from.
    """

    id: str
    account: str
    meter: str
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    source: str = ""
    subscription: str = ""
    quantity: Decimal | None = None
    direction: str = ""
    contact: str = ""
    text: str | None = None
    dimensions: dict[str, str] = {}
    corrects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that came as an event and cannot be counted, told as far as it can be read.

    ``raw`` is what came, without the text of a message: that belongs to two people, not to us.  ``whole``
    tells that nothing was left out, so that it can be tried again.
    """

    problem: Problem
    raw: str
    account: str = ""
    source: str = ""
    event_id: str = ""
    whole: bool = False


class ReadEvent(NamedTuple):
    """An event of a file, or what could not be read as one, and the line or row that it stands on."""

    line: int
    event: UsageEvent | Rejected


def check(event: UsageEvent, *, now: datetime) -> None:
    """Refuse an event that is beyond a limit, whoever made it.

    Nearly every event is within all of them, which is seen at once; only for the others is it found which.
    """
    if not _within_limits(event, now):
        _refuse_beyond(event, now=now)


def _within_limits(event: UsageEvent, now: datetime) -> bool:
    named, quantity = event.dimensions, event.quantity
    texts = (event.id, event.source, event.subscription, event.contact, event.corrects)
    text = "".join((*texts, *named, *named.values()) if named else texts)
    return (
        len(text) <= ID_CHARACTERS
        and "\0" not in text
        and event.id != ""
        and 0 < len(event.account) <= NAME_CHARACTERS
        and 0 < len(event.meter) <= NAME_CHARACTERS
        and len(event.subscription) <= NAME_CHARACTERS
        and (not named or _surely_named(named))
        and event.direction in DIRECTIONS
        and (event.text is None or len(event.text) <= TEXT_CHARACTERS)
        and event.occurred_at.tzinfo is UTC
        and EARLIEST <= event.occurred_at <= now
        and (quantity is None or _surely_measured(quantity))
    )


def _surely_named(named: Mapping[str, str]) -> bool:
    lengths = [len(name) for name in named]
    return len(named) <= MOST_DIMENSIONS and min(lengths) > 0 and max(lengths) <= NAME_CHARACTERS


def _surely_measured(quantity: Decimal) -> bool:
    return quantity.is_finite() and 0 <= quantity < _SURELY_MEASURED and quantity == int(quantity)


def _refuse_beyond(event: UsageEvent, *, now: datetime) -> None:
    _check_name("id", event.id, ID_CHARACTERS)
    _check_name("account", event.account, NAME_CHARACTERS)
    _check_name("meter", event.meter, NAME_CHARACTERS)
    _check_text("source", event.source, SOURCE_CHARACTERS)
    _check_text("subscription", event.subscription, NAME_CHARACTERS)
    _check_text("contact", event.contact, ID_CHARACTERS)
    _check_text("corrects", event.corrects, ID_CHARACTERS)
    if event.direction not in DIRECTIONS:
        raise InvalidEvent(
            "a message goes one way", field="direction", value=event.direction, expected="inbound or outbound"
        )
    if event.text is not None and len(event.text) > TEXT_CHARACTERS:
        raise InvalidEvent(
            "too long", field="text", value=len(event.text), expected=f"{TEXT_CHARACTERS} characters"
        )
    if len(event.dimensions) > MOST_DIMENSIONS:
        raise InvalidEvent(
            "too many dimensions",
            field="dimensions",
            value=len(event.dimensions),
            expected=f"at most {MOST_DIMENSIONS}",
        )
    for name, value in event.dimensions.items():
        _check_name("dimensions", name, NAME_CHARACTERS)
        _check_text(f"dimensions.{name}", value, ID_CHARACTERS)
    _check_instant(event.occurred_at, now=now)
    if event.quantity is not None:
        _check_quantity(event.quantity, corrects=event.corrects)


def digest(event: UsageEvent) -> bytes:
    """Return what is the same for the same body: 1.0 is 1, an instant is the same in every zone.

    The text goes in, so that another text is another body, and cannot be read out again.
    """
    quantity = "" if event.quantity is None else plain(event.quantity)
    body = (
        event.account,
        event.meter,
        event.occurred_at if event.occurred_at.tzinfo is UTC else event.occurred_at.astimezone(UTC),
        event.subscription,
        quantity,
        event.direction,
        event.contact,
        event.text,
        sorted(event.dimensions.items()) if event.dimensions else (),
        *([event.corrects] if event.corrects else []),
    )
    return blake2b(msgspec.msgpack.encode(body), digest_size=DIGEST_BYTES).digest()


def storable(told: str, limit: int) -> str:
    """Return a text as PostgreSQL can hold it, and no longer than a limit."""
    return told[:limit].replace("\x00", "\ufffd").encode(errors="replace").decode()


def _check_name(field: str, value: str, limit: int) -> None:
    if not value:
        raise InvalidEvent("must not be empty", field=field, expected=EXPECTED.get(field, "a name"))
    _check_text(field, value, limit)


def _check_text(field: str, value: str, limit: int) -> None:
    if len(value) > limit:
        raise InvalidEvent(
            "too long", field=field, value=value[:limit] + "…", expected=f"at most {limit} characters"
        )
    if "\x00" in value:
        raise InvalidEvent("holds a NUL character", field=field, value=repr(value), expected="text")


def _check_instant(instant: datetime, *, now: datetime) -> None:
    if instant.utcoffset() is None:
        raise InvalidEvent(
            "has no zone", field="occurred_at", value=instant, expected=EXPECTED["occurred_at"]
        )
    if instant > now + MOST_AHEAD:
        raise EventInFuture(
            "lies in the future",
            field="occurred_at",
            value=instant.isoformat(),
            expected=f"at most {(now + MOST_AHEAD).isoformat()}",
        )
    if instant < EARLIEST:
        raise InvalidEvent(
            "lies too far in the past",
            field="occurred_at",
            value=instant.isoformat(),
            expected=f"{EARLIEST.isoformat()} or later",
        )


def _check_quantity(quantity: Decimal, *, corrects: str) -> None:
    try:
        decimal_of(quantity, field="quantity")
    except InvalidInput as error:
        raise InvalidEvent(
            error.message, field="quantity", value=error.value[:NAME_CHARACTERS], expected=error.expected
        ) from None
    exponent = quantity.as_tuple().exponent
    if quantity < 0 and not corrects:
        raise InvalidEvent(
            "negative",
            field="quantity",
            value=quantity,
            expected="zero or more; what takes away names in corrects the event that it corrects",
        )
    if isinstance(exponent, int) and exponent < -QUANTITY_PLACES:
        raise InvalidEvent(
            "too many decimals",
            field="quantity",
            value=quantity,
            expected=f"at most {QUANTITY_PLACES} decimals",
        )
