"""JSON Schema of the files that people write, made from the types that read them.

An editor that knows the schema completes keys and marks what the reader would refuse.  TOML has no null, and
writes numbers bare: the schema says so where the types alone, which also serve JSON, would not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from inspect import cleandoc

import msgspec

from contracts.plans import Plan
from contracts.subscriptions import OrderForm
from contracts.terms import TermsDocument

Schema = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class SchemaKind(StrEnum):
    """The files that have a schema."""

    TERMS = "terms"
    PLAN = "plan"
    ORDER_FORM = "order-form"


_TYPES: Mapping[SchemaKind, type[msgspec.Struct]] = {
    SchemaKind.TERMS: TermsDocument,
    SchemaKind.PLAN: Plan,
    SchemaKind.ORDER_FORM: OrderForm,
}

#: A decimal as TOML writes it (0.4735) or as text, where an editor would round it.
_DECIMAL: Mapping[str, object] = {"type": ["number", "string"]}

#: A value that an order form puts in the place of a charge's own.
_REPLACEMENT: Mapping[str, object] = {"type": ["string", "number", "boolean"]}

#: Lists within lists that such a value may hold: phases hold prices, which hold values.
_REPLACED_DEPTH = 2

_NULL = {"type": "null"}


def schema_of(kind: SchemaKind) -> Schema:
    """Return the schema of a kind of file."""
    made = msgspec.json.schema(_TYPES[kind])
    fitted = _fitted(made)
    definitions = fitted["$defs"]
    if kind is SchemaKind.ORDER_FORM and isinstance(definitions, dict):
        charges = definitions["OrderForm"]["properties"]["charges"]
        charges["additionalProperties"]["additionalProperties"] = _replacement()
    return {"$schema": DIALECT, **fitted}


def schema_text(kind: SchemaKind) -> str:
    """Return the schema as it stands in a file."""
    return json.dumps(schema_of(kind), indent=2) + "\n"


def _fitted(schema: Mapping[str, object]) -> Schema:
    if schema.get("format") == "decimal":
        return dict(_DECIMAL)
    fitted = {key: _fitted_value(key, value) for key, value in schema.items()}
    options = fitted.get("anyOf")
    if isinstance(options, list) and _NULL in options:
        left = [option for option in options if option != _NULL]
        rest = {key: value for key, value in fitted.items() if key not in ("anyOf", "default")}
        return {**left[0], **rest} if len(left) == 1 else {**rest, "anyOf": left}
    if isinstance(options, list) or isinstance(fitted.get("default"), dict | list):
        fitted.pop("default", None)  # what a missing table stands for is said by its own type
    return fitted


def _fitted_value(key: str, value: object) -> object:
    match value:
        case str() if key == "description":
            return cleandoc(value)
        case dict():
            return _fitted(value)
        case list():
            return [_fitted(item) if isinstance(item, dict) else item for item in value]
        case _:
            return value


def _replacement(depth: int = _REPLACED_DEPTH) -> Schema:
    """Return the schema of a field: a value, or a list of texts or of rows, such as tiers."""
    items: Schema = {"type": "string"}
    if depth:
        row: Schema = {"type": "object", "additionalProperties": _replacement(depth - 1)}
        items = {"anyOf": [items, row]}
    return {"anyOf": [dict(_REPLACEMENT), {"type": "array", "items": items}]}
