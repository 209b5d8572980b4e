"""A vendor that only TOML knows, through a year: what it sells, invoices, charges late, suspends and ends.

The book is tests/books/corrivane: an Irish chat tool, invented, which bills by the week.  Faolán pays when an
invoice falls due, Ribera once much too late, Salgueiro never.  The year is replayed once; the tests read it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from math import ceil, floor

import pytest
from sqlalchemy import Engine

from contracts.library import read_terms
from contracts.rules import IndexFloor
from contracts.service_states import ServiceState, ServiceStatus
from contracts.terms import FAMILIES
from contracts.terms_files import check_files
from db.schema import whole_schema
from db.unit_of_work import reading
from invoicing.archive import late_charges_of
from kernel.errors import Conflict
from kernel.ids import ItemId, account_id_of
from kernel.money import Money, total_of
from receivables.aging import AgingReport, Bucket
from receivables.report import aging_report, roll_forward
from tests.architecture.house import PACKAGES, modules
from tests.scenarios.own_vendor import (
    BOOK,
    FIRST,
    LAST,
    LATE_INVOICE,
    LATE_PAYMENTS,
    PEOPLE,
    SALGUEIROS_FIRST,
    TERMINATED,
    WEEKS,
    Year,
    monday,
    use_of,
)

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

YEARS_END = date(2026, 12, 31)


@pytest.fixture(name="year", scope="module")
def _year(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Year:
    """The year, replayed once."""
    return Year.replayed(module_engine, tmp_path_factory.mktemp("receipts"))


def eur(amount: str) -> Money:
    """Return euros."""
    return Money.of(amount, "EUR")


# -------------------------------------------------------------------------------------------------- the paper


def test_the_paper_is_checked_before_anyone_signs() -> None:
    """All files are good, the annex over the general terms, the plan over both."""
    general = BOOK / "terms" / "corrivane-general.toml"
    checked = check_files(
        [general, BOOK / "terms" / "corrivane-messaging.toml", BOOK / "plans" / "corrivane-crew.toml"],
        over=[str(general)],
    )

    assert [(), (), ()] == [each.problems for each in checked]
    assert [
        "28 clauses, 10 rules, 1 meter, 2 changes, 3 endings, 2 duties, 3 entitlements",
        "5 clauses, 1 rule, 3 meters, 1 entitlement",
        "6 charges in EUR",
    ] == [each.holds.rpartition(": ")[2] for each in checked]


def test_each_clause_speaks_three_languages() -> None:
    """Who asks in Spanish or Portuguese is answered so."""
    clauses = [each for path in BOOK.glob("terms/*.toml") for each in read_terms(path).clause]

    assert 33 == len(clauses)
    assert [] == [each.id for each in clauses if not (each.says_en and each.says_es and each.says_pt)]


def test_no_line_of_the_engine_names_the_vendor() -> None:
    """What it does is data."""
    sources = modules(*PACKAGES).items()

    assert [] == [name for name, path in sources if "corrivane" in path.read_text(encoding="utf-8").lower()]


def test_the_higher_paper_prevails(year: Year) -> None:
    """14 days by the general terms, 9 by the annex, 12 by Ribera's order form, which puts VAT on top."""
    terms = {account: year.customer(account).contract.terms for account in ("faolan", "ribera")}
    rules = {
        (account, name): getattr(each, name) for account, each in terms.items() for name in ("payment", "tax")
    }

    assert {
        ("faolan", "payment"): "COM-4 (corrivane-messaging 2025)",
        ("faolan", "tax"): "COR-3 (corrivane-general 2025)",
        ("ribera", "payment"): "RIB-1 (ribera-2025 2025-12-15)",
        ("ribera", "tax"): "RIB-2 (ribera-2025 2025-12-15)",
    } == {key: sourced.cites for key, sourced in rules.items()}
    assert {
        "meters": {"chats", "people", "sms", "words"},
        "changes": {"price", "terms"},
        "endings": {"breach", "change_refused", "convenience"},
        "penalties": set[str](),
        "service_levels": set[str](),
        "service_credits": set[str](),
        "service_exits": set[str](),
        "suspensions": set[str](),
        "duties": {"data_taken", "leak_told"},
        "entitlements": {"archive", "bulk_sms", "exports", "logins"},
        "reductions": set[str](),
        "promises": set[str](),
    } == {name: set(getattr(terms["faolan"], name)) for name in FAMILIES}


