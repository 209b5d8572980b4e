"""Worked cases on taxes and time that need instants, and the record of what became of each of them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contracts.charges import Flat
from contracts.plans import Alignment, CycleLength
from kernel.money import round_exact
from kernel.periods import Period
from kernel.zones import local_day
from rating.charges import rate_fixed
from rating.proration import share_of, share_of_span
from tests.parts import PLAN

HERE = Path(__file__).parent

CASES: list[dict[str, Any]] = [
    case
    for path in sorted((HERE / "cases").glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
]

#: The kinds that are decided in ``decisions/taxes_and_time.md``.
KINDS = re.compile(
    r"tax\.|invoice\.totals|proration|subscription_fee|fixed_charge|calendar|align_|bcd_|whole_periods"
)

#: A row of the record: kind, case, decision.
ROW = re.compile(r"^\| `(\S+)` \| `(\S+)` \| (.+) \|$", re.MULTILINE)


def case_of(case_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what goes into a case and what comes out."""
    case = next(each for each in CASES if each["id"] == case_id)
    return case["input"], case["expected"]


def test_each_case_is_decided_once() -> None:
    """Adopted or rejected with a reason, none passed over, none invented."""
    written = ROW.findall((HERE / "decisions" / "taxes_and_time.md").read_text(encoding="utf-8"))
    kinds = [(str(case.get("kind", case.get("topic"))), case["id"]) for case in CASES]

    assert sorted(pair for pair in kinds if KINDS.match(pair[0])) == sorted(row[:2] for row in written)
    assert {"adopted", "rejected", "not run here"} == {re.split("[:.,;]| for ", row[2])[0] for row in written}


def test_a_change_at_a_second_gives_back_what_is_left() -> None:
    """stripe-proration-second-precise: 364.2162698... cents of 1,000 come back, 3.64 as money."""
    given, expected = case_of("stripe-proration-second-precise")
    start, end, changed = (
        datetime.fromisoformat(given[name]) for name in ("period_start", "period_end", "change_at")
    )
    share = share_of_span((changed, end), (start, end))
    fee = Flat(code="f", name="f", clause="c", amount=Decimal(given["amount"]) / 100)

    assert Decimal(expected["unrounded"]) == -round_exact(share.exact * given["amount"], 10)
    assert expected["credit_cents"] == -rate_fixed(fee, currency="USD", share=share.exact).amount.minor_units


def test_a_plan_of_calendar_weeks_owes_from_the_local_day_to_sunday() -> None:
    """sub-tz-01 and sub-tz-03: the plan's own cycle cuts the week, not one that a test has anchored."""
    weekly = replace(PLAN, cycle=CycleLength.WEEKLY, aligned=Alignment.CALENDAR)
    for case_id in ("sub-tz-01", "sub-tz-03"):
        given, expected = case_of(case_id)
        started = local_day(datetime.fromisoformat(given["start_utc"]), given["customer_timezone"])
        cycle = weekly.fee_cycle(started)
        share = share_of(Period(started, cycle.period_of(started).end), cycle)
        fee = Flat(code="f", name="f", clause="c", amount=Decimal(given["plan_amount_cents"]) / 100)

        assert Fraction(expected["billed_days"], expected["period_days"]) == share.exact
        assert (
            expected["amount_cents"] == rate_fixed(fee, currency="USD", share=share.exact).amount.minor_units
        )


def test_a_plan_of_calendar_quarters_is_measured_on_the_whole_quarter() -> None:
    """lago-quarter-denominator-calendar: 42 of 91 days, by the plan's own cycle."""
    given, expected = case_of("lago-quarter-denominator-calendar")
    started = datetime.fromisoformat(given["started"]).date()
    cycle = replace(PLAN, cycle=CycleLength.QUARTERLY, aligned=Alignment.CALENDAR).fee_cycle(started)
    whole = cycle.period_of(started)

    assert (expected["days_billed"], expected["days_in_period"]) == (
        Period(started, whole.end).days,
        whole.days,
    )
