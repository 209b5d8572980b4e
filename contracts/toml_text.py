"""Values as TOML writes them; the inverse of reading them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal


def toml_value(value: object) -> str:
    """Return a value as it stands behind the equals sign: ``true``, ``0.4735``, ``"BR"``, ``2026-01-31``."""
    match value:
        case bool() | int():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case str():  # an enum as well: its word
            return json.dumps(str(value), ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case Mapping():
            inner = ", ".join(f"{json.dumps(str(key))} = {toml_value(item)}" for key, item in value.items())
            return f"{{{inner}}}"
        case _:
            message = f"TOML has no {type(value).__name__}"
            raise TypeError(message)


def toml_table(name: str, values: Mapping[str, object], *, repeated: bool = False) -> str:
    """Return a table with its header; repeated, one of a list of tables."""
    head = f"[[{name}]]" if repeated else f"[{name}]"
    return "\n".join([head, *(f"{key} = {toml_value(value)}" for key, value in values.items())])
