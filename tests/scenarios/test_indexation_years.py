"""Years under a price index: what a contract of 10 May 2019 costs in each of them.

And what happens when the index is late, is published with a figure of its own for the year, or is no more.
The tables are worked out here from the published months alone, and compared with what the engine decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from contracts import book_store
from contracts.catalog import Catalog
from contracts.charges import Flat
from contracts.indices import IndexSeries
from contracts.library import library_documents, library_indices
from contracts.rules import Accumulation, IndexationRule, IndexFloor
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract, PriceAdjustment
from contracts.terms import Rules
from db.unit_of_work import reading, unit_of_work
from invoicing.explain import explain
from invoicing.price_index import adjustments_due, with_adjustments
from kernel.errors import IndexNotPublished
from kernel.ids import account_id_of
from kernel.money import Money
from rating.indexation import working_of
from rating.working import lines_of
from tests.integration.invoicing_book import RECEIVED, Office, talks
from tests.unit.invoicing.agreements import contract_of

SIGNED = date(2019, 5, 10)
PRICE = Decimal("1408.68")
FEE = Flat(code="fee", name="Fee", clause="T-1", amount=PRICE)


def signed(rule: IndexationRule, on: date = SIGNED) -> Contract:
    """Return a contract of one fee, signed on a day, whose price follows an index."""
    return contract_of(FEE, starts_on=on, country="BR", rules=Rules(indexation=rule))


def catalog_of(*series: IndexSeries) -> Catalog:
    """Return a catalog that knows these indices and nothing else."""
    return Catalog(
        vendors={}, entities={}, plans={}, documents={}, indices={each.code: each for each in series}
    )


LIBRARY = catalog_of(*library_indices().values())


def rule_of(document: str) -> IndexationRule:
    """Return the library's rule, under the clause of these tests' terms."""
    rule = library_documents()[document][-1].rules.indexation
    assert rule is not None
    return replace(rule, clause="T-1")


def adjusted(rule: IndexationRule, last_year: int, on: date = SIGNED) -> Iterator[Contract]:
    """Yield a contract on each of its anniversaries, each year decided and recorded before the next."""
    contract = signed(rule, on)
    for year in range(on.year + 1, last_year + 1):
        day = on.replace(year=year)
        (new,) = adjustments_due(contract, LIBRARY, as_of=day, use_billed_through=day)
        contract = with_adjustments(contract, (new,))
        yield contract


# --------------------------------------------------------------------------------------- the tables of years


@dataclass(frozen=True, slots=True)
class Row:
    """A year of a contract: the anniversary, the twelve months, what they did, the factor, the price."""

    anniversary: date
    window: str
    variation: Decimal
    factor: Decimal
    price: Decimal

    def __str__(self) -> str:
        """Return the row as it is read."""
        return f"{self.anniversary}  {self.window}  {self.variation:>8}  {self.factor}  {self.price:>8}"


def half_up(exact: Fraction, places: int) -> Decimal:
    """Round as an accountant does, by other means than the engine's."""
    scaled = Decimal(exact.numerator * 10**places) / Decimal(exact.denominator)
    return scaled.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-places)


def by_hand(floor: IndexFloor, percents: Mapping[date, Decimal], last_year: int) -> Iterator[Row]:
    """Yield the years of the contract from the published months: May of the year before to April."""
    price, carried = Fraction(PRICE), Fraction(1)
    for year in range(2020, last_year + 1):
        window = [date(year - 1, month, 1) for month in range(5, 13)]
        window += [date(year, month, 1) for month in range(1, 5)]
        did = Fraction(1)
        for month in window:
            did *= 1 + Fraction(percents[month]) / 100
        variation = half_up((did - 1) * 100, 4)
        moved = did * carried if floor is IndexFloor.CARRY else did
        factor = half_up(moved if floor is IndexFloor.FULL else max(Fraction(1), moved), 6)
        if floor is IndexFloor.CARRY:  # what is printed of a fall is what the next year makes up for
            carried = min(Fraction(1), Fraction(half_up((1 + Fraction(variation) / 100) * carried, 6)))
        price *= Fraction(factor)
        yield Row(date(year, 5, 10), f"{year - 1}-05 to {year}-04", variation, factor, half_up(price, 2))


