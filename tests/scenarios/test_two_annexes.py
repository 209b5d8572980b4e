"""One account under Annex IX and Annex X: one late month, one wish to leave, each by its own rules."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from contracts.give_notice import Word
from contracts.life_rules import Party
from db.unit_of_work import reading
from dunning import store
from dunning.chase import chase
from invoicing.archive import late_charges_of
from kernel.errors import NotFound
from kernel.ids import account_id_of
from receivables.store import item_by_number
from tests.integration.contract_desk import Desk
from tests.integration.dunning_book import at
from tests.integration.invoicing_book import Office

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

BILLED = date(2026, 1, 1)


@pytest.fixture
def office(engine: Engine) -> Office:
    """Clínica Jacarandá holds Conversion under Annex IX, and signs Docs under Annex X."""
    office = Office.open(engine)
    office.signs("jacaranda", "docs-nlu", "zenvia-br", order_form="docs-15-days")
    office.bills(BILLED)
    return office


def timelines(office: Office) -> dict[str, list[str]]:
    """Return what was taken or proposed against the account, by subscription."""
    account_id = account_id_of("jacaranda")
    codes = {
        Desk(office.engine, "jacaranda", code).contract.subscription_id: code
        for code in ("conversion", "docs-nlu")
    }
    with reading(office.engine) as connection:
        actions = store.actions_of(connection, [account_id])
    found: dict[str, list[str]] = defaultdict(list)
    for each in sorted(actions, key=lambda each: (each.allowed_on, each.step)):
        found[codes[each.subscription_id]].append(
            f"{each.allowed_on} {each.step} {each.status} {each.clause}"
        )
    return found


def charged(office: Office, number: str) -> tuple[Decimal, Decimal, Decimal, str]:
    """Return fine, interest and correction of an invoice as the nights assessed them, and the clause."""
    account_id = account_id_of("jacaranda")
    with reading(office.engine) as connection:
        item = item_by_number(connection, account_id, number)
        assert item is not None
        records = late_charges_of(connection, account_id, item.item_id)
    sums = [
        sum((getattr(each, name).amount for each in records), Decimal(0))
        for name in ("fine", "interest", "correction")
    ]
    return sums[0], sums[1], sums[2], records[-1].cites.clause


@pytest.mark.clause("ZEN-1.4")
@pytest.mark.clause("ZEN-IX-6.2")
@pytest.mark.clause("ZEN-X-8")
def test_zenvia_the_same_arrears_meet_two_ladders_and_two_fines(office: Office) -> None:
    """Nobody pays January: Annex IX stops a part, then all, and proposes the end; Annex X takes longer."""
    for day in range(46):
        night = BILLED + timedelta(days=day)
        chase(office.engine, as_of=night, clock=at(night))

    assert {
        "conversion": [
            "2026-01-22 reminder done ZEN-IX-9.1",
            "2026-01-27 partial_suspension done ZEN-IX-11",
            "2026-01-30 suspension done ZEN-IX-6",
            "2026-02-01 termination proposed ZEN-IX-10.2",
        ],
        "docs-nlu": ["2026-01-17 reminder done ZEN-5.1", "2026-01-27 suspension done ZEN-13.1-iii"],
    } == timelines(office)
    conversion = office.of("jacaranda", BILLED, subscription="conversion")
    docs = office.of("jacaranda", BILLED, subscription="docs")
    assert (date(2026, 1, 21), date(2026, 1, 16)) == (conversion.due_on, docs.due_on)
    # 10 % and 9 days of 1 % a month on 1,604.99, up to the last letter; 2 % and 11 days on 2,140.00, and the
    # index of January, which nobody knows before its end.
    assert ("1604.99", (Decimal("160.50"), Decimal("4.81"), Decimal(0), "ZEN-IX-6.2")) == (
        str(conversion.total.amount),
        charged(office, conversion.number),
    )
    assert ("2140.00", (Decimal("42.80"), Decimal("7.85"), Decimal(0), "ZEN-X-8")) == (
        str(docs.total.amount),
        charged(office, docs.number),
    )


@pytest.mark.clause("ZEN-IX-10")
@pytest.mark.clause("ZEN-X-4-c")
def test_zenvia_who_may_leave_one_annex_with_thirty_days_may_not_leave_the_other(office: Office) -> None:
    """Annex IX frees either side; Annex X knows no such end, and its term goes on with what is to be paid."""
    word = Word(said_on=date(2026, 2, 10))
    conversion = Desk(office.engine, "jacaranda", "conversion")
    docs = Desk(office.engine, "jacaranda", "docs-nlu")

    conversion.ends("convenience", Party.CUSTOMER, word)
    ((ended, refund),) = conversion.settles(word.said_on)
    with pytest.raises(NotFound) as refused:
        docs.ends("convenience", Party.CUSTOMER, word)

    assert (date(2026, 3, 12), None) == (ended.notice.effective_on, refund)
    assert "convenience" == refused.value.value
    assert date(2026, 3, 13) == conversion.contract.subscription.ends_on
    assert docs.contract.subscription.ends_on is None
    for month in (2, 3, 4):
        office.bills(date(2026, month, 1))
    assert ["docs-nlu"] == [
        each.subscription
        for each in office.invoices
        if (each.customer.code, each.issued_on) == ("jacaranda", date(2026, 4, 1))
    ]
