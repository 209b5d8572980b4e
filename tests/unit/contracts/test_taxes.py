"""Which taxes a customer bears on a day, and what their change does to prices that hold them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from contracts.parties import LegalEntity, TaxBase, TaxRate
from contracts.rules import TaxMode, TaxRule, TaxShift
from contracts.taxes import days_of_change, gross_up, price_factor, shift_of, taxes_on
from kernel.errors import InvalidInput
from tests.parts import ACCOUNT, ENTITY

IVA = TaxRate(code="IVA", percent=Decimal(16))
BORDER = TaxRate(code="IVA", percent=Decimal(8), region="border")
RAISED = TaxRate(code="IVA", percent=Decimal(17), effective_from=date(2026, 7, 1))
RETAINED = TaxRate(code="ISR-RET", percent=Decimal("1.25"), withheld=True)

AT_THE_BORDER = replace(ACCOUNT, tax_region="border")

DAY = date(2026, 6, 30)
CHANGE = date(2026, 7, 1)


def issuer(*rates: TaxRate) -> LegalEntity:
    """Return a legal entity that levies these."""
    return replace(ENTITY, taxes=rates)


def test_a_customer_at_the_border_bears_the_border_rate() -> None:
    """IVA is 16 %, and 8 % for who is taxed at the border; each bears one of them."""
    entity = issuer(IVA, BORDER)

    assert (IVA,) == taxes_on(entity, ACCOUNT, DAY)
    assert (BORDER,) == taxes_on(entity, AT_THE_BORDER, DAY)


def test_a_region_without_a_rate_of_its_own_bears_the_rest() -> None:
    """Only the taxes that tell regions apart differ there."""
    other = TaxRate(code="IEPS", percent=Decimal(3))

    assert (BORDER, other) == taxes_on(issuer(IVA, BORDER, other), AT_THE_BORDER, DAY)


def test_a_region_that_the_issuer_does_not_know_is_refused() -> None:
    """A typing error does not make a customer bear 16 %."""
    with pytest.raises(InvalidInput, match="no rates for this tax region") as refused:
        taxes_on(issuer(IVA, BORDER), replace(ACCOUNT, tax_region="boarder"), DAY)

    assert ("tax_region", "boarder") == (refused.value.field, refused.value.value)


def test_a_rate_holds_from_its_day() -> None:
    """On the last day of June it is 16 %, on the first of July 17 %; the earlier does not come back."""
    entity = issuer(IVA, RAISED)

    assert [(IVA,), (RAISED,)] == [taxes_on(entity, ACCOUNT, day) for day in (DAY, CHANGE)]
    assert taxes_on(issuer(RAISED, IVA), ACCOUNT, CHANGE) == (RAISED,)


def test_a_new_general_rate_does_not_move_the_border() -> None:
    """A customer's region goes before a later day."""
    assert (BORDER,) == taxes_on(issuer(IVA, BORDER, RAISED), AT_THE_BORDER, CHANGE)


def test_a_tax_that_has_not_begun_is_not_borne() -> None:
    """A tax that is new in July is none in June."""
    assert () == taxes_on(issuer(RAISED), ACCOUNT, DAY)


def test_only_who_withholds_withholds() -> None:
    """What a customer keeps back is its own matter, tax by tax."""
    entity = issuer(IVA, RETAINED)

    assert (IVA,) == taxes_on(entity, ACCOUNT, DAY)
    assert (IVA, RETAINED) == taxes_on(entity, replace(ACCOUNT, withholds="IVA-RET ISR-RET"), DAY)


def test_days_of_change_are_those_that_this_customer_feels() -> None:
    """July's rate cuts the use of who bears it, and not of who is taxed at the border."""
    entity = issuer(IVA, BORDER, RAISED)

    assert {CHANGE} == days_of_change(entity, ACCOUNT)
    assert set() == days_of_change(entity, AT_THE_BORDER)


@pytest.mark.clause("ZEN-X-9")
def test_a_rise_raises_the_price_so_that_the_net_stays() -> None:
    """From 5 % to 8 % inside: 1,050.00 becomes 1,080.00, and of both 1,000.00 is net."""
    before, after = ([TaxRate(code="ISS", percent=Decimal(percent))] for percent in (5, 8))

    assert Fraction(108, 105) == price_factor(before, after, TaxShift.INCREASE)
    assert 1 == price_factor(after, before, TaxShift.INCREASE)
    assert Fraction(105, 108) == price_factor(after, before, TaxShift.CHANGE)
    assert 1 == price_factor(before, after, TaxShift.BORNE)


def test_what_is_withheld_is_no_part_of_a_price() -> None:
    """A new withholding lowers what is paid, and raises nothing."""
    assert 1 == price_factor([IVA], [IVA, RETAINED], TaxShift.CHANGE)


def test_a_gross_holds_both_kinds_of_taxes() -> None:
    """10 % on the net and 5 % on the gross: 1.10 / 0.95."""
    rates = [
        TaxRate(code="A", percent=Decimal(10)),
        TaxRate(code="B", percent=Decimal(5), base=TaxBase.GROSS),
    ]

    assert Fraction(110, 95) == gross_up(rates)


def test_prices_without_their_taxes_are_not_moved() -> None:
    """A tax on top is the customer's, whatever a rule says of shifts; without a rule nothing moves."""
    rule = TaxRule(clause="T-1", mode=TaxMode.EXCLUSIVE, shift=TaxShift.CHANGE)

    assert TaxShift.BORNE is shift_of(rule)
    assert TaxShift.BORNE is shift_of(None)
    assert TaxShift.CHANGE is shift_of(replace(rule, mode=TaxMode.INCLUSIVE))


@pytest.mark.parametrize(("base", "withheld"), [(TaxBase.GROSS, False), (TaxBase.NET, True)])
def test_a_rate_that_would_leave_nothing_is_refused(base: TaxBase, withheld: bool) -> None:  # noqa: FBT001 a case
    """100 % of the gross, or all of it withheld; 99 % is merely much."""
    with pytest.raises(ValueError, match="less than 100"):
        TaxRate(code="T", percent=Decimal(100), base=base, withheld=withheld)

    much = TaxRate(code="T", percent=Decimal(99), base=base, withheld=withheld)

    assert Decimal(99) == much.percent


def test_two_rates_that_hold_at_once_are_refused() -> None:
    """Of one tax, in one region, from one day on: none would go before the other."""
    with pytest.raises(ValueError, match="two rates of IVA"):
        issuer(IVA, TaxRate(code="IVA", percent=Decimal(8)))

    assert (IVA, BORDER, RAISED) == issuer(IVA, BORDER, RAISED).taxes
