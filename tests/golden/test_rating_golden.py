"""Charges, shares, taxes, late charges and the index against the worked cases of other engines.

Each case is priced through the charges that a plan would use; what is not followed is named with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contracts.charges import Flat, Graduated, Package, PerUnit, Tier, UsageCharge, Volume
from contracts.late_rules import DayBasis, LateChargeRule
from contracts.meters import SumMeter, UnitRounding
from contracts.parties import TaxRate
from contracts.rules import IndexationRule, TaxMode
from kernel.calendars import first_day_after
from kernel.money import Money, total_of
from kernel.periods import Cycle, Period, month_of
from metering.unit_rounding import rounded_period
from rating.charges import rate_fixed, rate_usage
from rating.indexation import adjustment
from rating.late_fees import LateCharges, late_charges
from rating.lateness import LateSlice
from rating.proration import share_of
from rating.taxes import tax
from tests.unit.rating.published import IGPM

Case = dict[str, Any]

#: Cases of these kinds that are knowingly not followed.
REJECTED = {
    "std-02": "shows the price divided by the full units of a prorated quantity; a line here shows its price",
    "paidnice-daily-rounded": "rounds the daily amount, which loses 0.13; a daily rate is never rounded here",
    "orb-on-cadence-change": "says in words which use meets which price; invoicing chooses it",
    "G17/zero_length_service_period": "bills an empty period in full; an empty period is no period here",
    "G17/longer_than_full": "caps a share at one; no part of a span outgrows the whole it is measured on",
}

ALL_CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]

#: The kinds that the tests below check, each in full or with its exceptions named above.
KINDS: set[str] = set()


def kind_of(case: Case) -> str:
    """Return what a case is about; some files call it a topic."""
    return str(case.get("kind", case.get("topic")))


def cases(*kinds: str) -> pytest.MarkDecorator:
    """Return a mark that runs a test on each case of these kinds that is not rejected."""
    KINDS.update(kinds)
    chosen = [case for case in ALL_CASES if kind_of(case) in kinds and case["id"] not in REJECTED]
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in chosen])


def given_in(case: Case) -> Case:
    """Return the input of a case."""
    found: Case = case["input"] if "input" in case else case["inputs"]
    return found


def day(text: str) -> date:
    """Read the day of a date or of an instant."""
    return date.fromisoformat(text[:10])


def cents(amount: int, currency: str = "EUR") -> Money:
    """Return money of so many minor units."""
    return Money(Decimal(f"{amount}e-2"), currency)


def tiers_of(rows: Sequence[Case]) -> tuple[Tier, ...]:
    """Read tiers; of those given as from and to, with a gap of one unit, only the end counts."""
    ends = [str(row["up_to"] if "up_to" in row else row["to"]) for row in rows]
    return tuple(
        Tier(
            up_to=None if end in {"None", "inf"} else Decimal(end),
            unit_price=Decimal(str(row["per_unit"] if "per_unit" in row else row.get("unit", 0))),
            flat_amount=Decimal(row.get("flat", 0)),
        )
        for row, end in zip(rows, ends, strict=True)
    )


def block_tiers_of(rows: Sequence[Case]) -> tuple[Tier, ...]:
    """Read tiers given as a number of blocks of one unit; the last is open here."""
    ends = [sum(row["max_blocks"] for row in rows[:number]) for number in range(1, len(rows))]
    return tuple(
        Tier(up_to=None if end is None else Decimal(end), unit_price=Decimal(row["price"]))
        for row, end in zip(rows, [*ends, None], strict=True)
    )


def tiers_by_block(rows: Sequence[Case]) -> tuple[Tier, ...]:
    """Read tiers of so many blocks: a unit costs a block's price over its size; the last is open."""
    ends = [
        sum(row["max_blocks"] * row["block_size"] for row in rows[:number]) for number in range(1, len(rows))
    ]
    return tuple(
        Tier(
            up_to=None if end is None else Decimal(end),
            unit_price=Decimal(row["price"]) / row["block_size"],
        )
        for row, end in zip(rows, [*ends, None], strict=True)
    )


