"""Quarantine: whose it is, and what makes two entries one."""

from __future__ import annotations

import msgspec

from kernel.ids import account_id_of
from kernel.problems import Problem
from metering.event_reading import rejected
from metering.events import UsageEvent
from metering.quarantine import NO_ACCOUNT, Quarantined, quarantined
from tests.unit.metering.book import NOW

EVENT = UsageEvent(id="1", account="acme", meter="sms", source="crm", occurred_at=NOW, text="a secret")
PROBLEM = Problem(code="unknown_meter", message="no", place="file:3")


def aside(problem: Problem = PROBLEM, *, line: bytes = b"") -> Quarantined:
    """Return what is kept of the event, or of a line."""
    event = rejected(line, problem) if line else EVENT
    return quarantined(event, problem, batch="", received_at=NOW)


def test_an_event_is_kept_under_its_account() -> None:
    """Account, source and id are kept, so that the mended event finds it; the text is not."""
    kept = aside()

    assert (account_id_of("acme"), "crm", "1") == (kept.account_id, kept.source, kept.event_id)
    assert "(8 characters)" == msgspec.json.decode(kept.raw)["text"]


def test_what_names_no_account_is_nobodys() -> None:
    """A line that cannot be read belongs to the nil account."""
    assert (NO_ACCOUNT, "{nope") == (aside(line=b"{nope").account_id, aside(line=b"{nope").raw)


def test_the_same_from_the_same_place_is_one_entry() -> None:
    """Sent again it is the same entry, whatever is wrong with it by then; from another line it is another."""
    elsewhere = Problem(code="unknown_meter", message="no", place="file:4")
    otherwise = Problem(code="unknown_account", message="no", place="file:3")

    assert aside().digest == aside(otherwise).digest
    assert aside().digest != aside(elsewhere).digest