def by_engine(contracts: Iterable[Contract]) -> Iterator[Row]:
    """Yield the years as the engine decides them."""
    for contract in contracts:
        new = contract.adjustments[-1]
        price = Money.rounded(
            Fraction(PRICE) * contract.factor_of(contract.charges[0], new.effective_on), "BRL"
        )
        window = f"{new.first_month:%Y-%m} to {new.last_month:%Y-%m}"
        yield Row(new.effective_on, window, new.variation_percent, new.factor, price.amount)


HEAD = "anniversary window              variation  factor       price\n"

#: The first three years rose, so that all readings of the IGP-M agree on them.
IGPM_RISES = (
    HEAD
    + """\
2020-05-10  2019-05 to 2020-04    6.6908  1.066908   1502.93
2021-05-10  2020-05 to 2021-04   32.0334  1.320334   1984.37
2022-05-10  2021-05 to 2022-04   14.6548  1.146548   2275.18
"""
)

IGPM_POSITIVE_ONLY = (
    IGPM_RISES
    + """\
2023-05-10  2022-05 to 2023-04   -2.1588  1.000000   2275.18
2024-05-10  2023-05 to 2024-04   -3.0409  1.000000   2275.18
2025-05-10  2024-05 to 2025-04    8.5104  1.085104   2468.80
2026-05-10  2025-05 to 2026-04    0.6196  1.006196   2484.10
"""
)

#: What fell in 2023 and 2024 is made up for in 2025: from then on the price is that of the next table.
IGPM_CARRY = (
    IGPM_RISES
    + """\
2023-05-10  2022-05 to 2023-04   -2.1588  1.000000   2275.18
2024-05-10  2023-05 to 2024-04   -3.0409  1.000000   2275.18
2025-05-10  2024-05 to 2025-04    8.5104  1.029394   2342.05
2026-05-10  2025-05 to 2026-04    0.6196  1.006196   2356.57
"""
)

IGPM_FULL = (
    IGPM_RISES
    + """\
2023-05-10  2022-05 to 2023-04   -2.1588  0.978412   2226.06
2024-05-10  2023-05 to 2024-04   -3.0409  0.969591   2158.37
2025-05-10  2024-05 to 2025-04    8.5104  1.085104   2342.05
2026-05-10  2025-05 to 2026-04    0.6196  1.006196   2356.57
"""
)

IPCA_POSITIVE_ONLY = (
    HEAD
    + """\
2020-05-10  2019-05 to 2020-04    2.3990  1.023990   1442.47
2021-05-10  2020-05 to 2021-04    6.7592  1.067592   1539.97
2022-05-10  2021-05 to 2022-04   12.1315  1.121315   1726.80
2023-05-10  2022-05 to 2023-04    4.1847  1.041847   1799.06
2024-05-10  2023-05 to 2024-04    3.6880  1.036880   1865.41
"""
)

INPC_FULL = (
    HEAD
    + """\
2020-05-10  2019-05 to 2020-04    2.4599  1.024599   1443.33
2021-05-10  2020-05 to 2021-04    7.5911  1.075911   1552.90
2022-05-10  2021-05 to 2022-04   12.4655  1.124655   1746.47
2023-05-10  2022-05 to 2023-04    3.8343  1.038343   1813.44
2024-05-10  2023-05 to 2024-04    3.2328  1.032328   1872.06
"""
)


