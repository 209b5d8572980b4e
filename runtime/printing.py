"""What commands print: results on standard output, text or JSON; progress and problems on standard error.

A terminal shows long texts wrapped under themselves; a pipe or a file gets each line and row whole, for
``grep`` and ``awk``.  Nothing is ever cropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import TextWrapper
from typing import Protocol

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kernel.errors import ClausulaError
from kernel.problems import Problem
from runtime.options import EXIT_WITH_PROBLEMS

out = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)

#: Problems that a command prints one by one.
SHOWN_PROBLEMS = 20

#: Spaces before the rest of a line that was too long, where its beginning has none.
MARGIN = 4

#: How wide a cell may be in a pipe or a file; wider than any.
NO_LIMIT = 1_000_000


def print_json(value: object) -> None:
    """Print a value as one JSON document: money as amount and currency, decimals as strings."""
    encoded = msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=2)
    out.file.write(encoded.decode() + "\n")


def print_lines(lines: Sequence[str]) -> None:
    """Print text; what is longer than the terminal goes on beneath its own beginning."""
    for line in lines:
        out.print(_fitted(line, out))


def print_table(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numbers: int = 0,
    foot: Sequence[object] = (),
) -> None:
    """Print a table whose last ``numbers`` columns are set to the right; ``foot`` are its sums."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=_LINES)
    table.show_edge = table.pad_edge = False
    table.show_footer = bool(foot)
    for position, name in enumerate(head):
        right = position >= len(head) - numbers
        cell = str(foot[position]) if foot else ""
        table.add_column(name, cell, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    _print_whole(out, table)


def print_problems(
    problems: Sequence[Problem],
    *,
    to: Console = err,
    shown: int = SHOWN_PROBLEMS,
    of: int = 0,
    more: str = "",
) -> None:
    """Print what was set aside, each with what would be right.

    ``of`` is how many there are where not all were given, ``more`` the command that lists them.
    """
    for problem in problems[:shown]:
        _print_notice(to, "set aside", "yellow", problem)
    left = max(of, len(problems)) - min(shown, len(problems))
    if left:
        to.print(f"and {left:,} more" + (f": {more}" if more else ""))


class Report(Protocol):
    """What a verb did, in lines to read, and what it set aside."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What was set aside."""

    def lines(self) -> Sequence[str]:
        """Return what was done, as lines of text."""


def print_report(
    report: Report,
    *,
    json: bool,
    remarks: Sequence[str] = (),
    shown: int = SHOWN_PROBLEMS,
    code: int = EXIT_WITH_PROBLEMS,
) -> None:
    """Print what a command did, then remarks on it; where something was set aside, tell it and exit."""
    if json:
        print_json(report)
    else:
        print_lines([*report.lines(), *remarks])
        print_problems(report.problems, shown=shown)
    if report.problems:
        raise typer.Exit(code)


def print_error(error: ClausulaError, *, json: bool = False) -> None:
    """Print why a command was refused: as text, or as the one JSON document that a script waits for."""
    if json:
        print_json({"error": Problem.of(error)})
    else:
        _print_notice(err, "error", "red", Problem.of(error))


@contextmanager
def progress(what: str, unit: str) -> Iterator[Progress]:
    """Show a bar on standard error while work goes on; nothing where that is no terminal."""
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        yield bar


#: A rule under the head and over the foot, and nothing else.
_LINES = box.Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")


def _print_notice(console: Console, label: str, style: str, problem: Problem) -> None:
    where = problem.place or problem.subject
    about = f"{where}: {problem.message}" if where else problem.message
    said = Text(_fitted(f"{label} [{problem.code}] {about}", console))
    said.stylize(style, end=len(label))
    console.print(said)
    found = f"{problem.field or 'value'}: {problem.value}" if problem.value else f"field: {problem.field}"
    if problem.value or problem.field:
        console.print(_fitted(f"    {found}", console))
    if problem.expected:
        console.print(_fitted(f"    expected: {problem.expected}", console))


def _print_whole(console: Console, table: Table) -> None:
    """Print a table as wide as the terminal, or wider where its longest words and numbers need it."""
    unlimited = console.options.update(width=NO_LIMIT)
    needed, natural = Measurement.get(console, unlimited, table)
    table.width = min(natural, max(console.width, needed)) if console.is_terminal else natural
    console.print(table, crop=False, soft_wrap=False)


def _fitted(line: str, console: Console) -> str:
    """Return a line as a terminal shows it best; elsewhere it stays as it is."""
    if not console.is_terminal or len(line) <= console.width:
        return line
    margin = " " * (len(line) - len(line.lstrip()) or MARGIN)
    wrapper = TextWrapper(
        width=console.width,
        subsequent_indent=margin,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(line)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    message = f"no JSON for {type(value).__name__}"
    raise NotImplementedError(message)
