"""Limits as a noun: the days that they count, the share that is used, and the thresholds that use reaches."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.entitlement_facts import Facts, Used
from contracts.entitlement_rules import AtLimit, LimitEntitlement, LimitPeriod
from contracts.entitlements import limit_uses
from contracts.limits import TRIAL_RULE, MeterLimit, counts_of, limits_of
from contracts.plans import CycleLength
from contracts.subscriptions import Contract, OrderForm
from kernel.periods import Period
from tests.parts import STARTS
from tests.unit.contracts.agreements import ATTRACTION, CONVERSION, KONECTUS, SINCH, signed

DAY = date(2026, 3, 10)


def volume(limit: str = "50", **changed: object) -> Contract:
    """Return a contract for so many conversations."""
    rule = LimitEntitlement(
        clause="SIN-4.5a", feature="conversations", meter="conversations", limit=Decimal(limit)
    )
    form = OrderForm(entitlements={"volume": replace(rule, **changed)})
    return signed(SINCH, order_form=form)


def only(contract: Contract) -> MeterLimit:
    """Return the one limit of a contract."""
    (limit,) = limits_of(contract)
    return limit


@pytest.mark.parametrize(
    ("used", "percents"),
    [("0", ()), ("39", ()), ("40", (80,)), ("49", (80,)), ("50", (80, 100)), ("51", (80, 100))],
)
def test_a_threshold_is_reached_with_its_last_unit(used: str, percents: tuple[int, ...]) -> None:
    """40 of 50 are 80 percent, 39 are not."""
    assert percents == only(volume()).reached(Decimal(used), told_percent=0)


def test_of_what_was_told_nothing_is_told_again() -> None:
    """80 was told: at 45 of 50 there is nothing to say, at 50 only that it is full."""
    limit = only(volume())

    assert ((), (100,), ()) == (
        limit.reached(Decimal(45), told_percent=80),
        limit.reached(Decimal(50), told_percent=80),
        limit.reached(Decimal(500), told_percent=100),
    )


def test_a_limit_of_nothing_is_reached_by_the_first_unit() -> None:
    """Zero units: nothing may be used, and no word is sent before something was."""
    limit = only(volume("0"))

    assert ((), (80, 100), Decimal(100), True) == (
        limit.reached(Decimal(0), told_percent=0),
        limit.reached(Decimal(1), told_percent=0),
        limit.share_percent(Decimal(0)),
        limit.full(Decimal(0)),
    )


@pytest.mark.parametrize(
    ("limit", "used", "share"),
    [("3", "2", "66.66"), ("200", "199.999", "99.99"), ("50", "51", "102"), ("50", "0", "0")],
)
def test_a_share_is_rounded_down(limit: str, used: str, share: str) -> None:
    """A hundred percent is reached and not approached."""
    assert Decimal(share) == only(volume(limit)).share_percent(Decimal(used))


@given(
    limit=st.decimals(0, 10_000, places=2),
    used=st.lists(st.decimals(0, 500, places=2), max_size=30),
    thresholds=st.lists(st.integers(1, 300), max_size=5),
)
def test_each_threshold_is_told_once_whatever_the_steps(
    limit: Decimal, used: list[Decimal], thresholds: list[int]
) -> None:
    """Step by step, in any steps, the same thresholds are told as in one, lowest first."""
    limited = only(volume(str(limit), thresholds=tuple(thresholds)))
    total = Decimal(0)
    told: list[int] = []
    for each in used:
        total += each
        told += limited.reached(total, told_percent=max(told, default=0))

    assert list(limited.reached(total, told_percent=0)) == told
    assert (not told) or (told[-1] < 100) or limited.full(total)


@pytest.mark.parametrize(
    ("per", "day", "span"),
    [
        (LimitPeriod.DAY, DAY, Period(DAY, date(2026, 3, 11))),
        (LimitPeriod.PERIOD, DAY, Period(date(2026, 3, 1), date(2026, 4, 1))),
        (LimitPeriod.EVER, DAY, Period(STARTS, date.max)),
        (LimitPeriod.PERIOD, date(2025, 12, 31), Period(STARTS, date(2026, 2, 1))),
    ],
)
def test_the_days_that_a_limit_counts(per: LimitPeriod, day: date, span: Period) -> None:
    """The day itself, the period that holds it, or all days; before the contract began, its first period."""
    assert span == only(volume(per=per)).span(day)


def test_a_first_period_that_is_cut_counts_from_the_first_day() -> None:
    """Begun on the 10th and billed by months from the 1st: 10 to 31 January."""
    contract = volume()
    begun = replace(contract.subscription, starts_on=date(2026, 1, 10), billing_day=1)
    limit = only(dataclasses.replace(contract, subscription=begun))

    assert Period(date(2026, 1, 10), date(2026, 2, 1)) == limit.span(date(2026, 1, 20))


def test_the_limits_of_a_trial() -> None:
    """The sandbox by day, and the trial's own fifty for good, which is the last."""
    contract = signed(ATTRACTION, plan="attraction-trial", trial=True)

    assert [
        ("sandbox", "sandbox", "sandbox_messages", Decimal(200), LimitPeriod.DAY, "ZEN-II-3.2-vii"),
        (TRIAL_RULE, "trial", "sms", Decimal(50), LimitPeriod.EVER, "ZEN-II-4.4"),
    ] == [
        (each.code, each.feature, each.meter, each.quantity, each.per, each.clause)
        for each in limits_of(contract)
    ]


def test_a_contract_without_limits_has_none() -> None:
    """Named seats are no use of a meter."""
    assert ((), ()) == (limits_of(signed(KONECTUS)), counts_of(signed(KONECTUS), DAY))


@pytest.mark.clause("ZEN-II-3.2-vii")
def test_a_use_says_what_the_verdict_says() -> None:
    """150 of 200 messages: 75 percent, 50 left, the clause and its words."""
    contract = signed(CONVERSION)
    (count,) = counts_of(contract, DAY)
    (use,) = limit_uses(contract, Facts(as_of=DAY, used={count: Used(Decimal(150))}))

    assert (150, 50, 75, True, AtLimit.BLOCK) == (
        int(use.used),
        int(use.left),
        int(use.share_percent),
        use.allowed,
        use.at_limit,
    )
    assert ("150 of 200 messages used today", "ZEN-II-3.2-vii") == (use.reason, use.clause)
    assert use.says == contract.terms.clause_of(use.clause).says_en
    assert (DAY, date(2026, 3, 11)) == (use.starts_on, use.ends_on)


def test_a_year_is_a_period_too() -> None:
    """A limit of a period of a plan that is billed by years counts the year."""
    form = volume().subscription.order_form
    limit = only(signed(SINCH, cycle=CycleLength.ANNUAL, order_form=form))

    assert Period(STARTS, date(2027, 1, 1)) == limit.span(DAY)
