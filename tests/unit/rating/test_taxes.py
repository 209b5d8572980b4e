"""Taxes: net and tax are the gross, to the cent, on top of a price or inside it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.parties import TaxRate
from contracts.rules import TaxMode
from kernel.money import Money, total_of
from rating.taxes import TaxPart, tax
from rating.working import lines_of

IVA = TaxRate(code="IVA", percent=Decimal(16))
ISS = TaxRate(code="ISS", percent=Decimal(5))
PIS = TaxRate(code="PIS", percent=Decimal("0.65"))

RATES = st.builds(TaxRate, code=st.just("T"), percent=st.decimals(min_value=0, max_value=100, places=4))
AMOUNTS = st.builds(
    lambda cents: Money(Decimal(cents).scaleb(-2), "MXN"), st.integers(min_value=-(10**9), max_value=10**9)
)


def pesos(amount: str) -> Money:
    """Return money of Mexico."""
    return Money.of(amount, "MXN")


@pytest.mark.clause("ZEN-IX-3.1")
def test_a_price_before_taxes() -> None:
    """Annex IX 3.1: 1,999.00 and IVA of 16 % on top are 2,318.84."""
    taxed = tax(pesos("1999.00"), mode=TaxMode.EXCLUSIVE, rates=[IVA])

    assert (pesos("1999.00"), pesos("319.84"), pesos("2318.84")) == (taxed.net, taxed.tax, taxed.gross)
    assert (TaxPart("IVA", Decimal(16), pesos("319.84")),) == taxed.parts
    assert ("IVA 16 % of 1,999.00 MXN = 319.84 MXN",) == lines_of(taxed.working)


@pytest.mark.clause("ZEN-X-9")
def test_a_price_that_holds_its_taxes() -> None:
    """Annex X 9: of 1,000.00 that hold 5 % and 0.65 %, 946.52 are net and 53.48 tax, split by rate."""
    taxed = tax(Money.of("1000.00", "BRL"), mode=TaxMode.INCLUSIVE, rates=[ISS, PIS])

    assert ("946.52", "53.48", "1000.00") == tuple(
        str(each.amount) for each in (taxed.net, taxed.tax, taxed.gross)
    )
    assert ["47.33", "6.15"] == [str(part.amount.amount) for part in taxed.parts]
    assert (
        "1,000.00 BRL holds taxes of 5.65 %: net 946.52 BRL",
        "ISS 5 % included: 47.33 BRL",
        "PIS 0.65 % included: 6.15 BRL",
    ) == lines_of(taxed.working)


def test_each_tax_is_rounded_by_itself() -> None:
    """Two taxes of 0.125 are 0.13 each, 0.26 together, not 0.25."""
    rates = [TaxRate(code=code, percent=Decimal("12.5")) for code in ("A", "B")]
    taxed = tax(pesos("1.00"), mode=TaxMode.EXCLUSIVE, rates=rates)

    assert pesos("0.26") == taxed.tax


def test_a_credit_is_taxed_like_its_charge() -> None:
    """The tax of a negative price is the negative of the tax."""
    charge = tax(pesos("0.03"), mode=TaxMode.EXCLUSIVE, rates=[TaxRate(code="A", percent=Decimal(50))])
    credit = tax(pesos("-0.03"), mode=TaxMode.EXCLUSIVE, rates=[TaxRate(code="A", percent=Decimal(50))])

    assert (pesos("0.02"), pesos("-0.02")) == (charge.tax, credit.tax)


@pytest.mark.parametrize("mode", TaxMode)
@pytest.mark.parametrize("rates", [[], [TaxRate(code="IVA", percent=Decimal(0))]])
def test_without_taxes_the_price_is_net_and_gross(mode: TaxMode, rates: list[TaxRate]) -> None:
    """An entity without taxes, or at a rate of zero, adds and finds nothing; a zero rate is still named."""
    taxed = tax(pesos("10.00"), mode=mode, rates=rates)

    assert (pesos("10.00"), pesos("0.00"), pesos("10.00")) == (taxed.net, taxed.tax, taxed.gross)
    assert [rate.code for rate in rates] == [part.code for part in taxed.parts]


def test_nothing_bears_no_tax() -> None:
    """A line of zero has taxes of zero."""
    assert [pesos("0.00")] == [
        part.amount for part in tax(pesos("0.00"), mode=TaxMode.INCLUSIVE, rates=[IVA]).parts
    ]


@given(AMOUNTS, st.sampled_from(TaxMode), st.lists(RATES, max_size=4))
def test_net_and_tax_are_the_gross(amount: Money, mode: TaxMode, rates: list[TaxRate]) -> None:
    """In both modes, at any rates; and the parts are the tax."""
    taxed = tax(amount, mode=mode, rates=rates)

    assert taxed.gross == taxed.net + taxed.tax
    assert taxed.tax == total_of((part.amount for part in taxed.parts), "MXN")
    assert amount == (taxed.net if mode is TaxMode.EXCLUSIVE else taxed.gross)


@given(AMOUNTS, RATES)
def test_one_tax_on_top_and_out_again_gives_the_net_back(net: Money, rate: TaxRate) -> None:
    """Rounding one tax moves the gross by half a cent at most, and the division makes that less."""
    gross = tax(net, mode=TaxMode.EXCLUSIVE, rates=[rate]).gross

    assert net == tax(gross, mode=TaxMode.INCLUSIVE, rates=[rate]).net


@given(AMOUNTS, st.lists(RATES, min_size=2, max_size=4))
def test_several_taxes_on_top_and_out_again_stay_close(net: Money, rates: list[TaxRate]) -> None:
    """Each tax was rounded by half a cent at most, and so was the way back."""
    gross = tax(net, mode=TaxMode.EXCLUSIVE, rates=rates).gross
    back = tax(gross, mode=TaxMode.INCLUSIVE, rates=rates).net

    assert abs(back.exact - net.exact) <= Fraction(len(rates) + 1, 200)
