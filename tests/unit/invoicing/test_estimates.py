"""Use that is billed as an estimate when its period begins, and settled the month after (Annex IX 5)."""

from __future__ import annotations

from dataclasses import replace as moved
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.plans import CycleLength
from contracts.promises import Commitment, Estimate, EstimateBase
from contracts.subscriptions import Contract
from invoicing.compose import Draft
from invoicing.cycles import Progress
from invoicing.documents import LineKind
from invoicing.estimates import estimates_due
from invoicing.use_owed import UsageKey
from kernel.money import Money, total_of
from kernel.periods import Period
from tests.unit.invoicing.agreements import CONVERSATIONS, PLATFORM, contract_of
from tests.unit.invoicing.promising import FEB, JAN, MAR, drafted, promising

JANUARY, FEBRUARY = Period(JAN, FEB), Period(FEB, MAR)
AGREED = Estimate(clause="T-1", name="Estimated use", amount=Decimal(310))
FOLLOWING = Estimate(clause="T-1", name="Estimated use", amount=Decimal(310), base=EstimateBase.PERIOD_BEFORE)
USED = {UsageKey("whatsapp", "", JANUARY): Decimal(260)}


def estimating(signed: Contract, rule: Estimate = AGREED) -> Contract:
    """A contract whose use is estimated ahead."""
    return promising(signed, promises={"ahead": rule})


def lines(draft: Draft) -> list[tuple[str, str, str]]:
    """Each line by its charge, its first day and what it owes before taxes."""
    return [(line.charge, f"{line.period_start:%d %b}", str(line.net)) for line in draft.lines]


def second(contract: Contract, first: Draft, used: dict[UsageKey, Decimal]) -> Draft:
    """What is drafted on the first of February."""
    return drafted(contract, FEB, {**used}, billed=first.marks, since=None)


@pytest.mark.clause("ZEN-IX-5-card-ii")
@pytest.mark.clause("ZEN-IX-5-transfer-iv")
def test_use_is_estimated_ahead_and_settled_the_month_after() -> None:
    """310.00 ahead; 132.00 were used: February bills them, takes 310.00 back and estimates 310.00 again."""
    contract = estimating(contract_of(PLATFORM, CONVERSATIONS))
    first = drafted(contract, JAN)
    later = drafted(contract, FEB, USED, billed=first.marks)

    assert [("platform", "01 Jan", "1999.00"), ("ahead", "01 Jan", "310.00")] == lines(first)
    assert [
        ("platform", "01 Feb", "1999.00"),
        ("conversations", "01 Jan", "132.00"),
        ("ahead", "01 Jan", "-310.00"),
        ("ahead", "01 Feb", "310.00"),
    ] == lines(later)
    assert {LineKind.ESTIMATE} == {
        line.kind for line in (*first.lines, *later.lines) if line.charge == "ahead"
    }


@pytest.mark.clause("ZEN-IX-5-card-ii")
def test_estimate_and_settlement_are_what_was_used() -> None:
    """310.00 less 310.00 and 132.00: 132.00, and the taxes of it."""
    contract = estimating(contract_of(CONVERSATIONS, ends_on=FEB), FOLLOWING)
    first = drafted(contract, JAN)
    later = drafted(contract, FEB, USED, billed=first.marks)
    together = (*first.lines, *later.lines)

    assert Money.of(132, "MXN") == total_of((Money(line.net, "MXN") for line in together), "MXN")
    assert Money.of("21.12", "MXN") == total_of((Money(line.tax, "MXN") for line in together), "MXN")


def test_a_period_is_estimated_once_and_settled_once() -> None:
    """A second look on either day bills nothing."""
    contract = estimating(contract_of(CONVERSATIONS))
    first = drafted(contract, JAN)
    later = drafted(contract, FEB, USED, billed=first.marks)
    marks = {**first.marks, **later.marks}

    assert () == drafted(contract, JAN, billed=first.marks).lines
    assert () == drafted(contract, FEB, USED, billed=marks).lines


def test_the_period_before_is_the_next_estimate() -> None:
    """January is estimated as agreed, February by January's 132.00."""
    contract = estimating(contract_of(CONVERSATIONS), FOLLOWING)
    first = drafted(contract, JAN)
    later = drafted(contract, FEB, USED, billed=first.marks)

    assert [("ahead", "01 Jan", "310.00")] == lines(first)
    assert [
        ("conversations", "01 Jan", "132.00"),
        ("ahead", "01 Jan", "-310.00"),
        ("ahead", "01 Feb", "132.00"),
    ] == lines(later)


def test_the_days_of_a_stub_are_estimated() -> None:
    """17 of 31 days of 310.00 are 170.00; what these used is estimated by days for a whole month."""
    contract = estimating(contract_of(CONVERSATIONS, starts_on=date(2026, 1, 15), billing_day=1), FOLLOWING)
    first = drafted(contract, date(2026, 1, 15))
    used = {UsageKey("whatsapp", "", Period(date(2026, 1, 15), FEB)): Decimal(260)}
    later = drafted(contract, FEB, used, billed=first.marks)

    assert [("ahead", "15 Jan", "170.00")] == lines(first)
    # 132.00 in 17 of 31 days are 240.71 in a whole month
    assert ("ahead", "01 Feb", "240.71") == lines(later)[-1]


def test_a_contract_that_ends_settles_its_last_estimate() -> None:
    """Ended on 20 January, after 310.00 were billed for all of it: use comes on, the estimate comes back."""
    contract = estimating(contract_of(PLATFORM, CONVERSATIONS))
    first = drafted(contract, JAN)
    ended = estimating(contract_of(CONVERSATIONS, ends_on=date(2026, 1, 20)))
    used = {UsageKey("whatsapp", "", Period(JAN, date(2026, 1, 20))): Decimal(900)}
    later = drafted(ended, FEB, used, billed=first.marks)

    assert [("conversations", "01 Jan", "580.00"), ("ahead", "01 Jan", "-310.00")] == lines(later)


def test_a_period_that_has_ended_is_not_estimated() -> None:
    """A first run in February bills January's use and estimates February alone."""
    contract = estimating(contract_of(CONVERSATIONS))

    assert [("conversations", "01 Jan", "132.00"), ("ahead", "01 Feb", "310.00")] == lines(
        drafted(contract, FEB, USED)
    )


def test_an_estimate_does_not_draw_a_commitment_down() -> None:
    """132.00 of use count towards 200.00, the 310.00 that were estimated do not."""
    minimum = Commitment(clause="T-1", name="Minimum", amount=Decimal(200))
    contract = promising(contract_of(CONVERSATIONS), promises={"ahead": AGREED, "minimum": minimum})
    first = drafted(contract, JAN)
    later = drafted(contract, FEB, USED, billed=first.marks)

    assert ("minimum", "01 Jan", "68.00") in lines(later)


def test_use_each_month_is_estimated_each_month_under_a_fee_for_a_year() -> None:
    """310.00 on 1 January; on 1 February, the fee billed for the year, January ends and February begins."""
    signed = contract_of(PLATFORM, CONVERSATIONS)
    plan = replace(signed.plan, cycle=CycleLength.ANNUAL, usage_cycle=CycleLength.MONTHLY)
    contract = estimating(moved(signed, plan=plan))
    due = estimates_due(contract, Progress(date(2027, 1, 1), JAN), FEB)

    assert ("ahead", "01 Jan", "310.00") in lines(drafted(contract, JAN))
    assert [(JANUARY, True), (FEBRUARY, False)] == [(each.part, each.has_ended) for each in due]
