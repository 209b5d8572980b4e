"""From an outage that is recorded to the credit on an invoice, and to the end of a contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from contracts import book_store
from contracts.store import load_catalog
from db.engine import URL_VARIABLE
from db.unit_of_work import unit_of_work
from invoicing.documents import LineKind
from kernel.errors import ClausulaError, Conflict, InvalidInput, NotFound
from runtime.cli import app
from tests.integration.invoicing_book import Office

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

Command = Callable[..., str]


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book, and a customer under Annex VIII whose order form gives credits, billed to March."""
    office = Office.open(engine)
    with unit_of_work(engine) as connection:
        plan = load_catalog(connection).plan("conversion-mx", 1)
        levels = replace(plan, code="levels", documents=(*plan.documents, "zenvia-annex-viii"))
        book_store.add_plans(connection, [levels])
    office.signs("solis", "levels", "zenvia-mx", order_form="conversion-credits")
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    return office


@pytest.fixture(name="sla")
def _sla(office: Office) -> Command:
    """``clausula sla`` about that customer; what it refuses, it raises."""
    runner = CliRunner(env={URL_VARIABLE: office.engine.url.render_as_string(hide_password=False)})

    def run(command: str, *arguments: str) -> str:
        result = runner.invoke(app, ["sla", command, "solis", *arguments])
        if isinstance(result.exception, ClausulaError):
            raise result.exception
        assert 0 == result.exit_code, result.output
        return result.stdout

    return run


def at(day: int, hour: int) -> str:
    """Return an instant of March in Mexico."""
    return f"2026-03-{day:02}T{hour:02}:00:00-06:00"


def march(sla: Command) -> list[dict[str, Any]]:
    """Return the report of March for a script."""
    found: list[dict[str, Any]] = json.loads(sla("report", "levels", "--month", "2026-03", "--json"))
    return found


@pytest.mark.clause("ZEN-VIII-6.2")
def test_zenvia_sixteen_hours_of_march_cost_ten_percent_of_the_fee(office: Office, sla: Command) -> None:
    """(744 - 16) / 744 are 97.849462 %: 10 % of 1,999.00, a line of April's invoice by the form's clause."""
    sla("record", "levels", "--part", "sms", "--began", at(10, 2), "--told", at(10, 4), "--by", "ana",
        "--restored", at(10, 20))  # fmt: skip
    text = sla("report", "levels", "--month", "2026-03")
    (sms,) = [each for each in march(sla) if each["part"] == "sms"]

    assert "products sms, 2026-03-01 to 2026-03-31: missed [ZEN-VIII-6.2, zenvia-annex-viii" in text
    assert ("744", "16", "97.849462", "99.5", True) == tuple(
        sms[name] for name in ("hours", "outage_hours", "percent", "target_percent", "missed")
    )
    assert ("199.90 MXN", "2026-04-30") == (sms["credit"], sms["claimed_until"])

    words = ["levels", "--month", "2026-03", "--part", "sms", "--by", "ana", "--claimed-on", "2026-04-01"]
    told = sla("credit", *words)
    assert told == sla("credit", *words)
    office.bills(date(2026, 4, 1))
    office.bills(date(2026, 5, 1))
    april, may = (office.of("solis", date(2026, month, 1), subscription="levels") for month in (4, 5))
    (credit,) = [line for line in april.lines if line.kind is LineKind.SLA_CREDIT]

    assert (Decimal("-199.90"), Decimal("-31.98"), "OF-1") == (credit.net, credit.tax, credit.cites.clause)
    assert april.total.amount == may.total.amount - Decimal("231.88")


def test_credits_of_a_month_never_exceed_its_fees(sla: Command) -> None:
    """Two days down are 60 % of a fee that all products share: whole for one, 40 % for a second, no third."""
    sla("record", "levels", "--began", at(10, 2), "--told", at(10, 2), "--by", "ana", "--restored", at(12, 2))
    words = ["levels", "--month", "2026-03", "--by", "ana", "--claimed-on", "2026-04-01", "--part"]

    assert "-1,199.40 MXN" in sla("credit", *words, "sms")
    assert "-799.60 MXN" in sla("credit", *words, "voice")
    assert "-799.60 MXN" in sla("credit", *words, "voice")
    with pytest.raises(Conflict):
        sla("credit", *words, "bots")


