"""TOML as text becomes records: strict, exact, and with the line of whatever is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from contracts.toml_places import Path, line_of, lines_of
from contracts.typed_reading import Origin, typed
from kernel.errors import InvalidInput

T = TypeVar("T")

_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file that parses: its name, its raw values, and the lines on which they stand."""

    name: str
    raw: Mapping[str, object] = field(repr=False)
    lines: Mapping[Path, int] = field(repr=False)

    def place(self, path: Path = ()) -> str:
        """Return the place of a value as editors open it: ``plans/pro.toml:12``."""
        return f"{self.name}:{line_of(self.lines, path)}"

    def place_below(self, at: Path, path: Path) -> str:
        """Return the place of a value inside the part of the file at a path."""
        return self.place((*at, *path))

    def read(self, kind: type[T], refusal: type[InvalidInput]) -> T:
        """Return the whole file as a record."""
        return self.read_part(self.raw, (), kind, refusal)

    def read_part(self, raw: object, at: Path, kind: type[T], refusal: type[InvalidInput]) -> T:
        """Return a raw part of the file, which stands at a path, as a record."""
        return typed(raw, kind, Origin(self.place, refusal), at=at)


def parse_toml(text: str, name: str, refusal: type[InvalidInput]) -> TomlFile:
    """Parse a file's text; numbers with a point become exact decimals."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        says = str(error)
        found = _AT_LINE.search(says)
        line = (found[1] or 1 + text.rstrip().count("\n")) if found else 1
        raise refusal(
            "this is not TOML",
            value=_AT_LINE.sub("", says),
            expected='lines such as key = "text", [table] and [[list of tables]]',
            place=f"{name}:{line}",
        ) from None
    return TomlFile(name, raw, lines_of(text))
