"""Commitments, minimums, coupons and credits against the worked cases of other engines.

What is not followed is named with its reason, here and in ``decisions/credits.md``.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contracts.charges import Flat
from contracts.parties import TaxRate
from contracts.rules import TaxMode
from kernel.calendars import first_day_after
from kernel.errors import InvalidMoney
from kernel.money import Money, total_of
from kernel.periods import Cycle, Period
from rating.charges import rate_fixed
from rating.commitments import committed, true_up
from rating.coupons import share_back, spread
from rating.credits import Grant, Use, burn, burn_order
from rating.proration import share_of
from rating.settlement import taken_back
from rating.taxes import tax

Case = dict[str, Any]

HERE = Path(__file__).parent

#: Cases of these kinds that are knowingly not followed; decisions/credits.md says why.
REJECTED = {"wallet-01", "prog-01"}

ALL_CASES: list[Case] = [
    case
    for path in sorted((HERE / "cases").glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
]

#: What is checked here.
KINDS = {
    "charge.minimum_spend",
    "commitment.proration",
    "commitment.true_up",
    "coupon.fixed_over_invoice",
    "credit_note.coupon_share",
    "credits.order",
    "progressive_billing",
    "progressive_billing.termination",
    "tax.coupon_covers_all",
    "wallet.topup_rounding",
}
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def cases(*kinds: str) -> pytest.MarkDecorator:
    """Return a mark that runs a test on each case of these kinds that is not rejected."""
    chosen = [case for case in ALL_CASES if case.get("kind") in kinds and case["id"] not in REJECTED]
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in chosen])


def cents(amount: int) -> Money:
    """Return euros of so many cents."""
    return Money(Decimal(amount).scaleb(-2), "EUR")


def with_tax(net: Money, percent: str) -> Money:
    """Return the tax on a net amount."""
    rates = [TaxRate(code="T", percent=Decimal(percent))]
    return tax(net, mode=TaxMode.EXCLUSIVE, rates=rates).tax


def test_every_case_is_run_or_rejected_for_a_reason() -> None:
    """Each kind has cases; what is rejected is of one of them, and the page of decisions gives its reason."""
    decided = (HERE / "decisions" / "credits.md").read_text(encoding="utf-8")

    assert set() == KINDS - {case.get("kind") for case in ALL_CASES}
    assert set() == REJECTED - {case["id"] for case in ALL_CASES if case.get("kind") in KINDS}
    assert [] == [name for name in sorted(REJECTED) if f"| {name} |" not in decided]


@cases("commitment.proration")
def test_a_term_that_is_not_filled_commits_to_its_days(case: Case) -> None:
    """The share of the days, rounded once."""
    given = case["input"]
    share = Fraction(given["billed_days"], given["period_days"])

    assert cents(case["expected"]["commitment_due_cents"]) == committed(
        cents(given["commitment_cents"]).amount, share=share, currency="EUR"
    )


@cases("commitment.true_up")
def test_a_true_up_is_the_commitment_less_the_fee(case: Case) -> None:
    """Both by the days of the calendar period that is left."""
    given, expected = case["input"], case["expected"]
    start = date.fromisoformat(given["start"])
    cycle = Cycle(date(start.year, 1, 1), MONTHS[given["interval"]])
    days = Period(start, cycle.period_of(start).end)
    share = share_of(days, cycle).exact
    charge = Flat(code="c", name="c", clause="c", amount=cents(given["plan_cents"]).amount)
    fee = rate_fixed(charge, currency="EUR", share=share).amount
    commitment = committed(cents(given["commitment_cents"]).amount, share=share, currency="EUR")

    assert (expected["billed_days"], expected["period_days"]) == (days.days, cycle.period_of(start).days)
    assert cents(expected["true_up_cents"]) == true_up(commitment, fee + cents(given["usage_cents"])).amount


@cases("charge.minimum_spend")
def test_a_minimum_is_a_commitment_of_one_cycle(case: Case) -> None:
    """Of 15 of 31 days it is the share of them."""
    given = case["input"]
    share = Fraction(given["days"], given["period_days"])
    minimum = committed(cents(given["min_cents"]).amount, share=share, currency="EUR")

    assert cents(case["expected"]["true_up_cents"]) == true_up(minimum, cents(given["used_cents"])).amount


@cases("coupon.fixed_over_invoice")
def test_a_coupon_beyond_its_invoice_keeps_the_rest(case: Case) -> None:
    """Each line is given what it owes, and 6 of 12 cents are left for the next invoice."""
    given, expected = case["input"], case["expected"]
    lines = [cents(each) for each in given["fees_cents"]]
    value = cents(given["coupon_cents"])
    offs = spread(value, lines, ceiling=total_of(lines, "EUR"))

    assert [cents(each) for each in expected["allocations"]] == list(offs)
    assert cents(expected["credit"]) == total_of(offs, "EUR")
    assert expected["coupon_stays_active"] == (total_of(offs, "EUR") < value)


@cases("tax.coupon_covers_all")
def test_what_coupons_cover_bears_no_tax(case: Case) -> None:
    """Two coupons, of which the second is larger than what is left."""
    given, expected = case["input"], case["expected"]
    (fee,) = given["fees"]
    left = cents(fee["cents"])
    for each in given["coupons_cents"]:
        (off,) = spread(cents(each), [left], ceiling=left)
        left -= off

    assert cents(expected["coupon_allocation"]) == cents(fee["cents"]) - left
    assert cents(expected["tax"]) == with_tax(left, fee["tax_pct"])


@cases("credit_note.coupon_share")
def test_what_comes_back_brings_its_coupon(case: Case) -> None:
    """The share of the coupon comes back with the part of the line; tax is taken on the rest."""
    given, expected = case["input"], case["expected"]
    part = cents(given["item_cents"])
    back = share_back(cents(given["coupon_on_fee_cents"]), part=part, whole=cents(given["fee_cents"]))
    net = part - back
    taxes = with_tax(net, given["fee_tax_pct"])

    assert cents(expected["coupon_share"]) == back
    assert cents(expected["net_after_coupon"]) == net
    assert (cents(expected["tax"]), cents(expected["total"])) == (taxes, net + taxes)


@cases("credits.order")
def test_what_expires_first_is_used_first(case: Case) -> None:
    """One use may draw on several grants."""
    today = date(2026, 1, 1)
    grants = burn_order(
        [
            Grant(
                code=each["id"],
                name=each["id"],
                clause="c",
                amount=Money.of(each["balance"], "USD"),
                left=Money.of(each["balance"], "USD"),
                priority=50,
                given_on=today,
                expires_on=today + timedelta(days=int(each["expiry"][1:-1])) if each["expiry"] else None,
            )
            for each in case["input"]["blocks"]
        ]
    )
    owed = Money.of(case["input"]["deduct"], "USD")
    burns = burn(grants, [Use("c", Period(today, date(2026, 2, 1)), owed)], ceiling=owed)

    assert [(each["block"], Money.of(each["amount"], "USD")) for each in case["expected"]["entries"]] == [
        (grants[each.grant].code, each.amount) for each in burns
    ]


@cases("progressive_billing.termination")
def test_what_was_billed_ahead_comes_back_at_the_end(case: Case) -> None:
    """18 of 31 days of the plan and the use of them, less what was billed of that use before."""
    given, expected = case["input"], case["expected"]
    start, end = date(2022, 12, 1), first_day_after(date.fromisoformat(given["terminated_at"]), 0)
    plan = Flat(code="c", name="c", clause="c", amount=cents(given["plan_cents"]).amount)
    share = share_of(Period(start, end), Cycle(start, 1)).exact
    use = cents(given["usage_cents"])
    fees = rate_fixed(plan, currency="EUR", share=share).amount + use
    back = taken_back(use).amount

    assert cents(expected["final_fees"]) == fees
    assert cents(expected["final_credit"]) == -back
    assert cents(expected["final_total"]) == fees + back


def test_credits_finer_than_their_currency_are_refused() -> None:
    """wallet-01 is rejected: nothing is rounded where it comes in."""
    (case,) = [each for each in ALL_CASES if each["id"] == "wallet-01"]

    with pytest.raises(InvalidMoney):
        Money.of(case["input"]["credits"], "EUR")