def printed(rows: Iterable[Row]) -> str:
    """Return a table as it is read."""
    return HEAD + "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize(
    ("index", "floor", "table"),
    [
        ("IGPM", IndexFloor.POSITIVE_ONLY, IGPM_POSITIVE_ONLY),
        ("IGPM", IndexFloor.CARRY, IGPM_CARRY),
        ("IGPM", IndexFloor.FULL, IGPM_FULL),
        ("IPCA", IndexFloor.POSITIVE_ONLY, IPCA_POSITIVE_ONLY),
        ("INPC_BR", IndexFloor.FULL, INPC_FULL),
    ],
)
def test_the_years_of_a_contract(index: str, floor: IndexFloor, table: str) -> None:
    """Signed on 10 May 2019 for 1,408.68: the price of each year, by hand and by the engine."""
    last_year = 2018 + table.count("\n")
    rule = IndexationRule(clause="T-1", index=index, floor=floor)
    percents = library_indices()[index].percent_by_month

    assert table == printed(by_hand(floor, percents, last_year))
    assert table == printed(by_engine(adjusted(rule, last_year)))


@pytest.mark.clause("ZEN-16.6")
@pytest.mark.clause("ZEN-IX-12.3")
@pytest.mark.clause("ZEN-X-4-adjustment")
@pytest.mark.parametrize("document", ["zenvia-general", "zenvia-annex-ix", "zenvia-annex-x"])
def test_the_papers_raise_by_the_positive_variation_alone(document: str) -> None:
    """Each year counted from the signature: what rose raises, the falls of 2023 and 2024 leave the price."""
    assert IGPM_POSITIVE_ONLY == printed(by_engine(adjusted(rule_of(document), 2026)))


def test_one_year_alone() -> None:
    """The twelve months to April 2022 did +14.6548 %: 1,408.68 is 1,615.12."""
    rule = IndexationRule(clause="T-1", index="IGPM")
    (contract,) = adjusted(rule, 2022, on=date(2021, 5, 10))

    assert Money.of("1615.12", "BRL") == Money.rounded(
        Fraction(PRICE) * contract.factor_of(contract.charges[0], date(2022, 5, 10)), "BRL"
    )


def test_years_are_the_same_whether_they_are_decided_one_by_one_or_at_once() -> None:
    """A contract that was not billed for seven years owes the same seven adjustments, each once."""
    rule = IndexationRule(clause="T-1", index="IGPM", floor=IndexFloor.CARRY)
    *_, yearly = adjusted(rule, 2026)
    day = date(2026, 5, 10)
    at_once = adjustments_due(signed(rule), LIBRARY, as_of=day, use_billed_through=SIGNED)

    assert yearly.adjustments == at_once
    assert () == adjustments_due(yearly, LIBRARY, as_of=day, use_billed_through=day)


def test_a_revision_does_not_reach_what_is_recorded() -> None:
    """April 2023 is published anew: the fall that was recorded is the one that is carried."""
    rule = IndexationRule(clause="T-1", index="IGPM", floor=IndexFloor.CARRY)
    *_, contract = adjusted(rule, 2023)
    igpm = library_indices()["IGPM"]
    revised = IndexSeries("IGPM", {**igpm.percent_by_month, date(2023, 4, 1): Decimal("9.99")})
    (new,) = adjustments_due(
        contract, catalog_of(revised), as_of=date(2024, 5, 10), use_billed_through=date(2024, 5, 10)
    )

    assert (Decimal("-2.1588"), Decimal("0.978412")) == (
        contract.adjustments[-1].variation_percent,
        new.carried,
    )


# ---------------------------------------------------------------------- as the publisher counts twelve


def test_the_published_figure_of_twelve_months() -> None:
    """The year to May 2021 compounds to 37.063 %, and 37.04 % was published: 1,370.63 or 1,370.40."""
    june = date(2021, 6, 1)
    factors = {}
    for accumulation in Accumulation:
        rule = IndexationRule(clause="T-1", index="IGPM", accumulation=accumulation)
        (contract,) = adjusted(rule, 2021, on=date(2020, 6, 1))
        factors[accumulation] = Money.rounded(1000 * contract.factor_of(contract.charges[0], june), "BRL")
        working = lines_of(working_of(contract.adjustments))

    assert {
        Accumulation.COMPOUND_MONTHLY: Money.of("1370.63", "BRL"),
        Accumulation.PUBLISHED_12M: Money.of("1370.40", "BRL"),
    } == factors
    assert ("index factor 1.3704 (IGPM 2020-06 to 2021-05, +37.04 % as published)",) == working