def test_a_customer_leaves_over_a_level_that_was_missed_so_and_over_no_other(
    office: Office, sla: Command
) -> None:
    """Refused while March is at 97.8 %; two days down are below 95 %, and the word is good until 30 April."""
    runner = CliRunner(env={URL_VARIABLE: office.engine.url.render_as_string(hide_password=False)})

    def leaves(happened_on: str) -> Result:
        words = ["notices", "end", "solis", "levels", "--ending", "service_level", "--by", "customer"]
        return runner.invoke(app, [*words, "--happened-on", happened_on, "--on", "2026-04-10"])

    sla(
        "record", "levels", "--began", at(20, 2), "--told", at(20, 2), "--by", "ana", "--restored", at(20, 18)
    )
    assert isinstance(leaves("2026-03-31").exception, Conflict)
    sla("record", "levels", "--began", at(10, 2), "--told", at(10, 2), "--by", "ana", "--restored", at(12, 2))
    assert "may leave until 2026-04-30: below 95 % in one month [OF-2]" in sla(
        "report", "levels", "--month", "2026-03"
    )
    assert isinstance(leaves("2026-03-30").exception, Conflict)
    left = leaves("2026-03-31")

    assert 0 == left.exit_code, left.output
    assert "service_level [OF-2]" in left.stdout
    office.bills(date(2026, 5, 1))
    assert [] == [
        each
        for each in office.invoices
        if each.issued_on >= date(2026, 4, 12)
        and each.subscription == "levels"
        and any(line.period_start >= date(2026, 4, 11) for line in each.lines)
    ]


def test_a_credit_is_refused_that_the_month_does_not_give(sla: Command) -> None:
    """A level that was met, a month that is not over, a claim after its days, a part that nobody measures."""
    words = ["levels", "--month", "2026-03", "--by", "ana", "--part", "sms"]
    with pytest.raises(Conflict):
        sla("credit", *words, "--claimed-on", "2026-04-01")
    sla("record", "levels", "--part", "sms", "--began", at(10, 2), "--told", at(10, 2), "--by", "ana",
        "--restored", at(10, 20))  # fmt: skip

    for day in ("2026-03-31", "2026-05-01"):
        with pytest.raises(Conflict):
            sla("credit", *words, "--claimed-on", day)
    with pytest.raises(NotFound):
        sla("credit", "levels", "--month", "2026-03", "--by", "ana")
    with pytest.raises(InvalidInput):
        sla("credit", "levels", "--month", "2026-03", "--by", "")


def test_an_outage_is_recorded_once_and_ended_once(sla: Command) -> None:
    """The same again is known; another cause is a conflict; the first word on its end counts."""
    words = ["levels", "--part", "sms", "--began", at(10, 2), "--told", at(10, 2), "--by", "ana"]
    outage = json.loads(sla("record", *words, "--json"))["outage_id"]
    assert outage in sla("record", *words)
    with pytest.raises(Conflict):
        sla("record", *words, "--cause", "network")
    assert "not yet" in sla("outages", "levels")

    with pytest.raises(InvalidInput):
        sla("restored", outage, "--at", at(10, 1))
    sla("restored", outage, "--at", at(10, 5))
    sla("restored", outage, "--at", at(10, 9))
    (sms,) = [each for each in march(sla) if each["part"] == "sms"]
    assert "3" == sms["outage_hours"]


def test_what_is_not_measured_is_not_recorded(sla: Command) -> None:
    """A part that no level names, an instant without a zone, a contract that promises nothing."""
    assert "Nothing was down." in sla("outages", "levels")
    with pytest.raises(InvalidInput):
        sla("record", "levels", "--part", "fax", "--began", at(10, 2), "--by", "ana")
    with pytest.raises(InvalidInput):
        sla("record", "levels", "--part", "sms", "--began", "2026-03-10T02:00:00", "--by", "ana")
    with pytest.raises(InvalidInput):
        sla("record", "team", "--began", at(10, 2), "--by", "ana")
    assert "No availability is promised" in sla("report", "team", "--month", "2026-03")
