"""An invoice is due on 10 March 2026 and nobody pays: what each contract allows, when, by which clause."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from contracts.service_states import ServiceState, ServiceStatus
from dunning.confirm import confirm
from tests.integration.dunning_book import Customer, at, contract_of, night, nights, sign

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

DUE = date(2026, 3, 10)
WHATSAPP = ("whatsapp",)


def every_night(engine: Engine, first: date, last: date) -> None:
    """Run each night from a day to another."""
    nights(engine, (first + timedelta(days=days) for days in range((last - first).days + 1)))


def letters(customer: Customer) -> list[str]:
    """Return the subjects of the letters that a customer got."""
    return [body["subject"] for _, body in customer.told("mail.dunning")]


@pytest.mark.clause("ZEN-IX-11")
@pytest.mark.clause("ZEN-IX-6")
@pytest.mark.clause("ZEN-IX-10.2")
@pytest.mark.clause("ZEN-IX-9.1")
def test_annex_ix_has_three_thresholds(engine: Engine) -> None:
    """More than 5 days late stops a part, more than 8 all, more than 10 lets a person end the contract."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    every_night(engine, DUE, date(2026, 3, 22))

    assert [
        "2026-03-11 remind done ZEN-IX-9.1",
        "2026-03-16 suspend_part of whatsapp done ZEN-IX-11",
        "2026-03-19 suspend done ZEN-IX-6",
        "2026-03-21 terminate proposed ZEN-IX-10.2",
    ] == customer.timeline
    assert [
        ServiceStatus(ServiceState.ACTIVE),
        ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, WHATSAPP),
        ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, WHATSAPP),
        ServiceStatus(ServiceState.SUSPENDED, WHATSAPP),
    ] == [customer.status(date(2026, 3, day)) for day in (15, 16, 18, 19)]
    assert [
        "Reminder: invoice Z-1 is late",
        "Part of your service is suspended: invoice Z-1",
        "Your service is suspended: invoice Z-1",
    ] == letters(customer)


SUSPENSION_UNDER_ANNEX_IX = """\
Estimado cliente acme:

Desde el 2026-03-19 su servicio queda suspendido. \
La factura Z-1 de Zenvia Mexico venció el 2026-03-10 y tiene 9 días de atraso.

Importe por pagar: 1,103.00 MXN
  de la factura: 1,000.00 MXN
  cargos por mora al 2026-03-19: 103.00 MXN
"""


@pytest.mark.clause("ZEN-IX-6.2")
@pytest.mark.clause("ZEN-IX-6")
def test_the_letter_of_annex_ix_holds_the_charges_to_date(engine: Engine) -> None:
    """Nine days late: a fine of 100.00 and 1 % a month for nine days of thirty, 3.00, are owed besides."""
    customer = sign(engine, "acme", "annex-ix", language="es")
    customer.owes("Z-1", due_on=DUE)
    nights(engine, [date(2026, 3, 11), date(2026, 3, 16), date(2026, 3, 19)])
    (*_, (_, letter)) = customer.told("mail.dunning")

    assert "Su servicio está suspendido: factura Z-1" == letter["subject"]
    assert SUSPENSION_UNDER_ANNEX_IX == letter["body"][: len(SUSPENSION_UNDER_ANNEX_IX)]
    assert "Motivo: cláusula ZEN-IX-6. " in letter["body"]
    assert "- 2026-03-21: la rescisión del contrato (ZEN-IX-10.2)" in letter["body"]


@pytest.mark.clause("ZEN-13.1-iii")
@pytest.mark.clause("ZEN-12.1-iv")
def test_the_general_terms_are_slower(engine: Engine) -> None:
    """Annex X has no threshold of its own: more than 10 days suspend, more than 90 may end the contract."""
    customer = sign(engine, "acme", "annex-x")
    customer.owes("Z-1", due_on=DUE)
    every_night(engine, DUE, date(2026, 3, 21))
    nights(engine, [date(2026, 6, 8), date(2026, 6, 9)])

    assert [
        "2026-03-11 remind done ZEN-5.1",
        "2026-03-21 suspend done ZEN-13.1-iii",
        "2026-06-09 terminate proposed ZEN-12.1-iv",
    ] == customer.timeline
    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 3, 20))
    assert ServiceStatus(ServiceState.SUSPENDED) == customer.status(date(2026, 3, 21))


#: 23:30 on 11 March in Mexico City, the 12th in UTC.
DELIVERED = datetime(2026, 3, 12, 5, 30, tzinfo=UTC)


@pytest.mark.clause("KON-15.1a")
@pytest.mark.clause("KON-19")
@pytest.mark.clause("KON-15.3b")
def test_konectus_counts_from_the_delivery(engine: Engine) -> None:
    """Two days from the delivery, on the issuer's calendar: suspended on day 3; data may go after 30 more."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    customer.gets_delivered("payment_notice", DELIVERED)
    every_night(engine, date(2026, 3, 12), date(2026, 4, 14))

    assert [
        "2026-03-11 notify done KON-15.1a",
        "2026-03-14 suspend done KON-15.1a",
        "2026-04-14 delete_data proposed KON-15.3b",
    ] == customer.timeline
    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 3, 13))
    assert ServiceStatus(ServiceState.SUSPENDED) == customer.status(date(2026, 3, 14))


@pytest.mark.clause("KON-15.1a")
@pytest.mark.clause("KON-19")
def test_a_notice_that_never_arrives_starts_nothing(engine: Engine) -> None:
    """Without the delivery confirmation the service goes on, however old the debt."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    nights(engine, [date(2026, 3, 11), date(2026, 3, 31), date(2026, 12, 31)])

    assert ["2026-03-11 notify done KON-15.1a"] == customer.timeline
    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 12, 31))


