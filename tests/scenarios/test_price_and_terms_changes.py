"""Changes of prices and terms as their contracts tell them: announced, delivered, turned down, in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from contracts import book_store
from contracts.charges import Flat
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import Answer, NewPrices, NewVersions, Outcome
from contracts.parties import Vendor
from contracts.rules import PaymentRule, TaxMode, TaxRule
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import OrderForm
from contracts.terms import Rules
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.errors import Conflict
from kernel.money import Money
from payments.receipts import Receipt
from payments.receive import receive
from tests.integration.contract_desk import Desk
from tests.integration.invoicing_book import Office, talks
from tests.parts import ACCOUNT, ENTITY, PLAN, SUBSCRIPTION, library, parts

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

DEARER = NewPrices(factor=Decimal("1.10"))


def day(text: str) -> date:
    """Return a day of 2026: 01-31."""
    return date.fromisoformat(f"2026-{text}")


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database."""
    return Office.open(engine)


def pays(office: Office, number: str, amount: str, on: date) -> None:
    """Book a receipt of a customer for an invoice."""
    (invoice,) = [each for each in office.invoices if each.number == number]
    receipt = Receipt(
        account_id=invoice.account_id,
        reference=f"{number} {on}",
        received_on=on,
        amount=Money.of(amount, invoice.currency),
        invoice=number,
    )
    with unit_of_work(office.engine) as connection:
        receive(connection, load_catalog(connection), receipt, clock=FixedClock.on(on))


@pytest.mark.clause("KON-16b")
@pytest.mark.parametrize(
    ("paid", "paid_back", "credited"),
    [("1042.84", "370.04", "0.00"), ("800.00", "127.20", "242.84"), ("", "0.00", "370.04")],
)
def test_konectus_a_price_turned_down_ends_the_contract_and_refunds_the_unused_days(
    office: Office, paid: str, paid_back: str, credited: str
) -> None:
    """899.00 and 16 % IVA of March, no on the 20th: 11 of 31 days, 370.04, as far as March is paid."""
    for month in ("01-01", "02-01", "03-01"):
        office.bills(day(month))
    if paid:
        pays(office, office.of("solis", day("03-01")).number, paid, day("03-09"))
    desk = Desk(office.engine, "solis", "team")
    notice = desk.announces("price", DEARER, Word(said_on=day("03-05")), arrives_on=day("03-05"))
    desk.answers(notice, Answer.REJECTED, day("03-20"))
    rejected, (ended, refund) = desk.settles(day("03-20"))

    assert (Outcome.REJECTED, None) == (rejected[0].notice.outcome, rejected[1])
    assert (Outcome.ENDED, day("03-20"), "KON-16b") == (
        ended.notice.outcome,
        ended.notice.effective_on,
        ended.notice.clause,
    )
    assert refund is not None
    assert ["319.00 MXN", "51.04 MXN", "370.04 MXN"] == [
        str(each) for each in (refund.net, refund.tax, refund.gross)
    ]
    assert [paid_back, credited] == [str(each.amount) for each in (refund.paid_back, refund.credited)]
    assert day("03-21") == desk.contract.subscription.ends_on
    assert 1 == desk.contract.factor_of(desk.contract.charges[0], day("05-01"))

    assert () == desk.settles(day("03-21"))
    office.bills(day("04-01"))
    office.bills(day("05-01"))
    later = [each.customer.code for each in office.invoices if each.issued_on > day("03-01")]
    assert "solis" not in later


def test_what_ended_gives_nothing_back_twice(office: Office) -> None:
    """Two changes turned down on one day, and an assignment told two days later: one end and one refund."""
    for month in ("01-01", "02-01", "03-01"):
        office.bills(day(month))
    desk = Desk(office.engine, "solis", "team")
    for code in ("price", "terms"):
        content = DEARER if code == "price" else NewVersions(documents={})
        notice = desk.announces(code, content, Word(said_on=day("03-05")), arrives_on=day("03-05"))
        desk.answers(notice, Answer.REJECTED, day("03-20"))
    first = desk.settles(day("03-20"))
    desk.ends("competitor", Party.CUSTOMER, Word(said_on=day("03-22"), happened_on=day("03-10")))
    second = desk.settles(day("03-22"))

    assert ["rejected", "ended", "rejected", "lapsed"] == [each.notice.outcome for each, _ in first]
    assert 1 == len([refund for _, refund in (*first, *second) if refund is not None])
    assert ["lapsed"] == [each.notice.outcome for each, _ in second]
    assert day("03-21") == desk.contract.subscription.ends_on


