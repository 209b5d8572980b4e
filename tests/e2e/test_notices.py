"""A vendor announces a price; the customer turns it down and gets the unused days back."""

from __future__ import annotations

import pytest

from tests.e2e.command_line import DONE, REFUSED, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

TALLER = ("taller-solis", "crm")


def test_a_price_that_is_turned_down() -> None:
    """Announced, delivered, turned down: each step says what lies ahead or what it led to, by clause."""
    with installed() as place:
        place.say("init")
        place.say("load", place.book())
        billed = place.say("invoice-run", "--as-of", "2026-03-06")
        announced = place.say(
            "notices",
            "announce",
            *TALLER,
            "--change",
            "price",
            "--percent",
            "10",
            "--on",
            "2026-03-05",
            "--json",
        )
        notice = announced.document["notice"]["notice_id"]
        mistyped = place.say(
            "notices", "end", *TALLER, "--ending", "convenienc", "--by", "vendor", "--on", "2026-03-06"
        )
        arrived = place.say("notices", "delivered", TALLER[0], notice, "--on", "2026-03-05")
        refused = place.say(
            "notices", "answer", TALLER[0], notice, "rejected", "--by", "Ana", "--on", "2026-03-20"
        )
        again = place.say(
            "notices", "answer", TALLER[0], notice, "accepted", "--by", "Ana", "--on", "2026-03-21"
        )
        settled = place.say("notices", "settle", "--as-of", "2026-04-01")
        listed = place.say("notices", "list", TALLER[0], "--json").document

    assert DONE == billed.code
    assert "It may be turned down until 2026-04-03 and holds from 2026-04-04.\n" in arrived.out
    assert "taller-solis/crm: change price rejected [KON-16a]\n" in refused.out
    assert "ended on 2026-03-20" in refused.out
    assert "to take off what is unpaid [KON-16b]\n" in refused.out
    assert (REFUSED, True) == (again.code, "the notice was answered already" in again.err)
    assert (REFUSED, True) == (mistyped.code, "expected: one of convenience" in mistyped.err)
    assert "Nothing was due: nothing changed.\n" == settled.out
    assert ["rejected", ""] == [each["answer"] for each in listed["notices"]]
    assert 1 == len(listed["refunds"])
