"""What a record allows at a path: the keys of a table, the members of an enum, in words for an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from msgspec import inspect

from contracts.toml_places import Path

_WORDS: Mapping[type[inspect.Type], str] = {
    inspect.StrType: 'text in quotes, such as "monthly"',
    inspect.IntType: "a whole number",
    inspect.DecimalType: "an exact number such as 10.50",
    inspect.DateType: "a date such as 2026-01-31",
    inspect.BoolType: "true or false",
    inspect.VarTupleType: "a list",
    inspect.ListType: "a list",
    inspect.DictType: "a table",
}


def keys_at(kind: type, raw: object, path: Path, wrong: str) -> str:
    """Return the keys that the table at a path may have, the ones nearest to a wrong key first."""
    shape = _shape_at(kind, raw, path)
    known = [field.encode_name for field in shape.fields] if isinstance(shape, inspect.StructType) else []
    if isinstance(shape, inspect.StructType) and shape.tag_field is not None:
        known.append(shape.tag_field)
    return one_of(known, wrong)


def allowed_at(kind: type, raw: object, path: Path, wrong: str = "") -> str:
    """Return in words what the value at a path may be; members of an enum nearest to a wrong one first."""
    *above, last = path or ("",)
    holder = _shape_at(kind, raw, tuple(above))
    if isinstance(holder, inspect.UnionType):  # its tag is what is wrong, so none of them was chosen
        return one_of(_tags(holder), wrong)
    return _in_words(_inner(holder, last) if path else holder, wrong)


def one_of(known: Iterable[str], wrong: str) -> str:
    """Return the known words as a choice, the ones nearest to a wrong word first."""
    words = sorted(known)
    if not words:
        return "there is none yet"
    nearest = get_close_matches(wrong, words, n=len(words), cutoff=0) if wrong else words
    return "one of " + ", ".join(dict.fromkeys([*nearest, *words]))


def _shape_at(kind: type, raw: object, path: Path) -> inspect.Type:
    shape = _chosen(inspect.type_info(kind), raw)
    for step in path:
        raw = value_at(raw, (step,))
        shape = _chosen(_inner(shape, step), raw)
    return shape


def _inner(shape: inspect.Type, step: str | int) -> inspect.Type:
    match shape:
        case inspect.StructType(fields=fields):
            found = (field.type for field in fields if field.encode_name == step)
            return next(found, inspect.StrType() if step == shape.tag_field else inspect.AnyType())
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return item
        case inspect.DictType(value_type=value):
            return value
        case _:
            return inspect.AnyType()


def _chosen(shape: inspect.Type, raw: object) -> inspect.Type:
    if not isinstance(shape, inspect.UnionType):
        return shape
    options = [option for option in shape.types if not isinstance(option, inspect.NoneType)]
    for option in options:
        if len(options) == 1 or (
            isinstance(option, inspect.StructType)
            and isinstance(raw, Mapping)
            and raw.get(option.tag_field) == option.tag
        ):
            return option
    return shape


def _in_words(shape: inspect.Type, wrong: str) -> str:
    match shape:
        case inspect.EnumType(cls=members):
            return one_of((str(member.value) for member in members), wrong)
        case inspect.UnionType(types=options):
            words = [_in_words(each, wrong) for each in options if not isinstance(each, inspect.NoneType)]
            return " or ".join(dict.fromkeys(words))
        case inspect.StructType(fields=fields):
            return "a table with " + ", ".join(field.encode_name for field in fields if field.required)
        case inspect.IntType(ge=low, le=high) if low is not None:
            return f"a whole number from {low} to {high}"
        case _:
            return _WORDS.get(type(shape), "another value")


def _tags(union: inspect.UnionType) -> list[str]:
    return [str(each.tag) for each in union.types if isinstance(each, inspect.StructType)]


def value_at(raw: object, path: Path) -> object:
    """Return the raw value at a path, or None where there is nothing."""
    for step in path:
        match raw:
            case Mapping():
                raw = raw.get(step)
            case list() | tuple() if isinstance(step, int) and step < len(raw):
                raw = raw[step]
            case _:
                return None
    return raw
