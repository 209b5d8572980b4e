"""The ladder against worked dates: of the contracts' clauses, and of another engine's overdue states."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts.library import library_documents
from contracts.rules import DunningAction, DunningRule, DunningStep
from dunning.ladder import Facts, timeline
from kernel.money import Money

GoldenCase = dict[str, Any]

CASES: dict[str, GoldenCase] = {
    case["id"]: case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
    if "id" in case
}

#: The first dates of clauses that are rungs of a ladder; the kind's other case is a due date.
RUNGS = ("days-3", "days-4", "days-8")


def ladder_with(clause: str) -> DunningRule:
    """Return the ladder of the library that has a rung of this clause."""
    ladders = [each.rules.dunning for versions in library_documents().values() for each in versions]
    (found,) = [rule for rule in ladders if rule and clause in {step.clause for step in rule.steps}]
    return found


@pytest.mark.parametrize("case_id", RUNGS)
@pytest.mark.clause("ZEN-13.1-iii")
@pytest.mark.clause("ZEN-12.1-iv")
@pytest.mark.clause("KON-15.3b")
def test_the_first_date_of_a_clause(case_id: str) -> None:
    """An anchor and a number of days give the first date on which a clause may be used, and name it."""
    case = CASES[case_id]
    clause = case["input"]["clause"]
    fact, day = case["input"]["anchor"].rsplit(" ", 1)
    facts = Facts(
        due_on=date.fromisoformat(day) if fact == "due" else date(2026, 3, 9),
        suspended_on=date.fromisoformat(day) if fact == "suspended" else None,
        open_amount=Money.of("1000.00", "MXN"),
    )
    (found,) = [rung for rung in timeline(ladder_with(clause), facts) if rung.step.clause == clause]

    assert date.fromisoformat(case["expected"]["date"]) == found.on
    assert f"({clause})" in found.reason


#: What the other engine's states do, as rungs.
STATES = {
    "WARNING": DunningAction.REMIND,
    "BLOCKED": DunningAction.SUSPEND,
    "CANCELLATION": DunningAction.TERMINATE,
}


def test_states_by_days_since_the_invoice() -> None:
    """States that begin N days after an invoice are rungs of more than N - 1 days, due on its own day."""
    case = CASES["kb-od-16"]
    rule = DunningRule(
        clause="states",
        steps=tuple(
            DunningStep(code=state, action=STATES[state], more_than_days=days - 1, clause="states")
            for state, days in case["input"]["states"]
        ),
    )
    invoiced = date.fromisoformat(case["input"]["unpaid"].split()[-1])
    facts = Facts(due_on=invoiced, open_amount=Money.of("249.95", "USD"))
    (clear_on, clear), *expected = case["expected"]["states"]
    found = [(rung.on.isoformat(), rung.step.code) for rung in timeline(rule, facts) if rung.on]

    assert (invoiced.isoformat(), "CLEAR") == (clear_on, clear)
    assert [tuple(state) for state in expected] == found[: len(expected)]
