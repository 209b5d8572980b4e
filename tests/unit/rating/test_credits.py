"""Prepaid credits: the order in which they are used up, and that none pays twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import CurrencyMismatch
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.credits import Grant, Use, burn, burn_order

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))


def usd(amount: int | str) -> Money:
    """Dollars."""
    return Money.of(amount, "USD")


def grant(
    code: str,
    left: int | str,
    *,
    priority: int = 50,
    given_on: date = JANUARY.start,
    expires_on: date | None = None,
    charges: tuple[str, ...] = (),
) -> Grant:
    """Credits of which so much is left."""
    return Grant(
        code=code,
        name=code,
        clause="T-1",
        amount=usd(left),
        left=usd(left),
        priority=priority,
        given_on=given_on,
        expires_on=expires_on,
        charges=charges,
    )


def use(amount: int | str, charge: str = "sms", period: Period = JANUARY, *, is_usage: bool = True) -> Use:
    """What a charge owes."""
    return Use(charge, period, usd(amount), is_usage)


def burnt(grants: list[Grant], *uses: Use) -> list[tuple[str, int, str]]:
    """Which credits pay for which use, and how much."""
    ordered = burn_order(grants)
    ceiling = total_of((each.amount for each in uses), "USD")
    return [
        (ordered[each.grant].code, each.use, str(each.amount.amount))
        for each in burn(ordered, uses, ceiling=ceiling)
    ]


def test_priority_comes_before_expiry_and_expiry_before_age() -> None:
    """First by priority, then what expires first (what never does is last), then the older, then the code."""
    grants = [
        grant("never", 1),
        grant("late", 1, expires_on=date(2026, 6, 1)),
        grant("younger", 1, expires_on=date(2026, 3, 1), given_on=date(2026, 1, 2)),
        grant("older", 1, expires_on=date(2026, 3, 1)),
        grant("first", 1, priority=0),
    ]

    assert ["first", "older", "younger", "late", "never"] == [each.code for each in burn_order(grants)]


def test_one_use_may_draw_on_several_grants() -> None:
    """50.00 of use take the 30.00 that expire, then 20.00 of what does not."""
    grants = [grant("paid", 100), grant("trial", 30, expires_on=date(2026, 1, 15))]

    assert [("trial", 0, "30.00"), ("paid", 0, "20.00")] == burnt(grants, use(50))


def test_credits_for_a_charge_pay_for_no_other() -> None:
    """Those for SMS leave the calls to be paid."""
    assert [("sms", 1, "7.00")] == burnt(
        [grant("sms", 100, charges=("sms",))], use(5, "calls"), use(7, "sms")
    )


def test_a_fee_is_paid_only_where_it_is_named() -> None:
    """Credits for all use leave the platform fee to be paid, those that name it pay it."""
    fee = use(10, "platform", is_usage=False)

    assert [] == burnt([grant("all", 100)], fee)
    assert [("fees", 0, "10.00")] == burnt([grant("fees", 100, charges=("platform",))], fee)


@pytest.mark.parametrize(
    ("given_on", "expires_on", "pays"),
    [
        (date(2026, 1, 31), None, True),
        (date(2026, 2, 1), None, False),
        (date(2025, 1, 1), date(2026, 1, 2), True),
        (date(2025, 1, 1), date(2026, 1, 1), False),
    ],
)
def test_credits_pay_for_days_on_which_they_live(
    given_on: date, expires_on: date | None, *, pays: bool
) -> None:
    """January is paid by what was given by its last day and had not expired before its first."""
    grants = [grant("some", 5, given_on=given_on, expires_on=expires_on)]

    assert pays == bool(burnt(grants, use(5)))


def test_currencies_never_mix() -> None:
    """Dollars pay for no pesos."""
    pesos = Use("sms", JANUARY, Money.of(5, "MXN"))

    with pytest.raises(CurrencyMismatch):
        burn([grant("some", 5)], [pesos], ceiling=pesos.amount)


CENTS = st.integers(min_value=0, max_value=10**7)
GRANTS = st.lists(
    st.builds(
        lambda code, cents, priority, days: grant(
            str(code),
            str(Decimal(cents).scaleb(-2)),
            priority=priority,
            expires_on=date(2026, 2, days) if days else None,
        ),
        st.integers(0, 10**6),
        CENTS,
        st.integers(0, 3),
        st.integers(0, 28),
    ),
    max_size=5,
)


@given(GRANTS, st.lists(CENTS, min_size=1, max_size=6), CENTS)
def test_credits_are_never_used_twice(grants: list[Grant], cents: list[int], ceiling: int) -> None:
    """No grant pays more than it has, no use is paid more than it owes, all stay below the ceiling."""
    uses = [use(str(Decimal(each).scaleb(-2)), period=FEBRUARY) for each in cents]
    burns = burn(grants, uses, ceiling=usd(str(Decimal(ceiling).scaleb(-2))))

    def paid(amounts: list[Money]) -> Money:
        return total_of(amounts, "USD")

    for number, each in enumerate(grants):
        used = [one.amount for one in burns if one.grant == number]
        assert paid(used) <= each.left
        assert [each.left - paid(used)][: len(used)] == [one.left for one in burns if one.grant == number][
            -1:
        ]
    for number, one_use in enumerate(uses):
        assert paid([one.amount for one in burns if one.use == number]) <= one_use.amount
    available = min(
        sum(each.left.minor_units for each in grants if each.holds_in(FEBRUARY)), sum(cents), ceiling
    )
    assert available == paid([one.amount for one in burns]).minor_units