# ----------------------------------------------------------------------------------------------- the invoices

FIRST_INVOICE = """\
Invoice COR-000001
  from Corrivane Chat Ltd. (IE0000001CV)
  to   Faolán Books Ltd. (IE0000002FB)
  subscription crew, plan corrivane-crew v1, in EUR
  issued 2026-01-05, due 2026-01-14 [COM-4]
       Where messages are billed, an invoice is due nine days after it is sent.
  terms: corrivane-general 2025, corrivane-messaging 2025

  1. Setup, 2026-01-05 to 2026-01-11 (fee)
       1 x 61.50 EUR = 61.50 EUR
       amount: 61.50 EUR
       61.50 EUR holds taxes of 23 %: net 50.00 EUR
       VAT 23 % included: 11.50 EUR
       net 50.00 EUR, tax 11.50 EUR, to pay 61.50 EUR
       [COR-2.2] Section 2.2: Setting up costs once. (corrivane-general 2025)

  2. Desk, 2026-01-05 to 2026-01-11 (fee)
       1 x 24.60 EUR = 24.60 EUR
       amount: 24.60 EUR
       24.60 EUR holds taxes of 23 %: net 20.00 EUR
       VAT 23 % included: 4.60 EUR
       net 20.00 EUR, tax 4.60 EUR, to pay 24.60 EUR
       [COR-2.1] Section 2.1: The desk is paid by the week, on the week's first day. (corrivane-general 2025)

Net    70.00 EUR
VAT 23 %  16.10 EUR
Total  86.10 EUR
"""


def test_the_first_invoice(year: Year) -> None:
    """The setup, once, and the week ahead; VAT inside; due nine days later by the annex."""
    assert FIRST_INVOICE == year.office.told("faolan", FIRST)


def test_a_year_has_53_mondays(year: Year) -> None:
    """An invoice each week for who stays, eight for Salgueiro, nothing set aside, numbers without a gap."""
    issued = [each.customer.code for each in year.office.invoices]

    assert (53, 53, 8) == tuple(issued.count(account) for account in ("faolan", "ribera", "salgueiro"))
    assert {"COR": list(range(1, 115))} == year.office.numbers
    assert () == year.office.problems


def lines_of(year: Year, account: str, on: date) -> list[tuple[str, str, str]]:
    """Return charge, quantity and what is to pay of each line of an invoice."""
    return [
        (each.charge, f"{each.quantity:f}", str(each.gross)) for each in year.office.of(account, on).lines
    ]


def test_an_invoice_in_the_middle_of_the_year(year: Year) -> None:
    """The week from 11 May, in which three people joined four: fee, people, chats, SMS, words."""
    # Desk, ahead: 24.60.
    # People: 7 less 2 are 5; more than 3, so all at 4.305: 21.525, rounded half up 21.53.
    # Chats: 25 on Monday and 42 on Friday are 67, less 10 are 57: 20 at 0.246, 20 at 0.1845 and 17 at 0.123,
    # 4.92 + 3.69 + 2.091 = 10.701.
    # SMS: 2 + 7 texts of 200 characters are 18 SMS, less 5 are 13: one pack of 25, 3.69.
    # Words: 966 less 500 are 466, at 0.0035: 1.631.
    assert [
        ("desk", "1", "24.60"),
        ("people", "7", "21.53"),
        ("chats", "67", "10.70"),
        ("sms", "18", "3.69"),
        ("words", "966", "1.63"),
    ] == lines_of(year, "faolan", date(2026, 5, 18))
    assert eur("62.15") == year.office.of("faolan", date(2026, 5, 18)).total


def test_a_chat_lasts_twelve_hours_and_a_visitor_opens_it(year: Year) -> None:
    """Ana is written to at 6, writes at 8, at 19:59 and at 20:00: two chats, besides 14 and 25 others'.

    Seven texts of 200 characters are 14 SMS by plain length, whatever alphabet their ê would need.
    """
    lines = lines_of(year, "faolan", date(2026, 1, 26))

    assert [("chats", "41", "6.95"), ("sms", "14", "3.69")] == lines[2:4]


