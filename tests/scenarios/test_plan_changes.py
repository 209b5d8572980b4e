"""A customer asks for another plan: the old one to the end of its cycle, the new one from there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from contracts import book_store
from contracts.charges import Flat
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import NewPlan, NewPrices
from contracts.store import contracts_of, load_catalog
from db.unit_of_work import reading, unit_of_work
from kernel.errors import Conflict, NotFound
from kernel.ids import account_id_of
from tests.integration.contract_desk import Desk
from tests.integration.invoicing_book import Office, talks

pytestmark = [pytest.mark.scenario, pytest.mark.integration]


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book, with a second version of its plan that costs 2,999.00."""
    office = Office.open(engine)
    with unit_of_work(engine) as connection:
        plan = load_catalog(connection).plan("conversion-mx", 1)
        dearer = tuple(
            replace(each, amount=Decimal("2999.00")) if isinstance(each, Flat) else each
            for each in plan.charge
        )
        book_store.add_plans(connection, [replace(plan, version=2, charge=dearer)])
    return office


@pytest.mark.clause("ZEN-IX-4.1")
def test_zenvia_annex_ix_a_plan_asked_for_on_ten_march_begins_in_may(office: Office) -> None:
    """April is the old plan's, May the new one's; April's use is the old one's, and activation is paid."""
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    ((changed, refund),) = desk.settles(date(2026, 3, 10))
    assert (date(2026, 5, 1), None) == (changed.notice.effective_on, refund)

    office.bills(date(2026, 4, 1))
    office.gets(talks("flores", 150, date(2026, 4, 10)))
    office.gets(talks("flores", 100, date(2026, 5, 10)))
    office.bills(date(2026, 5, 1))
    office.bills(date(2026, 6, 1))

    assert "1999.00" == str(office.of("flores", date(2026, 4, 1)).lines[0].net)
    may_of_old, may_of_new = sorted(
        (
            each
            for each in office.invoices
            if (each.customer.code, each.issued_on) == ("flores", date(2026, 5, 1))
        ),
        key=lambda each: each.subscription,
    )
    assert ["whatsapp_mx"] == [line.charge for line in may_of_old.lines]
    assert [("platform", "2999.00")] == [(line.charge, str(line.net)) for line in may_of_new.lines]
    assert ["conversion", "conversion-2"] == [may_of_old.subscription, may_of_new.subscription]
    assert "2999.00" == str(office.of("flores", date(2026, 6, 1)).lines[0].net)


def test_the_contract_that_follows_stands_under_the_versions_that_it_stood_under(office: Office) -> None:
    """A new version of the annex, in force since March, binds who signs then, not who changes the plan."""
    with unit_of_work(office.engine) as connection:
        (annex,) = load_catalog(connection).documents["zenvia-annex-ix"]
        newer = replace(annex.document, version="2026-03", effective_from=date(2026, 3, 1))
        book_store.add_documents(connection, [replace(annex, document=newer)])
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    desk.settles(date(2026, 3, 10))

    with reading(office.engine) as connection:
        held = contracts_of(connection, load_catalog(connection), [account_id_of("flores")])
    versions = {
        each.subscription.code: {head.id: head.version for head in each.terms.documents} for each in held
    }
    assert versions["conversion-2"] == {**versions["conversion"], "plan-change": "2026-05-01"}
    assert "2026-03" not in versions["conversion-2"].values()


def test_terms_without_a_rule_let_no_plan_follow(office: Office) -> None:
    """What the paper does not state is not guessed."""
    desk = Desk(office.engine, "solis", "team")

    with pytest.raises(NotFound) as refused:
        desk.asks_for(NewPlan(plan="konectus-team", version=1), Word(said_on=date(2026, 3, 10)))

    assert "rules.plan_change" == refused.value.field


def test_a_wish_that_nothing_can_follow_is_set_aside_and_stops_nobody(office: Office) -> None:
    """The new plan stands on a paper that nobody has: its contract is a problem, all others are billed."""
    with unit_of_work(office.engine) as connection:
        plan = load_catalog(connection).plan("conversion-mx", 1)
        book_store.add_plans(connection, [replace(plan, version=3, documents=("nowhere",))])
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=3), Word(said_on=date(2026, 3, 10)))

    report = office.bills(date(2026, 4, 1))

    assert [("flores/conversion", "not_found")] == [(each.subject, each.code) for each in report.problems]
    billed = [each.customer.code for each in office.invoices if each.issued_on == date(2026, 4, 1)]
    assert "flores" not in billed
    assert "meridiano" in billed
    assert desk.contract.subscription.ends_on is None

    desk.withdraws(desk.notices[0], date(2026, 4, 2))
    assert () == office.bills(date(2026, 4, 2)).problems
    assert "flores" in [each.customer.code for each in office.invoices if each.issued_on == date(2026, 4, 2)]


def test_no_cycle_that_was_billed_is_billed_again_under_the_new_plan(office: Office) -> None:
    """A wish of 10 March that is recorded in June begins in July: May and June were the old plan's."""
    for month in range(1, 7):
        office.bills(date(2026, month, 1))
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    ((changed, _),) = desk.settles(date(2026, 6, 2))
    office.bills(date(2026, 7, 1))

    assert date(2026, 7, 1) == changed.notice.effective_on
    fees = [
        (str(line.period), str(line.net))
        for each in office.invoices
        if each.customer.code == "flores"
        for line in each.lines
        if line.charge == "platform"
    ]
    assert len(fees) == len({period for period, _ in fees})
    assert ("2026-07-01 to 2026-07-31", "2999.00") == fees[-1]


def test_an_ended_contract_takes_no_other_plan(office: Office) -> None:
    """Ended on 9 April before the new plan could begin: the wish lapses, and the end stays."""
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    desk.ends("convenience", Party.CUSTOMER, Word(said_on=date(2026, 3, 9)))
    outcomes = [each.notice.outcome for each, _ in desk.settles(date(2026, 3, 10))]

    assert ["ended", "lapsed"] == sorted(outcomes)
    assert date(2026, 4, 9) == desk.contract.subscription.ends_on


def test_what_would_have_followed_ends_with_the_contract(office: Office) -> None:
    """The new plan was to begin in May; the contract ends in April, and nothing more is ever billed."""
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    desk.settles(date(2026, 3, 10))
    desk.ends("convenience", Party.CUSTOMER, Word(said_on=date(2026, 3, 12)))
    ((ended, _),) = desk.settles(date(2026, 3, 12))
    for month in (4, 5, 6):
        office.bills(date(2026, month, 1))

    assert date(2026, 4, 11) == ended.notice.effective_on
    with reading(office.engine) as connection:
        held = contracts_of(connection, load_catalog(connection), [account_id_of("flores")])
    assert ["conversion"] == [each.subscription.code for each in held]
    assert [] == [
        each.number
        for each in office.invoices
        if each.customer.code == "flores" and each.issued_on > date(2026, 5, 1)
    ]


def test_a_plan_does_not_change_while_another_notice_waits(office: Office) -> None:
    """What was announced to the old contract would not follow: it is settled or withdrawn first."""
    desk = Desk(office.engine, "flores", "conversion")
    desk.announces("price", NewPrices(factor=Decimal("1.1")), Word(said_on=date(2026, 3, 5)))

    with pytest.raises(Conflict, match="another notice") as refused:
        desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))

    assert "change price of 2026-03-05" == refused.value.value
