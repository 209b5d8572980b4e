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
from contracts.notices import NewPlan
from contracts.store import contracts_of, load_catalog
from db.unit_of_work import reading, unit_of_work
from kernel.errors import NotFound
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
    assert (date(2026, 5, 1), None) == (changed.effective_on, refund)

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
    """The days of the new plan are taken by now: its contract waits as a problem, all others are billed."""
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    desk = Desk(office.engine, "flores", "conversion")
    desk.asks_for(NewPlan(plan="conversion-mx", version=2), Word(said_on=date(2026, 3, 10)))
    office.ends("flores", "conversion", date(2026, 5, 1))
    office.signs("flores", "conversion-mx", "zenvia-mx", starts_on=date(2026, 5, 1))

    report = office.bills(date(2026, 4, 1))

    assert [("flores/conversion", "subscription_overlap")] == [
        (each.subject, each.code) for each in report.problems
    ]
    billed = [each.customer.code for each in office.invoices if each.issued_on == date(2026, 4, 1)]
    assert "flores" not in billed
    assert "meridiano" in billed
    assert date(2026, 5, 1) == desk.contract.subscription.ends_on
