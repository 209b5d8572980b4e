"""``clausula meter import`` and ``clausula meter quarantine``: asked and told as an operator does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import Engine
from typer.testing import CliRunner

from contracts.load import load_book
from db.engine import URL_VARIABLE
from runtime.cli import app
from tests.integration.api_portal import BOOK, at, sms
from tests.unit.metering.book import NOW

pytestmark = pytest.mark.integration

DONE, SET_ASIDE = 0, 1


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str

    @property
    def document(self) -> Any:  # noqa: ANN401 JSON has any shape
        """What it printed for a script."""
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture(name="command")
def _command(engine: Engine) -> Command:
    """The command line over the small book."""
    assert () == load_book(engine, BOOK, clock=at(NOW.date().replace(year=2025))).problems
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False)})

    def run(*arguments: object) -> Said:
        result = runner.invoke(app, [str(each) for each in arguments])
        return Said(result.exit_code, result.stdout)

    return run


def write(path: Path, *events: dict[str, object]) -> Path:
    """Write events, one a line."""
    path.write_bytes(b"\n".join(map(msgspec.json.encode, events)))
    return path


def test_what_is_old_is_filled_in(command: Command, tmp_path: Path) -> None:
    """Without --backfill it waits, and a retry with it counts it."""
    file = write(tmp_path / "u.ndjson", sms("a", text=None, meter="fax", occurred_at="2021-01-01T00:00:00Z"))
    other = write(tmp_path / "v.ndjson", sms("b", occurred_at="2026-02-02T00:00:00Z"))

    imported = command("meter", "import", file, "--backfill", "--json")
    filled = command("meter", "import", other, "--backfill", "--json")

    assert (SET_ASIDE, "unknown_meter") == (imported.code, imported.document["problems"][0]["code"])
    assert (DONE, 1) == (filled.code, filled.document["accepted"])


def test_a_second_import_says_so(command: Command, tmp_path: Path) -> None:
    """The bytes are known, whatever the name of the file."""
    file = write(tmp_path / "u.ndjson", sms("a"))
    command("meter", "import", file, "--backfill")

    again = command("meter", "import", file.rename(tmp_path / "v.ndjson"), "--backfill")

    assert (DONE, "This file was imported before: all 1 event known; nothing changed.\n") == (
        again.code,
        again.out,
    )


@pytest.mark.parametrize("suffix", ["json", "parquet", "csv"])
def test_files_of_every_kind(command: Command, tmp_path: Path, suffix: str) -> None:
    """Two good events and a bad one count alike in each of them."""
    events = [sms("a"), sms("b", meter="fax"), sms("c")]
    file = tmp_path / f"u.{suffix}"
    match suffix:
        case "json":
            file.write_bytes(msgspec.json.encode(events))
        case "csv":
            rows = [",".join(events[0]), *(",".join(map(str, each.values())) for each in events)]
            file.write_text("\n".join(rows))
        case _:
            parquet.write_table(pa.Table.from_pylist(events), file)

    report = command("meter", "import", file, "--backfill", "--json").document

    assert (3, 2, 1) == (report["read"], report["accepted"], report["quarantined"])
    assert ["unknown_meter"] == [each["code"] for each in report["problems"]]


def test_the_quarantine_is_worked_off(command: Command, tmp_path: Path) -> None:
    """It is listed by its ids, tried again, and what is left is discarded with a reason."""
    command("meter", "import", write(tmp_path / "u.ndjson", sms("a", meter="fax")), "--backfill")
    listed = command("meter", "quarantine", "list", "--code", "unknown_meter", "--json")
    (entry,) = listed.document
    retried = command("meter", "quarantine", "retry")
    text = command("meter", "quarantine", "list", "--account", "flores-del-norte")

    discarded = command("meter", "quarantine", "discard", entry["id"], "--by", "ana", "--why", "a test")

    assert (SET_ASIDE, SET_ASIDE, DONE) == (listed.code, retried.code, discarded.code)
    assert ("flores-del-norte", "a", False) == (entry["account"], entry["event_id"], entry["whole"])
    assert f"id: {entry['id']}; event: a; account: flores-del-norte; not kept whole" in text.out
    assert (DONE, "The quarantine is empty.\n") == (
        command("meter", "quarantine", "list").code,
        command("meter", "quarantine", "list").out,
    )
    assert "discarded by ana on" in command("meter", "quarantine", "list", "--discarded").out