def rounded(quantity: object, direction: str, unit_size: object) -> Decimal:
    """Return a quantity as a meter rounds it; up is what packages do themselves."""
    if direction == "up":
        return Decimal(str(quantity))
    meter = SumMeter(
        clause="c", unit="unit", rounding=UnitRounding(direction), unit_size=Decimal(str(unit_size))
    )
    return rounded_period(meter, Decimal(str(quantity)))


def graduated(tiers: tuple[Tier, ...]) -> Graduated:
    """Return a charge by graduated tiers."""
    return Graduated(code="c", name="c", clause="c", meter="m", tiers=tiers)


def volume(tiers: tuple[Tier, ...]) -> Volume:
    """Return a charge by volume tiers."""
    return Volume(code="c", name="c", clause="c", meter="m", tiers=tiers)


def package(size: object, amount: object, free: object = 0) -> Package:
    """Return a charge by packages beyond free units."""
    return Package(
        code="c",
        name="c",
        clause="c",
        meter="m",
        size=Decimal(str(size)),
        amount=Decimal(str(amount)),
        allowance=Decimal(str(free)),
    )


def price(charge: UsageCharge, quantity: object, before: object = None) -> Decimal:
    """Return what a quantity costs, after what was rated before."""
    earlier = None if before is None else Decimal(str(before))
    return rate_usage(charge, Decimal(str(quantity)), currency="USD", before=earlier).amount.amount


def fee(amount: Money, span: Period, cycle: Cycle) -> Money:
    """Return what a fee owes for a span of days."""
    charge = Flat(code="c", name="c", clause="c", amount=amount.amount)
    return rate_fixed(charge, currency=amount.currency, share=share_of(span, cycle).exact).amount


def fee_of_days(amount: Money, days: int, of_days: int) -> Money:
    """Return what a fee owes for so many days of its period."""
    charge = Flat(code="c", name="c", clause="c", amount=amount.amount)
    return rate_fixed(charge, currency=amount.currency, share=Fraction(days, of_days)).amount


def days_of(text: str) -> tuple[date, date]:
    """Return the first day of a month and of the next."""
    start = month_of(day(text))
    return start, Cycle(start, 1).border(1)


def taxed(net: Money, *percents: str) -> Money:
    """Return a net amount with taxes on top."""
    rates = [TaxRate(code=percent, percent=Decimal(percent)) for percent in percents]
    return tax(net, mode=TaxMode.EXCLUSIVE, rates=rates).gross


def test_every_exception_names_a_case_that_exists() -> None:
    """A case of a kind that is checked is run or rejected; a name that is no case hides nothing."""
    assert set() == KINDS - {kind_of(case) for case in ALL_CASES}
    assert set() == {name.split("/")[0] for name in REJECTED} - {case["id"] for case in ALL_CASES}


@cases("charge.graduated", "tier.graduated")
def test_graduated_tiers(case: Case) -> None:
    """Each unit costs its tier's price; no use owes the first tier's flat amount."""
    given = given_in(case)
    found = price(graduated(tiers_of(given["tiers"])), given.get("units", given.get("quantity")))

    assert Decimal(case["expected"].get("amount", case["expected"].get("total"))) == found


@cases("charge.volume", "tier.volume")
def test_volume_tiers(case: Case) -> None:
    """All units cost the price of the tier that they reach together."""
    given, expected = given_in(case), case["expected"]
    quantities = given.get("units", given.get("quantity"))
    amounts = expected.get("totals", [expected.get("amount", expected.get("total"))])
    charge = volume(tiers_of(given["tiers"]))

    assert [Decimal(amount) for amount in amounts] == [
        price(charge, quantity) for quantity in (quantities if isinstance(quantities, list) else [quantities])
    ]


