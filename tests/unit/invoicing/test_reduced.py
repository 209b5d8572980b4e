"""Discounts, coupons and credits on the lines of an invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.credit_grants import CreditGrant
from contracts.promises import Credits
from contracts.reductions import AmountCoupon, AmountDiscount, PercentCoupon, PercentDiscount
from contracts.subscriptions import Contract
from invoicing.compose import MarkKey
from invoicing.drawdowns import Given
from invoicing.use_owed import UsageKey
from kernel.money import Money, total_of
from kernel.periods import Period
from tests.unit.invoicing.agreements import ACTIVATION, CONVERSATIONS, PLATFORM, contract_of
from tests.unit.invoicing.promising import FEB, JAN, MAR, drafted, nets, promising

JANUARY, FEBRUARY = Period(JAN, FEB), Period(FEB, MAR)
USED = {UsageKey("whatsapp", "", JANUARY): Decimal(260)}

TENTH = PercentDiscount(clause="T-1", name="Tenth", percent=Decimal(10))
WELCOME = AmountCoupon(clause="T-1", name="Welcome", amount=Decimal(3000))
PREPAID = Credits(clause="T-1", name="Prepaid", amount=Decimal(100))


def mxn(amount: int | str) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def grant(contract: Contract, code: str, amount: int, expires_on: date | None = None) -> CreditGrant:
    """Credits that a person granted in January."""
    return CreditGrant(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        code=code,
        name=code,
        clause="T-1",
        amount=mxn(amount),
        given_on=JAN,
        expires_on=expires_on,
        given_by="ana",
        reason="a test",
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_discount_lowers_the_mark_and_the_line() -> None:
    """10 % off 1,999.00 owes 1,799.10 and 287.86 of IVA, and 1,799.10 is what was billed."""
    contract = promising(contract_of(PLATFORM), reductions={"tenth": TENTH})
    draft = drafted(contract, JAN)

    assert {"platform": "1799.10"} == nets(draft)
    assert Decimal("287.86") == draft.lines[0].tax
    assert mxn("1799.10") == draft.marks[MarkKey("platform", JANUARY)].amount


def test_a_discount_of_two_cycles_ends_with_the_second() -> None:
    """January and February are lowered, March is not."""
    rule = PercentDiscount(clause="T-1", name="Start", percent=Decimal(50), cycles=2)
    contract = promising(contract_of(PLATFORM), reductions={"start": rule})

    assert ["999.50", "999.50", "1999.00"] == [str(line.net) for line in drafted(contract, MAR).lines]


def test_a_discount_is_for_the_charges_and_plans_that_it_names() -> None:
    """Half of the activation only; and nothing off where another plan is meant."""
    half = PercentDiscount(clause="T-1", name="Half", percent=Decimal(50), charges=("activation",))
    other = PercentDiscount(clause="T-1", name="Other", percent=Decimal(50), plans=("another",))
    contract = promising(contract_of(ACTIVATION, PLATFORM), reductions={"half": half, "other": other})

    assert {"activation": "250.00", "platform": "1999.00"} == nets(drafted(contract, JAN))


def test_late_use_is_compared_after_discounts() -> None:
    """132.00 less 10 % were billed; 20 more at 0.70 add 14.00 less 10 %."""
    contract = promising(contract_of(CONVERSATIONS), reductions={"tenth": TENTH})
    first = drafted(contract, FEB, USED)
    late = {UsageKey("whatsapp", "", JANUARY): Decimal(280)}
    second = drafted(contract, FEB, late, billed=first.marks)

    assert {"conversations": "118.80"} == nets(first)
    assert {"conversations": "12.60"} == nets(second)


def test_a_discount_that_ends_within_a_period_cuts_its_use() -> None:
    """Until 16 January: 150 before (45.00 less 10 %), 110 after (45.00 at 0.90, 42.00 at 0.70) in full."""
    rule = PercentDiscount(clause="T-1", name="Start", percent=Decimal(10), until=date(2026, 1, 16))
    contract = promising(contract_of(CONVERSATIONS), reductions={"start": rule})
    used = {
        UsageKey("whatsapp", "", Period(JAN, date(2026, 1, 16))): Decimal(150),
        UsageKey("whatsapp", "", Period(date(2026, 1, 16), FEB)): Decimal(110),
    }

    assert ["40.50", "87.00"] == [str(line.net) for line in drafted(contract, FEB, used).lines]


def test_an_amount_off_a_stub_is_its_share() -> None:
    """17 of 31 days of 1,999.00 less 17 of 31 days of 310.00: 1,096.23 less 170.00."""
    rule = AmountDiscount(clause="T-1", name="Loyal", amount=Decimal(310))
    contract = promising(
        contract_of(PLATFORM, starts_on=date(2026, 1, 15), billing_day=1), reductions={"loyal": rule}
    )

    assert {"platform": "926.23"} == nets(drafted(contract, date(2026, 1, 15)))


def test_a_coupon_lasts_over_several_invoices() -> None:
    """3,000.00 take all of January's 1,999.00 and 1,001.00 of February's; March is billed in full."""
    contract = promising(contract_of(PLATFORM), reductions={"welcome": WELCOME})
    first = drafted(contract, JAN)
    second = drafted(contract, FEB, since=FEB, given=Given(drawn=first.drawdowns))
    third = drafted(contract, MAR, since=MAR, given=Given(drawn=(*first.drawdowns, *second.drawdowns)))

    assert ["0.00", "998.00", "1999.00"] == [nets(each)["platform"] for each in (first, second, third)]
    assert Decimal(0) == first.lines[0].gross


def test_a_coupon_leaves_what_is_owed_and_marked() -> None:
    """The mark keeps 1,999.00: a second look at the same month finds nothing to bill."""
    contract = promising(contract_of(PLATFORM), reductions={"welcome": WELCOME})
    first = drafted(contract, JAN)

    assert mxn("1999.00") == first.marks[MarkKey("platform", JANUARY)].amount
    assert () == drafted(contract, JAN, billed=first.marks, given=Given(drawn=first.drawdowns)).lines


def test_a_coupon_of_each_cycle_is_given_anew() -> None:
    """100.00 off each month; what a month leaves is lost."""
    rule = AmountCoupon(clause="T-1", name="Monthly", amount=Decimal(100), each_cycle=True)
    contract = promising(contract_of(PLATFORM), reductions={"monthly": rule})
    first = drafted(contract, JAN)
    second = drafted(contract, FEB, since=FEB, given=Given(drawn=first.drawdowns))

    assert ["1899.00", "1899.00"] == [nets(each)["platform"] for each in (first, second)]


def test_percents_come_before_amounts_whatever_their_codes() -> None:
    """10 % of 1,999.00 are 199.90, then 100.00: 1,699.10."""
    contract = promising(
        contract_of(PLATFORM),
        reductions={
            "a": AmountCoupon(clause="T-1", name="A", amount=Decimal(100)),
            "b": PercentCoupon(clause="T-1", name="B", percent=Decimal(10)),
        },
    )
    (line,) = drafted(contract, JAN).lines

    assert Decimal("1699.10") == line.net
    assert ["coupon", "coupon"] == [each.code for each in line.working if each.code == "coupon"]


def test_taxes_are_taken_on_what_a_coupon_leaves() -> None:
    """A coupon is before taxes: 16 % of 998.00 are 159.68."""
    rule = AmountCoupon(clause="T-1", name="Some", amount=Decimal(1001))
    (line,) = drafted(promising(contract_of(PLATFORM), reductions={"some": rule}), JAN).lines

    assert (Decimal("998.00"), Decimal("159.68")) == (line.net, line.tax)


def test_credits_pay_for_use_and_for_no_fee() -> None:
    """100.00 of 132.00 of use are paid; the fee is not. What is left of the credits is told."""
    contract = promising(contract_of(PLATFORM, CONVERSATIONS), promises={"prepaid": PREPAID})
    draft = drafted(contract, FEB, USED, since=None)
    use = next(line for line in draft.lines if line.charge == "conversations")

    assert Decimal("32.00") == use.net
    assert {"1999.00"} == {str(line.net) for line in draft.lines if line.charge == "platform"}
    assert [("100", "0", "32")] == [
        (each.facts["off"], each.facts["rest"], each.result) for each in use.working if each.code == "credits"
    ]


def test_credits_are_used_up_by_expiry() -> None:
    """What expires first goes first: 30.00 that end in January, then 100.00 of the promise, 2.00 to pay."""
    contract = promising(contract_of(CONVERSATIONS), promises={"prepaid": PREPAID})
    given = Given(grants=(grant(contract, "trial", 30, date(2026, 1, 15)),))
    draft = drafted(contract, FEB, USED, given=given)

    assert [("trial", mxn(30)), ("prepaid", mxn(100))] == [
        (each.purse.code, each.amount) for each in draft.drawdowns
    ]
    assert {"conversations": "2.00"} == nets(draft)


def test_credits_that_expired_pay_nothing() -> None:
    """What lived in January alone pays for no use of February, and is lost."""
    monthly = Credits(clause="T-1", name="Monthly", amount=Decimal(100), each_cycle=True, cycles=1)
    contract = promising(contract_of(CONVERSATIONS), promises={"monthly": monthly})
    used = {UsageKey("whatsapp", "", FEBRUARY): Decimal(260)}
    draft = drafted(contract, MAR, used)

    assert [(FEB, mxn(100))] == [(each.purse.given_on, each.amount) for each in draft.drawdowns]


def test_credits_of_several_cycles_roll_over() -> None:
    """100.00 a month that live for two: March's 132.00 of use take February's left 100.00, then its own."""
    monthly = Credits(clause="T-1", name="Monthly", amount=Decimal(100), each_cycle=True, cycles=2)
    contract = promising(contract_of(CONVERSATIONS), promises={"monthly": monthly})
    march = Period(MAR, date(2026, 4, 1))
    draft = drafted(contract, march.end, {UsageKey("whatsapp", "", march): Decimal(260)}, since=MAR)

    assert [(FEB, mxn(100)), (MAR, mxn(32))] == [
        (each.purse.given_on, each.amount) for each in draft.drawdowns
    ]


def test_what_comes_back_brings_its_credits_back() -> None:
    """All of 132.00 was paid with credits; 42.00 of it come back, to the credits and not to the customer."""
    whole = Credits(clause="T-1", name="Prepaid", amount=Decimal(500))
    contract = promising(contract_of(CONVERSATIONS), promises={"prepaid": whole})
    first = drafted(contract, FEB, USED)
    fewer = {UsageKey("whatsapp", "", JANUARY): Decimal(200)}
    second = drafted(contract, FEB, fewer, billed=first.marks, given=Given(drawn=first.drawdowns))

    assert {"conversations": "0.00"} == nets(first) == nets(second)
    assert [mxn("-42.00")] == [each.amount for each in second.drawdowns]
    assert mxn("90.00") == total_of((each.amount for each in (*first.drawdowns, *second.drawdowns)), "MXN")


def test_what_comes_back_brings_its_share_of_a_coupon_back() -> None:
    """66.00 of 132.00 were given by a coupon: 42.00 come back with 21.00 of it, 21.00 to the customer."""
    rule = AmountCoupon(clause="T-1", name="Half", amount=Decimal(66))
    contract = promising(contract_of(CONVERSATIONS), reductions={"half": rule})
    first = drafted(contract, FEB, USED)
    fewer = {UsageKey("whatsapp", "", JANUARY): Decimal(200)}
    second = drafted(contract, FEB, fewer, billed=first.marks, given=Given(drawn=first.drawdowns))

    assert {"conversations": "66.00"} == nets(first)
    assert {"conversations": "-21.00"} == nets(second)
    assert [mxn("-21.00")] == [each.amount for each in second.drawdowns]


def test_nothing_given_leaves_no_drawdown() -> None:
    """A contract without any is billed as before."""
    assert () == drafted(contract_of(PLATFORM), JAN).drawdowns


@pytest.mark.parametrize("used", [0, 100, 150, 260, 1000])
def test_lines_and_drawdowns_are_the_marks(used: int) -> None:
    """Whatever was used, what is billed and what was given add up to what is owed."""
    contract = promising(
        contract_of(PLATFORM, CONVERSATIONS), reductions={"welcome": WELCOME}, promises={"prepaid": PREPAID}
    )
    draft = drafted(contract, FEB, {UsageKey("whatsapp", "", JANUARY): Decimal(used)})
    billed = total_of((mxn(str(line.net)) for line in draft.lines), "MXN")
    drawn = total_of((each.amount for each in draft.drawdowns), "MXN")
    owed = total_of((mark.amount for mark in draft.marks.values()), "MXN")

    assert owed == billed + drawn
