"""Entitlements through the API: the verdicts of the engine, as text that is exact, for who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine

from api.models import EntitlementsBody
from db.unit_of_work import reading
from runtime.entitled import entitled
from tests.integration.api_portal import Portal, at, open_portal

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

TODAY = date(2026, 3, 5)
ACCOUNT = "flores-del-norte"
PATH = f"/v1/accounts/{ACCOUNT}/entitlements"


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 5 March 2026; February is billed and due since 21 February."""
    with open_portal(engine, today=TODAY) as portal:
        portal.bill(date(2026, 2, 1))
        yield portal


def test_the_answer_is_that_of_the_engine(portal: Portal) -> None:
    """The same verdicts, in the same order, as the command line prints them."""
    with reading(portal.engine) as connection:
        found = entitled(connection, ACCOUNT, clock=at(TODAY), as_of=TODAY)
    shown = EntitlementsBody.model_validate_json(portal.get(PATH, as_of=TODAY).content)

    assert ("entitlements", ACCOUNT, len(found)) == (shown.object, shown.account, len(shown.data))
    assert [(each.feature, each.allowed, each.clause, each.limit, each.reason) for each in found] == [
        (each.feature, each.allowed, each.clause, each.limit, each.reason) for each in shown.data
    ]


def test_eight_late_days_are_borne(portal: Portal) -> None:
    """Due on 21 February: on 1 March the solution may be used, on 2 March not; without a day it is today."""
    days = {
        day: portal.read(PATH, as_of=day, feature="solution")["data"][0]["allowed"]
        for day in ("2026-03-01", "2026-03-02", None)
    }
    today = portal.read(PATH, feature="solution")["data"][0]

    assert {"2026-03-01": True, "2026-03-02": False, None: False} == days
    assert ("2026-03-05", "ZEN-IX-7-iv", "a payment is 12 days late, with 8 days of grace") == (
        today["as_of"],
        today["clause"],
        today["reason"],
    )


def test_no_number_is_inexact(portal: Portal) -> None:
    """Limits and use are text; what has no limit says null."""
    for each in portal.read(PATH)["data"]:
        assert {str, type(None)} >= {type(each[name]) for name in ("limit", "used", "left")}


@pytest.mark.parametrize(
    ("path", "query", "refusal"),
    [
        ("/v1/accounts/nobody/entitlements", {}, (404, "unknown_account", "account")),
        (PATH, {"feature": "teleport"}, (404, "not_found", "feature")),
        (PATH, {"as_of": "yesterday"}, (400, "invalid_request", "query.as_of")),
        (PATH, {"country": "Mexico"}, (400, "invalid_request", "query.country")),
    ],
)
def test_what_cannot_be_asked(
    portal: Portal, path: str, query: dict[str, str], refusal: tuple[int, str, str]
) -> None:
    """A slip is no empty list."""
    answer = portal.get(path, **query)
    body = msgspec.json.decode(answer.content)

    assert refusal == (answer.status_code, body["code"], body["field"])
