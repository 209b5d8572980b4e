"""Credits through the API: what the command line lists, as exact text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from contracts.credit_grants import CreditGrant
from contracts.grant_credits import grant_credits
from db.unit_of_work import unit_of_work
from kernel.money import Money
from runtime.holders import contract_held
from tests.integration.api_portal import Portal, open_portal

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

TODAY = date(2026, 3, 5)
ACCOUNT = "flores-del-norte"
PATH = f"/v1/accounts/{ACCOUNT}/credits"


@pytest.fixture(name="portal")
def _portal(engine: Engine) -> Iterator[Portal]:
    """A portal on 5 March 2026: 500.00 were granted for the platform, and February's invoice used them."""
    with open_portal(engine, today=TODAY) as portal:
        with unit_of_work(engine) as connection:
            contract = contract_held(connection, ACCOUNT, "conversion")
            grant = CreditGrant(
                account_id=contract.account_id,
                subscription_id=contract.subscription_id,
                code="outage",
                name="Outage",
                clause="ZEN-IX-11",
                amount=Money.of("500", "MXN"),
                given_on=date(2026, 1, 1),
                charges=("platform",),
                given_by="ana",
                reason="an outage",
                recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            grant_credits(connection, contract, grant)
        portal.bill(date(2026, 2, 1))
        yield portal


def test_what_is_left_of_credits(portal: Portal) -> None:
    """Given, used and left with two decimals, by whom and why."""
    shown = portal.read(PATH, as_of=TODAY)

    assert ("credits", ACCOUNT) == (shown["object"], shown["account"])
    assert [("outage", "500.00", "500.00", "0.00", "ana", "an outage")] == [
        tuple(each[key] for key in ("code", "amount", "used", "left", "given_by", "reason"))
        for each in shown["data"]
    ]


def test_an_account_without_credits_has_none(portal: Portal) -> None:
    """An empty list, and not an unknown account; a code that nobody bears is one."""
    assert [] == portal.read("/v1/accounts/cafe-amanecer/credits")["data"]
    assert 404 == portal.get("/v1/accounts/nobody/credits").status_code
