"""The demo as a newcomer runs it: it tells a year, tells it again the same, and survives a kill."""

from __future__ import annotations

import csv
import re
import shutil
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from db.server_locks import pause
from runtime.demo.places import SHIPPED_BOOK, Places, Progress
from tests.e2e.command_line import DONE, LOOKS, Installation, Said, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

#: Ten weeks of the shipped book: two months are billed, one customer pays in parts and late.
LAST_DAY = date(2025, 7, 9)

#: The day after which the replay is killed: the first invoices are out, and nobody was late yet.
KILL_AFTER = date(2025, 6, 5)


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay left: its account, and the reasons of its invoices by number."""

    said: Said
    out: Path
    account: bytes
    reasons: Mapping[str, str]

    @classmethod
    def of(cls, said: Said, out: Path) -> Told:
        """Read what lies in the folder now."""
        texts = {path.stem: path.read_text(encoding="utf-8") for path in (out / "invoices").glob("*.txt")}
        # The digest holds the ids of rows, which are new each time.
        reasons = {number: re.sub(r"(?m)^Content SHA-256 .*$", "", text) for number, text in texts.items()}
        return cls(said, out, (out / "account.txt").read_bytes(), reasons)


@dataclass(frozen=True, slots=True)
class Demo:
    """A replay, the same again, and one that was killed half-way and started anew."""

    first: Told
    second: Told
    killed_after: Progress
    resumed: Told


@pytest.fixture(name="demo", scope="module")
def _demo() -> Iterator[Demo]:
    """Replay ten weeks three times."""
    with installed() as place:
        book = shortened(place)
        out = place.folder / "out"
        command = ("demo", "--book", book, "--to", out)
        first = Told.of(place.say(*command), out)
        second = Told.of(place.say(*command), out)
        killed_after = killed(place, command)
        resumed = Told.of(place.say(*command), out)
        yield Demo(first, second, killed_after, resumed)


def shortened(place: Installation) -> Path:
    """Return a copy of the shipped book whose story ends after ten weeks."""
    book = place.folder / "book"
    shutil.copytree(SHIPPED_BOOK, book)
    story = book / "story.toml"
    text, count = re.subn(r"(?m)^last_day = .*$", f"last_day = {LAST_DAY}", story.read_text(encoding="utf-8"))
    assert 1 == count
    story.write_text(text, encoding="utf-8")
    return book


def killed(place: Installation, command: tuple[object, ...]) -> Progress:
    """Start a replay, kill it without warning once it came far enough, and return how far that was."""
    places = Places(place.folder / "out", place.home / "demo.json")
    places.state.unlink()
    process = place.start(*command)
    for _ in range(LOOKS):
        progress = places.progress()
        if progress is not None and progress.done is not None and progress.done >= KILL_AFTER:
            break
        assert process.poll() is None, process.communicate()
        pause()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    found = places.progress()
    assert found is not None
    return found


def test_it_tells_what_happened(demo: Demo) -> None:
    """A customer pays in parts and late: reminder, partial suspension, late charges, restoration."""
    text = demo.first.account.decode()

    assert DONE == demo.first.said.code, demo.first.said.err
    assert "" == demo.first.said.err
    assert text in demo.first.said.out
    for word in ("a partial receipt", "reminder", "partial suspension", "late charges", "restored"):
        assert word in text


def test_it_leaves_its_papers(demo: Demo) -> None:
    """A PDF and the reasons for each invoice, the aging as XLSX and CSV, usage, bank files and mails."""
    out = demo.resumed.out
    numbers = set(demo.resumed.reasons)
    with (out / f"aging-{LAST_DAY}.csv").open(encoding="utf-8", newline="") as stream:
        open_items = [row["Number"] for row in csv.DictReader(stream)]

    assert numbers
    assert numbers == {path.stem for path in (out / "invoices").glob("*.pdf")}
    assert all(path.read_bytes().startswith(b"%PDF-") for path in (out / "invoices").glob("*.pdf"))
    assert set(open_items) <= numbers
    assert ["By account", "By item"] == load_workbook(out / f"aging-{LAST_DAY}.xlsx").sheetnames
    assert ["2025-05.ndjson", "2025-06.ndjson"] == sorted(path.name for path in (out / "usage").iterdir())
    assert list((out / "receipts").glob("*.csv"))
    assert len(numbers) == len(list((out / "outbox").glob("*mail.invoice*.eml")))
    assert [] == list(out.rglob("*.part"))


def test_a_second_time_tells_the_same(demo: Demo) -> None:
    """Its account is equal byte for byte, and so is the reason of every line."""
    assert DONE == demo.second.said.code
    assert demo.first.account == demo.second.account
    assert demo.first.reasons == demo.second.reasons


def test_killed_and_started_again_it_tells_the_same(demo: Demo) -> None:
    """It was killed between its first and its last day, goes on, and ends with the same numbers."""
    assert not demo.killed_after.finished
    assert demo.killed_after.done is not None
    assert KILL_AFTER <= demo.killed_after.done < LAST_DAY
    assert DONE == demo.resumed.said.code, demo.resumed.said.err
    assert "An unfinished demo was found; it goes on." == demo.resumed.said.lines[0]
    assert demo.first.account == demo.resumed.account
    assert demo.first.reasons == demo.resumed.reasons
