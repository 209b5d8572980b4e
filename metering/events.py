"""Usage events: their shape, how they are read exactly, and what tells one body from another.

A number is read into a decimal digit by digit, an instant has its zone, an unknown field is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Final, NamedTuple, Never

import msgspec

from kernel.errors import InvalidEvent, InvalidInput
from kernel.money import decimal_of, plain
from kernel.problems import Problem
from metering.conversations import INBOUND, OUTBOUND

#: Limits of one event; what is larger is no event of the trade.
ID_CHARACTERS: Final = 200
NAME_CHARACTERS: Final = 100
TEXT_CHARACTERS: Final = 40_000
MOST_DIMENSIONS: Final = 16
QUANTITY_PLACES: Final = 12

#: Clocks of machines differ; an event further ahead of ours is a wrong date.
MOST_AHEAD: Final = timedelta(minutes=5)
#: Before this, no service of the trade was sold.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)

#: What is kept of a line that cannot be read.
RAW_CHARACTERS: Final = 2_000

DIGEST_BYTES: Final = 16

#: Which way a message goes; what is no message says nothing.
DIRECTIONS: Final = ("", INBOUND, OUTBOUND)

#: A column of a CSV file that holds a dimension: ``dim.country``.
DIMENSION_COLUMN: Final = "dim."


class UsageEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something an account used, at an instant; ``id`` is unique for ever within its account and ``source``.

    ``subscription`` may stay empty where only one in force has the meter.  ``quantity`` is for meters that
    add or hold a level, ``text`` for SMS, ``direction`` and ``contact`` for conversations.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Something that came as an event and cannot be counted, told as far as it can be read.

    ``raw`` is what came, without the text of a message: that belongs to two people, not to us.
    """

    problem: Problem
    raw: str
    account: str = ""
    source: str = ""
    event_id: str = ""


class ReadEvent(NamedTuple):
    """An event of a file, or what could not be read as one, and the line that it stands on."""

    line: int
    event: UsageEvent | Rejected


#: What reading JSON raises besides a wrong shape: bytes, brackets or nesting that are no document.
_NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_decoder = msgspec.json.Decoder(UsageEvent)
_COLUMNS = frozenset(UsageEvent.__struct_fields__) - {"dimensions"}
_MARKED_FIELD = re.compile(r"field `(?P<field>[^`]*)`")
_MARKED_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")


def read_json(line: bytes) -> UsageEvent:
    """Read an event from a line of JSON, or raise :class:`InvalidEvent` with the field, value and mend."""
    try:
        return _decoder.decode(line)
    except msgspec.ValidationError as error:
        _refuse_shape(error, _fields_of(line))
    except _NOT_JSON as error:
        raise InvalidEvent(
            f"not JSON: {error}", expected='an object such as {"id": ..., "account": ...}'
        ) from None


def read_row(row: Mapping[str, str]) -> UsageEvent:
    """Read an event from a CSV row by its column names; an empty cell is an absent field."""
    cells = {column: cell for column, cell in row.items() if cell != ""}
    fields: dict[str, object] = {column: cell for column, cell in cells.items() if column in _COLUMNS}
    fields["dimensions"] = {
        column.removeprefix(DIMENSION_COLUMN): cell
        for column, cell in cells.items()
        if column.startswith(DIMENSION_COLUMN)
    }
    try:
        return msgspec.convert(fields, UsageEvent, strict=False)
    except msgspec.ValidationError as error:
        _refuse_shape(error, fields)


def is_column(name: str) -> bool:
    """Tell whether a CSV column is one that an event has."""
    return name in _COLUMNS or name.startswith(DIMENSION_COLUMN)


def check(event: UsageEvent, *, now: datetime) -> None:
    """Refuse an event that is beyond a limit, whoever made it."""
    _check_name("id", event.id, ID_CHARACTERS)
    _check_name("account", event.account, NAME_CHARACTERS)
    _check_name("meter", event.meter, NAME_CHARACTERS)
    _check_text("source", event.source, NAME_CHARACTERS)
    _check_text("subscription", event.subscription, NAME_CHARACTERS)
    _check_text("contact", event.contact, ID_CHARACTERS)
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
        _check_quantity(event.quantity)