ANNIVERSARY = """\
Invoice COR-000052
  from Corrivane Chat Ltd. (IE0000001CV)
  to   Faolán Books Ltd. (IE0000002FB)
  subscription crew, plan corrivane-crew v1, in EUR
  issued 2026-06-22, due 2026-07-01 [COM-4]
       Where messages are billed, an invoice is due nine days after it is sent.
  terms: corrivane-general 2025, corrivane-messaging 2025

  1. Desk, 2026-06-22 to 2026-06-28 (fee)
       index factor 0.980163 (CWPI 2025-05 to 2026-04, -1.9837 %)
       prices x 0.980163
       1 x 24.1120098 EUR = 24.1120098 EUR
       rounded half up: 24.1120098 -> 24.11 EUR
       24.11 EUR holds taxes of 23 %: net 19.60 EUR
       VAT 23 % included: 4.51 EUR
       net 19.60 EUR, tax 4.51 EUR, to pay 24.11 EUR
       [COR-2.1] Section 2.1: The desk is paid by the week, on the week's first day. (corrivane-general 2025)

  2. People beyond two, 2026-06-15 to 2026-06-16 (usage)
       2 of 7 days
       quantity: 7
       allowance: 2 of 7 included
       tier from 4: 5 x 4.305 EUR = 21.525 EUR
       2/7 of the period: 6.15 EUR
       amount: 6.15 EUR
       6.15 EUR holds taxes of 23 %: net 5.00 EUR
       VAT 23 % included: 1.15 EUR
       net 5.00 EUR, tax 1.15 EUR, to pay 6.15 EUR
       [COR-2.3] Section 2.3: Whoever can log in is counted; the week owes its highest number. (corrivane-general 2025)

  3. People beyond two, 2026-06-17 to 2026-06-21 (usage)
       index factor 0.980163 (CWPI 2025-05 to 2026-04, -1.9837 %)
       5 of 7 days
       quantity: 7
       allowance: 2 of 7 included
       prices x 0.980163
       tier from 4: 5 x 4.219601715 EUR = 21.098008575 EUR
       5/7 of the period: 15.070006125 EUR
       rounded half up: 15.070006125 -> 15.07 EUR
       15.07 EUR holds taxes of 23 %: net 12.25 EUR
       VAT 23 % included: 2.82 EUR
       net 12.25 EUR, tax 2.82 EUR, to pay 15.07 EUR
       [COR-2.3] Section 2.3: Whoever can log in is counted; the week owes its highest number. (corrivane-general 2025)

"""  # noqa: E501 as it is printed


def test_the_index_lowers_prices(year: Year) -> None:
    """Signed on 17 June 2025: from that day on the price follows the CWPI down, for its floor is ``full``.

    The fee moves with the first week that begins at the new price; the use of the week is cut at the day.
    """
    indexation = year.customer("faolan").contract.terms.indexation

    assert ANNIVERSARY == year.office.told("faolan", date(2026, 6, 22))[: len(ANNIVERSARY)]
    assert indexation is not None
    assert (IndexFloor.FULL, -2) == (indexation.rule.floor, indexation.rule.window_end_offset_months)
    assert [("desk", "1", "24.60")] == lines_of(year, "faolan", date(2026, 6, 15))[:1]


def test_the_index_raises_prices(year: Year) -> None:
    """Signed on 15 December 2025, a Tuesday a year later: 18.00 x 1.027286 and 23 % on top, from the 21st."""
    told = year.office.told("ribera", date(2026, 12, 21))

    assert "index factor 1.027286 (CWPI 2025-11 to 2026-10, +2.7286 %)" in told
    assert [("desk", "1", "22.14")] == lines_of(year, "ribera", date(2026, 12, 14))
    assert [("desk", "1", "22.74")] == lines_of(year, "ribera", date(2026, 12, 21))


# ------------------------------------------------------------------------ a year, reckoned without the engine

INDEXED_FROM = date(2026, 6, 17)