def test_a_year_of_which_nothing_was_published_waits() -> None:
    """All twelve months are known, but not what the publisher makes of them: nobody computes it for him."""
    rule = IndexationRule(clause="T-1", index="IGPM", accumulation=Accumulation.PUBLISHED_12M)
    with pytest.raises(IndexNotPublished) as caught:
        adjustments_due(signed(rule), LIBRARY, as_of=date(2020, 5, 10), use_billed_through=SIGNED)

    assert ("IGPM", "2020-04") == (caught.value.field, caught.value.value)


# -------------------------------------------------------------------------------------------- through the run

ANNIVERSARY = date(2026, 6, 10)


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database; the IGP-M is known through April 2026."""
    return Office.open(engine)


def publish(office: Office, index: str, percents: Mapping[date, Decimal]) -> None:
    """Let months of an index be published."""
    with unit_of_work(office.engine) as connection:
        book_store.add_index_months(connection, index, percents, RECEIVED.now())


def sign_late(
    office: Office, *, order_form: str = "conversion-catch-up", starts_on: date = date(2026, 5, 10)
) -> None:
    """Sign a contract whose anniversary of June 2026 needs the IGP-M of May, which is not out."""
    office.signs(
        "solis",
        "conversion-br",
        "zenvia-br",
        order_form=order_form,
        signed_on=date(2025, 6, 10),
        starts_on=starts_on,
    )


def lines_on(office: Office, on: date) -> list[tuple[str, str, str, str]]:
    """Return charge, kind, period and net of the lines of a day's invoice."""
    invoice = office.of("solis", on, subscription="conversion-br")
    return [(each.charge, each.kind.value, str(each.period), str(each.net)) for each in invoice.lines]


def told(office: Office, on: date, subscription: str) -> str:
    """Return what ``explain`` prints of a day's invoice."""
    return "".join(f"{line}\n" for line in explain(office.of("solis", on, subscription=subscription)))


MAY = {date(2026, 5, 1): Decimal("0.40")}

CAUGHT_UP_FEE = """\
  3. Platform, 2026-06-10 to 2026-07-09 (fee)
       index factor 1.015195 (IGPM 2025-06 to 2026-05, +1.5195 %)
       prices x 1.015195
       1 x 1,430.0848926 BRL = 1,430.0848926 BRL
       rounded half up: 1,430.0848926 -> 1,430.08 BRL
       already billed: 1 for 1,408.68 BRL; the rest is 21.40 BRL
       ISS 5 % of 21.40 BRL = 1.07 BRL
       net 21.40 BRL, tax 1.07 BRL, to pay 22.47 BRL
"""


