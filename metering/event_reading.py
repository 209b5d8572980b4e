"""Reading events: from JSON of two shapes, and from the cells of a table; or what is kept of what is none.

A number is read into a decimal digit by digit, an instant has its zone, an unknown field is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Never

import msgspec

from kernel.errors import ClausulaError, InvalidEvent, TooLarge
from kernel.problems import Problem
from metering.cloud_events import ATTRIBUTES, CloudEvent, event_of, holder_of, is_cloud_event
from metering.event_json import NOT_JSON, quoted
from metering.events import (
    EXPECTED,
    ID_CHARACTERS,
    NAME_CHARACTERS,
    SOURCE_CHARACTERS,
    Rejected,
    UsageEvent,
    storable,
)

#: Bytes of an event: one with a long text and all its dimensions is never larger.
EVENT_BYTES: Final = 256 * 1024

#: What is kept of a line that cannot be read.
RAW_CHARACTERS: Final = 2_000
#: What is kept of an object: every event within the limits, without its text.
WHOLE_CHARACTERS: Final = 20_000

#: A column of a table that holds a dimension: ``dim.country``.
DIMENSION_COLUMN: Final = "dim."

#: The columns of a table without which nothing in it is an event.
REQUIRED_COLUMNS: Final = ("id", "account", "meter", "occurred_at")

_COLUMNS = frozenset(UsageEvent.__struct_fields__) - {"dimensions"}
_MARKED_FIELD = re.compile(r"field `(?P<field>[^`]*)`")
_MARKED_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`")
_A_TEXT: Final = "a text"
_FIELDS: Final = {
    **dict.fromkeys(UsageEvent.__struct_fields__, _A_TEXT),
    **EXPECTED,
    "dimensions[...]": _A_TEXT,
}
_ATTRIBUTES: Final = {
    **{f"data.{name}": said for name, said in _FIELDS.items()},
    **ATTRIBUTES,
}

_own = msgspec.json.Decoder(UsageEvent)
_cloud = msgspec.json.Decoder(CloudEvent)


def read_json(line: bytes) -> UsageEvent:
    """Read an event, in the house's shape or as a CloudEvent.

    Raises :class:`InvalidEvent` with the field, the value and what would be right, and :class:`TooLarge`.
    """
    if len(line) > EVENT_BYTES:
        raise TooLarge(
            "the event is too large", value=f"{len(line)} bytes", expected=f"at most {EVENT_BYTES} bytes"
        )
    try:
        return _own.decode(line)
    except msgspec.ValidationError as error:
        fields = _fields_of(line)
        if not is_cloud_event(fields):
            _refuse_shape(error, fields, _FIELDS)
    except NOT_JSON as error:
        mended = quoted(line)
        if mended != line:
            return read_json(mended)
        raise InvalidEvent(
            f"not JSON: {error}", expected='an object such as {"id": ..., "account": ...}'
        ) from None
    try:
        return event_of(_cloud.decode(line))
    except msgspec.ValidationError as error:
        _refuse_shape(error, fields, _ATTRIBUTES)


def read_or_rejected(line: bytes, *, place: str = "") -> UsageEvent | Rejected:
    """Read an event from JSON, or return what is kept of it with what is wrong."""
    try:
        return read_json(line)
    except ClausulaError as error:
        return rejected(line, Problem.of(error, place=place))


def read_row(row: Mapping[str, str]) -> UsageEvent:
    """Read an event from a CSV row by its column names; an empty cell is an absent field."""
    return read_cells({column: cell for column, cell in row.items() if cell != ""})


def read_cells(cells: Mapping[str, object]) -> UsageEvent:
    """Read an event from what stands in the columns of a table; an absent cell is an absent field."""
    fields: dict[str, object] = {column: cell for column, cell in cells.items() if column in _COLUMNS}
    fields["dimensions"] = {
        column.removeprefix(DIMENSION_COLUMN): cell
        for column, cell in cells.items()
        if column.startswith(DIMENSION_COLUMN)
    }
    try:
        return msgspec.convert(fields, UsageEvent, strict=False)
    except msgspec.ValidationError as error:
        _refuse_shape(error, fields, _FIELDS)


def is_column(name: str) -> bool:
    """Tell whether a column of a table is one that an event has."""
    return name in _COLUMNS or name.startswith(DIMENSION_COLUMN)


def rejected(line: bytes, problem: Problem) -> Rejected:
    """Return what is kept of a line, or of an event written as one, that has a problem."""
    fields = _fields_of(line)
    whole = bool(fields)
    used: object = fields.get("data") if is_cloud_event(fields) else fields
    if isinstance(used, dict) and used.get("text") is not None:
        used["text"] = f"({len(str(used['text']))} characters)"
        line, whole = msgspec.json.encode(fields), False
    raw = line.decode(errors="replace")
    whole = whole and len(raw) <= WHOLE_CHARACTERS
    account, source, event_id = (str(fields.get(name, "")) for name in ("account", "source", "id"))
    if is_cloud_event(fields):
        account, _ = holder_of(str(fields.get("subject", "")))
    return Rejected(
        problem=problem,
        raw=storable(raw, WHOLE_CHARACTERS if whole else RAW_CHARACTERS),
        account=account,
        source=storable(source, SOURCE_CHARACTERS),
        event_id=storable(event_id, ID_CHARACTERS),
        whole=whole,
    )


def _fields_of(line: bytes) -> dict[str, object]:
    if len(line) > EVENT_BYTES:
        return {}
    try:
        fields = msgspec.json.decode(line)
    except NOT_JSON:
        return {}
    return fields if isinstance(fields, dict) else {}


def _refuse_shape(
    error: msgspec.ValidationError, fields: Mapping[str, object], expected: Mapping[str, str]
) -> Never:
    message = str(error)
    path, field = _MARKED_PATH.search(message), _MARKED_FIELD.search(message)
    name = ".".join(each for each in (path and path["path"], field and field["field"]) if each)
    raise InvalidEvent(
        "not an event: " + _MARKED_PATH.sub("", message),
        field=name,
        value=_value_at(fields, name)[:NAME_CHARACTERS],
        expected=expected.get(name, "one of " + ", ".join(each for each in expected if "[" not in each)),
    ) from None


def _value_at(fields: object, name: str) -> str:
    """Return the value at a path, except a message's text, which belongs to two people."""
    for key in name.replace("[...]", "").split("."):
        fields = fields.get(key, "") if isinstance(fields, dict) and key != "text" else ""
    return str(fields)