@cases("charge.package", "tier.package")
def test_packages(case: Case) -> None:
    """Each started package beyond the free units is owed."""
    given = given_in(case)
    charge = package(given["package_size"], given["package_price"], given["free_units"])
    found = price(charge, given.get("units", given.get("quantity")))

    assert Decimal(case["expected"].get("amount", case["expected"].get("total"))) == found


@cases("quantity.transform")
def test_a_quantity_divided_and_rounded_up_is_a_package(case: Case) -> None:
    """150 minutes by the started hour are three hours, 120 are two; a meter that rounds down forgives 30."""
    given = given_in(case)
    charge = package(given["divide_by"], given["unit_price"])
    counted = rounded(given["quantity"], given["round"], given["divide_by"])

    assert Decimal(case["expected"]["total"]) == price(charge, counted)
    assert Decimal(20) == price(charge, 120)


@cases("package.rounding_modes")
def test_started_packages_round_up(case: Case) -> None:
    """A started package is owed; where it shall be forgiven, the meter rounds down to whole ones."""
    given = given_in(case)
    charge = package(given["size"], given["amount"])

    for direction, counts in case["expected"].items():
        assert [Decimal(count) for count in counts] == [
            price(charge, rounded(each, direction, given["size"])) for each in given[direction]
        ]


@cases("tiered.graduated.progressive_split")
def test_the_second_part_of_a_split_period(case: Case) -> None:
    """It is the price of the sum less the price of the first part, with the same lines."""
    given = given_in(case)
    charge = graduated(tiers_of(given["tiers"]))
    before, quantity = Decimal(given["pre_line_qty"]), Decimal(given["line_qty"])
    rated = rate_usage(charge, quantity, currency="USD", before=before)
    lines = [
        [each.facts["quantity"], each.facts["unit_price"], each.result]
        for each in rated.working
        if each.code in {"tier", "last_tier"}
    ]

    assert [line[1:] for line in case["expected"]["lines"]] == lines
    assert Decimal(case["expected"]["total"]) == rated.amount.amount


@cases("tiered.volume")
def test_volume_tiers_with_flat_amounts(case: Case) -> None:
    """No use owes the first tier's flat amount; borders belong to the tier that they end."""
    charge = volume(tiers_of(given_in(case)["tiers"]))

    assert [Decimal(total) for total in case["expected"]["totals"]] == [
        price(charge, usage) for usage in given_in(case)["usages"]
    ]


@cases("tiered.volume.repricing_delta")
def test_the_unit_that_makes_all_units_cheaper(case: Case) -> None:
    """16 units at 5 after 15 at 10 give 70 back."""
    given = given_in(case)
    tiers = (Tier(up_to=Decimal(15), unit_price=Decimal(10)), Tier(unit_price=Decimal(5)))
    before = Decimal(given["already_billed_qty"])

    assert Decimal(case["expected"]["net"]) == price(
        volume(tiers), Decimal(given["cumulative_qty"]) - before, before
    )


@cases("tiered.slab_and_volume")
def test_slabs_and_volume(case: Case) -> None:
    """The same tiers by both rules, and a free first tier."""
    given, expected = given_in(case), case["expected"]
    tiers, free = tiers_of(given["tiers"]), given["free_tier"]

    assert [Decimal(each) for each in expected["volume"]] == [
        price(volume(tiers), each) for each in given["usages"]
    ]
    assert [Decimal(each) for each in expected["slab"]] == [
        price(graduated(tiers), each) for each in given["usages"]
    ]
    assert [Decimal(each) for each in expected["free_tier_slab"]] == [
        price(graduated(tiers_of(free["tiers"])), each) for each in free["usages"]
    ]


@cases("tiered.per_time_bucket")
def test_each_bucket_is_priced_on_its_own(case: Case) -> None:
    """Two hours are two quantities, not one sum."""
    tiers, buckets = tiers_of(given_in(case)["tiers"]), given_in(case)["bucket_max_values"]

    assert Decimal(case["expected"]["slab"]) == sum(price(graduated(tiers), each) for each in buckets)
    assert Decimal(case["expected"]["volume"]) == sum(price(volume(tiers), each) for each in buckets)


