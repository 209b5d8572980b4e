"""The part of a period that was billed, and to which late usage of a day belongs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from contracts.subscriptions import PriceAdjustment
from invoicing.cycles import Progress, billed_part, due_parts
from kernel.errors import InvalidInput
from kernel.periods import Period
from tests.unit.invoicing.agreements import CONVERSATIONS, contract_of

MAR, APR, MAY = (date(2026, month, 1) for month in (3, 4, 5))
MARCH = Period(MAR, APR)


def march(first: int, end: int) -> Period:
    """Return days of March, up to the day before ``end``."""
    return Period(date(2026, 3, first), date(2026, 3, end))


def adjusted_on(day: date) -> PriceAdjustment:
    """Return a change of the price on a day."""
    return PriceAdjustment(
        effective_on=day,
        factor=Decimal("1.1"),
        index="IGPM",
        first_month=date(2025, 3, 1),
        last_month=date(2026, 2, 1),
        variation_percent=Decimal(10),
        clause="T-1",
    )


def part_of_day(
    day: date, billed: Sequence[Period], *, ends_on: date | None = None, adjusted: date | None = None
) -> Period:
    """Return the part that holds a day of a contract that began in March."""
    adjustments = (adjusted_on(adjusted),) if adjusted else ()
    contract = contract_of(CONVERSATIONS, starts_on=MAR, ends_on=ends_on, adjustments=adjustments)
    part, whole = billed_part(contract, CONVERSATIONS, day, billed)
    assert whole == contract.cycle.period_of(day)
    return part


def test_a_whole_month_that_was_billed() -> None:
    """Its first and its last day belong to it; the first of April belongs to April."""
    billed = (MARCH, Period(APR, MAY))

    assert MARCH == part_of_day(MAR, billed)
    assert MARCH == part_of_day(date(2026, 3, 31), billed)
    assert Period(APR, MAY) == part_of_day(APR, billed)


def test_what_was_billed_stands_when_the_end_moves_back() -> None:
    """All of March was billed, and the contract ends on the 21st since: the part is March still."""
    assert MARCH == part_of_day(date(2026, 3, 10), [MARCH], ends_on=date(2026, 3, 21))


def test_a_month_that_was_billed_in_two_parts_has_two() -> None:
    """Ended on the 11th, billed, and gone on: each part is measured for itself."""
    billed = (march(1, 11), Period(date(2026, 3, 11), APR))

    assert billed[0] == part_of_day(date(2026, 3, 10), billed)
    assert billed[1] == part_of_day(date(2026, 3, 11), billed)


def test_a_change_of_price_does_not_make_two_parts() -> None:
    """The marks are cut where the price changes, but tiers run on: the month is rated as one."""
    billed = (march(1, 17), Period(date(2026, 3, 17), APR))

    assert MARCH == part_of_day(date(2026, 3, 10), billed, adjusted=date(2026, 3, 17))
    assert MARCH == part_of_day(date(2026, 3, 20), billed, adjusted=date(2026, 3, 17))


def test_a_change_of_price_on_the_border_is_no_cut() -> None:
    """The price changes on the first of April, where the months meet: March and April stay apart."""
    billed = (MARCH, Period(APR, MAY))

    assert MARCH == part_of_day(date(2026, 3, 31), billed, adjusted=APR)
    assert Period(APR, MAY) == part_of_day(APR, billed, adjusted=APR)


def test_without_a_mark_the_contract_says_it() -> None:
    """Nothing was billed of this charge: the part is that of the contract, and must be in force."""
    assert march(1, 21) == part_of_day(date(2026, 3, 10), [], ends_on=date(2026, 3, 21))
    with pytest.raises(InvalidInput):
        part_of_day(date(2026, 3, 21), [], ends_on=date(2026, 3, 21))


def test_a_contract_that_goes_on_owes_from_the_day_on_which_it_was_billed_to() -> None:
    """Billed to the 11th, then open again: 11 to 31 March is due, of the whole month."""
    contract = contract_of(CONVERSATIONS, starts_on=MAR)
    eleventh = date(2026, 3, 11)
    due = due_parts(contract, Progress(eleventh, eleventh), APR)

    assert [(Period(eleventh, APR), MARCH)] == [(each.part, each.whole) for each in due]
