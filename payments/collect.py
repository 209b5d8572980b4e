"""Collecting: an open document is charged to the means that its payer put on file.

The attempt is written before the gateway is asked and its outcome after, so that a crash in between leaves an
attempt that is made again under the same key and charges nobody twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from contracts.store import load_catalog
from db.unit_of_work import unit_of_work
from invoicing.assess import assess as assess_late_charges
from kernel.clock import Clock
from kernel.errors import NotFound, UnknownInvoice
from kernel.ids import AccountId, ItemId
from kernel.money import total_of
from payments import store
from payments.attempts import Attempt, AttemptStatus, next_attempt
from payments.debts import Assess, locked_contracts, open_debts, today_of
from payments.gateway import Payer, PaymentGateway
from payments.receipts import Receipt
from payments.receive import Received, receive
from receivables.journal import OpenItem
from receivables.store import item_by_id


@dataclass(frozen=True, slots=True)
class Collected:
    """The last attempt on a document, if there was any, and the receipt if it succeeded now."""

    attempt: Attempt | None
    received: Received | None = None


def collect(
    engine: Engine,
    gateway: PaymentGateway,
    target: tuple[AccountId, ItemId],
    *,
    clock: Clock,
    assess: Assess = assess_late_charges,
) -> Collected:
    """Charge what is open on a document today, late charges included, and book what comes.

    After a success, and when nothing is open, it does nothing.  A failure is kept with the gateway's code;
    the next call tries anew.  :class:`kernel.errors.GatewayUnavailable` leaves an attempt that the next call
    makes again under its own key.
    """
    account_id, item_id = target
    with unit_of_work(engine) as connection:
        catalog = load_catalog(connection)
        contracts = locked_contracts(connection, catalog, account_id)
        today = today_of(contracts, clock)
        item, payer = _item(connection, account_id, item_id), _payer(connection, account_id)
        debts = open_debts(connection, catalog, contracts, on=today, clock=clock, assess=assess)
        due = total_of((each.total for each in debts if each.item == item), item.currency)
        last = store.last_attempt(connection, account_id, item_id)
        attempt = next_attempt(last, item_id, due=due, payer=payer, on=today)
        if attempt is None:
            return Collected(last)
        store.start_attempt(connection, account_id, attempt, at=clock.now())
    payment = gateway.create_payment(
        idempotency_key=attempt.idempotency_key,
        amount=attempt.amount,
        payer=attempt.payer,
        description=f"Invoice {item.number}",
        metadata={"item_id": str(item_id), "invoice": item.number},
    )
    ended = attempt.ended(payment)
    with unit_of_work(engine) as connection:
        received = None
        if ended.status is AttemptStatus.SUCCEEDED:
            receipt = _receipt(item, ended)
            received = receive(connection, catalog, receipt, clock=clock, assess=assess)
        store.end_attempt(connection, account_id, ended, at=clock.now())
    return Collected(ended, received)


def _item(connection: Connection, account_id: AccountId, item_id: ItemId) -> OpenItem:
    item = item_by_id(connection, account_id, item_id)
    if item is None:
        raise UnknownInvoice("the account has no document of this id", field="item_id", value=item_id)
    return item


def _payer(connection: Connection, account_id: AccountId) -> Payer:
    payer = store.payer_of(connection, account_id)
    if payer is None:
        raise NotFound(
            "the account has no means of payment on file",
            field="account_id",
            value=account_id,
            expected="a customer and a payment method of the gateway",
        )
    return payer


def _receipt(item: OpenItem, paid: Attempt) -> Receipt:
    return Receipt(
        account_id=item.account_id,
        reference=paid.reference,
        received_on=paid.asked_on,
        amount=paid.amount,
        invoice=item.number,
    )