def cents(exact: Fraction) -> Fraction:
    """Round half up to cents."""
    return Fraction(floor(exact * 100 + Fraction(1, 2)), 100)


def factor() -> Fraction:
    """Compound the index from May 2025 to April 2026, to six decimals."""
    text = (BOOK / "indices" / "cwpi.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    product = Fraction(1)
    for row in rows:
        if "2025-05" <= row["month"] <= "2026-04":
            product *= 1 + Fraction(row["cwpi_pct"]) / 100
    return Fraction(floor(product * 10**6 + Fraction(1, 2)), 10**6)


def price_of_people(count: int) -> Fraction:
    """Price all beyond two at the price of their number."""
    beyond = max(0, count - 2)
    return beyond * (Fraction("4.92") if beyond <= 3 else Fraction("4.305"))


def price_of_chats(count: int) -> Fraction:
    """Price what is beyond ten: twenty, twenty, and the rest."""
    beyond = max(0, count - 10)
    first, second, rest = min(beyond, 20), min(max(beyond - 20, 0), 20), max(beyond - 40, 0)
    return first * Fraction("0.246") + second * Fraction("0.1845") + rest * Fraction("0.123")


def price_of_sms(count: int) -> Fraction:
    """Price the packs of 25 that are started beyond five."""
    return ceil(Fraction(max(0, count - 5), 25)) * Fraction("3.69")


def price_of_words(count: int) -> Fraction:
    """Price each word beyond 500."""
    return max(0, count - 500) * Fraction("0.0035")


def used_through(week: int, days: int) -> Iterator[tuple[Callable[[int], Fraction], int]]:
    """Yield what was used in the first days of a week, with its price."""
    use = use_of(week)
    anas = {2: 2} if week == 2 else {}
    yield price_of_chats, sum(n for by_day in (use.chats, anas) for day, n in by_day.items() if day < days)
    yield price_of_sms, 2 * sum(n for day, n in use.texts.items() if day < days)
    yield price_of_words, sum(n for day, n in use.words.items() if day < days)


def highest(week: int) -> int:
    """Return the most people of a week: those it began with, or those of its Monday evening."""
    before = [level for since, level in PEOPLE.items() if since < week]
    return max([*before[-1:], PEOPLE.get(week, 0)])


def reckoned(week: int, moved: Fraction) -> Fraction:
    """Return what a week's use costs, each price to cents before and after the day of the index."""
    days = min(7, max(0, (INDEXED_FROM - monday(week)).days))
    owed = Fraction(0)
    for (price, before), (_, whole) in zip(used_through(week, days), used_through(week, 7), strict=True):
        owed += cents(price(before)) + cents(moved * (price(whole) - price(before)))
    people = price_of_people(highest(week))
    return owed + cents(people * Fraction(days, 7)) + cents(moved * people * Fraction(7 - days, 7))


def test_the_year_of_who_pays_on_time(year: Year) -> None:
    """53 fees, the setup and 52 weeks of use, reckoned by fractions, are what was invoiced and paid."""
    moved = factor()
    fees = [
        cents(Fraction("24.60") * (1 if monday(week) < INDEXED_FROM else moved)) for week in range(WEEKS + 1)
    ]
    used = [reckoned(week, moved) for week in range(WEEKS)]
    invoices = [each for each in year.office.invoices if each.customer.code == "faolan"]
    unpaid = [each.number for each in invoices if each.due_on > LAST]

    assert Fraction("61.50") + sum(fees) + sum(used) == sum(each.total.exact for each in invoices)
    assert [] == year.customer("faolan").timeline
    assert unpaid == [each.number for each in invoices[-2:]]
    assert total_of((each.total for each in invoices[-2:]), "EUR") == year.customer("faolan").open_amount(
        LAST
    )


# ----------------------------------------------------------------------------------------- paid much too late


def test_the_ladder_of_the_late_payer(year: Year) -> None:
    """Due on 14 March: reminded, warned on the 21st, delivered on the 22nd, stopped by steps from there.

    Its days are no other vendor's: more than 2 and 6 from the due date, 4 and 11 from the notice.
    """
    customer = year.customer("ribera")

    assert [
        "2026-03-17 remind done COR-7.1",
        "2026-03-21 notify done COR-7.2",
        "2026-03-27 suspend_part of messaging done COR-7.3",
        "2026-04-03 suspend done COR-7.4",
        "2026-04-12 restored done COR-7.4",
    ] == customer.timeline
    assert [
        ServiceStatus(ServiceState.ACTIVE),
        ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, ("messaging",)),
        ServiceStatus(ServiceState.SUSPENDED, ("messaging",)),
        ServiceStatus(ServiceState.ACTIVE),
    ] == [customer.status(date(2026, month, day)) for month, day in ((3, 26), (3, 27), (4, 11), (4, 12))]