@pytest.mark.integration
@pytest.mark.scenario
def test_an_index_that_comes_two_months_late(office: Office) -> None:
    """The old price is billed meanwhile; then fees owe the new one from the anniversary on.

    Use owes it from where it is not billed.  What was billed as one part is rated as one, late use of it too.
    """
    sign_late(office)
    office.gets(talks("solis", 100, date(2026, 5, 20), country="BR"))
    office.bills(date(2026, 5, 10))
    office.bills(ANNIVERSARY)
    office.gets(talks("solis", 150, date(2026, 6, 20), country="BR"))
    office.bills(date(2026, 7, 10))

    assert () == office.problems
    assert [
        ("platform", "fee", "2026-07-10 to 2026-08-09", "1408.68"),
        ("whatsapp", "usage", "2026-06-10 to 2026-07-09", "63.00"),
    ] == lines_on(office, date(2026, 7, 10))

    publish(office, "IGPM", MAY)
    office.gets(talks("solis", 100, date(2026, 7, 20), country="BR"))
    office.gets(talks("solis", 10, date(2026, 6, 20), country="BR"))
    office.bills(date(2026, 8, 10))

    # Late use of June at 0.42, as June was billed; use since 10 July at 0.42 x 1.015195.
    assert [
        ("platform", "fee", "2026-08-10 to 2026-09-09", "1430.08"),
        ("whatsapp", "usage", "2026-07-10 to 2026-08-09", "42.64"),
        ("platform", "fee", "2026-06-10 to 2026-07-09", "21.40"),
        ("platform", "fee", "2026-07-10 to 2026-08-09", "21.40"),
        ("whatsapp", "late_usage", "2026-06-10 to 2026-07-09", "4.20"),
    ] == lines_on(office, date(2026, 8, 10))
    assert CAUGHT_UP_FEE in told(office, date(2026, 8, 10), "conversion-br")

    (recorded,) = adjustments_of(office)
    office.bills(date(2026, 8, 10))
    office.bills(date(2026, 9, 10))

    assert (ANNIVERSARY, date(2026, 7, 10)) == (recorded.effective_on, recorded.use_from)
    assert [
        ("platform", "fee", "2026-09-10 to 2026-10-09", "1430.08"),
    ] == lines_on(office, date(2026, 9, 10))


