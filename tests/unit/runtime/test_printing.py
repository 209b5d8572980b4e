"""What commands print: exact JSON, tables that crop nothing, and faults that are read at a glance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import pytest
from rich.console import Console

from contracts.meters import OpenedBy
from kernel.errors import UnknownInvoice
from kernel.money import Money
from kernel.problems import Problem
from runtime import printing

NARROW = 40


@dataclass(frozen=True)
class Report:
    """One of each kind of value that reports hold."""

    day: date
    total: Money
    quantity: Decimal
    counts: MappingProxyType[OpenedBy, int]
    id: UUID
    file: Path
    rows: tuple[str, ...]


@pytest.fixture(name="terminal")
def _terminal(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """A narrow terminal in the place of standard output."""
    screen = StringIO()
    console = Console(
        file=screen, force_terminal=True, color_system=None, width=NARROW, soft_wrap=True, markup=False
    )
    monkeypatch.setattr(printing, "out", console)
    return screen


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    """Money keeps its cents and its currency, decimals are text, and nothing is taken for markup."""
    printing.print_json(
        Report(
            day=date(2026, 3, 31),
            total=Money.of("0.10", "MXN"),
            quantity=Decimal("0.3333"),
            counts=MappingProxyType({OpenedBy.EITHER: 2}),
            id=UUID(int=1),
            file=Path("out/a.pdf"),
            rows=("[bold]no markup[/]", ":smile:", "ñ"),
        )
    )

    assert {
        "day": "2026-03-31",
        "total": {"amount": "0.10", "currency": "MXN"},
        "quantity": "0.3333",
        "counts": {"either": 2},
        "id": "00000000-0000-0000-0000-000000000001",
        "file": "out/a.pdf",
        "rows": ["[bold]no markup[/]", ":smile:", "ñ"],
    } == json.loads(capsys.readouterr().out)


def test_what_has_no_json_is_told() -> None:
    """A value that nobody thought of is a fault of the program, not an empty object."""
    with pytest.raises(NotImplementedError, match="object"):
        printing.print_json({"what": object()})


def test_lines_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe a long line stays one line."""
    line = "  [ZEN-IX-6.2] :smile: " + "word " * 100 + "end"

    printing.print_lines([line, "second"])

    assert [line, "second"] == capsys.readouterr().out.splitlines()


def test_a_terminal_gets_long_lines_under_themselves(terminal: StringIO) -> None:
    """Words stay whole, and the rest of a line keeps its margin."""
    printing.print_lines(["  " + "word " * 10 + "end"])

    assert [
        "  word word word word word word word",
        "  word word word end",
    ] == terminal.getvalue().splitlines()


def test_a_table_in_a_pipe_has_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    """However wide it is; numbers stand to the right, above their sum."""
    name = "a very long name " * 20 + "end"

    printing.print_table(
        "Title", ("name", "amount"), [(name, "1.00"), ("b", "10.00")], numbers=1, foot=("", "11.00")
    )

    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert ("Title", 7) == (lines[0], len(lines))
    assert lines[3].split(name) == ["", "     1.00"]
    assert {len(line) for line in lines[1:]} == {len(name) + len("   amount")}


def test_a_table_on_a_terminal_wraps_texts_and_crops_nothing(terminal: StringIO) -> None:
    """A number that needs the room gets it; the words go under each other."""
    row = ("some words that do not fit", "1,999,999,999,999.00", "2.00")

    printing.print_table("Title", ("name", "one", "two"), [row], numbers=2)

    printed = terminal.getvalue()
    assert {*row[0].split(), *row[1:]} <= set(printed.split())
    assert "…" not in printed
    assert NARROW >= max(len(line.rstrip()) for line in printed.splitlines())


def test_a_problem_tells_its_place_value_and_mend(capsys: pytest.CaptureFixture[str]) -> None:
    """Code, place, reason on one line; below it what was found and what would be right."""
    problem = Problem(
        code="unknown_meter",
        message="no [such] meter",
        subject="e-3",
        place="usage.csv:3",
        field="meter",
        value="faxes",
        expected="sms",
    )
    bare = Problem(code="conflict", message="twice", subject="acme/crm", value="a", expected="once")

    printing.print_problems([problem, bare])

    assert [
        "set aside [unknown_meter] usage.csv:3: no [such] meter",
        "    meter: faxes",
        "    expected: sms",
        "set aside [conflict] acme/crm: twice",
        "    value: a",
        "    expected: once",
    ] == capsys.readouterr().err.splitlines()


def test_many_problems_are_counted_after_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Of 25 that were given of 120, 20 are printed, and the command that lists all is named."""
    problems = [Problem(code="conflict", message=f"{number}") for number in range(25)]

    printing.print_problems(problems, of=120, more="clausula meter quarantine list")

    lines = capsys.readouterr().err.splitlines()
    assert ["set aside [conflict] 0", "and 100 more: clausula meter quarantine list"] == [lines[0], lines[-1]]
    assert printing.SHOWN_PROBLEMS + 1 == len(lines)


def test_an_error_is_text_or_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads it on standard error, a script on standard output."""
    error = UnknownInvoice("no invoice bears this number", field="number", value="F-9")

    printing.print_error(error)
    told = capsys.readouterr()
    printing.print_error(error, json=True)
    document = json.loads(capsys.readouterr().out)

    assert ("", ["error [unknown_invoice] no invoice bears this number", "    number: F-9"]) == (
        told.out,
        told.err.splitlines(),
    )
    assert ("unknown_invoice", "number", "F-9") == tuple(
        document["error"][key] for key in ("code", "field", "value")
    )


def test_a_bar_is_drawn_on_a_terminal_only(capsys: pytest.CaptureFixture[str]) -> None:
    """Logs of nightly runs hold no bars."""
    with printing.progress("run", "accounts") as bar:
        bar.update(bar.add_task("run", total=2), completed=1)

    assert ("", "") == capsys.readouterr()