@cases("usage_consumable")
def test_blocks_of_units(case: Case) -> None:
    """A single tier of blocks is a package; whole blocks in tiers are units at a part of its price."""
    given = given_in(case)
    tiers = given["tiers"]
    charge = (
        package(tiers[0]["block_size"], tiers[0]["price"])
        if len(tiers) == 1
        else volume(tiers_by_block(tiers))
    )

    assert Decimal(case["expected"]["total"]) == price(charge, given["units"])


@cases("usage_consumable_multi_unit")
def test_two_units_are_two_charges(case: Case) -> None:
    """Each unit has its tiers; the policies are graduated and volume."""
    given = given_in(case)
    kind = graduated if given["policy"] == "ALL_TIERS" else volume
    prices = [
        price(kind(block_tiers_of(given["tiers"][unit])), quantity)
        for unit, quantity in given["units"].items()
    ]

    assert Decimal(case["expected"]["total"]) == sum(prices)


@cases("rating.price_change")
def test_use_meets_the_price_of_its_days(case: Case) -> None:
    """A rate that changes within the period makes two lines."""
    amounts = [
        price(
            PerUnit(code="c", name="c", clause="c", meter="m", unit_price=Decimal(each["per_1000"]) / 1000),
            quantity,
        )
        for each, quantity in zip(given_in(case)["changes"], given_in(case)["usage"], strict=True)
    ]

    assert [Decimal(each) for each in case["expected"]["lines"]] == amounts
    assert Decimal(case["expected"]["total"]) == sum(amounts)


@cases("proration.duration")
def test_a_fee_for_part_of_a_month(case: Case) -> None:
    """A share of days, rounded once to the currency's unit."""
    amounts = [
        fee(
            Money.of(each["amount"], each["ccy"]),
            Period(day(each["from"]), day(each["to"])),
            Cycle(day(each["from"]), 1),
        )
        for each in given_in(case)["cases"]
    ]

    assert [Decimal(each) for each in case["expected"]["amounts"]] == [each.amount for each in amounts]


@cases("fixed_charge.proration")
def test_fixed_charges_of_a_first_month(case: Case) -> None:
    """13 of 31 days of each item."""
    start, (first, end) = day(given_in(case)["start"]), days_of(given_in(case)["start"])
    fees = [fee(cents(each), Period(start, end), Cycle(first, 1)) for each in given_in(case)["items_cents"]]

    assert [cents(each) for each in case["expected"]["fees_cents"]] == fees


@cases("subscription_fee.leap_february")
def test_a_whole_leap_february(case: Case) -> None:
    """29 of 29 days are the whole price."""
    start, end = days_of(given_in(case)["billed_at"])

    assert cents(case["expected"]["amount_cents"]) == fee(
        cents(given_in(case)["plan_amount_cents"]), Period(start, end), Cycle(start, 1)
    )


@cases("subscription.termination")
def test_the_day_of_termination_is_billed(case: Case) -> None:
    """Ended on the day on which it started, 28 of 29 days come back."""
    start, end = days_of(given_in(case)["start"])
    unused = Period(first_day_after(day(given_in(case)["terminated_at"]), 0), end)

    assert cents(case["expected"]["credit_note_cents"]) == fee(
        cents(given_in(case)["plan_cents"]), unused, Cycle(start, 1)
    )


@cases("proration.change", "proration.invoice")
def test_a_change_within_the_cycle(case: Case) -> None:
    """The rest of the old price comes back and the rest of the new one is owed, each rounded."""
    given, expected = given_in(case), case["expected"]
    of_days = given["days_in_cycle"]
    rest = given.get("remaining_days", of_days - given.get("change_after_days", 0))
    old, new = (
        fee_of_days(Money.of(given[name], "USD"), rest, of_days) for name in ("old_price", "new_price")
    )

    assert Decimal(expected.get("credit", expected.get("unused_credit"))) == -old.amount
    assert Decimal(expected.get("charge", expected.get("prorated_new"))) == new.amount