@pytest.mark.integration
@pytest.mark.scenario
def test_a_second_late_year_does_not_compound_twice(office: Office) -> None:
    """June 2026 is caught up, June 2027 comes late again: each adjustment is recorded once, for good."""
    sign_late(office)
    office.bills(ANNIVERSARY)
    publish(office, "IGPM", MAY)
    office.bills(date(2026, 7, 10))
    first = adjustments_of(office)
    year = [date(2026 + number // 12, number % 12 + 1, 1) for number in range(5, 17)]
    publish(office, "IGPM", dict.fromkeys(year[:-1], Decimal("0.5")))
    office.bills(date(2027, 6, 10))
    office.bills(date(2027, 7, 10))
    publish(office, "IGPM", {year[-1]: Decimal("0.5")})
    office.bills(date(2027, 8, 10))
    second = adjustments_of(office)

    # 1.005 ** 12 = 1.061678: 1,408.68 x 1.015195 x 1.061678 = 1,518.29, and 88.21 of each month are missing.
    assert (1, 2, first[0]) == (len(first), len(second), second[0])
    assert [
        ("platform", "fee", "2027-08-10 to 2027-09-09", "1518.29"),
        ("platform", "fee", "2027-06-10 to 2027-07-09", "88.21"),
        ("platform", "fee", "2027-07-10 to 2027-08-09", "88.21"),
    ] == lines_on(office, date(2027, 8, 10))


@pytest.mark.integration
@pytest.mark.scenario
def test_an_anniversary_inside_a_month_that_was_billed_whole(office: Office) -> None:
    """By calendar months June holds the anniversary: its fee has the price of its first day.

    Its use was billed as one, and is not cut at the 10th when it comes to late use.
    """
    sign_late(office, starts_on=date(2026, 5, 1))
    office.bills(date(2026, 6, 1))
    office.gets(talks("solis", 100, date(2026, 6, 20), country="BR"))
    office.bills(date(2026, 7, 1))
    publish(office, "IGPM", MAY)
    office.gets(talks("solis", 10, date(2026, 6, 5), country="BR"))
    office.bills(date(2026, 8, 1))

    assert () == office.problems
    assert [
        ("platform", "fee", "2026-08-01 to 2026-08-31", "1430.08"),
        ("platform", "fee", "2026-07-01 to 2026-07-31", "21.40"),
        ("whatsapp", "late_usage", "2026-06-01 to 2026-06-30", "4.20"),
    ] == lines_on(office, date(2026, 8, 1))


@pytest.mark.integration
@pytest.mark.scenario
def test_a_contract_that_ended_before_its_index_was_out(office: Office) -> None:
    """No next invoice comes: as soon as the index is out, one of its own bills the difference, once."""
    sign_late(office)
    office.bills(ANNIVERSARY)
    office.ends("solis", "conversion-br", date(2026, 7, 10))
    office.bills(date(2026, 7, 10))
    publish(office, "IGPM", MAY)
    office.bills(date(2026, 7, 20))
    office.bills(date(2027, 7, 20))

    assert [("platform", "fee", "2026-06-10 to 2026-07-09", "21.40")] == lines_on(office, date(2026, 7, 20))
    assert 1 == len(adjustments_of(office))
    assert [ANNIVERSARY, date(2026, 7, 20)] == [
        each.issued_on
        for each in office.invoices
        if (each.customer.code, each.subscription) == ("solis", "conversion-br")
    ]


@pytest.mark.integration
@pytest.mark.scenario
def test_a_price_that_the_index_leaves_has_nothing_to_catch_up(office: Office) -> None:
    """The year comes to a fall: the adjustment is recorded, and no line of nothing is billed."""
    sign_late(office)
    office.bills(ANNIVERSARY)
    publish(office, "IGPM", {date(2026, 5, 1): Decimal("-3.00")})
    office.bills(date(2026, 7, 10))

    assert [("platform", "fee", "2026-07-10 to 2026-08-09", "1408.68")] == lines_on(office, date(2026, 7, 10))
    assert [Decimal(1)] == [each.factor for each in adjustments_of(office)]


def adjustments_of(office: Office) -> list[PriceAdjustment]:
    """Return the recorded adjustments of the contract."""
    with reading(office.engine) as connection:
        contracts = contracts_of(connection, load_catalog(connection), [account_id_of("solis")])
    (found,) = [each for each in contracts if each.subscription.code in {"conversion-br", "docs-nlu"}]
    return list(found.adjustments)


@pytest.mark.integration
@pytest.mark.scenario
@pytest.mark.clause("ZEN-X-4-adjustment")
def test_the_substitute_of_an_index_that_is_no_more(office: Office) -> None:
    """The IGP-M ends with April 2026, and its May is late for a month, in which the contract waits.

    Then the IPCA of all twelve months stands in, and the invoice says so.
    """
    office.signs(
        "solis",
        "docs-nlu",
        "zenvia-br",
        order_form="docs-15-days",
        signed_on=date(2025, 6, 10),
        starts_on=date(2026, 5, 10),
    )
    since_april_2025 = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(3, 17)]
    publish(office, "IPCA", dict.fromkeys(since_april_2025, Decimal("0.4")))
    office.bills(date(2026, 6, 30))
    waiting = [(each.subject, each.field, each.value) for each in office.problems]
    office.bills(date(2026, 7, 1))
    (recorded,) = adjustments_of(office)
    reason = told(office, date(2026, 7, 1), "docs-nlu")

    # 1.004 ** 12 = 1.049070...
    assert [("solis/docs-nlu", "IGPM", "2026-05")] == waiting
    assert () == office.problems
    assert ("IPCA", "IGPM", Decimal("1.049070")) == (recorded.index, recorded.substitutes, recorded.factor)
    assert "       IPCA stands in for IGPM, not published for these months\n" in reason
    assert "       index factor 1.04907 (IPCA 2025-06 to 2026-05, +4.907 %)\n" in reason


@pytest.mark.clause("ZEN-X-4-adjustment")
def test_a_substitute_stands_in_only_where_the_first_is_missing() -> None:
    """The IGP-M of the window is known: the IPCA is not asked, however late the run."""
    (new,) = adjustments_due(
        signed(rule_of("zenvia-annex-x"), date(2023, 5, 10)),
        LIBRARY,
        as_of=date(2025, 5, 9),
        use_billed_through=date(2024, 5, 10),
    )

    assert ("IGPM", "") == (new.index, new.substitutes)
