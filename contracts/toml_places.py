"""Where each key of a TOML text stands, so that an error can name the line to mend.

The parser proper is ``tomllib``, which forgets lines; this scan only ever reads text that it has accepted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

#: The way to a value: keys, and positions in arrays: ``("charge", 2, "tiers", 0, "up_to")``.
Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_TOKEN = re.compile(r'\\.|"""|\'\'\'|["\'#\[\]{}]')


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of each table, key and table inside an array."""
    scan = _Scan()
    for number, line in enumerate(text.split("\n"), start=1):
        scan.read(line, number)
    return scan.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a value, or of the nearest thing that holds it; 1 for the whole file."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def dotted(path: Path) -> str:
    """Write a path as people do: ``charge[2].tiers[0].up_to``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def path_of(text: str) -> Path:
    """Read a path as people write it; the inverse of :func:`dotted`."""
    return tuple(name or int(number) for number, name in _STEP.findall(text))


@dataclass(slots=True)
class _Scan:
    lines: dict[Path, int] = field(default_factory=dict)
    table: Path = ()
    repeated: Counter[Path] = field(default_factory=Counter)
    value: Path = ()
    items: int = 0
    depth: int = 0
    quote: str = ""

    def read(self, line: str, number: int) -> None:
        """Take one line: a header, a key with its value, or more of a value that is still open."""
        rest = line
        if not self.depth and not self.quote:
            if header := _HEADER.match(line):
                self._enter(header, number)
                return
            assignment = _ASSIGNMENT.match(line)
            if assignment is None:
                return
            self.value, self.items = (*self.table, *_parts(assignment[1])), 0
            self.lines.setdefault(self.value, number)
            rest = line[assignment.end() :]
        self._follow(rest, number)

    def _enter(self, header: re.Match[str], number: int) -> None:
        path: Path = ()
        for part in _parts(header[2]):
            path = (*path, part)
            if path in self.repeated:
                path = (*path, self.repeated[path] - 1)
        if header[1] == "[[":
            name = path[:-1] if isinstance(path[-1], int) else path
            self.lines.setdefault(name, number)
            self.repeated[name] += 1
            path = (*name, self.repeated[name] - 1)
        self.table = path
        self.lines[path] = number

    def _follow(self, text: str, number: int) -> None:
        for mark in _TOKEN.findall(text):
            if self.quote:
                self.quote = "" if mark == self.quote else self.quote
            elif mark == "#":
                break
            elif mark[0] in "\"'":
                self.quote = mark
            elif mark in ("[", "{"):
                self._open(mark, number)
            elif mark in ("]", "}"):
                self.depth -= 1
        if len(self.quote) == 1:
            self.quote = ""

    def _open(self, mark: str, number: int) -> None:
        if mark == "{" and self.depth == 1:
            self.lines[(*self.value, self.items)] = number
            self.items += 1
        self.depth += 1


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, name))