def digest(event: UsageEvent) -> bytes:
    """Return what is the same for the same body: 1.0 is 1, an instant is the same in every zone.

    The text goes in, so that another text is another body, and cannot be read out again.
    """
    quantity = "" if event.quantity is None else plain(event.quantity)
    body = (
        event.account,
        event.meter,
        event.occurred_at.astimezone(UTC),
        event.subscription,
        quantity,
        event.direction,
        event.contact,
        event.text,
        sorted(event.dimensions.items()),
    )
    return blake2b(msgspec.msgpack.encode(body), digest_size=DIGEST_BYTES).digest()


def rejected(line: bytes, problem: Problem) -> Rejected:
    """Return what is kept of a line, or of an event written as one, that has a problem."""
    fields = _fields_of(line)
    if isinstance(fields.get("text"), str):
        fields["text"] = f"({len(str(fields['text']))} characters)"
        line = msgspec.json.encode(fields)
    account, source, event_id = (str(fields.get(name, "")) for name in ("account", "source", "id"))
    return Rejected(
        problem=problem,
        raw=storable(line.decode(errors="replace"), RAW_CHARACTERS),
        account=account,
        source=storable(source, NAME_CHARACTERS),
        event_id=storable(event_id, ID_CHARACTERS),
    )


def storable(told: str, limit: int) -> str:
    """Return a text as PostgreSQL can hold it, and no longer than a limit."""
    return told[:limit].replace("\x00", "\ufffd").encode(errors="replace").decode()


def _fields_of(line: bytes) -> dict[str, object]:
    try:
        fields = msgspec.json.decode(line)
    except _NOT_JSON:
        return {}
    return fields if isinstance(fields, dict) else {}


def _refuse_shape(error: msgspec.ValidationError, fields: Mapping[str, object]) -> Never:
    message = str(error)
    path, field = _MARKED_PATH.search(message), _MARKED_FIELD.search(message)
    name = path["path"] if path else field["field"] if field else ""
    raise InvalidEvent(
        "not an event: " + _MARKED_PATH.sub("", message),
        field=name,
        value=str(fields.get(name.split("[")[0], ""))[:NAME_CHARACTERS],
        expected=_EXPECTED.get(name, _A_TEXT if name in UsageEvent.__struct_fields__ else _ALL_FIELDS),
    ) from None


_A_TEXT: Final = "a text"
_ALL_FIELDS: Final = "one of " + ", ".join(UsageEvent.__struct_fields__)
_EXPECTED: Final = {
    "id": "a text, unique for ever within account and source",
    "account": "the code of an account",
    "meter": "the code of a meter",
    "occurred_at": "an instant with its zone: 2026-02-01T02:30:00Z",
    "quantity": 'an exact number: "10.50" or 10.50',
    "dimensions": "an object of texts",
    "dimensions[...]": _A_TEXT,
}


def _check_name(field: str, value: str, limit: int) -> None:
    if not value:
        raise InvalidEvent("must not be empty", field=field, expected=_EXPECTED.get(field, "a name"))
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
            "has no zone", field="occurred_at", value=instant, expected=_EXPECTED["occurred_at"]
        )
    if not EARLIEST <= instant <= now + MOST_AHEAD:
        raise InvalidEvent(
            "lies in the future" if instant > now else "lies too far in the past",
            field="occurred_at",
            value=instant.isoformat(),
            expected=f"from {EARLIEST.isoformat()} to {(now + MOST_AHEAD).isoformat()}",
        )


def _check_quantity(quantity: Decimal) -> None:
    try:
        decimal_of(quantity, field="quantity")
    except InvalidInput as error:
        raise InvalidEvent(
            error.message, field="quantity", value=error.value[:NAME_CHARACTERS], expected=error.expected
        ) from None
    exponent = quantity.as_tuple().exponent
    if quantity < 0 or (isinstance(exponent, int) and exponent < -QUANTITY_PLACES):
        raise InvalidEvent(
            "negative" if quantity < 0 else "too many decimals",
            field="quantity",
            value=quantity,
            expected=f"zero or more, with at most {QUANTITY_PLACES} decimals",
        )
