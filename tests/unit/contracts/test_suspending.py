"""What a suspension for another cause than a debt asks for first, by the terms of SaleXops and Conversso."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from contracts.duties import Occurrence
from contracts.endings import refuse_untimely as refuse_untimely_end
from contracts.life_rules import Party, Suspension
from contracts.suspending import Cause, refuse_short_notice, refuse_untimely, sourced_of
from kernel.errors import Conflict, InvalidInput
from kernel.ids import OccurrenceId, new_id
from tests.unit.contracts.agreed import agreed
from tests.unit.contracts.library_rules import document, ending_rule, said

TOLD = date(2026, 3, 2)


def word(code: str, on: date, *, harm: str = "", part: str = "") -> Cause:
    """Return Ana's word."""
    return Cause(code=code, on=on, why="identity not shown", by="ana", harm=harm, part=part)


@pytest.mark.clause("SLX-15")
def test_salexops_any_breach_stops_the_account_on_the_spot() -> None:
    """Without warning and as a whole."""
    contract = agreed("salexops-general")
    breach = word("breach", TOLD)
    refuse_untimely(contract, breach, [])

    assert "SLX-15" == sourced_of(contract, breach).clause.id
    with pytest.raises(InvalidInput):
        sourced_of(contract, replace(breach, part="crm"))


@pytest.mark.clause("SLX-15")
@pytest.mark.parametrize("name", ["salexops-general"])
def test_salexops_or_for_good(name: str) -> None:
    """The vendor alone ends it so, on the day of the breach."""
    rule = ending_rule(name, "breach")
    refuse_untimely_end(said(Party.VENDOR, TOLD, happened_on=TOLD), rule)

    with pytest.raises(Conflict):
        refuse_untimely_end(said(Party.CUSTOMER, TOLD, happened_on=TOLD), rule)


CODES = ["unlawful_act", "breach", "fraud", "false_identity", "interference"]


@pytest.mark.clause("CNV-04")
@pytest.mark.parametrize("code", CODES)
def test_conversso_warns_then_suspends(code: str) -> None:
    """Told on 2 March, the 7th is the first day; not announced, or for a later day, it waits."""
    contract = agreed("conversso-general")
    rule = sourced_of(contract, word(code, TOLD)).rule
    early, first = date(2026, 3, 6), date(2026, 3, 7)
    with pytest.raises(Conflict) as refused:
        refuse_short_notice(rule, word(code, early), told_on=TOLD)
    refuse_short_notice(rule, word(code, first), told_on=TOLD)
    announced = Occurrence(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        occurrence_id=OccurrenceId(new_id()),
        event=word(code, first).event,
        occurred_at=datetime.combine(first, time(18), tzinfo=UTC),
        recorded_at=datetime.combine(TOLD, time(18), tzinfo=UTC),
    )

    assert "2026-03-07 or later" == refused.value.expected
    refuse_untimely(contract, word(code, first), [announced])
    refuse_untimely(contract, word(code, early, harm="it would go on"), [])
    for happened in ([], [replace(announced, event="other announced")]):
        with pytest.raises(Conflict):
            refuse_untimely(contract, word(code, first), happened)
    with pytest.raises(Conflict):
        refuse_untimely(contract, word(code, early), [announced])


@pytest.mark.clause("CNV-04")
def test_conversso_or_ends_the_account_for_good() -> None:
    """By the vendor, over what happened, on the day itself."""
    rule = ending_rule("conversso-general", "deactivation")
    refuse_untimely_end(said(Party.VENDOR, TOLD, happened_on=TOLD), rule)

    assert 0 == rule.notice_days
    assert set(CODES) == set(document("conversso-general").suspensions)


@pytest.mark.parametrize("wrong", [{"notice_days": 1}, {"notice_clause": "T-2"}, {"unless_harm": True}])
def test_a_rule_that_says_half_is_refused(wrong: dict[str, object]) -> None:
    """A notice without an announcement, harm that excuses nothing."""
    with pytest.raises(ValueError, match="announc"):
        Suspension(clause="T-1", **wrong)  # type: ignore[arg-type]  # wrong on purpose
