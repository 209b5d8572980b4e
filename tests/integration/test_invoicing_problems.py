"""A contract that cannot be billed is set aside, listed, and billed once it is mended; it stops no other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from contracts import book_store
from contracts.clauses import Clause
from contracts.rules import PaymentRule, TaxMode, TaxRule
from contracts.store import load_catalog
from contracts.terms import Rules, TermsDocument
from db.unit_of_work import unit_of_work
from invoicing.tables import billing_progress
from kernel.ids import account_id_of, subscription_id_of
from kernel.money import Money
from tests.integration.invoicing_book import RECEIVED, Office, counted, gapless

pytestmark = pytest.mark.integration

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
JUNE = date(2026, 6, 10)
OF_THE_BOOK = 8  # invoices of 1 January

MEND = Clause(id="KON-9", place="Section 9", says_en="Fifteen days to pay; prices are before taxes.")
PAYMENT = PaymentRule(clause=MEND.id, due_days_after_sent=15)
TAX = TaxRule(clause=MEND.id, mode=TaxMode.EXCLUSIVE)


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


def publish(office: Office, rules: Rules) -> None:
    """Let the vendor publish the Konectus terms anew, with rules that they lacked."""
    with unit_of_work(office.engine) as connection:
        (terms,) = load_catalog(connection).documents["konectus-general"]
        mended = TermsDocument(
            document=replace(terms.document, version="mended", effective_from=date(2024, 1, 1)),
            clause=(*(each for each in terms.clause if each.id != MEND.id), MEND),
            rules=rules,
            meters=terms.meters,
        )
        book_store.add_documents(connection, [mended])


def publish_may(office: Office) -> None:
    """Let the IGP-M of May 2026 be published."""
    with unit_of_work(office.engine) as connection:
        book_store.add_index_months(connection, "IGPM", {date(2026, 5, 1): Decimal("0.40")}, RECEIVED.now())


def set_aside(office: Office) -> list[tuple[str, str, str]]:
    """Return subject, code and field of what is set aside."""
    return [(each.subject, each.code, each.field) for each in office.problems]


@pytest.mark.clause("KON-9")
def test_a_contract_without_a_due_date_waits(office: Office) -> None:
    """No rule says when an invoice is due: the others are billed; once a rule does, all its months are."""
    office.signs("cafe", "konectus-team", "konectus-mx", order_form="konectus-without-a-due-date")
    report = office.bills(JAN)
    account_id = account_id_of("cafe")
    key = (account_id, subscription_id_of(account_id, "konectus-team"))

    assert OF_THE_BOOK == report.invoices
    assert [("cafe/konectus-team", "invalid_terms", "rules.payment")] == set_aside(office)
    assert office.problems == report.problems
    assert key not in {row[:2] for row in office.rows(billing_progress)}

    publish(office, Rules(payment=PAYMENT))
    office.bills(FEB)
    invoice = office.of("cafe", FEB, subscription="konectus-team")

    assert () == office.problems
    assert ["2026-01-01 to 2026-01-31", "2026-02-01 to 2026-02-28"] == [
        str(line.period) for line in invoice.lines
    ]
    assert (date(2026, 2, 16), "KON-9") == (invoice.due_on, invoice.payment_clause.clause)
    assert gapless(office)


@pytest.mark.clause("KON-9")
def test_a_contract_without_a_tax_rule_waits(office: Office) -> None:
    """No rule says whether its prices hold their taxes: set aside, and billed once one does."""
    office.signs("cafe", "konectus-team", "konectus-mx", order_form="konectus-without-taxes")
    report = office.bills(JAN)

    assert OF_THE_BOOK == report.invoices
    assert [("cafe/konectus-team", "invalid_terms", "rules.tax")] == set_aside(office)

    publish(office, Rules(tax=TAX))
    office.bills(JAN)

    assert () == office.problems
    assert "1,042.84 MXN" == str(office.of("cafe", JAN).total)
    assert gapless(office)


def test_a_contract_waits_for_its_index(office: Office) -> None:
    """An anniversary in June needs the IGP-M of May, which is not published: the price is not guessed."""
    office.signs(
        "solis", "conversion-br", "zenvia-br", signed_on=date(2025, 6, 10), starts_on=date(2026, 5, 10)
    )
    report = office.bills(JUNE)

    assert [("solis/conversion-br", "index_not_published", "IGPM")] == set_aside(office)
    assert ("2026-05", 1) == (office.problems[0].value, len(report.problems))

    publish_may(office)
    office.bills(JUNE)
    invoice = office.of("solis", JUNE, subscription="conversion-br")

    assert () == office.problems
    # IGP-M of 2025-06 to 2026-05, with 0.40 for May: factor 1.015195.
    assert [("2026-05-10 to 2026-06-09", "1408.68"), ("2026-06-10 to 2026-07-09", "1430.08")] == [
        (str(line.period), str(line.net)) for line in invoice.lines
    ]


def test_what_is_listed_is_what_the_last_run_found(office: Office) -> None:
    """The index is out, but now it is a rule on taxes that is missing: one problem is listed, not two."""
    office.signs("cafe", "docs-nlu", "zenvia-br", signed_on=date(2025, 6, 10), starts_on=date(2026, 5, 10))
    office.bills(JUNE)
    first = set_aside(office)
    publish_may(office)
    office.bills(JUNE)

    assert [("cafe/docs-nlu", "index_not_published", "IGPM")] == first
    assert [("cafe/docs-nlu", "invalid_terms", "rules.payment")] == set_aside(office)


def test_less_than_nothing_waits_for_the_next_fee(office: Office) -> None:
    """Three seats less since 31 January give 447.00 of February back: off April's fee, not by an invoice."""
    office.gets(counted("flores", "users", 6, JAN))
    office.bills(MAR)
    office.gets(counted("flores", "users", 3, date(2026, 1, 31)))
    report = office.bills(date(2026, 3, 5))

    assert 0 == report.invoices
    assert [("flores/conversion", "invalid_input", "total")] == set_aside(office)
    assert "-518.52 MXN" == office.problems[0].value

    office.bills(APR)
    lines = office.of("flores", APR).lines

    assert () == office.problems
    assert [
        ("platform", "fee", "2026-04-01 to 2026-04-30", "1999.00"),
        ("users", "usage", "2026-03-01 to 2026-03-31", "0.00"),
        ("users", "late_usage", "2026-02-01 to 2026-02-28", "-447.00"),
    ] == [(each.charge, each.kind.value, str(each.period), str(each.net)) for each in lines]
    assert Money.of("1800.32", "MXN") == office.of("flores", APR).total


def test_a_contract_whose_terms_do_not_resolve_waits(office: Office) -> None:
    """A back-dated version of the terms lacks a cited clause: its contracts wait, the others are billed."""
    with unit_of_work(office.engine) as connection:
        (terms,) = load_catalog(connection).documents["konectus-general"]
        torn = TermsDocument(
            document=replace(terms.document, version="torn", effective_from=date(2024, 1, 1)),
            clause=tuple(each for each in terms.clause if each.id != "KON-2a"),
            rules=terms.rules,
            meters=terms.meters,
        )
        book_store.add_documents(connection, [torn])

    report = office.bills(JAN)

    assert {("unknown_clause", "clause")} == {(code, field) for _, code, field in set_aside(office)}
    assert 0 < report.invoices < OF_THE_BOOK
    assert OF_THE_BOOK == report.invoices + len(report.problems)