@cases("fixed_charge.upgrade")
def test_an_upgrade_of_a_fixed_charge(case: Case) -> None:
    """New share less old share, each rounded first."""
    given, expected = given_in(case), case["expected"]
    old, new, added = (
        fee_of_days(cents(given[name]), given["days_left"], given["period_days"])
        for name in ("shared_item_old_cents", "shared_item_new_cents", "new_item_cents")
    )

    assert (cents(expected["shared_item_fee_cents"]), cents(expected["new_item_fee_cents"])) == (
        new - old,
        added,
    )


@cases("subscription.upgrade")
def test_an_upgrade_in_a_leap_february(case: Case) -> None:
    """The old plan keeps 11 days, its seats too; the new one has 18."""
    given, expected = given_in(case), case["expected"]
    credit, new = (fee_of_days(cents(given[name]), 18, 29) for name in ("old_cents", "new_cents"))
    seat_price = cents(given["unit_price_cents"]).amount
    seats = rate_usage(
        PerUnit(code="c", name="c", clause="c", meter="m", unit_price=seat_price),
        Decimal(given["recurring_units"]),
        currency="EUR",
        share=Fraction(11, 29),
    ).amount

    assert cents(expected["credit_note_cents"]) == credit
    assert cents(expected["new_subscription_fee_cents"]) == new
    assert cents(expected["old_usage_fee_cents"]) == seats
    assert cents(expected["invoice_total_cents"]) == new + seats - credit


@cases("subscription.multiple_upgrade")
def test_two_upgrades_on_one_day(case: Case) -> None:
    """Each plan owes what was left of the month when it began, and gives the rest back with its tax."""
    given, expected = given_in(case), case["expected"]
    plans = [cents(each) for each in given["plans_cents"]]
    rests = [fee_of_days(plan, 20, 31) for plan in plans]

    assert [cents(each) for each in expected["fees_cents"]] == [fee_of_days(plans[0], 27, 31), *rests[1:]]
    assert [cents(each) for each in expected["credit_notes_cents_incl_tax"]] == [
        taxed(rest, given["tax_pct"]) for rest in rests[:2]
    ]


@cases("credit_note.rounding")
def test_a_share_and_its_tax_are_rounded_each(case: Case) -> None:
    """The total is the sum of what is printed, not the rounding of the exact total."""
    given, expected = given_in(case), case["expected"]
    net = fee_of_days(cents(given["plan_cents"]), given["unused_days"], given["period_days"])

    assert (cents(expected["net"]), cents(expected["total"])) == (net, taxed(net, given["tax_pct"]))


@cases("credit_note.partial")
def test_the_tax_of_a_part_of_an_invoice(case: Case) -> None:
    """It is taken on the part."""
    net = cents(given_in(case)["item_net_cents"])

    assert cents(case["expected"]["total"]) == taxed(net, given_in(case)["tax_pct"])


@cases("tax.rounding")
def test_tax_is_taken_on_the_rounded_net(case: Case) -> None:
    """194 x 20 % is 39, and 5,350.66 x 22 % is 1,177.15; the exact nets would give a cent less."""
    given, expected = given_in(case), case["expected"]
    if "plan_cents" in given:
        span = Period(day(given["start"]), first_day_after(day(given["terminated_at"]), 0))
        net = fee(cents(given["plan_cents"]), span, Cycle(month_of(span.start), 1))
        assert (cents(expected["fee_cents"]), cents(expected["invoice_total_cents"])) == (
            net,
            taxed(net, given["tax_pct"]),
        )
    else:
        discounted = Fraction(given["unit_price"]) * given["quantity"] * (1 - Fraction(given["discount"]))
        percent = str(Decimal(given["tax"]) * 100)
        assert Money.of(expected["round_per_line"], "EUR") == taxed(Money.rounded(discounted, "EUR"), percent)


