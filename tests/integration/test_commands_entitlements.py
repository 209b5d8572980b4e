"""``clausula entitlements`` and ``clausula seats``: asked and told as an operator does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from contracts.load import load_book
from db.engine import URL_VARIABLE
from kernel.errors import ClausulaError, NotFound, SeatTaken, UnknownAccount
from runtime.cli import app
from tests.integration.api_portal import BOOK, at

pytestmark = pytest.mark.integration

Command = Callable[..., str]

FLORES = "flores-del-norte"


@pytest.fixture(name="command")
def _command(engine: Engine) -> Command:
    """The command line over the small book; what a command refuses, it raises."""
    assert () == load_book(engine, BOOK, clock=at(date(2026, 1, 1))).problems
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False)})

    def run(*arguments: str) -> str:
        result = runner.invoke(app, arguments)
        if isinstance(result.exception, ClausulaError):
            raise result.exception
        assert 0 == result.exit_code, result.output
        return result.stdout

    return run


def konectus(book: Path) -> str:
    """Return an account of the book that has named seats."""
    rows = (book / "subscriptions.csv").read_text(encoding="utf-8").splitlines()[1:]
    return next(row.split(",")[0] for row in rows if ",konectus-" in row)


def document(command: Command, *arguments: str) -> Any:  # noqa: ANN401 JSON has any shape
    """Return what a command prints for a script."""
    return json.loads(command(*arguments, "--json"))


def test_a_table_and_a_document_say_the_same(command: Command) -> None:
    """Each feature, whether it may be used, the clause and the reason."""
    table = command("entitlements", FLORES, "--as-of", "2026-03-05")
    verdicts = document(command, "entitlements", FLORES, "--as-of", "2026-03-05")

    assert "What flores-del-norte may use" in table
    assert {"solution", "lines", "whatsapp"} <= {each["feature"] for each in verdicts}
    for each in verdicts:
        (row,) = [line for line in table.splitlines() if line.split()[1:2] == [each["feature"]]]
        assert ("yes" if each["allowed"] else "no") == row.split()[2]
        assert each["clause"] in row
        assert row.rstrip().endswith(each["reason"])


def test_one_feature_and_a_country(command: Command) -> None:
    """A filter keeps one feature; before the first contract there is nothing to tell."""
    (only,) = document(
        command,
        "entitlements",
        FLORES,
        "--as-of",
        "2026-03-05",
        "--feature",
        "solution",
        "--from-country",
        "mx",
    )

    assert ("solution", True, "ZEN-IX-7-iv") == (only["feature"], only["allowed"], only["clause"])
    assert f"No contract of {FLORES} has begun.\n" == command("entitlements", FLORES, "--as-of", "2020-01-01")
    with pytest.raises(NotFound):
        command("entitlements", FLORES, "--feature", "teleport")
    with pytest.raises(UnknownAccount):
        command("entitlements", "nobody")


def test_seats_are_assigned_passed_on_and_released(command: Command) -> None:
    """Ana sits, passes her seat to Beto, and Beto leaves; each day lists who sat."""
    account = konectus(BOOK)
    command("seats", "assign", account, "ana@acme.example", "--as-of", "2026-03-01")
    with pytest.raises(SeatTaken):
        command("seats", "assign", account, "Ana@acme.example", "--as-of", "2026-03-02")
    command("seats", "transfer", account, "ana@acme.example", "beto@acme.example", "--as-of", "2026-04-01")
    command("seats", "release", account, "beto@acme.example", "--as-of", "2026-05-01")
    holders = {
        day: [each["holder"] for each in document(command, "seats", "list", account, "--as-of", day)]
        for day in ("2026-03-31", "2026-04-01", "2026-05-01")
    }

    assert {
        "2026-03-31": ["ana@acme.example"],
        "2026-04-01": ["beto@acme.example"],
        "2026-05-01": [],
    } == holders
    assert f"Nobody holds a seat of {account}.\n" == command(
        "seats", "list", account, "--as-of", "2026-05-01"
    )
    assert "beto@acme.example" in command("seats", "list", account, "--as-of", "2026-04-30")


def test_who_has_no_seats_is_told(command: Command) -> None:
    """Under terms without named seats, and for an account that there is not."""
    with pytest.raises(NotFound):
        command("seats", "assign", FLORES, "ana@acme.example", "--as-of", "2026-03-01")
    with pytest.raises(UnknownAccount):
        command("seats", "list", "nobody")
