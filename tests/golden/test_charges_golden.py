"""Percentages, and the least and the most of a charge, against the worked cases of other engines.

``decisions/charges.md`` says of each case of these kinds whether it is followed, and why not where it is not.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from contracts.charges import Graduated, GraduatedPercentage, Percentage, PercentTier, PerUnit, UsageCharge
from kernel.money import Money
from rating.bounds import bounds_of
from rating.charges import Rated, rate_usage
from rating.use import Transactions, Use
from tests.golden.test_rating_golden import ALL_CASES, Case, cases, cents, given_in, kind_of, tiers_of

DECISIONS = Path(__file__).parent / "decisions" / "charges.md"

#: Kinds of which each case must stand in the page of decisions.
DECIDED = ("charge.", "tier", "price.percentage", "quantity.transform", "package.", "usage_consumable")


def exact(charge: UsageCharge, used: Use, *, before: Use | None = None) -> Decimal:
    """Return what a charge owes before it is rounded to money."""
    last = rate_usage(charge, used, currency="EUR", before=before).working[-1]
    return Decimal(last.facts.get("exact", last.result))


def percentage(given: Case) -> Percentage:
    """Return the charge of a case; what it calls zero or leaves out is not stated."""
    rate = Decimal(given["rate"]) * 100 if "rate" in given else Decimal(given["rate_pct"])
    least, most = given.get("per_event_min"), given.get("per_event_max")
    return Percentage(
        code="c",
        name="c",
        clause="c",
        meter="m",
        percent=rate,
        fixed_amount=Decimal(given.get("fixed_per_event") or given.get("fixed_fee_per_event") or 0),
        free_transactions=given.get("free_events"),
        allowance=Decimal(given.get("free_amount") or 0),
        minimum_per_transaction=None if least is None else Decimal(least),
        maximum_per_transaction=None if most is None else Decimal(most),
    )


def amounts_of(given: Case) -> tuple[Decimal, ...]:
    """Return single amounts from what a case tells of them: its running totals, and the whole at the end."""
    if "events" in given:
        return tuple(map(Decimal, given["events"]))
    whole, count = Decimal(given["total"]), int(given["events_count"])
    if not whole or not given["running_total_capped"]:
        return (whole / count,) * count
    totals = [Decimal(0), *map(Decimal, given["running_total_capped"]), whole]
    return tuple(later - earlier for earlier, later in pairwise(totals))


@cases("charge.percentage", "charge.percentage.min_max_per_event", "price.percentage")
def test_percentages_of_single_amounts(case: Case) -> None:
    """A percent and a fixed part of each, after what is free, within a least and a most."""
    given, expected = given_in(case), case["expected"]
    charge, amounts = percentage(given), amounts_of(given)
    used: Use = Transactions(amounts) if charge.by_transaction else sum(amounts, Decimal(0))

    assert Decimal(expected.get("amount", expected.get("total"))) == exact(charge, used)
    if "per_event" in expected:
        assert [Decimal(each) for each in expected["per_event"]] == [
            exact(charge, Transactions(amounts[number : number + 1]), before=Transactions(amounts[:number]))
            for number in range(len(amounts))
        ]


@cases("charge.graduated_percentage")
def test_graduated_percentages(case: Case) -> None:
    """Each part of an amount owes its tier's percent, and each tier that is reached its flat amount."""
    given = given_in(case)
    ends = [None if row["to"] is None else Decimal(row["to"]) for row in given["tiers"]]
    tiers = tuple(
        PercentTier(up_to=end, percent=Decimal(row["rate_pct"]), flat_amount=Decimal(row["flat"]))
        for row, end in zip(given["tiers"], ends, strict=True)
    )
    charge = GraduatedPercentage(code="c", name="c", clause="c", meter="m", percent_tiers=tiers)

    assert Decimal(case["expected"]["amount"]) == exact(charge, Decimal(given["amount_basis"]))


@cases("charge.minimum_spend")
def test_what_is_missing_to_the_minimum_of_a_charge(case: Case) -> None:
    """The period, or its share of days, owes at least the minimum."""
    given = given_in(case)
    least, used = cents(given["min_cents"]), cents(given["used_cents"])
    charge = PerUnit(
        code="c", name="c", clause="c", meter="m", unit_price=used.amount, minimum_amount=least.amount
    )
    rated = rate_usage(charge, Decimal(1), currency="EUR")
    bounds = bounds_of([(charge, Fraction(given["days"], given["period_days"]))], currency="EUR")
    held = bounds.hold(rated, spent=Money.zero("EUR"), is_last=True)

    assert cents(case["expected"]["true_up_cents"]) == held.amount - rated.amount


@cases("commitment.minimum")
def test_the_last_line_of_a_period_owes_what_is_missing(case: Case) -> None:
    """Nothing is used on it; 900 are missing to the minimum, and no earlier line makes that up."""
    given, expected = given_in(case), case["expected"]
    charge = Graduated(
        code="c",
        name="c",
        clause="c",
        meter="m",
        tiers=tiers_of(given["tiers"]),
        minimum_amount=Decimal(given["minimum"]),
    )
    before = Decimal(given["pre_line_qty"])
    rated = rate_usage(charge, Decimal(given["line_qty"]), currency="USD", before=before)
    spent = Money.of(given["previously_billed"], "USD")
    bounds = bounds_of([(charge, Fraction(1))], currency="USD")

    assert (
        Money.of(expected["minimum_spend_line"], "USD")
        == bounds.hold(rated, spent=spent, is_last=True).amount
    )
    assert Money.zero("USD") == bounds.hold(rated, spent=spent, is_last=False).amount


@cases("discount_then_maximum")
def test_the_most_binds_what_a_discount_has_left(case: Case) -> None:
    """100 are left of 200, and 65 to the most of 100 after 35 on an earlier line."""
    given, expected = given_in(case), case["expected"]
    charge = PerUnit(
        code="c",
        name="c",
        clause="c",
        meter="m",
        unit_price=Decimal(given["unit"]),
        maximum_amount=Decimal(given["maximum"]),
    )
    line, before = Decimal(given["line"]), Decimal(given["pre"])
    rated = rate_usage(charge, line, currency="USD", before=before)
    discount = Money.rounded(rated.amount.exact * Fraction(given["percent_discount"]) / 100, "USD")
    left = Rated(rated.quantity, rated.amount - discount, rated.working)
    bounds = bounds_of([(charge, Fraction(1))], currency="USD")
    held = bounds.hold(left, spent=Money.of(given["previously_billed"], "USD"), is_last=False)

    assert (Decimal(expected["amount"]), Decimal(expected["percent_discount"])) == (
        rated.amount.amount,
        discount.amount,
    )
    assert (Decimal(expected["max_spend_discount"]), Decimal(expected["total"])) == (
        (left.amount - held.amount).amount,
        held.amount.amount,
    )


def test_each_case_of_these_kinds_was_decided() -> None:
    """The page of decisions names every case, once, and none that does not exist."""
    named = [line.split("`")[1] for line in DECISIONS.read_text().splitlines() if line.startswith("| `")]
    wanted = [case["id"] for case in ALL_CASES if kind_of(case).startswith(DECIDED)]

    assert sorted(named) == sorted(wanted)
