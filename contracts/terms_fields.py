"""The fields of a record by name, as flat values: what a page lists and what two versions are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from contracts.toml_places import Path, dotted
from kernel.money import plain

Flat = Mapping[str, str]

#: The field by which an item of a list is known: rungs of a ladder and charges bear a code.
NAME_OF_ITEM = "code"


def values_of(record: msgspec.Struct) -> Mapping[str, object]:
    """Return a record's fields as plain values: decimals and dates stay exact, enums become their words."""
    values: Mapping[str, object] = msgspec.to_builtins(record, builtin_types=(Decimal, date))
    return values


def flat(values: Mapping[str, object], *, without: tuple[str, ...] = ()) -> Flat:
    """Return all values that are not tables or lists by their path, in words; what is empty is left out.

    A list of named things goes by their names, another by position: ``steps.reminder.more_than_days``,
    ``tiers.1.unit_price``.  Names in ``without`` are left out wherever they stand.
    """
    found: dict[str, str] = {}
    _gather(values, (), without, found)
    return found


def in_words(value: object) -> str:
    """Return a single value as a person writes it: ``yes``, ``0.4735``, ``2026-01-31``."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case _:
            return str(value)


def _gather(value: object, path: Path, without: tuple[str, ...], found: dict[str, str]) -> None:
    match value:
        case Mapping():
            for key, inner in value.items():
                if key not in without:
                    _gather(inner, (*path, str(key)), without, found)
        case list() | tuple() if any(isinstance(item, Mapping) for item in value):
            for position, item in enumerate(value, start=1):
                name = item.get(NAME_OF_ITEM, str(position)) if isinstance(item, Mapping) else str(position)
                _gather(item, (*path, name), without, found)
        case list() | tuple():
            _gather(", ".join(map(in_words, value)), path, without, found)
        case None | "":
            return
        case _:
            found[dotted(path)] = in_words(value)
