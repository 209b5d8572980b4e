"""A person grants credits, the invoice run uses them up, and what is left is listed."""

from __future__ import annotations

import pytest

from tests.e2e.command_line import DONE, REFUSED, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

FLORES = ("flores-del-norte", "conversion")
BY = ("--clause", "ZEN-IX-11", "--by", "ana", "--why", "an outage")


def test_credits_are_granted_used_and_listed() -> None:
    """Granted twice they are given once; the run uses them for a fee that they name; the list tells it."""
    with installed() as place:
        place.say("init")
        place.say("load", place.book())
        none = place.say("credits", "list", FLORES[0])
        given = ("credits", "grant", *FLORES, "outage", "500.00", *BY, "--on", "2026-01-01")
        granted = place.say(*given, "--expires", "2026-12-01", "--charge", "platform")
        again = place.say(*given, "--expires", "2026-12-01", "--charge", "platform")
        other = place.say("credits", "grant", *FLORES, "outage", "600.00", *BY, "--on", "2026-01-01")
        place.say("invoice-run", "--as-of", "2026-01-01")
        listed = place.say("credits", "list", FLORES[0], "--as-of", "2026-01-02", "--json").document

    assert (DONE, "No contract of this account has credits or coupons.\n") == (none.code, none.out)
    what = "outage, 500.00 MXN from 2026-01-01 until before 2026-12-01 [ZEN-IX-11]"
    assert f"flores-del-norte/conversion: {what}\n" == granted.out == again.out
    assert (REFUSED, True) == (other.code, "other credits bear this code" in other.err)
    assert [("outage", "500.00 MXN", "500.00 MXN", "0.00 MXN", "ana", "an outage")] == [
        tuple(row[key] for key in ("code", "given", "used", "left", "by", "why")) for row in listed
    ]
