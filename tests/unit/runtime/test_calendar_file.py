"""The calendar file is one that calendars read: whole days, ids that stay, texts that survive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from contracts.life_rules import Party
from contracts.obligations import Obligation, ObligationKind
from runtime.calendar_file import calendar_of

WRITTEN = datetime(2026, 3, 1, 12, tzinfo=UTC)

RENEWAL = Obligation(
    on=date(2027, 2, 28),
    kind=ObligationKind.REFUSAL,
    account="flores-del-norte",
    subscription="docs",
    party=Party.EITHER,
    says="the last day, with a comma; a semicolon, and a text longer than one line of the file may be",
    clause="ZEN-X-12",
    document="zenvia-annex-x 2023-11-16",
    key="refusal:2027-02-28:last",
)


def entries(content: bytes) -> list[Any]:
    """Return the events of a calendar file."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def test_an_entry_fills_a_day_and_says_why() -> None:
    """It begins on its day and ends on the next, which no longer belongs; the clause stands beneath."""
    (entry,) = entries(calendar_of([RENEWAL], written_at=WRITTEN))

    assert [date(2027, 2, 28), date(2027, 3, 1), WRITTEN] == [
        entry.decoded(name) for name in ("dtstart", "dtend", "dtstamp")
    ]
    assert f"flores-del-norte: {RENEWAL.says}" == entry["summary"]
    assert "ZEN-X-12 (zenvia-annex-x 2023-11-16), subscription docs" == entry["description"]


def test_the_file_is_one_of_rfc_5545() -> None:
    """Lines of 75 octets at most that end with CR LF, a version and a product."""
    lines = calendar_of([RENEWAL], written_at=WRITTEN).split(b"\r\n")

    assert [b"BEGIN:VCALENDAR", b"VERSION:2.0", b"PRODID:-//Clausula//obligations//EN"] == lines[:3]
    assert [b"END:VCALENDAR", b""] == lines[-2:]
    assert 75 >= max(map(len, lines))
    assert b"DTSTART;VALUE=DATE:20270228" in lines


def test_an_id_stays_and_is_its_own() -> None:
    """Written again on another day it is the same entry; another contract's is another."""
    others = [
        replace(RENEWAL, subscription="nlu"),
        replace(RENEWAL, account="acme"),
        replace(RENEWAL, key="x"),
    ]
    first = entries(calendar_of([RENEWAL], written_at=WRITTEN))
    again = entries(calendar_of([RENEWAL], written_at=datetime(2026, 4, 1, tzinfo=UTC)))

    assert [each["uid"] for each in first] == [each["uid"] for each in again]
    assert 4 == len({each["uid"] for each in [*first, *entries(calendar_of(others, written_at=WRITTEN))]})


def test_a_calendar_may_be_empty() -> None:
    """Nothing due is a file without entries."""
    assert [] == entries(calendar_of([], written_at=WRITTEN))