@pytest.mark.clause("KON-2b")
@pytest.mark.clause("KON-15.3b")
def test_connectors_do_not_come_back_by_themselves(engine: Engine) -> None:
    """The suspension disconnects them; the payment restores the service, and its letter says what is not."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    customer.gets_delivered("payment_notice", DELIVERED)
    night(engine, date(2026, 3, 14))
    customer.pays("1000.00", on=date(2026, 3, 20))
    every_night(engine, date(2026, 3, 20), date(2026, 4, 20))
    service = customer.told("service.suspended", "connectors.disconnect", "service.restored")
    (*_, (_, letter)) = customer.told("mail.dunning")

    assert [
        ("service.suspended", "2026-03-14"),
        ("connectors.disconnect", "2026-03-14"),
        ("service.restored", "2026-03-20"),
    ] == [(kind, body["on"]) for kind, body in service]
    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 3, 20))
    assert "must be reconfigured one by one" in letter["body"]
    assert "2026-03-20 restored done KON-15.1a" == customer.timeline[-1]


@pytest.mark.clause("KON-15.3b")
def test_a_second_suspension_starts_a_new_window(engine: Engine) -> None:
    """Reactivation stops the clock of the data; the next suspension gives 30 days again."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    customer.gets_delivered("payment_notice", DELIVERED)
    night(engine, date(2026, 3, 14))
    customer.pays("1000.00", on=date(2026, 3, 20))
    night(engine, date(2026, 3, 20))
    customer.owes("K-2", due_on=date(2026, 4, 10))
    night(engine, date(2026, 4, 11))
    customer.gets_delivered("payment_notice", datetime(2026, 4, 11, 18, tzinfo=UTC), number="K-2")
    every_night(engine, date(2026, 4, 12), date(2026, 5, 15))

    assert [
        "2026-04-14 suspend done KON-15.1a",
        "2026-05-15 delete_data proposed KON-15.3b",
    ] == customer.timeline[-2:]


@pytest.mark.clause("ZEN-IX-6")
def test_paying_restores_the_service(engine: Engine) -> None:
    """All states end on the day of the payment, the proposal is dismissed, the customer is told."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    every_night(engine, date(2026, 3, 11), date(2026, 3, 24))
    customer.pays("1105.00", on=date(2026, 3, 25))  # 15 days of interest are 5.00, the fine is 100.00
    report = night(engine, date(2026, 3, 25))

    assert 1 == report.restored
    assert {date(2026, 3, 25)} == {span.end for span in customer.spans}
    assert ServiceStatus(ServiceState.SUSPENDED, WHATSAPP) == customer.status(date(2026, 3, 24))
    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 3, 25))
    assert [
        "2026-03-21 terminate dismissed ZEN-IX-10.2",
        "2026-03-25 restored done ZEN-IX-6",
    ] == customer.timeline[-2:]
    assert "Your service is restored: invoice Z-1" == letters(customer)[-1]


@pytest.mark.clause("ZEN-IX-5-transfer-v")
def test_a_payment_in_part_restores_nothing(engine: Engine) -> None:
    """Only the whole amount meets the obligation; a cent less leaves the service suspended."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    nights(engine, [date(2026, 3, 11), date(2026, 3, 16), date(2026, 3, 19)])
    customer.pays("1103.32", on=date(2026, 3, 20))
    report = night(engine, date(2026, 3, 20))

    assert "0.01 MXN" == str(customer.open_amount(on=date(2026, 3, 20)))
    assert 0 == report.restored
    assert ServiceStatus(ServiceState.SUSPENDED, WHATSAPP) == customer.status(date(2026, 3, 20))


@pytest.mark.clause("ZEN-IX-10.2")
@pytest.mark.clause("ZEN-X-15")
def test_a_confirmed_termination_ends_the_contract_and_no_debt(engine: Engine) -> None:
    """The day of termination is the last of the contract; paying later does not bring it back."""
    customer = sign(engine, "acme", "annex-ix")
    item_id = customer.owes("Z-1", due_on=DUE)
    every_night(engine, date(2026, 3, 11), date(2026, 3, 21))
    account_id = customer.contract.account_id
    confirm(engine, account_id, item_id, "termination", by="ana", clock=at(date(2026, 3, 23)))
    owed = customer.open_amount(on=date(2026, 3, 25))
    customer.pays("2000.00", on=date(2026, 3, 25))
    night(engine, date(2026, 3, 25))

    assert "2026-03-21 terminate confirmed ZEN-IX-10.2" == customer.timeline[-1]
    assert ServiceStatus(ServiceState.SUSPENDED, WHATSAPP) == customer.status(date(2026, 3, 22))
    assert ServiceStatus(ServiceState.TERMINATED) == customer.status(date(2026, 3, 25))
    assert date(2026, 3, 24) == contract_of(engine, "acme").subscription.ends_on
    assert "1,104.33 MXN" == str(owed)  # with 13 days of interest, to the day of the letter
    assert "Your contract is terminated: invoice Z-1" == letters(customer)[-1]
