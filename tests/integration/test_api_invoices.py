"""Invoices through the API: every one is seen once, and only those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine

from tests.integration.api_portal import Portal, open_portal

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 1 April 2026; February and March are billed."""
    with open_portal(engine, today=APRIL) as portal:
        portal.bill(FEBRUARY)
        portal.bill(MARCH)
        yield portal


def numbers(portal: Portal, **query: object) -> list[str]:
    """Return the numbers of one page."""
    return [each["number"] for each in portal.read("/v1/invoices", **query)["data"]]


def pages(portal: Portal, **query: object) -> Iterator[list[str]]:
    """Yield the numbers of each page, as long as more follow."""
    last = None
    while True:
        page = portal.read("/v1/invoices", starting_after=last, **query)
        yield [each["number"] for each in page["data"]]
        if not page["has_more"]:
            return
        last = page["data"][-1]["number"]


@pytest.mark.parametrize("limit", [1, 2, 5, 16, 17, 18, 100])
def test_paging_visits_every_invoice_once(portal: Portal, limit: int) -> None:
    """Whatever the size of a page, and also where the last one is just full, none is missed or seen twice."""
    whole = numbers(portal, limit=100)
    found = list(pages(portal, limit=limit))

    assert 17 == len(whole) == len(set(whole))
    assert whole == [number for page in found for number in page]
    assert {limit} >= {len(page) for page in found[:-1]}


def test_the_newest_come_first(portal: Portal) -> None:
    """By date of issue, then by number."""
    listed = portal.read("/v1/invoices", limit=100)["data"]
    order = [(each["issued_on"], each["number"]) for each in listed]

    assert sorted(order, reverse=True) == order


def test_paging_bears_new_invoices(portal: Portal) -> None:
    """What is issued between two pages stands before both: what was there is still seen once."""
    before = numbers(portal, limit=100)
    first = numbers(portal, limit=5)
    portal.bill(APRIL)
    rest = numbers(portal, limit=100, starting_after=first[-1])

    assert before == first + rest
    assert len(before) < len(numbers(portal, limit=100))


def test_invoices_of_one_account(portal: Portal) -> None:
    """Only what was issued to it, page by page too."""
    found = [number for page in pages(portal, account="cafe-amanecer", limit=1) for number in page]
    listed = portal.read("/v1/invoices", account="cafe-amanecer")["data"]

    assert found == [each["number"] for each in listed]
    assert {"cafe-amanecer"} == {each["account"] for each in listed}
    assert {"conversion-2025", "conversion-2026"} == {each["subscription"] for each in listed}


def test_invoices_of_some_days(portal: Portal) -> None:
    """From a day, inclusive, until a day, exclusive."""
    whole = portal.read("/v1/invoices", limit=100)["data"]
    of_march = [each["number"] for each in whole if each["issued_on"] == "2026-03-01"]

    assert of_march == numbers(portal, issued_from=MARCH, limit=100)
    assert of_march == numbers(portal, issued_from=MARCH, issued_until=APRIL, limit=100)
    assert len(whole) - len(of_march) == len(numbers(portal, issued_until=MARCH, limit=100))
    assert [] == numbers(portal, issued_from=APRIL)


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"starting_after": "ZMX-999999"}, "unknown_invoice", "starting_after"),
        ({"account": "nobody"}, "unknown_account", "account"),
    ],
)
def test_a_list_after_nothing_is_no_list(
    portal: Portal, query: dict[str, str], code: str, field: str
) -> None:
    """A cursor or an account that does not exist is told, for an empty list would look like an answer."""
    answer = portal.get("/v1/invoices", **query)

    assert (404, code, field) == (answer.status_code, answer.json()["code"], answer.json()["field"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "query.limit"),
        ({"limit": "101"}, "query.limit"),
        ({"limit": "ten"}, "query.limit"),
        ({"issued_from": "01/03/2026"}, "query.issued_from"),
        ({"account": ""}, "query.account"),
        ({"account": "a\x00"}, "query.account"),
        ({"starting_after": "x" * 121}, "query.starting_after"),
    ],
)
def test_a_parameter_has_its_limits(portal: Portal, query: dict[str, str], field: str) -> None:
    """What cannot be meant is refused by its name."""
    answer = portal.get("/v1/invoices", **query)

    assert (400, "invalid_request", field) == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["field"],
    )


@pytest.mark.parametrize("path", ["", "/pdf", "/explanation"])
@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("ZMX-999999", 404, "unknown_invoice"),
        ("%00", 400, "invalid_request"),
        ("x" * 121, 400, "invalid_request"),
    ],
)
def test_an_unknown_number_is_told(portal: Portal, path: str, number: str, status: int, code: str) -> None:
    """Read, drawn or explained: what was never issued is not there."""
    answer = portal.get(f"/v1/invoices/{number}{path}")

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert "application/problem+json" == answer.headers["Content-Type"]
