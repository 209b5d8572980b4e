"""The schemas that are committed are those of the types, and they accept what the reader accepts."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.library import LIBRARY
from contracts.terms_schema import SchemaKind, schema_of, schema_text
from tests.unit.contracts.papers import GENERAL, PLAN, changed

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "runtime" / "demo" / "book"

FILES = [
    *((SchemaKind.TERMS, path) for path in sorted(LIBRARY.glob("*.toml"))),
    *((SchemaKind.PLAN, path) for path in sorted(DEMO.glob("plans/*.toml"))),
    *((SchemaKind.ORDER_FORM, path) for path in sorted(DEMO.glob("order_forms/*.toml"))),
]

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str, date),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def faults(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], at: str = "") -> Iterator[str]:  # noqa: ANN401
    """Yield where a value breaks a schema; of the words of JSON Schema, those that ours use."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from faults(value, whole["$defs"][name], whole, at)
    if "anyOf" in schema and all(list(faults(value, option, whole, at)) for option in schema["anyOf"]):
        yield f"{at}: none of the options"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: not in the enum"
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(isinstance(value, TYPES[name]) for name in names):
            yield f"{at}: not of type {names}"
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: out of range"
    yield from _faults_inside(value, schema, whole, at)


def _faults_inside(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], at: str) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, dict):
        yield from (f"{at}: no {name}" for name in schema.get("required", ()) if name not in value)
        others = schema.get("additionalProperties", {})
        for key, inner in value.items():
            below = schema.get("properties", {}).get(key, others)
            yield from (
                [f"{at}.{key}: unknown"] if below is False else faults(inner, below, whole, f"{at}.{key}")
            )
    if isinstance(value, list) and "items" in schema:
        for position, item in enumerate(value):
            yield from faults(item, schema["items"], whole, f"{at}[{position}]")


def read(text: str) -> dict[str, Any]:
    """Return a TOML text as raw values."""
    return tomllib.loads(text, parse_float=Decimal)


@pytest.mark.parametrize("kind", SchemaKind)
def test_the_committed_schema_is_that_of_the_types(kind: SchemaKind) -> None:
    """Mend with: clausula terms schema --kind KIND > docs/schema/KIND.json."""
    assert schema_text(kind) == (ROOT / "docs" / "schema" / f"{kind}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda each: getattr(each, "stem", str(each)))
def test_it_accepts_what_the_library_and_the_demo_hold(kind: SchemaKind, path: Path) -> None:
    """An editor marks nothing in a good file."""
    whole = schema_of(kind)

    assert [] == list(faults(read(path.read_text(encoding="utf-8")), whole, whole))


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (SchemaKind.TERMS, changed(GENERAL, "sent = 30", "sent = -1"),
         ".rules.payment.due_days_after_sent: out of range"),
        (SchemaKind.TERMS, changed(GENERAL, "due_days_after_sent", "due_days"),
         ".rules.payment.due_days: unknown"),
        (SchemaKind.TERMS, changed(GENERAL, 'kind = "sum"', 'kind = "total"'),
         ".meters.messages: none of the options"),
        (SchemaKind.TERMS, changed(GENERAL, 'layer = "general"', 'layer = "top"'),
         ".document.layer: not in the enum"),
        (SchemaKind.PLAN, changed(PLAN, "amount = 100.00", "amount = []"),
         ".charge[0]: none of the options"),
        (SchemaKind.PLAN, changed(PLAN, 'currency = "MXN"\n', ""), ": no currency"),
    ],
)  # fmt: skip
def test_it_refuses_what_the_reader_refuses(kind: SchemaKind, text: str, fault: str) -> None:
    """A wrong number, a misspelt key, an unknown kind or word, a missing key."""
    whole = schema_of(kind)
    found = list(faults(read(text), whole, whole))

    assert fault in found


@pytest.mark.parametrize("kind", SchemaKind)
def test_it_knows_no_null(kind: SchemaKind) -> None:
    """TOML has none, so no option of ours may be one."""
    assert '"null"' not in schema_text(kind)
    assert "null" not in json.dumps(schema_of(kind))
