"""What an early end or a breach costs, from the notice or the event to the line of an invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from contracts import book_store
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import Answer, NewPrices
from contracts.store import load_catalog
from db.engine import URL_VARIABLE
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from invoicing.charge_penalties import Fact, penalize_event
from invoicing.documents import InvoiceLine, LineKind
from invoicing.explain import explain
from invoicing.pending import PendingLine
from invoicing.tables import pending_lines
from kernel.clock import FixedClock
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.money import Money
from runtime.cli import app
from tests.integration.contract_desk import Desk
from tests.integration.invoicing_book import Office, talks

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

LEAVES = date(2026, 3, 15)


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


def months(office: Office, last: int) -> None:
    """Bill the first months of 2026."""
    for month in range(1, last + 1):
        office.bills(date(2026, month, 1))


def penalties(office: Office, account: str) -> list[InvoiceLine]:
    """Return every penalty that was billed to a customer."""
    return [
        line
        for each in office.invoices
        if each.customer.code == account
        for line in each.lines
        if line.kind is LineKind.PENALTY
    ]


def happened(
    desk: Desk, code: str, on: date, *, amount: str = "", recorded_on: date | None = None
) -> PendingLine:
    """Record an event that brings a penalty."""
    told = recorded_on or on
    contract = desk.contract
    with unit_of_work(desk.engine) as connection:
        fact = Fact(
            happened_on=on,
            recorded_on=told,
            by="ana",
            reason="a letter came",
            amount=Money.of(amount, contract.currency) if amount else None,
        )
        return penalize_event(connection, contract, code, fact, clock=FixedClock.on(told))


@pytest.mark.clause("ZEN-X-14")
def test_zenvia_leaving_docs_in_march_costs_half_of_april_to_december(office: Office) -> None:
    """1,250.00 and 890.00 a month, March billed in advance: half of nine months, 9,630.00 without a tax."""
    months(office, 3)
    desk = Desk(office.engine, "ipe", "docs")
    desk.ends("without_cause", Party.CUSTOMER, Word(said_on=LEAVES))
    office.bills(date(2026, 3, 16))
    (line,) = penalties(office, "ipe")

    assert ("early_end", "ZEN-X-14") == (line.charge, line.cites.clause)
    assert (Decimal("9630.00"), Decimal(0), Decimal("9630.00")) == (line.net, line.tax, line.gross)
    told = explain(office.of("ipe", date(2026, 3, 16)))
    assert "subscription, 2026-04-01 to 2026-12-31: 11,250.00 BRL" in "\n".join(told)
    assert "50 % of 19,260.00 BRL = 9,630.00 BRL (ZEN-X-14)" in "\n".join(told)

    office.bills(date(2026, 4, 1))
    office.bills(date(2026, 5, 1))
    assert date(2026, 3, 16) == max(each.issued_on for each in office.invoices if each.customer.code == "ipe")
    assert 1 == len(penalties(office, "ipe"))


@pytest.mark.clause("ZEN-X-14")
def test_zenvia_ending_with_the_term_costs_nothing(office: Office) -> None:
    """The last day of the term leaves nothing that remains, so nothing is owed."""
    months(office, 12)
    desk = Desk(office.engine, "ipe", "docs")
    desk.ends("without_cause", Party.CUSTOMER, Word(said_on=date(2026, 12, 31)))
    desk.settles(date(2026, 12, 31))

    assert date(2027, 1, 1) == desk.contract.subscription.ends_on
    assert 0 == office.count(pending_lines)


@pytest.mark.clause("ZEN-16.4")
def test_zenvia_who_turns_a_price_down_leaves_docs_for_nothing(office: Office) -> None:
    """The same contract on the same day, by the clause that frees the customer: no penalty."""
    months(office, 3)
    desk = Desk(office.engine, "ipe", "docs")
    notice = desk.announces(
        "price",
        NewPrices(factor=Decimal("1.2")),
        Word(said_on=date(2026, 3, 2)),
        arrives_on=date(2026, 3, 2),
    )
    desk.answers(notice, Answer.REJECTED, LEAVES)
    office.bills(date(2026, 4, 1))
    office.bills(date(2026, 5, 1))

    assert desk.contract.subscription.ends_on is not None
    assert [] == penalties(office, "ipe")


def test_an_order_form_may_let_a_customer_leave_for_nothing(office: Office) -> None:
    """'Unless the order form says otherwise', and this one does."""
    office.signs("solis", "docs-nlu", "zenvia-br", order_form="docs-free-exit")
    months(office, 3)
    desk = Desk(office.engine, "solis", "docs-nlu")
    desk.ends("without_cause", Party.CUSTOMER, Word(said_on=LEAVES))
    office.bills(date(2026, 3, 16))

    assert desk.contract.subscription.ends_on == date(2026, 3, 16)
    assert [] == penalties(office, "solis")


@pytest.mark.clause("ZEN-IX-10.1")
def test_zenvia_leaving_conversion_early_costs_the_discount_to_the_last_day_of_the_notice(
    office: Office,
) -> None:
    """1,500.00 for 1,999.00: three months and nine days of April are 1,646.70, and 16 % IVA as on a fee."""
    office.signs("solis", "conversion-mx", "zenvia-mx", order_form="conversion-discount")
    months(office, 3)
    desk = Desk(office.engine, "solis", "conversion-mx")
    desk.ends("convenience", Party.CUSTOMER, Word(said_on=date(2026, 3, 10)))
    office.bills(date(2026, 4, 1))
    assert [] == penalties(office, "solis")
    office.bills(date(2026, 4, 10))
    (line,) = penalties(office, "solis")

    assert ("discount_clawback", "ZEN-IX-10.1") == (line.charge, line.cites.clause)
    assert (Decimal("1646.70"), Decimal("263.47")) == (line.net, line.tax)
    billed = [
        each.net
        for invoice in office.invoices
        if invoice.customer.code == "solis"
        for each in invoice.lines
        if each.charge == "platform"
    ]
    # 1,500.00 x 3 and 450.00 were billed where the list has 1,999.00 x 3 and 599.70: the discount, no more
    assert Decimal("6596.70") - sum(billed) == line.net


@pytest.mark.clause("ZEN-IX-10.1")
def test_zenvia_a_vendor_that_ends_conversion_takes_no_discount_back(office: Office) -> None:
    """It is the customer that pays for leaving."""
    office.signs("solis", "conversion-mx", "zenvia-mx", order_form="conversion-discount")
    months(office, 3)
    desk = Desk(office.engine, "solis", "conversion-mx")
    word = Word(said_on=date(2026, 3, 10))
    desk.ends("convenience", Party.VENDOR, word, arrives_on=date(2026, 3, 10))
    office.bills(date(2026, 4, 10))

    assert date(2026, 4, 10) == desk.contract.subscription.ends_on
    assert [] == penalties(office, "solis")


@pytest.mark.clause("ZEN-IX-12.1")
def test_zenvia_who_turns_a_price_down_keeps_the_discount(office: Office) -> None:
    """Annex IX 12.1 is free of charge, and that is the claw-back too."""
    office.signs("solis", "conversion-mx", "zenvia-mx", order_form="conversion-discount")
    months(office, 3)
    desk = Desk(office.engine, "solis", "conversion-mx")
    word = Word(said_on=date(2026, 3, 2))
    notice = desk.announces("price", NewPrices(factor=Decimal("1.2")), word, arrives_on=date(2026, 3, 2))
    desk.answers(notice, Answer.REJECTED, date(2026, 3, 10))
    office.bills(date(2026, 5, 1))

    assert desk.contract.subscription.ends_on is not None
    assert [] == penalties(office, "solis")


@pytest.mark.clause("ZEN-15.7")
@pytest.mark.clause("ZEN-17.4")
@pytest.mark.parametrize("code", ["content_sanction", "assessment"])
def test_zenvia_a_sanction_is_charged_whole_and_at_once(office: Office, code: str) -> None:
    """A run of the same day makes an invoice of it alone, without a tax; told twice it is charged once."""
    months(office, 3)
    desk = Desk(office.engine, "flores", "conversion")
    told = happened(desk, code, date(2026, 3, 6), amount="1500.37")
    assert told == happened(desk, code, date(2026, 3, 6), amount="1500.37")
    office.bills(date(2026, 3, 6))
    office.bills(date(2026, 3, 7))

    assert ["1,500.37 MXN"] == [
        str(each.total) for each in office.invoices if each.issued_on > date(2026, 3, 1)
    ]
    (line,) = penalties(office, "flores")
    assert (code, Decimal("1500.37"), ()) == (line.charge, line.net, line.taxes)
    with reading(office.engine) as connection:
        kinds = connection.execute(select(outbox.c.kind)).scalars().all()
    assert 1 == kinds.count("penalty.due")


def test_an_event_of_a_day_has_one_amount(office: Office) -> None:
    """Another amount for the same day is refused, and so are none and one where the clause computes."""
    desk = Desk(office.engine, "ipe", "docs")
    happened(desk, "assessment", date(2026, 3, 6), amount="10.00")

    with pytest.raises(Conflict):
        happened(desk, "assessment", date(2026, 3, 6), amount="11.00")
    with pytest.raises(InvalidInput):
        happened(desk, "assessment", date(2026, 3, 7))
    with pytest.raises(InvalidInput):
        happened(desk, "solicitation", date(2026, 3, 7), amount="11.00")
    with pytest.raises(Conflict):
        happened(desk, "early_end", date(2026, 3, 7))
    with pytest.raises(NotFound):
        happened(desk, "rudeness", date(2026, 3, 7))


@pytest.mark.clause("ZEN-III-7.1-iv")
def test_zenvia_a_sanction_of_meta_is_passed_on(office: Office) -> None:
    """Annex III holds for channels alone; its clause stands on the line."""
    with unit_of_work(office.engine) as connection:
        plan = load_catalog(connection).plan("channels-mx", 1)
        both = replace(plan, code="channels", documents=(*plan.documents, "zenvia-annex-iii"))
        book_store.add_plans(connection, [both])
    office.signs("solis", "channels", "zenvia-mx")
    months(office, 1)
    desk = Desk(office.engine, "solis", "channels")
    happened(desk, "channel_sanction", date(2026, 1, 6), amount="250.00")
    office.bills(date(2026, 2, 1))
    (line,) = penalties(office, "solis")

    assert ("ZEN-III-7.1-iv", Decimal("250.00")) == (line.cites.clause, line.gross)


@pytest.mark.clause("ZEN-X-19")
def test_zenvia_staff_lured_within_six_months_of_the_end_costs_a_fifth_of_the_term(office: Office) -> None:
    """2,140.00 for twelve months are 25,680.00: 5,136.00, until the day before 16 September."""
    months(office, 3)
    desk = Desk(office.engine, "ipe", "docs")
    desk.ends("without_cause", Party.CUSTOMER, Word(said_on=LEAVES))
    office.bills(date(2026, 3, 16))

    with pytest.raises(Conflict):
        happened(desk, "solicitation", date(2026, 9, 16))
    happened(desk, "solicitation", date(2026, 9, 15), recorded_on=date(2026, 10, 2))
    office.bills(date(2026, 10, 2))
    line = penalties(office, "ipe")[-1]
    assert ("ZEN-X-19", Decimal("5136.00")) == (line.cites.clause, line.gross)


@pytest.mark.clause("ZEN-8.7")
def test_zenvia_rules_not_passed_on_cost_twelve_average_months(office: Office) -> None:
    """150 and 250 conversations in two months, 100 of each free: twelve times half of what they cost."""
    office.gets(talks("flores", 150, date(2026, 1, 10)))
    office.gets(talks("flores", 250, date(2026, 2, 10)))
    months(office, 3)
    used = sum(
        line.net
        for each in office.invoices
        if each.customer.code == "flores"
        for line in each.lines
        if line.kind is LineKind.USAGE
    )
    desk = Desk(office.engine, "flores", "conversion")
    line = happened(desk, "resale_rules", date(2026, 3, 20))

    assert used > 0
    assert Money.rounded(Money.of(used, "MXN").exact / 2 * 12, "MXN") == line.amount
    with pytest.raises(Conflict):
        happened(desk, "resale_rules", date(2026, 1, 20))


def test_the_commands_record_and_list(office: Office) -> None:
    """What an operator types, and reads again."""
    runner = CliRunner(env={URL_VARIABLE: office.engine.url.render_as_string(hide_password=False)})
    nothing = runner.invoke(app, ["penalties", "list", "flores"])
    words = ["penalties", "record", "flores", "conversion", "assessment", "--happened-on", "2026-03-06"]
    said = runner.invoke(app, [*words, "--amount", "1500", "--by", "ana", "--why", "a fine"])
    listed = runner.invoke(app, ["penalties", "list", "flores"])
    as_json = runner.invoke(app, ["penalties", "list", "flores", "--json"])
    refused = runner.invoke(app, [*words, "--amount", "1500", "--by", "ana", "--why", ""])

    assert "owes no penalty" in nothing.stdout
    assert "Assessment passed on: 1,500.00 MXN [ZEN-17.4]" in said.stdout
    assert "not yet" in listed.stdout
    assert '"ZEN-17.4"' in as_json.stdout
    assert isinstance(refused.exception, InvalidInput)
