"""Limits through the command line and the API: the same numbers, and the clause with its words."""

from __future__ import annotations

import json
from datetime import date

import msgspec
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from api.models import LimitsBody
from contracts.known import KnownContracts
from db.api_keys import Scope
from db.engine import URL_VARIABLE
from db.unit_of_work import reading
from runtime.cli import app
from runtime.limited import limited
from tests.integration.api_portal import Portal, at, open_portal
from tests.integration.entitled_book import ATTRACTION, amount_of, signed, sms, use

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

DAY = date(2026, 1, 10)
PATH = "/v1/accounts/acme/limits"


@pytest.fixture(name="tried")
def _tried(engine: Engine) -> Engine:
    """A customer on trial that has sent 40 of 50 texts, and 150 messages of the sandbox today."""
    signed(engine, ATTRACTION, plan="attraction-trial", trial=True)
    use(engine, [sms(number, DAY) for number in range(40)])
    use(engine, [amount_of("sandbox_messages", 1, at(DAY).now(), 150)])
    return engine


def clausula(engine: Engine, *arguments: str) -> str:
    """Return what a command prints."""
    runner = CliRunner(env={URL_VARIABLE: engine.url.render_as_string(hide_password=False), "COLUMNS": "300"})
    result = runner.invoke(app, arguments)
    assert 0 == result.exit_code, result.output
    return result.stdout


def test_the_api_tells_what_the_engine_knows(tried: Engine) -> None:
    """Two limits, each with what is used and left, the share and the clause; a feature asked for alone."""
    with open_portal(tried, today=DAY, book=None) as portal:
        shown = LimitsBody.model_validate_json(portal.get(PATH).content)
        one = portal.read(PATH, feature="trial")["data"]
        before = portal.read(PATH, as_of="2026-01-09", feature="trial")["data"]
    with reading(tried) as connection:
        found = limited(connection, "acme", clock=at(DAY), known=KnownContracts())

    assert ("limits", "acme") == (shown.object, shown.account)
    assert [(each.feature, each.used, each.left, each.clause, each.says) for each in found] == [
        (each.feature, each.used, each.left, each.clause, each.says) for each in shown.data
    ]
    assert [("trial", "40", "50", "10", "80", True)] == [
        tuple(each[name] for name in ("feature", "used", "limit", "left", "share_percent", "allowed"))
        for each in one
    ]
    assert ["0"] == [each["used"] for each in before]


def refusal(portal: Portal, path: str, **query: str) -> tuple[int, str, str]:
    """Return how a question is refused."""
    answer = portal.get(path, **query)
    body = msgspec.json.decode(answer.content)
    return answer.status_code, body["code"], body["field"]


def test_what_cannot_be_asked(tried: Engine) -> None:
    """An account, a feature and a day that there are not; a key that does not allow it."""
    with open_portal(tried, today=DAY, book=None) as portal:
        nobody = refusal(portal, "/v1/accounts/nobody/limits")
        no_limit = refusal(portal, PATH, feature="attraction")
        no_day = refusal(portal, PATH, as_of="tomorrow")
        key = portal.new_key(Scope.INVOICES_READ)
        denied = portal.client.get(PATH, headers={"Authorization": f"Bearer {key}"})

    assert (404, "unknown_account", "account") == nobody
    assert (404, "not_found", "feature") == no_limit
    assert (400, "invalid_request", "query.as_of") == no_day
    assert 403 == denied.status_code


def test_a_table_and_a_document_say_the_same(tried: Engine) -> None:
    """Used, limit, left, share and clause."""
    table = clausula(tried, "limits", "acme", "--as-of", "2026-01-10")
    document = json.loads(clausula(tried, "limits", "acme", "--as-of", "2026-01-10", "--json"))
    rows = {line.split()[1]: line.split() for line in table.splitlines() if line.startswith("main")}

    assert {"sandbox", "trial"} == {each["feature"] for each in document}
    for each in document:
        numbers = [each["used"], each["limit"], each["left"], each["share_percent"], "%"]
        assert numbers == rows[each["feature"]][2:7]
        assert each["clause"] in rows[each["feature"]]


def test_without_a_limit_there_is_nothing_to_tell(engine: Engine) -> None:
    """A sentence, and not an empty table."""
    signed(engine, ("salexops-general",), fee="100")

    assert "No contract of acme names a limit.\n" == clausula(
        engine, "limits", "acme", "--as-of", "2026-01-10"
    )
