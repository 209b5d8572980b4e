"""Raw values become records, or one error: its place, its field, its value and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import msgspec

from contracts.shapes import allowed_at, keys_at, value_at
from contracts.toml_places import Path, dotted
from kernel.errors import ClausulaError, InvalidInput
from kernel.money import UNIT_PRICE_PLACES, decimal_of

T = TypeVar("T")

#: Characters of a wrong value that an error repeats.
LONGEST_VALUE_SHOWN = 120

#: What msgspec writes where it does not say which key of a table it means.
_SOME_KEY = "..."

_MESSAGE = re.compile(r"(?P<says>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[(\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_OWN_REFUSAL = re.compile(r"(\w+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where raw values come from: how to name the place of a path, and the error that refuses one."""

    place: Callable[[Path], str]
    refusal: type[InvalidInput]


def typed(raw: object, kind: type[T], origin: Origin, *, at: Path = (), strict: bool = True) -> T:
    """Return raw values as a record; ``at`` is their path in the file, for the error's field and line.

    Not strict, text may stand for numbers and dates, as in a cell of a CSV file.
    """
    try:
        record = msgspec.convert(raw, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _refused(str(error), raw, kind, origin, at=at, strict=strict) from None
    except ClausulaError as error:
        raise type(error)(
            error.message,
            field=dotted((*at, error.field)),
            value=error.value,
            expected=error.expected,
            place=origin.place((*at, error.field)),
        ) from None
    refuse_unwritable(record, origin, at=at)
    return record


def refuse_unwritable(record: object, origin: Origin, *, at: Path = ()) -> None:
    """Refuse what no sum and no database could hold: a vast number, a thirteenth decimal, a NUL in a text."""
    for path, leaf in _leaves(record, at):
        if isinstance(leaf, str):
            wrong = "a character that cannot be stored" if "\0" in leaf else ""
            expected = "text without NUL"
        else:
            wrong, expected = _wrong_number(leaf), f"a number with at most {UNIT_PRICE_PLACES} decimals"
        if wrong:
            raise origin.refusal(
                wrong,
                field=dotted(path),
                value=ascii(leaf) if isinstance(leaf, str) else leaf,
                expected=expected,
                place=origin.place(path),
            )


def _wrong_number(number: Decimal) -> str:
    try:
        decimal_of(number, field="")
    except InvalidInput as error:
        return error.message
    exponent = number.as_tuple().exponent
    return "too many decimals" if isinstance(exponent, int) and exponent < -UNIT_PRICE_PLACES else ""


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, str | Decimal]]:
    match value:
        case str() | Decimal():
            yield path, value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _leaves(getattr(value, name), (*path, name))
        case tuple() | list():
            for index, item in enumerate(value):
                yield from _leaves(item, (*path, index))
        case dict():
            for key, item in value.items():
                yield from _leaves(item, (*path, key))
        case _:
            return


def _refused(
    message: str, raw: object, kind: type, origin: Origin, *, at: Path, strict: bool
) -> InvalidInput:
    found = _MESSAGE.fullmatch(message)
    says, where = (found["says"], found["path"] or "") if found else (message, "")
    steps = (name or (int(number) if number else _SOME_KEY) for name, number, _ in _STEP.findall(where))
    path = _pinned(tuple(steps), message, raw, kind, strict=strict)
    what, inner, expected = _explained(says, raw, kind, path)
    value = value_at(raw, inner)
    return origin.refusal(
        what,
        field=dotted((*at, *inner)),
        value="" if value is None else str(value)[:LONGEST_VALUE_SHOWN],
        expected=expected,
        place=origin.place((*at, *inner)),
    )


def _explained(says: str, raw: object, kind: type, path: Path) -> tuple[str, Path, str]:
    """Return what is wrong, at which path, and what would be right."""
    if unknown := _UNKNOWN.fullmatch(says):
        return "no such key here", (*path, unknown[1]), keys_at(kind, raw, path, unknown[1])
    if missing := _MISSING.fullmatch(says):
        inner = (*path, missing[1])
        return "a key is missing", inner, allowed_at(kind, raw, inner)
    if (own := _OWN_REFUSAL.fullmatch(says)) and own[1] in _names(value_at(raw, path)):
        return own[2], (*path, own[1]), ""
    return "not a value for this key", path, allowed_at(kind, raw, path, str(value_at(raw, path)))


def _names(raw: object) -> tuple[object, ...]:
    return tuple(raw) if isinstance(raw, Mapping) else ()


def _pinned(path: Path, message: str, raw: object, kind: type, *, strict: bool) -> Path:
    """Find the keys that a message leaves open: the table with that key alone fails in the same way."""
    while _SOME_KEY in path:
        index = path.index(_SOME_KEY)
        above, below = path[:index], path[index + 1 :]
        table = value_at(raw, above)
        for key, value in table.items() if isinstance(table, Mapping) else ():
            alone = _replaced(raw, above, {key: value})
            try:
                msgspec.convert(alone, kind, strict=strict)
            except msgspec.ValidationError as error:
                if str(error) == message:
                    raw, path = alone, (*above, key, *below)
                    break
        else:
            return above
    return path


def _replaced(raw: object, path: Path, value: object) -> object:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(raw, Mapping):
        return {**raw, first: _replaced(raw[first], rest, value)}
    items = list(raw) if isinstance(raw, list | tuple) else []
    items[int(first)] = _replaced(items[int(first)], rest, value)
    return items
