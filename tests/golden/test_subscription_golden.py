"""Worked cases on the life of a subscription: local days, stubs, arrears, and a period cut in two."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from invoicing.cycles import Progress, due_parts
from kernel.money import Money
from kernel.periods import Cycle, CycleUnit, Period
from kernel.zones import local_day
from tests.unit.invoicing.agreements import CONVERSATIONS, contract_of

CASES = {
    case["id"]: case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
}

#: A Monday, on which weeks of the calendar are anchored.
MONDAY = date(2023, 1, 2)


def given_and_expected(case_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two halves of a case."""
    case = CASES[case_id]
    return case["input"], case["expected"]


@pytest.mark.parametrize("case_id", ["sub-tz-01", "sub-tz-03"])
def test_a_week_is_cut_on_the_customers_day(case_id: str) -> None:
    """A subscription that starts on a Friday evening owes from its local day to Sunday, of seven days."""
    given, expected = given_and_expected(case_id)
    started = local_day(datetime.fromisoformat(given["start_utc"]), given["customer_timezone"])

    week = Cycle(MONDAY, 7, CycleUnit.DAY).period_of(started)
    part = Period(started, week.end)
    amount = Money.rounded(Fraction(given["plan_amount_cents"], 100) * part.share_of(week), "USD")

    assert (expected["billed_days"], expected["period_days"]) == (part.days, week.days)
    assert expected["amount_cents"] == amount.minor_units


def test_arrears_end_with_the_subscription() -> None:
    """kb-arrear-4: begun on 16 January with periods from the 18th, the last part ends with the contract."""
    given, expected = given_and_expected("kb-arrear-4")
    contract = contract_of(
        CONVERSATIONS,
        starts_on=date.fromisoformat(given["start"]),
        ends_on=date.fromisoformat(given["end"]),
        billing_day=given["bcd"],
    )

    due = due_parts(contract, Progress.at_start(contract), date.fromisoformat(given["target"]))

    assert expected["something_to_bill"] == bool(due)
    assert date.fromisoformat(expected["first_cycle"]) == due[-1].part.start
    assert date.fromisoformat(expected["effective_end"]) == due[-1].part.end
    assert date.fromisoformat(expected["next_cycle"]) == due[-1].whole.end


def test_ending_on_the_border_leaves_no_day_over() -> None:
    """kb-tz-02: cancelled on the day after what was paid for, nothing of the next month is due."""
    given, expected = given_and_expected("kb-tz-02")
    started = local_day(datetime.fromisoformat(given["start_utc"]), given["timezone"])
    contract = contract_of(
        CONVERSATIONS, starts_on=started, ends_on=date.fromisoformat(given["cancel_local_date"])
    )

    due = due_parts(contract, Progress.at_start(contract), date(2016, 1, 1))

    assert expected["invoices_total"] == len(due)
    assert due[0].part == due[0].whole


def test_the_first_period_begins_on_the_local_day_after_the_trial() -> None:
    """kb-tz-03: thirty days after the evening of 1 March is the 31st, though the clocks changed between."""
    given, expected = given_and_expected("kb-tz-03")
    first = date.fromisoformat(given["start_local"][:10]) + timedelta(days=given["trial_days"])

    period = Cycle(first, 1).period_of(first)

    assert expected["bcd"] == first.day
    assert expected["first_item"][:2] == [period.start.isoformat(), period.end.isoformat()]


def test_what_is_kept_and_what_is_given_back_are_the_whole() -> None:
    """kb-repair-01: blocked on 3 May, 5.99 of 29.95 are kept and 23.96 given back; no cent is lost."""
    given, expected = given_and_expected("kb-repair-01")
    start, end, amount = given["item"]
    whole = Period(date.fromisoformat(start), date.fromisoformat(end))
    kept_part, given_back_part = whole.split_at((date.fromisoformat(given["blocked_from"]),))

    kept, given_back = Money.of(amount, "USD").split([kept_part.days, given_back_part.days])

    assert expected["kept"][2] == str(kept.amount)
    assert expected["repair"][2] == str(-given_back.amount)


@pytest.mark.parametrize("number", [0, 1])
def test_a_discount_is_split_over_lines_without_a_lost_cent(number: int) -> None:
    """G27: what each line keeps after its share of a discount; the shares are exactly the discount."""
    case = CASES["G27"]["inputs"]["cases"][number]
    expected = CASES["G27"]["expected"]["taxable_cents"][number]
    lines = case["lines_cents"]

    shares = Money.rounded(Fraction(case["discount"], 100), "USD").split(lines)

    assert expected == [line - share.minor_units for line, share in zip(lines, shares, strict=True)]
