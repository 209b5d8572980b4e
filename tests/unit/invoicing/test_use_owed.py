"""A period of use is rated as one, however its prices cut it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.charges import Charge, Percentage, PerUnit, Phase, UsageCharge
from contracts.meters import SumMeter
from contracts.subscriptions import Contract
from invoicing.compose import Draft, compose
from invoicing.cycles import Progress, due_parts
from invoicing.use_owed import UsageKey, drawn_from, usage_needed
from kernel.periods import Period
from rating.use import Transactions, Use
from rating.working import lines_of
from tests.parts import SUBSCRIPTION, parts
from tests.unit.invoicing.agreements import TERMS

JAN, MID, FEB, MAR = date(2026, 1, 1), date(2026, 1, 16), date(2026, 2, 1), date(2026, 3, 1)
JANUARY, FEBRUARY = Period(JAN, FEB), Period(FEB, MAR)
FIRST_HALF, SECOND_HALF = Period(JAN, MID), Period(MID, FEB)

SMS = PerUnit(
    code="sms", name="SMS", clause="T-1", meter="sms", unit_price=Decimal(1), allowance=Decimal(100)
)


def contract_of(*charges: Charge, starts_on: date = JAN, billing_day: int = 0) -> Contract:
    """Return a contract over these charges, whose meters add up."""
    meters = {
        each.meter: SumMeter(clause="T-1", unit="unit") for each in charges if isinstance(each, UsageCharge)
    }
    return parts(
        (replace(TERMS, meters=meters),),
        charges=charges,
        subscription=replace(SUBSCRIPTION, signed_on=starts_on, starts_on=starts_on, billing_day=billing_day),
    ).contract()


def draft_of(contract: Contract, as_of: date, used: Mapping[UsageKey, Use]) -> Draft:
    """Compose what is due; what is not named was not used."""
    due = due_parts(contract, Progress.at_start(contract), as_of)
    nothing = {key: Transactions(()) if key.singly else Decimal(0) for key in usage_needed(contract, due)}
    return compose(contract, due, {**nothing, **used}, {})


def nets(draft: Draft, charge: str) -> list[str]:
    """Return the net amounts of a charge's lines."""
    return [str(each.net) for each in draft.lines if each.charge == charge]


def test_a_phase_that_begins_within_a_period_cuts_it() -> None:
    """80 units at 1.00 and 40 at 0.50, of which the first 100 are included: 20 at 0.50."""
    charge = replace(SMS, phases=(Phase(from_day=MID, unit_price=Decimal("0.50")),))
    used = {UsageKey("sms", "", FIRST_HALF): Decimal(80), UsageKey("sms", "", SECOND_HALF): Decimal(40)}

    draft = draft_of(contract_of(charge), FEB, used)

    assert ["0.00", "10.00"] == nets(draft, "sms")
    assert (
        "prices agreed from 2026-01-16 on",
        "quantity: 40",
        "80 rated before",
        "allowance: 20 of 40 included",
        "20 x 0.50 MXN = 10.00 MXN",
    ) == lines_of(draft.lines[-1].working)[:5]


def test_the_most_of_a_period_holds_over_its_cuts() -> None:
    """60.00 of 100.00 stand on the first line, so that 40.00 are left to the second."""
    charge = replace(
        SMS,
        allowance=Decimal(0),
        maximum_amount=Decimal(100),
        phases=(Phase(from_day=MID, unit_price=Decimal(2)),),
    )
    used = {UsageKey("sms", "", FIRST_HALF): Decimal(60), UsageKey("sms", "", SECOND_HALF): Decimal(60)}

    assert ["60.00", "40.00"] == nets(draft_of(contract_of(charge), FEB, used), "sms")


def test_the_least_stands_on_the_last_cut() -> None:
    """Nothing was used: the second half owes the whole least of the month, and the first is no line."""
    charge = replace(
        SMS, minimum_amount=Decimal(31), phases=(Phase(from_day=MID, minimum_amount=Decimal(62)),)
    )

    (line,) = draft_of(contract_of(charge), FEB, {}).lines

    assert (SECOND_HALF, Decimal("47.00")) == (line.period, line.net)  # 15 days at 1.00, 16 at 2.00


def test_a_stub_owes_its_share_of_the_least() -> None:
    """16 of 31 days, of a contract that is billed by calendar months from the 16th on."""
    contract = contract_of(replace(SMS, minimum_amount=Decimal(31)), starts_on=MID, billing_day=1)

    assert ["16.00"] == nets(draft_of(contract, FEB, {}), "sms")


def test_transactions_go_on_over_a_cut() -> None:
    """Two are free in a month: the first half has used one, so the second finds one more."""
    charge = Percentage(
        code="pay",
        name="Pay",
        clause="T-1",
        meter="pay",
        percent=Decimal(1),
        free_transactions=2,
        phases=(Phase(from_day=MID, percent=Decimal(2)),),
    )
    first, second = (UsageKey("pay", "", half, singly=True) for half in (FIRST_HALF, SECOND_HALF))
    used = {first: Transactions((Decimal(100),)), second: Transactions((Decimal(100), Decimal(50)))}

    assert ["0.00", "1.00"] == nets(draft_of(contract_of(charge), FEB, used), "pay")


def test_the_first_month_has_nothing_rolled_over() -> None:
    """January finds its own 100; February the 50 besides that January left."""
    contract = contract_of(replace(SMS, rollover_limit=Decimal(50)))
    used = {UsageKey("sms", "", JANUARY): Decimal(40), UsageKey("sms", "", FEBRUARY): Decimal(160)}

    assert ["0.00", "10.00"] == nets(draft_of(contract, MAR, used), "sms")


def test_what_a_period_may_roll_over_is_that_of_its_own_phase() -> None:
    """January included 100; that February includes 10 takes none of the 30 away that January left."""
    charge = replace(SMS, rollover_limit=Decimal(50), phases=(Phase(after_months=1, allowance=Decimal(10)),))
    used = {UsageKey("sms", "", JANUARY): Decimal(70), UsageKey("sms", "", FEBRUARY): Decimal(50)}

    assert ["0.00", "10.00"] == nets(draft_of(contract_of(charge), MAR, used), "sms")


def test_a_charge_of_a_pool_needs_the_use_of_those_before_it() -> None:
    """And none of those behind it; what is not pooled needs its own use alone."""
    first, second, third = (replace(SMS, code=code, meter=code, pool="p") for code in ("one", "two", "three"))
    contract = contract_of(first, second, third, replace(SMS, code="own"))

    assert (first, second) == drawn_from(contract, contract.charges[1])
    assert (contract.charges[3],) == drawn_from(contract, contract.charges[3])


def test_a_pool_of_three_is_used_up_once() -> None:
    """300 included together: 250 and 30 are free, and of the third's 100 the last 20."""
    charges = tuple(replace(SMS, code=code, meter=code, pool="p") for code in ("one", "two", "three"))
    used = {
        UsageKey(meter, "", JANUARY): Decimal(quantity)
        for meter, quantity in (("one", 250), ("two", 30), ("three", 100))
    }
    draft = draft_of(contract_of(*charges), FEB, used)

    assert ["0.00", "0.00", "80.00"] == [str(each.net) for each in draft.lines]
    assert "pool of 300: 280 drawn by others, 20 left" in lines_of(draft.lines[-1].working)
