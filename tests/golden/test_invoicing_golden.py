"""What an invoice holds, against worked cases of other engines: items, limits, guards, dated prices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from contracts.charges import Charge, Flat, Package, PerUnit
from contracts.subscriptions import PriceAdjustment
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import FURTHEST_MONTHS_AHEAD, Progress, check_horizon, due_parts
from invoicing.use_owed import UsageKey
from kernel.errors import DoubleBilling, InvalidInput
from kernel.money import Money
from kernel.periods import Period
from tests.unit.invoicing.agreements import contract_of

Case = dict[str, Any]

#: Cases of these kinds that are knowingly not followed.
REJECTED = {
    "kb-repair-08": "moves the billing day of a running contract; a signed one keeps its own here",
    "kb-gen-06": "rewrites what was billed and gives it back; a change is dated here, nothing rewritten",
    "kb-repair-adj-4": "gives a fee back on its invoice; that takes a credit note, which is not built yet",
    "peppol-allowance": "taxes each line at a rate of its own; here the lines share the issuer's taxes",
    "peppol-payable-rounding": "rounds what is to pay to whole euros; here it is the sum of the lines",
    "prog-01": "bills in mid-period once a sum is reached; no contract of the library does",
}

ALL_CASES: list[Case] = [
    case
    for path in sorted((Path(__file__).parent / "cases").glob("*.json"))
    for case in json.loads(path.read_text(), parse_float=Decimal)
]

#: The kinds that are checked here, each in full or with its exceptions named above.
KINDS = {
    "bcd_change",
    "cancel_after_item_adjustment",
    "double_billing_guard",
    "full_repair",
    "invoice.totals",
    "invoice_items",
    "progressive_billing",
    "rating.price_change",
    "target_limit",
    "usage_invoice",
}
RUN = {
    "kb-double-1",
    "kb-gen-01",
    "kb-gen-03",
    "kb-gen-08",
    "kb-usage-int-1",
    "orb-midcycle-rate-change",
    "orb-on-cadence-change",
}


def case_of(case_id: str) -> tuple[Case, Case]:
    """Return what goes into a case and what comes out."""
    case = next(each for each in ALL_CASES if each["id"] == case_id)
    return case["input"], case["expected"]


def day(text: str) -> date:
    """Read a day; one without its year is of 2026."""
    return date.fromisoformat(text if len(text) > len("10-01") else f"2026-{text}")


def drafted(
    charge: Charge,
    start: date,
    target: date,
    *,
    billing_day: int = 0,
    used: Mapping[Period, int] | None = None,
    billed: Mapping[MarkKey, Mark] | None = None,
    change: PriceAdjustment | None = None,
) -> Draft:
    """Return what a contract over one charge owes as of the target day."""
    contract = contract_of(charge, starts_on=start, billing_day=billing_day)
    contract = replace(contract, adjustments=(change,) if change else ())
    quantities = {
        UsageKey("whatsapp", "", period): Decimal(quantity) for period, quantity in (used or {}).items()
    }
    return compose(
        contract, due_parts(contract, Progress.at_start(contract), target), quantities, billed or {}
    )


def fee(rate: str) -> Flat:
    """Return a monthly fee in advance."""
    return Flat(code="fee", name="Fee", clause="T-1", amount=Decimal(rate))


def test_every_case_is_run_or_rejected_for_a_reason() -> None:
    """No case of a kind that is checked here is passed over in silence."""
    assert {case["id"] for case in ALL_CASES if case.get("kind") in KINDS} == RUN | set(REJECTED)


def test_items_in_advance() -> None:
    """kb-gen-01: on 3 October the months of September and October are billed."""
    given, expected = case_of("kb-gen-01")
    lines = drafted(
        fee(given["rate"]), day(given["start"]), day(given["target"]), billing_day=given["bcd"]
    ).lines

    assert expected["items"] == [[f"{each.period_start}", f"{each.period_end}"] for each in lines]
    assert Decimal(expected["total"]) == sum(each.net for each in lines)


def test_items_in_advance_with_a_stub() -> None:
    """kb-gen-03: 14 of the 31 days from 15 August, then a whole month."""
    given, expected = case_of("kb-gen-03")
    lines = drafted(
        fee(given["rate"]), day(given["start"]), day(given["target"]), billing_day=given["bcd"]
    ).lines

    assert expected["items_count"] == len(lines)
    assert Decimal(expected["total"]) == sum(each.net for each in lines)


def test_the_target_has_a_limit() -> None:
    """kb-gen-08: 60 months ahead is refused, 36 are not."""
    given, _ = case_of("kb-gen-08")
    today = date(2026, 1, 1)

    assert given["max_months_in_future"] == FURTHEST_MONTHS_AHEAD
    check_horizon(today + relativedelta(months=FURTHEST_MONTHS_AHEAD), today)
    with pytest.raises(InvalidInput, match="too far in the future"):
        check_horizon(today + relativedelta(months=60), today)


def test_a_period_is_not_billed_twice() -> None:
    """kb-double-1: the same month again is no line; a cut of it that was not billed so is refused."""
    given, _ = case_of("kb-double-1")
    (start, end, rate, _), _ = given["items"]
    mark = Mark(Decimal(1), Money.of(rate, "MXN"))
    period = Period(day(start), day(end))
    same = {MarkKey("fee", period): mark}
    other = {MarkKey("fee", Period(date(2012, 5, 20), period.end)): mark}

    assert () == drafted(fee(rate), period.start, period.start, billed=same).lines
    with pytest.raises(DoubleBilling):
        drafted(fee(rate), period.start, period.start, billed=other)


def by_the_unit(per_1000: str) -> PerUnit:
    """Return a price by the unit, given for a thousand."""
    return PerUnit(
        code="usage", name="Usage", clause="T-1", meter="whatsapp", unit_price=Decimal(per_1000) / 1000
    )


def price_change(on: date, old: str, new: str) -> PriceAdjustment:
    """Return a dated change from one price to another."""
    return PriceAdjustment(
        effective_on=on,
        factor=Decimal(new) / Decimal(old),
        index="price",
        first_month=on,
        last_month=on,
        variation_percent=Decimal(0),
        clause="T-1",
    )


def test_a_price_that_changes_inside_a_period() -> None:
    """orb-midcycle-rate-change: one invoice, two lines at two prices."""
    given, expected = case_of("orb-midcycle-rate-change")
    (old, new), (start, end) = given["changes"], (date(2026, 9, 1), date(2026, 10, 1))
    change = price_change(day(new["from"]), old["per_1000"], new["per_1000"])
    periods = Period(start, end).split_at((change.effective_on,))
    draft = drafted(
        by_the_unit(old["per_1000"]),
        start,
        end,
        used=dict(zip(periods, given["usage"], strict=True)),
        change=change,
    )

    assert expected["lines"] == [str(each.net) for each in draft.lines]
    assert Decimal(expected["total"]) == sum(each.net for each in draft.lines)


def test_a_price_that_changes_between_two_periods() -> None:
    """orb-on-cadence-change: the price in force at the time of use, not at that of the invoice."""
    given, _ = case_of("orb-on-cadence-change")
    september, october, november = (date(2026, month, 1) for month in (9, 10, 11))
    change = price_change(october, given["old_per_1000"], given["new_per_1000"])
    draft = drafted(
        by_the_unit(given["old_per_1000"]),
        september,
        november,
        used={Period(september, october): 100_000, Period(october, november): 100_000},
        change=change,
    )

    assert [Decimal("100.00"), Decimal("80.00")] == [each.net for each in draft.lines]


def test_use_is_summed_before_packages_are_counted() -> None:
    """kb-usage-int-1: 99 and 100 units are two blocks of a hundred; each by itself would be one and one."""
    given, expected = case_of("kb-usage-int-1")
    block = given["tiers"][0]
    charge = Package(
        code="usage",
        name="Usage",
        clause="T-1",
        meter="whatsapp",
        size=Decimal(block["block_size"]),
        amount=Decimal(block["price"]),
    )
    period = Period(day(given["start"]), day(given["invoice_on"]))
    draft = drafted(
        charge, period.start, period.end, used={period: sum(count for _, count in given["usage"])}
    )

    assert [expected["item"]] == [
        [f"{each.period_start}", f"{each.period_end}", str(each.net)] for each in draft.lines
    ]
