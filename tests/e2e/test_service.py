"""A person pauses a service, ends a part of it, records force majeure, and reads all of it again."""

from __future__ import annotations

import pytest

from tests.e2e.command_line import DONE, REFUSED, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

FLORES = ("flores-del-norte", "conversion")
BY = ("--by", "ana", "--clause", "ZEN-IX-11")


def test_the_states_of_a_service() -> None:
    """Each is shown with its days, its clause, who decided and why; a mistyped part is refused."""
    with installed() as place:
        place.say("init")
        place.say("load", place.book())
        before = place.say("service", "show", FLORES[0])
        place.say("service", "pause", *FLORES, *BY, "--why", "closed", "--on", "2026-03-02")
        resumed = place.say("service", "resume", *FLORES, *BY, "--why", "open", "--on", "2026-03-09")
        mistyped = place.say("service", "end-part", *FLORES, "whatsap", *BY, "--why", "banned")
        place.say("service", "end-part", *FLORES, "whatsapp", *BY, "--why", "banned", "--on", "2026-04-01")
        days = ("--from", "2026-03-12", "--to", "2026-03-14", "--reported-on", "2026-03-15")
        hit = place.say("service", "force-majeure", *FLORES, *days, "--by", "ana", "--why", "flood")
        shown = place.say("service", "show", FLORES[0], "--json").document

    assert (DONE, "Every service is active and always was.\n") == (before.code, before.out)
    assert (
        "flores-del-norte/conversion: paused 2026-03-02 until before 2026-03-09 [ZEN-IX-11]\n" == resumed.out
    )
    assert (REFUSED, True) == (mistyped.code, "expected: one of whatsapp, platform, sms" in mistyped.err)
    assert "2026-03-12 to 2026-03-14, time limits: moved by ZEN-11.2, reported late\n" in hit.out
    assert hit.out.endswith(" [ZEN-11.1]\n")
    assert [("conversion", "whatsapp")] == [
        (row["subscription"], row["parts that do not work"]) for row in shown["today"]
    ]
    assert [
        ("", "paused", "2026-03-02", "2026-03-08", "closed; resumed by ana: open (ZEN-IX-11)"),
        ("whatsapp", "ended", "2026-04-01", "", "banned"),
    ] == [tuple(row[key] for key in ("part", "state", "from", "until", "reason")) for row in shown["states"]]
    assert ["2026-03-15"] == [row["reported on"] for row in shown["force_majeure"]]