def test_the_letters_of_the_late_payer(year: Year) -> None:
    """In Spanish, with the clause in the vendor's words and what the contract allows next."""
    letters = [body for _, body in year.customer("ribera").told("mail.dunning")]
    number = year.office.of("ribera", LATE_INVOICE).number

    assert [
        f"Recordatorio: la factura {number} está vencida",
        f"Aviso de pago: la factura {number} está pendiente",
        f"Parte de su servicio está suspendida: factura {number}",
        f"Su servicio está suspendido: factura {number}",
        f"Su servicio está restablecido: factura {number}",
    ] == [each["subject"] for each in letters]
    assert "Motivo: cláusula COR-7.4. Once días después de llegar el aviso" in letters[3]["body"]
    assert "- 2026-04-25: la rescisión del contrato (COR-7.5)" in letters[3]["body"]


def test_what_the_late_payment_costs(year: Year) -> None:
    """43.32 due on 14 March; 20.00 come on the 29th, the rest on 12 April: fine 1.52, interest 0.26.

    The fine is 3.5 % of 43.32 = 1.5162, once.  Of 15 days the interest is 43.32 x 0.8 % x 12 x 15/365 =
    0.1709, and 20.00 settle it (0.17), the fine (1.52) and 18.31 of the principal.  25.01 stay for 29 days:
    0.8 % x 12/365 x (18.31 x 15 + 25.01 x 29) = 0.096/365 x 999.94 = 0.2630, that is 0.09 beyond 0.17.
    So the last payment is 25.01 + 0.09 = 25.10.
    """
    invoice = year.office.of("ribera", LATE_INVOICE)
    with reading(year.office.engine) as connection:
        charged = late_charges_of(connection, invoice.account_id, ItemId(invoice.invoice_id))
    customer = year.customer("ribera")
    (before, *_), last = LATE_PAYMENTS, max(LATE_PAYMENTS)
    not_due = year.office.of("ribera", date(2026, 4, 6)).total

    assert eur("43.32") == invoice.total
    assert (eur("1.52"), eur("0.26"), eur("0.00")) == (
        total_of((each.fine for each in charged), "EUR"),
        total_of((each.interest for each in charged), "EUR"),
        total_of((each.correction for each in charged), "EUR"),
    )
    assert {"COR-5"} == {each.cites.clause for each in charged}
    assert eur("25.01") + total_of(_open_beside(year, before), "EUR") == customer.open_amount(before)
    assert not_due == customer.open_amount(last)


def _open_beside(year: Year, day: date) -> list[Money]:
    """Return what Ribera was invoiced by a day and owes only later."""
    return [
        each.total
        for each in year.office.invoices
        if each.customer.code == "ribera" and each.issued_on <= day < each.due_on
    ]


# ------------------------------------------------------------------------------------------------- never paid


def test_who_never_pays_is_proposed_to_go(year: Year) -> None:
    """Twenty-one days of suspension propose the end, a person confirms it; the debt and its letters stay.

    The 45 days after which data may go begin anew with the end: 26 July, so 10 September.
    """
    customer = year.customer("salgueiro")
    number = year.office.of("salgueiro", SALGUEIROS_FIRST).number

    assert [
        "2026-06-13 remind done COR-7.1",
        "2026-06-17 notify done COR-7.2",
        "2026-06-23 suspend_part of messaging done COR-7.3",
        "2026-06-30 suspend done COR-7.4",
        "2026-07-22 terminate confirmed COR-7.5",
        "2026-09-10 delete_data proposed COR-7.6",
    ] == customer.timeline_of(number)
    assert ServiceStatus(ServiceState.SUSPENDED, ("messaging",)) == customer.status(date(2026, 7, 25))
    assert ServiceStatus(ServiceState.TERMINATED) == customer.status(TERMINATED)
    assert f"Seu contrato foi rescindido: fatura {number}" in [
        body["subject"] for _, body in customer.told("mail.dunning")
    ]


