"""Taxes: net and tax are the gross, to the cent, on top of a price or inside it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.parties import TaxBase, TaxRate
from contracts.rules import TaxMode
from kernel.errors import InvalidInput
from kernel.money import Money, Rounding, minor_unit_digits, total_of
from rating.taxes import Taxation, TaxPart, tax, taxed, taxed_together
from rating.working import lines_of

IVA = TaxRate(code="IVA", percent=Decimal(16))
ISS = TaxRate(code="ISS", percent=Decimal(5))
PIS = TaxRate(code="PIS", percent=Decimal("0.65"))

ISS_INSIDE = TaxRate(code="ISS", percent=Decimal(5), base=TaxBase.GROSS)
IRRF = TaxRate(code="IRRF", percent=Decimal("1.5"), base=TaxBase.GROSS, withheld=True)
RETAINED_IVA = TaxRate(code="IVA-RET", percent=Decimal("10.6667"), withheld=True)

RATES = st.builds(TaxRate, code=st.just("T"), percent=st.decimals(min_value=0, max_value=100, places=4))
ON_GROSS = st.builds(
    TaxRate,
    code=st.just("G"),
    percent=st.decimals(min_value=0, max_value=90, places=4),
    base=st.just(TaxBase.GROSS),
)
WITHHELD = st.builds(
    TaxRate,
    code=st.just("W"),
    percent=st.decimals(min_value=0, max_value=99, places=4),
    base=st.sampled_from(TaxBase),
    withheld=st.sampled_from([True]),
)
CENTS = st.integers(min_value=-(10**9), max_value=10**9)
AMOUNTS = st.builds(lambda cents: Money(Decimal(cents).scaleb(-2), "MXN"), CENTS)

#: One currency for each number of decimals: none, two, three.
CURRENCIES = st.sampled_from(["CLP", "MXN", "KWD"])
ANY_MONEY = st.builds(
    lambda units, currency: Money(Decimal(units).scaleb(-minor_unit_digits(currency)), currency),
    CENTS,
    CURRENCIES,
)
LAWS = st.builds(
    Taxation,
    mode=st.sampled_from(TaxMode),
    rates=st.tuples(RATES, ON_GROSS, WITHHELD, WITHHELD) | st.tuples(RATES, WITHHELD) | st.tuples(ON_GROSS),
    rounding=st.sampled_from(Rounding),
    exempt=st.sampled_from(["", "an export"]),
    clause=st.just("T-9"),
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


def reais(amount: str) -> Money:
    """Return money of Brazil."""
    return Money.of(amount, "BRL")


def test_a_tax_on_the_gross_is_a_share_of_it() -> None:
    """ISS of 5 % "por dentro": of 100.00 it is 5.00, where on the net it were 4.76."""
    law = Taxation(mode=TaxMode.EXCLUSIVE, rates=(ISS_INSIDE,), clause="T-9")
    on_top, inside = (
        taxed(reais("95.00"), law),
        tax(reais("100.00"), mode=TaxMode.INCLUSIVE, rates=[ISS_INSIDE]),
    )

    assert (reais("5.00"), reais("100.00")) == (on_top.tax, on_top.gross)
    assert (reais("95.00"), reais("5.00")) == (inside.net, inside.tax)
    assert reais("4.76") == tax(reais("100.00"), mode=TaxMode.INCLUSIVE, rates=[ISS]).tax
    assert ("ISS 5 % of 100.00 BRL, itself included, = 5.00 BRL (T-9)",) == lines_of(on_top.working)


def test_taxes_on_the_net_and_on_the_gross_stand_in_one_price() -> None:
    """10 % on the net and 5 % on the gross: 95.00 become (95 + 9.50) / 0.95 = 110.00."""
    rates = (TaxRate(code="A", percent=Decimal(10)), ISS_INSIDE)
    on_top = tax(reais("95.00"), mode=TaxMode.EXCLUSIVE, rates=rates)
    inside = tax(reais("110.00"), mode=TaxMode.INCLUSIVE, rates=rates)

    assert [reais("9.50"), reais("5.50")] == [part.amount for part in on_top.parts]
    assert (reais("110.00"), on_top.parts) == (on_top.gross, inside.parts)


def test_taxes_that_leave_nothing_are_refused() -> None:
    """Two taxes of 60 % and 40 % on the gross would make a price without end."""
    rates = [
        TaxRate(code=code, percent=Decimal(percent), base=TaxBase.GROSS)
        for code, percent in [("A", 60), ("B", 40)]
    ]

    with pytest.raises(InvalidInput, match="leave nothing"):
        tax(reais("1.00"), mode=TaxMode.EXCLUSIVE, rates=rates)


def test_what_is_withheld_lowers_what_is_payable() -> None:
    """1,000.00 and IVA are 1,160.00; the customer keeps 106.67 of it back and pays 1,053.33."""
    law = Taxation(mode=TaxMode.EXCLUSIVE, rates=(IVA, RETAINED_IVA), clause="T-9")
    found = taxed(pesos("1000.00"), law)

    assert (pesos("1160.00"), pesos("1053.33")) == (found.gross, found.payable)
    assert (TaxPart("IVA-RET", Decimal("10.6667"), pesos("106.67")),) == found.withheld
    assert (
        "IVA-RET 10.6667 % of 1,000.00 MXN withheld by the customer: 106.67 MXN"
        == (lines_of(found.working)[-1])
    )


def test_a_tax_may_be_withheld_of_the_gross() -> None:
    """1.5 % of 1,000.00 that hold their taxes are 15.00."""
    law = Taxation(mode=TaxMode.INCLUSIVE, rates=(ISS_INSIDE, IRRF))

    assert reais("985.00") == taxed(reais("1000.00"), law).payable


def test_no_more_is_withheld_than_there_is() -> None:
    """Three times 33.3 % of 0.02 are 0.01 each; the third is nothing, for 0.02 is all there is."""
    thirds = tuple(TaxRate(code=code, percent=Decimal("33.3"), withheld=True) for code in "ABC")
    found = taxed(pesos("0.02"), Taxation(mode=TaxMode.EXCLUSIVE, rates=thirds))

    assert [pesos("0.01"), pesos("0.01"), pesos("0.00")] == [part.amount for part in found.withheld]
    assert not found.payable


@pytest.mark.parametrize("mode", TaxMode)
def test_who_is_exempt_bears_no_tax_and_reads_why(mode: TaxMode) -> None:
    """The tax is named with a rate of zero, so that the document still says which."""
    found = taxed(
        pesos("100.00"), Taxation(mode=mode, rates=(IVA,), exempt="exports of services", clause="T-9")
    )

    assert (pesos("100.00"), pesos("0.00"), pesos("100.00")) == (found.net, found.tax, found.gross)
    assert (TaxPart("IVA", Decimal(0), pesos("0.00")),) == found.parts
    assert ("IVA: exempt, exports of services (T-9)",) == lines_of(found.working)


def test_the_tax_of_a_document_is_rounded_once() -> None:
    """Three lines of 0.03 at 16 %: none owes a cent, 0.0144 together is 0.01, on the second."""
    law = Taxation(mode=TaxMode.EXCLUSIVE, rates=(IVA,), clause="T-9")
    lines = taxed_together([pesos("0.03")] * 3, law)

    assert ["0.00", "0.01", "0.00"] == [str(line.tax.amount) for line in lines]
    assert not taxed(pesos("0.03"), law).tax
    assert ("IVA 16 % of the document's lines, this one's part: 0.01 MXN (T-9)",) == lines_of(
        lines[1].working
    )


@pytest.mark.parametrize(
    ("rounding", "found"), [(Rounding.HALF_UP, "0.13"), (Rounding.DOWN, "0.12"), (Rounding.UP, "0.13")]
)
def test_a_rule_says_how_taxes_are_rounded(rounding: Rounding, found: str) -> None:
    """12.5 % of 1.00 is 0.125."""
    law = Taxation(
        mode=TaxMode.EXCLUSIVE, rates=(TaxRate(code="A", percent=Decimal("12.5")),), rounding=rounding
    )

    assert pesos(found) == taxed(pesos("1.00"), law).tax


@pytest.mark.parametrize(
    ("currency", "price", "tax_of_it"),
    [
        ("CLP", "1990", "378"),
        ("JPY", "105", "20"),
        ("BRL", "9.99", "1.90"),
        ("KWD", "1.005", "0.191"),
        ("TND", "0.003", "0.001"),
    ],
)
def test_each_currency_has_its_decimals(currency: str, price: str, tax_of_it: str) -> None:
    """19 % in currencies of none, two and three decimals, each rounded to its own."""
    found = tax(
        Money.of(price, currency), mode=TaxMode.EXCLUSIVE, rates=[TaxRate(code="T", percent=Decimal(19))]
    )

    assert tax_of_it == str(found.tax.amount)


@given(ANY_MONEY, LAWS)
def test_every_law_adds_up(amount: Money, law: Taxation) -> None:
    """Net + tax is the gross, the parts are the tax, and what is withheld is never more than the gross."""
    found = taxed(amount, law)
    withheld = total_of((part.amount for part in found.withheld), amount.currency)

    assert amount == (found.net if law.mode is TaxMode.EXCLUSIVE else found.gross)
    assert (found.gross, found.tax) == (
        found.net + found.tax,
        total_of((part.amount for part in found.parts), amount.currency),
    )
    assert abs(withheld.amount) <= abs(found.gross.amount)


@given(ANY_MONEY, RATES | ON_GROSS)
def test_inclusive_and_exclusive_agree(net: Money, rate: TaxRate) -> None:
    """One tax on top and out again gives the net back, on the net and on the gross, whatever the decimals."""
    gross = tax(net, mode=TaxMode.EXCLUSIVE, rates=[rate]).gross

    assert net == tax(gross, mode=TaxMode.INCLUSIVE, rates=[rate]).net


@given(st.lists(CENTS, min_size=1, max_size=8), CURRENCIES, LAWS)
def test_the_lines_of_a_document_share_its_tax(units: list[int], currency: str, law: Taxation) -> None:
    """Each line adds up, and the lines are the sum taxed as one."""
    amounts = [Money(Decimal(each).scaleb(-minor_unit_digits(currency)), currency) for each in units]
    lines, whole = taxed_together(amounts, law), taxed(total_of(amounts, currency), law)

    assert all(line.gross == line.net + line.tax for line in lines)
    assert (whole.net, whole.tax, whole.gross, whole.payable) == tuple(
        total_of((getattr(line, name) for line in lines), currency)
        for name in ("net", "tax", "gross", "payable")
    )
    assert [part.amount for part in whole.parts] == [
        total_of((line.parts[position].amount for line in lines), currency)
        for position in range(len(whole.parts))
    ]