@cases("tax.multi_tax")
def test_taxes_of_a_document_are_summed_by_rate(case: Case) -> None:
    """10 % of both lines, 12 % of one."""
    lines = [
        tax(
            cents(each["cents"]),
            mode=TaxMode.EXCLUSIVE,
            rates=[TaxRate(code="T", percent=Decimal(percent)) for percent in each["taxes_pct"]],
        )
        for each in given_in(case)["fees"]
    ]
    expected = case["expected"]
    by_rate = {
        percent: total_of(
            (part.amount for line in lines for part in line.parts if part.percent == percent), "EUR"
        )
        for percent in (Decimal(10), Decimal(12))
    }
    net = total_of((each.net for each in lines), "EUR")
    taxes = total_of((each.tax for each in lines), "EUR")

    assert {Decimal(10): cents(expected["tax_10"]), Decimal(12): cents(expected["tax_12"])} == by_rate
    assert cents(expected["tax_total"]) == taxes
    assert Fraction(expected["effective_pct"]) / 100 == taxes.exact / net.exact


def late(principal: Money, days: int, rule: LateChargeRule) -> LateCharges:
    """Return what a debt that was due on a day costs so many days later."""
    due_on = date(2026, 3, 10)
    return late_charges(rule, [LateSlice(principal, due_on, first_day_after(due_on, days - 1))])


def late_rule(given: Case) -> LateChargeRule:
    """Return the rule of a case: a monthly rate counts by thirtieths, a yearly one by 365ths."""
    if "annual_rate" in given:
        return LateChargeRule(
            clause="c",
            fine_percent=Decimal(0),
            interest_percent_per_year=Decimal(given["annual_rate"]) * 100,
            day_basis=DayBasis(f"year_{given['day_count']}"),
        )
    return LateChargeRule(
        clause="c",
        fine_percent=Decimal(given["fine"]) * 100,
        interest_percent_per_month=Decimal(given["monthly_rate"]) * 100,
    )


@cases("late_fee_simple")
@pytest.mark.clause("ZEN-IX-6.2")
def test_fine_and_interest_of_the_field(case: Case) -> None:
    """What Brazilian billers and their help pages compute."""
    given = given_in(case)
    principal = Money.of(given["principal"], "BRL")
    rule = LateChargeRule(
        clause="c",
        fine_percent=Decimal(given["fine_percent"]),
        interest_percent_per_month=Decimal(given["interest_percent_per_month"]),
    )

    assert Money.of(case["expected"]["total_due"], "BRL") == total_of(
        [principal, late(principal, given["days_late"], rule).total], "BRL"
    )


@cases("late_fee")
def test_fine_and_interest_each(case: Case) -> None:
    """Where a page's own formula and its printed total differ, the formula is right."""
    given, expected = given_in(case), case["expected"]
    principal = Money.of(given["principal"], given["currency"])
    charges = late(principal, given["days"], late_rule(given))
    found = {"fine": charges.fine, "interest": charges.interest, "total": principal + charges.total}

    assert {name: Money.of(expected[name], given["currency"]) for name in found if name in expected} == {
        name: amount for name, amount in found.items() if name in expected
    }


@cases("index_adjustment")
@pytest.mark.clause("ZEN-X-4-adjustment")
def test_a_price_adjusted_by_igpm(case: Case) -> None:
    """Twelve published months to the one before the anniversary's."""
    given, expected = given_in(case), case["expected"]
    rule = IndexationRule(clause="ZEN-X-4-adjustment", index="IGPM")
    adjusted = adjustment(rule, IGPM, anniversary=day(given["anniversary"]), clause=rule.clause)
    charge = Flat(code="c", name="c", clause="c", amount=Decimal(given["price_before"]))

    assert Decimal(expected["variation_percent_4dp"]) == adjusted.variation_percent
    assert Money.of(expected["price_after_positive_only"], "BRL") == (
        rate_fixed(charge, currency="BRL", factor=adjusted.factor).amount
    )
