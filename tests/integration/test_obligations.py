"""What happened is recorded once, and the calendar of all contracts is made of recorded facts, in bulk."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from contracts.duties import Occurrence
from contracts.liability import Payment
from contracts.obligations import ObligationKind
from contracts.occur import finish_occurrence, record_occurrence
from contracts.occurrence_store import occurrences_of
from db.engine import URL_VARIABLE
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.errors import ClausulaError, Conflict, InvalidInput, NotFound, UnknownAccount
from kernel.ids import OccurrenceId, new_id
from kernel.money import Money
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook
from payments.store import payments_of
from receivables.store import debtors
from runtime import obligations_report as bulk
from runtime.cli import app
from runtime.duties_report import duties_report
from runtime.obligations_report import obligations_report
from tests.integration.dunning_book import Customer, at, night, nights, sign

pytestmark = pytest.mark.integration

MARCH = date(2026, 3, 1)
WROTE = datetime(2026, 3, 2, 18, tzinfo=UTC)


def happens(customer: Customer, event: str, when: datetime, *, minutes: int = 0) -> Occurrence:
    """Record an event under the customer's contract."""
    with unit_of_work(customer.engine) as connection:
        return record_occurrence(
            connection, customer.contract, event, occurred_at=when, minutes=minutes, clock=at(MARCH)
        )


def test_a_fact_is_recorded_once(engine: Engine) -> None:
    """The same again changes nothing; with another length it is refused, and so is an event nobody knows."""
    customer = sign(engine, "acme", "annex-ix")
    first = happens(customer, "force_majeure", WROTE)
    again = happens(customer, "force_majeure", WROTE)

    assert first == again
    with pytest.raises(Conflict):
        happens(customer, "force_majeure", WROTE, minutes=5)
    with pytest.raises(InvalidInput, match="ethics_notice"):
        happens(customer, "ethics", WROTE)
    with reading(engine) as connection:
        assert (first,) == occurrences_of(connection, [customer.contract.account_id])


def test_what_is_done_leaves_the_list(engine: Engine) -> None:
    """The first word counts, who did it stays; another account's occurrence is none of one's own."""
    customer = sign(engine, "acme", "annex-ix")
    told = happens(customer, "force_majeure", WROTE)
    account_id = customer.contract.account_id
    later = FixedClock(at(MARCH).now() + timedelta(days=1))
    with unit_of_work(engine) as connection:
        done = finish_occurrence(connection, account_id, told.occurrence_id, by="ana", clock=at(MARCH))
        again = finish_occurrence(connection, account_id, told.occurrence_id, by="luis", clock=later)
    with pytest.raises(NotFound), unit_of_work(engine) as connection:
        finish_occurrence(connection, account_id, OccurrenceId(new_id()), by="ana", clock=later)

    assert ("ana", done) == (again.done_by, again)
    assert [0, 1] == [len(duties_report(engine, as_of=MARCH, done=done).recorded) for done in (False, True)]


def test_the_calendar_holds_what_was_recorded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two customers, an account at a time: duties of what happened, renewals, data that may go."""
    monkeypatch.setattr(bulk, "CHUNK_ACCOUNTS", 1)
    docs, shop = sign(engine, "acme", "annex-x"), sign(engine, "tienda", "konectus")
    happens(docs, "force_majeure", WROTE)
    happens(shop, "dispute_notice", WROTE)
    shop.owes("K-1", due_on=date(2026, 3, 10))
    night(engine, date(2026, 3, 11))
    shop.gets_delivered("payment_notice", datetime(2026, 3, 11, 18, tzinfo=UTC))
    nights(engine, [date(2026, 3, 14)])

    report = obligations_report(engine, as_of=date(2026, 3, 4), days=60)

    assert (date(2026, 5, 3), ()) == (report.through, report.problems)
    assert [
        (date(2026, 3, 4), "acme", ObligationKind.DUTY, "ZEN-11.1"),
        (date(2026, 4, 2), "tienda", ObligationKind.DUTY, "KON-17"),
    ] == [(each.on, each.account, each.kind, each.clause) for each in report.obligations]

    after = obligations_report(engine, as_of=date(2026, 3, 15), days=60)
    assert (date(2026, 4, 14), "tienda", ObligationKind.DATA_DELETION, "KON-15.3b") in [
        (each.on, each.account, each.kind, each.clause) for each in after.obligations
    ]
    winter = obligations_report(engine, as_of=date(2026, 10, 1), days=92, account_id=docs.contract.account_id)
    assert [
        (date(2026, 10, 3), ObligationKind.REFUSAL),
        (date(2026, 12, 31), ObligationKind.REFUSAL),
        (date(2027, 1, 1), ObligationKind.PRICE_INDEX),
        (date(2027, 1, 1), ObligationKind.RENEWAL),
    ] == [(each.on, each.kind) for each in winter.obligations]


@pytest.mark.clause("ZEN-I-TS-7")
def test_a_short_code_is_watched_by_its_last_use(engine: Engine) -> None:
    """Used on 2 January and last on 15 January 2026: from 16 April on it may go back."""
    customer = sign(engine, "acme", "annex-i")
    with unit_of_work(engine) as connection:
        events = [
            UsageEvent(
                id=f"{day}",
                account="acme",
                meter="trusted_sms",
                occurred_at=datetime(2026, 1, day, 18, tzinfo=UTC),
                quantity=Decimal(1),
            )
            for day in (2, 15)
        ]
        result = ingest(connection, MeterBook(), events, clock=at(MARCH), backfill=True)

    assert (2, ()) == (result.accepted, result.problems)
    report = obligations_report(engine, as_of=MARCH, days=60, account_id=customer.contract.account_id)

    assert [(date(2026, 4, 16), ObligationKind.RECLAIM, "ZEN-I-TS-7")] == [
        (each.on, each.kind, each.clause) for each in report.obligations
    ]


@pytest.mark.clause("ZEN-X-18")
def test_what_each_contract_was_paid(engine: Engine) -> None:
    """A receipt counts with what it settled of a contract's documents; its rest has paid for none yet."""
    customer = sign(engine, "acme", "annex-x")
    customer.owes("Z-1", due_on=date(2026, 2, 10))
    customer.owes("Z-2", due_on=date(2026, 3, 10))
    customer.pays("1500.00", on=date(2026, 2, 10))
    customer.pays("700.00", on=date(2026, 3, 10))
    with reading(engine) as connection:
        paid = payments_of(connection, customer.contract.account_id)

    assert {
        customer.contract.subscription_id: (
            Payment(on=date(2026, 2, 10), amount=Money.of("1500.00", "MXN"), reference=" 2026-02-10 1500.00"),
            Payment(on=date(2026, 3, 10), amount=Money.of("500.00", "MXN"), reference=" 2026-03-10 700.00"),
        )
    } == paid