def test_a_contract_ends_once(year: Year) -> None:
    """Three later invoices proposed the end too and wait for nobody; no invoice follows the last week."""
    customer = year.customer("salgueiro")
    proposed = [each for each in customer.actions if each.step == "termination"]
    issued = [each.issued_on for each in year.office.invoices if each.customer.code == "salgueiro"]

    assert ["confirmed", "dismissed", "dismissed", "dismissed"] == sorted(each.status for each in proposed)
    assert date(2026, 7, 27) == customer.contract.subscription.ends_on
    assert date(2026, 7, 20) == max(issued)


# --------------------------------------------------------------------------------------------- the year's end


def aged(year: Year) -> AgingReport:
    """Return the aging at the end of the year."""
    with reading(year.office.engine) as connection:
        return aging_report(connection, as_of=YEARS_END)


def test_the_aging_at_the_years_end(year: Year) -> None:
    """363.41: one invoice of Faolán and two of Ribera that are not due yet, and all eight of Salgueiro.

    Salgueiro's are 86.10 + 7 x 24.60 = 258.30, with fines of 3.01 + 7 x 0.86 and 1.66 of interest through the
    last letter about each: 268.99.
    """
    report = aged(year)
    by_account = {each.account_id: each.sums.total for each in report.accounts}
    with reading(year.office.engine) as connection:
        (rolled,) = roll_forward(connection, month=YEARS_END)

    assert {
        account_id_of("faolan"): eur("48.94"),
        account_id_of("ribera"): eur("45.48"),
        account_id_of("salgueiro"): eur("268.99"),
    } == by_account
    assert (eur("94.42"), eur("268.99")) == (
        report.totals["EUR"].buckets[Bucket.CURRENT],
        report.totals["EUR"].buckets[Bucket.OVER_90],
    )
    assert eur("363.41") == report.total_in("EUR") == rolled.closing


def test_the_aging_is_the_sum_of_the_open_items(year: Year) -> None:
    """Each invoice of the year is open or paid, and the open ones add up."""
    report = aged(year)
    numbers = {each.number for each in year.office.invoices if each.issued_on <= YEARS_END}

    assert 11 == len(report.items)
    assert {each.balance.item.number for each in report.items} <= numbers
    assert report.total_in("EUR") == total_of((each.balance.total for each in report.items), "EUR")


# -------------------------------------------------------------------------------------------------- once more


def _books_again(year: Year) -> None:
    assert year.loads().changed_nothing is True


def _uses_again(year: Year) -> None:
    for week in range(WEEKS):
        year.uses(week)


def _bills_again(year: Year) -> None:
    assert {0} == {year.bills(monday(week)).invoices for week in range(WEEKS + 1)}


def _banks_again(year: Year) -> None:
    assert {0} == {year.banks(day).booked for day in year.statements}


def _nights_again(year: Year) -> None:
    year.posts(LAST)
    reports = [year.night(monday(week)) for week in range(WEEKS + 1)]
    assert {(0, 0, 0)} == {(each.actions, each.proposals, each.restored) for each in reports}


def _terminates_again(year: Year) -> None:
    with pytest.raises(Conflict):
        year.terminates(TERMINATED)


STEPS: Mapping[str, Callable[[Year], None]] = {
    "books": _books_again,
    "uses": _uses_again,
    "bills": _bills_again,
    "banks": _banks_again,
    "nights": _nights_again,
    "terminates": _terminates_again,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_second_run_changes_nothing(year: Year, step: str) -> None:
    """Each step of the year, done again after its end, writes no row; only a run itself is logged."""
    tables = [each for each in whole_schema().sorted_tables if each.name != "invoice_runs"]
    before = {table.name: year.office.rows(table) for table in tables}
    STEPS[step](year)

    assert before == {table.name: year.office.rows(table) for table in tables}
