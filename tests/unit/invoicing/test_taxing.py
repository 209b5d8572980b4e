"""The taxes of a document's lines: whose, of which day, rounded how."""

from __future__ import annotations

from dataclasses import replace as moved
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.charges import Flat, OneOff, Timing
from contracts.parties import TaxBase, TaxRate
from contracts.rules import TaxMode, TaxRounding, TaxRule, TaxShift
from contracts.subscriptions import Contract
from invoicing.compose import Draft, compose
from invoicing.cycles import Progress, due_parts
from rating.working import lines_of
from tests.unit.invoicing.agreements import PLATFORM, TERMS, contract_of

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))

PENNIES = tuple(OneOff(code=code, name=code, clause="T-1", amount=Decimal("0.03")) for code in "abc")


def draft_of(contract: Contract, as_of: date, since: date = JAN) -> Draft:
    """Compose what is due beyond what was billed before a day."""
    return compose(contract, due_parts(contract, Progress(since, since), as_of), {}, {})


def ruled(contract: Contract, rule: TaxRule) -> Contract:
    """Return a contract whose rule of taxes is this."""
    return contract_of(*contract.charges, rules=replace(TERMS.rules, tax=rule))


def rule_of(mode: TaxMode = TaxMode.EXCLUSIVE) -> TaxRule:
    """Return a rule of taxes."""
    return TaxRule(clause="T-1", mode=mode)


def shifting(shift: TaxShift) -> TaxRule:
    """Return a rule of prices that hold their taxes."""
    return replace(rule_of(TaxMode.INCLUSIVE), shift=shift)


BY_DOCUMENT = replace(rule_of(), rounded_per=TaxRounding.DOCUMENT)


def levying(contract: Contract, *rates: TaxRate) -> Contract:
    """Return a contract whose issuer levies these."""
    return moved(contract, entity=replace(contract.entity, taxes=rates))


def test_a_document_may_be_rounded_once() -> None:
    """Three fees of 0.03 owe 0.01 together; taken line by line they owe nothing."""
    by_line = draft_of(contract_of(*PENNIES), JAN)
    by_document = draft_of(ruled(contract_of(*PENNIES), BY_DOCUMENT), JAN)

    assert [Decimal("0.00")] * 3 == [line.tax for line in by_line.lines]
    assert [Decimal(each) for each in ("0.00", "0.01", "0.00")] == [line.tax for line in by_document.lines]


def test_a_document_is_rounded_once_over_the_days_of_its_lines() -> None:
    """A fee in arrears of January and one in advance of February are of one rate, and rounded as one."""
    fees = (
        Flat(code="late", name="Late", clause="T-1", amount=Decimal("0.03"), timing=Timing.IN_ARREARS),
        Flat(code="early", name="Early", clause="T-1", amount=Decimal("0.03")),
    )
    contract = ruled(contract_of(*fees), BY_DOCUMENT)
    lines = compose(contract, due_parts(contract, Progress(FEB, JAN), FEB), {}, {}).lines

    assert {JAN, FEB} == {line.period_start for line in lines}
    assert Decimal("0.01") == sum(line.tax for line in lines)


def test_each_line_bears_the_rate_of_the_day_on_which_its_period_begins() -> None:
    """16 % for February, 17 % for March, on one document."""
    rates = (
        TaxRate(code="IVA", percent=Decimal(16)),
        TaxRate(code="IVA", percent=Decimal(17), effective_from=MAR),
    )
    lines = draft_of(levying(contract_of(PLATFORM), *rates), MAR, since=FEB).lines

    assert [Decimal(16), Decimal(17)] == [part.percent for line in lines for part in line.taxes]


@pytest.mark.parametrize(
    ("shift", "gross"),
    [(TaxShift.BORNE, "1999.00"), (TaxShift.INCREASE, "2062.13"), (TaxShift.CHANGE, "2062.13")],
)
def test_the_rule_says_who_bears_a_rise(shift: TaxShift, gross: str) -> None:
    """ISS inside 1,999.00 goes from 2 % to 5 %: the vendor's, or the price is 2,062.13 and its net stays."""
    rates = (
        TaxRate(code="ISS", percent=Decimal(2), base=TaxBase.GROSS),
        TaxRate(code="ISS", percent=Decimal(5), base=TaxBase.GROSS, effective_from=FEB),
    )
    contract = levying(ruled(contract_of(PLATFORM), shifting(shift)), *rates)
    (line,) = draft_of(contract, FEB, since=FEB).lines

    assert Decimal(gross) == line.gross
    assert (shift is not TaxShift.BORNE) == any(
        "taxes inside the price" in each for each in lines_of(line.working)
    )


def test_a_tax_that_falls_lowers_the_price_where_all_changes_do() -> None:
    """From 5 % to 2 %: under ``change`` the customer gains, under ``increase`` the price stays."""
    rates = (
        TaxRate(code="ISS", percent=Decimal(5), base=TaxBase.GROSS),
        TaxRate(code="ISS", percent=Decimal(2), base=TaxBase.GROSS, effective_from=FEB),
    )
    found = [
        draft_of(levying(ruled(contract_of(PLATFORM), shifting(shift)), *rates), FEB, since=FEB)
        for shift in (TaxShift.INCREASE, TaxShift.CHANGE)
    ]

    assert [Decimal("1999.00"), Decimal("1937.81")] == [each.lines[0].gross for each in found]


def test_withheld_is_left_out_where_nothing_is() -> None:
    """So that an invoice from before withholdings keeps its digest."""
    (line,) = draft_of(contract_of(PLATFORM), JAN).lines

    assert () == line.withheld