@pytest.mark.clause("KON-16a")
@pytest.mark.clause("KON-16c")
def test_konectus_a_price_without_its_delivered_notice_never_holds(office: Office) -> None:
    """Announced on 5 January for March; the mail arrives on 10 February, so it holds from 12 March."""
    desk = Desk(office.engine, "solis", "team")
    word = Word(said_on=day("01-05"), planned_on=day("03-01"))
    desk.announces("price", DEARER, word)
    late = Word(said_on=day("02-09"), planned_on=day("03-01"))
    for month in ("01-05", "02-05"):
        office.bills(day(month))
    assert not desk.contract.price_changes

    desk.announces("price", DEARER, late, arrives_on=day("02-10"))
    for month in ("03-01", "04-01"):
        office.bills(day(month))
    assert [(day("03-12"), "KON-16a")] == [
        (each.effective_on, each.clause) for each in desk.contract.price_changes
    ]
    march, april = (office.of("solis", day(month)).lines[0] for month in ("03-01", "04-01"))
    assert (Decimal("899.00"), Decimal("988.90")) == (march.net, april.net)
    assert "price_change" == april.working[0].code


ANNOUNCED = """\
The prices of WhatsApp conversations, line in Mexico change by 20 %.

The change holds from March 1, 2026.

You may turn it down until the day before; using the service after that accepts it.

Clause 16.3: The 30 days may shrink when waiting does grave harm, or when the channel itself warned us later \
than that. [ZEN-16.3]

Clause 4.4: Going on with the service once the change holds means yes to it. [ZEN-4.4]

Why: Meta told us on 10 February
"""


@pytest.mark.clause("ZEN-16.1")
@pytest.mark.clause("ZEN-16.3")
def test_zenvia_a_channel_that_warned_late_shortens_the_notice(office: Office) -> None:
    """Meta tells of its price of 1 March on 10 February: twelve days' notice, and only WhatsApp's price."""
    desk = Desk(office.engine, "flores", "conversion")
    dearer = NewPrices(factor=Decimal("1.20"), charges=("whatsapp_mx",))
    word = Word(
        said_on=day("02-17"),
        planned_on=day("03-01"),
        exception="late_word_of_the_channel",
        reason="Meta told us on 10 February",
    )
    desk.announces("channel_price", dearer, word, arrives_on=day("02-17"))
    for month in ("01-01", "02-01", "03-01"):
        office.bills(day(month))
    office.gets(talks("flores", 150, day("03-10")))
    office.bills(day("04-01"))

    lines = {line.charge: line for line in office.of("flores", day("04-01")).lines}
    assert Decimal("1999.00") == lines["platform"].net
    # 50 beyond the 100 included, at 1.45 x 1.2
    assert Decimal("87.00") == lines["whatsapp_mx"].net
    assert ("price_change", "ZEN-16.3") == (
        lines["whatsapp_mx"].working[0].code,
        lines["whatsapp_mx"].working[0].facts["clause"],
    )
    with reading(office.engine) as connection:
        (mail,) = connection.execute(select(outbox.c.body).where(outbox.c.kind == "mail.notice")).scalars()
    assert "A change of your contract conversion from March 1, 2026" == mail["subject"]
    assert ANNOUNCED == mail["body"]


def sign_licence(office: Office, vendor: str, clause: str) -> Desk:
    """Let Solís sign a monthly licence of a vendor that announces by posting."""
    form = OrderForm(
        rules=Rules(
            payment=PaymentRule(clause=clause, due_days_after_sent=0),
            tax=TaxRule(clause=clause, mode=TaxMode.EXCLUSIVE),
        )
    )
    (general,) = library(f"{vendor}-general")
    second = replace(
        general, document=replace(general.document, version="second", effective_from=day("02-01"))
    )
    made = parts(
        (general, second),
        charges=(Flat(code="licence", name="Licence", clause=clause, amount=Decimal(500)),),
        account=replace(ACCOUNT, code="solis"),
        entity=replace(
            ENTITY,
            code="slx",
            name=f"{vendor} Demo",
            tax_id="SLX200115AB1",
            time_zone="America/Hermosillo",
            series="SLX",
        ),
        plan=replace(PLAN, code="crm", product="crm", name="CRM"),
        subscription=replace(SUBSCRIPTION, code="crm", order_form=form),
    )
    with unit_of_work(office.engine) as connection:
        book_store.save_vendors(connection, [Vendor(code=vendor, name=vendor)])
        book_store.save_entities(connection, [made.entity])
        book_store.add_documents(connection, made.papers)
        book_store.add_plans(connection, [made.plan])
        book_store.add_subscriptions(
            connection, [(made.subscription, "crm")], FixedClock.on(day("01-01")).now()
        )
    return Desk(office.engine, "solis", "crm")


@pytest.mark.clause("SLX-20")
def test_salexops_silence_through_day_ten_is_a_yes(office: Office) -> None:
    """Posted on 1 February: a yes by silence on the 11th, and the new price holds from the 16th."""
    desk = sign_licence(office, "salexops", "SLX-02")
    desk.announces("price", DEARER, Word(said_on=day("02-01")))

    assert () == desk.settles(day("02-15"))
    ((changed, refund),) = desk.settles(day("02-16"))
    assert (Outcome.CHANGED, day("02-16"), None) == (
        changed.notice.outcome,
        changed.notice.effective_on,
        refund,
    )
    assert Decimal("1.10") == desk.contract.price_changes[0].factor


