"""What a charge's price is multiplied by on a day: the index, where it moves the charge, and each change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from contracts.subscriptions import PriceAdjustment, PriceChange
from kernel.ids import NoticeId, new_id
from rating.price_changes import changes_working
from rating.working import lines_of
from tests.unit.invoicing.agreements import ACTIVATION, CONVERSATIONS, PLATFORM, contract_of

INDEX = PriceAdjustment(
    effective_on=date(2026, 3, 1),
    factor=Decimal("1.05"),
    index="IGPM",
    first_month=date(2025, 3, 1),
    last_month=date(2026, 2, 1),
    variation_percent=Decimal(5),
    clause="T-1",
)


def change(factor: str, on: date, *charges: str) -> PriceChange:
    """Return a change of prices that a notice brought."""
    return PriceChange(
        effective_on=on,
        factor=Decimal(factor),
        charges=charges,
        clause="T-1",
        document="test-terms 1",
        notice_id=NoticeId(new_id()),
    )


CONTRACT = replace(
    contract_of(PLATFORM, ACTIVATION, CONVERSATIONS, adjustments=(INDEX,)),
    price_changes=(
        change("1.10", date(2026, 4, 10), "conversations"),
        change("0.5", date(2026, 6, 1)),
    ),
)


def test_a_charge_that_is_not_indexed_keeps_its_price() -> None:
    """An activation fee is not touched by the yearly index; a change of all prices does move it."""
    assert Fraction(1) == CONTRACT.factor_of(ACTIVATION, date(2026, 5, 31))
    assert Fraction(1, 2) == CONTRACT.factor_of(ACTIVATION, date(2026, 6, 1))


def test_a_change_holds_from_its_first_day_for_the_charges_that_it_names() -> None:
    """The platform's fee stays; conversations cost a tenth more from the tenth on, on top of the index."""
    assert Fraction("1.05") == CONTRACT.factor_of(CONVERSATIONS, date(2026, 4, 9))
    assert Fraction("1.155") == CONTRACT.factor_of(CONVERSATIONS, date(2026, 4, 10))
    assert Fraction("1.05") == CONTRACT.factor_of(PLATFORM, date(2026, 4, 10))


def test_every_change_cuts_the_period_that_it_falls_into() -> None:
    """The days of the index and of both changes."""
    assert {date(2026, 3, 1), date(2026, 4, 10), date(2026, 6, 1)} == CONTRACT.price_days


def test_the_working_names_the_change_and_its_clause() -> None:
    """Whoever asks why a price rose reads the percentage, the day and the clause."""
    steps = changes_working(CONTRACT.changes_of(CONVERSATIONS, date(2026, 5, 1)))

    assert ("price changed from 2026-04-10: +10 % (T-1)",) == lines_of(steps)
