"""The aging through the API: it adds up, it pages, and its pages are of one report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from api.models import AgingBody
from contracts.store import load_catalog
from db.unit_of_work import reading, unit_of_work
from kernel.ids import account_id_of
from kernel.money import Money
from payments.receipts import Receipt
from payments.receive import receive
from receivables.aging import AgingBasis
from receivables.report import aging_report
from tests.integration.api_portal import Portal, at, open_portal

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

PATH = "/v1/receivables/aging"
FEBRUARY, MARCH, TODAY = date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 5)


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 5 March 2026; February and March are billed and nothing is paid."""
    with open_portal(engine, today=TODAY) as portal:
        portal.bill(FEBRUARY)
        portal.bill(MARCH)
        yield portal


def pages(portal: Portal, **query: object) -> Iterator[dict[str, Any]]:
    """Yield each page of a report, as long as more follow."""
    last = None
    while True:
        page = portal.read(PATH, starting_after=last, **query)
        yield page
        if not page["has_more"]:
            return
        last = page["items"][-1]["number"]


def pay(portal: Portal, account: str, amount: str, currency: str) -> None:
    """Book a receipt of today."""
    receipt = Receipt(
        account_id=account_id_of(account),
        reference="transfer-1",
        received_on=TODAY,
        amount=Money.of(amount, currency),
    )
    with unit_of_work(portal.engine) as connection:
        receive(connection, load_catalog(connection), receipt, clock=at(date(2026, 3, 6)))


def test_the_report_is_that_of_the_books(portal: Portal) -> None:
    """Today unless told otherwise, by due date: the totals that finance exports, and all their items."""
    with reading(portal.engine) as connection:
        report = aging_report(connection, as_of=TODAY)
    shown = AgingBody.model_validate_json(portal.get(PATH).content)

    assert (TODAY, "due_date", False) == (shown.as_of, shown.basis, shown.has_more)
    assert [each.balance.item.number for each in report.items] == [each.number for each in shown.items]
    assert {currency: sums.total.amount for currency, sums in report.totals.items()} == {
        each.currency: each.total for each in shown.totals
    }


def test_the_items_add_up_to_the_totals(portal: Portal) -> None:
    """In each currency and each bucket, to the cent."""
    shown = AgingBody.model_validate_json(portal.get(PATH).content)

    for totals in shown.totals:
        items = [each for each in shown.items if each.currency == totals.currency]
        assert totals.total == sum(each.total for each in items) == sum(totals.buckets.values())
        assert totals.buckets == {
            bucket: sum((each.total for each in items if each.bucket == bucket), Decimal(0))
            for bucket in totals.buckets
        }


def test_an_invoice_has_two_ages(portal: Portal) -> None:
    """Issued on 1 February and due on 21 February: on 5 March 12 days late, and 32 days old."""
    ages = {
        basis: {
            each["number"]: (each["days"], each["bucket"]) for each in portal.read(PATH, basis=basis)["items"]
        }
        for basis in AgingBasis
    }

    assert (12, "1-30") == ages[AgingBasis.DUE_DATE]["ZBR-000001"]
    assert (32, "31-60") == ages[AgingBasis.INVOICE_DATE]["ZBR-000001"]


@pytest.mark.parametrize("limit", [1, 3, 16, 17, 18])
def test_paging_visits_every_item_once(portal: Portal, limit: int) -> None:
    """The totals of every page are those of the whole report."""
    whole = portal.read(PATH, limit=1_000)
    found = list(pages(portal, limit=limit))

    assert whole["items"] == [item for page in found for item in page["items"]]
    assert 17 == len(whole["items"])
    assert [whole["totals"]] * len(found) == [page["totals"] for page in found]


def test_pages_of_one_report_bear_a_payment(portal: Portal) -> None:
    """Asked as known at one instant, the next page goes on although the last item was paid in between."""
    known_at = at(TODAY).now().isoformat()
    whole = portal.read(PATH, known_at=known_at)
    first = portal.read(PATH, known_at=known_at, limit=1)
    last = first["items"][0]
    pay(portal, last["account"], "90000.00", last["currency"])

    rest = portal.read(PATH, known_at=known_at, starting_after=last["number"])
    lost = portal.get(PATH, starting_after=last["number"])

    assert whole["items"] == first["items"] + rest["items"]
    assert whole["totals"] == rest["totals"]
    assert (404, "unknown_invoice", "starting_after") == (
        lost.status_code,
        lost.json()["code"],
        lost.json()["field"],
    )


def test_last_month_stays_what_it_was(portal: Portal) -> None:
    """A payment of today, and the late charges that it meets, change today's report and none before it."""
    before, today = portal.read(PATH, as_of="2026-03-04"), portal.read(PATH)
    pay(portal, "flores-del-norte", "5000.00", "MXN")

    assert before == portal.read(PATH, as_of="2026-03-04")
    assert Decimal(today["totals"][1]["total"]) > Decimal(portal.read(PATH)["totals"][1]["total"])


def test_the_aging_of_one_account(portal: Portal) -> None:
    """Its items and its totals alone; of an account that nobody knows there is no report."""
    account_id = account_id_of("clinica-jacaranda")
    with reading(portal.engine) as connection:
        report = aging_report(connection, as_of=TODAY, account_ids=[account_id])
    shown = portal.read(PATH, account="clinica-jacaranda")
    unknown = portal.get(PATH, account="nobody")

    assert {"clinica-jacaranda"} == {each["account"] for each in shown["items"]}
    assert [str(report.total_in("BRL").amount)] == [each["total"] for each in shown["totals"]]
    assert (404, "unknown_account") == (unknown.status_code, unknown.json()["code"])


def test_nothing_is_open_before_the_first_invoice(portal: Portal) -> None:
    """An empty report is a report."""
    shown = portal.read(PATH, as_of="2026-01-31")

    assert ([], [], False) == (shown["totals"], shown["items"], shown["has_more"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"as_of": "yesterday"}, "query.as_of"),
        ({"basis": "mood"}, "query.basis"),
        ({"limit": "1001"}, "query.limit"),
        ({"known_at": "2026-03-05T12:00:00"}, "query.known_at"),
    ],
)
def test_a_parameter_has_its_limits(portal: Portal, query: dict[str, str], field: str) -> None:
    """What cannot be meant is refused by its name; an instant needs its zone."""
    answer = portal.get(PATH, **query)

    assert (400, "invalid_request", field) == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["field"],
    )