@pytest.mark.clause("SLX-20")
@pytest.mark.clause("SLX-04")
def test_salexops_a_no_on_day_nine_dissolves_the_contract_and_refunds_nothing(office: Office) -> None:
    """Posted on 1 February, turned down on the 10th: the 10th is the last day, and February stays paid."""
    desk = sign_licence(office, "salexops", "SLX-02")
    office.bills(day("02-01"))
    notice = desk.announces("price", DEARER, Word(said_on=day("02-01")))
    desk.answers(notice, Answer.REJECTED, day("02-10"))
    _, (ended, refund) = desk.settles(day("02-10"))

    assert (Outcome.ENDED, day("02-10"), "SLX-20") == (
        ended.notice.outcome,
        ended.notice.effective_on,
        ended.notice.clause,
    )
    assert refund is None
    assert day("02-11") == desk.contract.subscription.ends_on


@pytest.mark.clause("SLX-19")
def test_salexops_new_terms_hold_for_who_signed_the_old_ones_once_accepted(office: Office) -> None:
    """The second version is there from 1 February; it holds for an older contract from the 15th day after."""
    desk = sign_licence(office, "salexops", "SLX-02")
    content = NewVersions(documents={"salexops-general": "second"})
    assert "second" not in {head.version for head in desk.contract.terms.documents}

    desk.announces("terms", content, Word(said_on=day("02-01")))
    desk.settles(day("02-15"))
    assert "second" not in {head.version for head in desk.contract.terms.documents}
    desk.settles(day("02-16"))
    with reading(office.engine) as connection:
        catalog = load_catalog(connection)
        before, after = (
            contracts_of(connection, catalog, [desk.contract.account_id], on=day(text))
            for text in ("02-15", "02-16")
        )
    assert [False, True] == [
        "second" in {head.version for each in held for head in each.terms.documents}
        for held in (before, after)
    ]
    assert {"second", day("01-01").isoformat()} == {head.version for head in desk.contract.terms.documents}


def test_a_notice_that_was_taken_back_leads_to_nothing(office: Office) -> None:
    """Withdrawn before it holds; what has led to something cannot be withdrawn."""
    desk = Desk(office.engine, "solis", "team")
    notice = desk.announces("price", DEARER, Word(said_on=day("01-05")), arrives_on=day("01-05"))
    desk.withdraws(notice, day("01-20"))

    assert () == desk.settles(day("03-01"))
    assert not desk.contract.price_changes
    assert ("withdrawn", "withdrawn by ana: wrong customer") == (
        desk.notices[0].outcome,
        desk.notices[0].reason,
    )
    with pytest.raises(Conflict, match="led to something already"):
        desk.withdraws(notice, day("01-21"))


def test_a_delivery_that_becomes_known_late_changes_nothing_that_was_billed(office: Office) -> None:
    """Arrived on 10 February and known in April: March was billed at the old price, so April is the first."""
    desk = Desk(office.engine, "flores", "conversion")
    notice = desk.announces("price", DEARER, Word(said_on=day("02-10")))
    for month in ("01-01", "02-01", "03-01"):
        office.bills(day(month))
    office.gets(talks("flores", 110, day("03-20")))
    office.bills(day("04-01"))
    desk.hears_of_delivery(notice, day("02-10"))
    office.gets(talks("flores", 10, day("03-25")))
    office.gets(talks("flores", 110, day("04-20")))
    office.bills(day("05-01"))

    assert () == office.problems
    assert [day("04-01")] == [each.effective_on for each in desk.contract.price_changes]
    # Late use of March at 1.45, as March was billed; April's at 1.45 x 1.1.
    assert [
        ("platform", day("05-01"), "2198.90"),
        ("whatsapp_mx", day("04-01"), "15.95"),
        ("whatsapp_mx", day("03-01"), "14.50"),
    ] == [(line.charge, line.period_start, str(line.net)) for line in office.of("flores", day("05-01")).lines]


@pytest.mark.clause("CNV-08")
def test_conversso_a_no_ends_the_contract_once_nothing_is_owed(office: Office) -> None:
    """Turned down on the fifth day while February is unpaid: the contract ends when that is paid."""
    desk = sign_licence(office, "conversso", "CNV-01")
    office.bills(day("02-01"))
    notice = desk.announces("price", DEARER, Word(said_on=day("02-01")))
    desk.answers(notice, Answer.REJECTED, day("02-06"))
    rejected = desk.settles(day("02-06"))
    waiting = desk.settles(day("02-19"))
    february = next(each for each in office.invoices if each.subscription == "crm")
    pays(office, february.number, str(february.total.amount), day("02-20"))
    ((ended, refund),) = desk.settles(day("02-20"))

    assert ["rejected"] == [each.notice.outcome for each, _ in rejected]
    assert () == waiting
    assert (Outcome.ENDED, day("02-20"), "CNV-08", None) == (
        ended.notice.outcome,
        ended.notice.effective_on,
        ended.notice.clause,
        refund,
    )
