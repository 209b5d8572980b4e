"""A person decides what dunning proposes: listed with its reason, confirmed or dismissed once."""

from __future__ import annotations

import pytest

from tests.e2e.command_line import DONE, REFUSED, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

SUBSCRIPTIONS = """\
code,account,plan,plan_version,entity,signed_on,starts_on,ends_on,billing_day,order_form
conversion,flores-del-norte,zenvia-conversion-mx,1,zenvia-mx,2025-06-01,2025-06-01,,,
"""

NUMBER = "ZMX-000001"


@pytest.mark.clause("ZEN-IX-10.2")
def test_a_termination_waits_for_a_person() -> None:
    """Eleven days late it is proposed; confirmed, it waits no more and cannot be decided again."""
    with installed() as place:
        place.say("init")
        place.say("load", place.book(subscriptions=SUBSCRIPTIONS))
        place.say("invoice-run", "--as-of", "2025-06-01")
        chased = place.say("dunning-run", "--as-of", "2025-07-02")
        (waiting,) = place.say("proposals", "list", "--json").document
        decide = ("proposals", "confirm", "flores-del-norte", NUMBER, waiting["step"], "--by", "ana")
        confirmed, again = place.say(*decide), place.say(*decide)
        left = place.say("proposals", "list")

    assert "termination is proposed: " in chased.out
    assert ("flores-del-norte", NUMBER, "termination", "ZEN-IX-10.2", "2025-07-02") == tuple(
        waiting[key] for key in ("account", "invoice", "step", "clause", "allowed on")
    )
    assert (DONE, f"flores-del-norte, {NUMBER}: termination confirmed by ana") == (
        confirmed.code,
        confirmed.out.partition(" on ")[0],
    )
    assert (REFUSED, "Nothing waits for a decision.\n") == (again.code, left.out)