def test_who_owes_something_and_to_whom(engine: Engine) -> None:
    """A backup is held while the account owes its issuer, and no longer once it has paid."""
    customer = sign(engine, "acme", "annex-x")
    customer.owes("Z-1", due_on=date(2026, 2, 10))
    customer.pays("1000.00", on=date(2026, 2, 5))
    owes = {customer.contract.account_id: customer.contract.entity.code}
    with reading(engine) as connection:
        found = [debtors(connection, list(owes), as_of=day) for day in (date(2026, 2, 4), date(2026, 2, 5))]

    assert [frozenset(owes.items()), frozenset()] == found


def said(engine: Engine, *arguments: str) -> Result:
    """Return what a command says over a test's database."""
    url = engine.url.render_as_string(hide_password=False)
    return CliRunner(env={URL_VARIABLE: url, "COLUMNS": "200"}).invoke(app, arguments)


def test_the_commands(engine: Engine, tmp_path: Path) -> None:
    """Record, list, calendar with its file, done: each as text and as one document."""
    sign(engine, "acme", "annex-x")
    incident = ("duties", "record", "acme", "acme-1", "force_majeure", "--at", "2026-03-02T18:00:00Z")
    recorded = json.loads(said(engine, *incident, "--note", "a storm", "--json").output)
    file = tmp_path / "due.ics"

    assert ["2026-03-04"] == [each["on"] for each in recorded["dues"]]
    assert "2026-03-04: report force majeure: either side, 2 days after" in said(engine, *incident).output
    assert "late" in said(engine, "duties", "list", "--as-of", "2026-03-05").output
    shown = said(engine, "obligations", "--as-of", "2026-03-01", "--account", "acme", "--ics", str(file))
    assert "ZEN-11.1" in shown.output
    assert b"report force majeure" in file.read_bytes()
    done = said(engine, "duties", "done", "acme", recorded["occurrence"]["occurrence_id"], "--by", "ana")
    assert "force_majeure of 2026-03-02 was done by ana.\n" == done.output
    assert "Nothing is to be done.\n" == said(engine, "duties", "list").output
    empty = said(engine, "obligations", "--as-of", "2026-03-01", "--days", "0").output
    assert "Nothing falls due from 2026-03-01 to 2026-03-01.\n" == empty
    assert (
        [] == json.loads(said(engine, "obligations", "--as-of", "2026-03-01", "--json").output)["obligations"]
    )


def test_the_command_of_the_cap(engine: Engine) -> None:
    """The cap with its window, its payments and what it does not hold for; a rate stands with its day."""
    customer = sign(engine, "acme", "annex-x")
    customer.owes("Z-1", due_on=date(2026, 2, 10))
    customer.pays("600.00", on=date(2026, 2, 10))

    assert (
        "acme, acme-1: liability ends at 600.00 MXN [ZEN-X-18, zenvia-annex-x 2023-11-16]\n"
        "  breach on 2026-05-15; what was paid from 2025-05-15 to 2026-05-14 counts\n"
        "  2026-02-10  600.00 MXN   2026-02-10 600.00\n"
        "  paid 600.00 MXN, 100 % of it 600.00 MXN\n"
        "  no cap for: intent or gross negligence, incidents under the law on personal data\n"
    ) == said(engine, "liability", "acme", "--on", "2026-05-15").output
    document = json.loads(said(engine, "liability", "acme", "--on", "2026-05-15", "--json").output)
    assert {"amount": "600.00", "currency": "MXN"} == document["caps"]["acme-1"]["cap"]
    for arguments in (("--rate", "17.05"), ("--subscription", "other")):
        refused = said(engine, "liability", "acme", "--on", "2026-05-15", *arguments).exception
        assert isinstance(refused, ClausulaError)
    assert isinstance(said(engine, "liability", "nobody", "--on", "2026-05-15").exception, UnknownAccount)
