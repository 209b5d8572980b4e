"""Receiving money: one receipt is booked once, settles what it can, and the rest waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from db import outbox
from invoicing.assess import assess as assess_late_charges
from kernel.clock import Clock
from kernel.errors import UnknownInvoice
from kernel.ids import AccountId, EntryId, ItemId, ReceiptId, new_id
from payments import store
from payments.allocation import Allocated, allocate
from payments.debts import Assess, locked_contracts, open_debts, today_of
from payments.receipts import Receipt
from receivables.journal import Entry, Stamp, application_entry, receipt_entry
from receivables.store import item_by_number, post

#: What is told to the world when a receipt is booked, and when its rest settles something later.
BOOKED, APPLIED = "receipt.booked", "receipt.applied"


@dataclass(frozen=True, slots=True)
class Received:
    """A receipt's id, how it is allocated, and whether it was known before and changed nothing."""

    receipt_id: ReceiptId
    allocated: Allocated
    known: bool = False


def receive(
    connection: Connection,
    catalog: Catalog,
    receipt: Receipt,
    *,
    clock: Clock,
    assess: Assess = assess_late_charges,
) -> Received:
    """Book a receipt: lock, assess what is late by its day, allocate, post, tell.

    The same reference again changes nothing, with other content it raises :class:`kernel.errors.Conflict`.
    What no document takes stays as unapplied cash; see :func:`apply_unapplied`.
    """
    account_id, day = receipt.account_id, receipt.received_on
    contracts = locked_contracts(connection, catalog, account_id)
    receipt.refuse_future(today_of(contracts, clock))
    receipt.refuse_currency(frozenset(each.currency for each in contracts))
    preferred = _named_item(connection, receipt)
    receipt_id = ReceiptId(new_id())
    if not store.add_receipt(connection, receipt_id, receipt, at=clock.now()):
        known = store.receipt_by_reference(connection, account_id, receipt.reference)
        receipt.refuse_other(known.receipt)
        return Received(known.receipt_id, known.allocated, known=True)
    debts = open_debts(connection, catalog, contracts, on=day, clock=clock, assess=assess)
    allocated = allocate(receipt.amount, debts, preferred=preferred)
    stamp = _stamp(receipt, day, clock)
    entry = receipt_entry(account_id, stamp, amount=receipt.amount, parts=allocated.parts)
    _save(connection, receipt_id, entry, allocated)
    outbox.put(connection, account_id, BOOKED, _told(receipt_id, receipt, allocated), clock.now())
    return Received(receipt_id, allocated)


def apply_unapplied(
    connection: Connection,
    catalog: Catalog,
    account_id: AccountId,
    *,
    on: date,
    clock: Clock,
    assess: Assess = assess_late_charges,
) -> tuple[Received, ...]:
    """Let money that waits settle what has become open by a day, the oldest receipt first.

    Returns what each receipt settled now; receipts that settle nothing are left out.
    """
    contracts = locked_contracts(connection, catalog, account_id)
    applied = []
    for each in store.receipts_with_rest(connection, account_id, received_by=on):
        receipt, rest = each.receipt, each.allocated.unapplied
        named = _named_item(connection, receipt)
        debts = open_debts(connection, catalog, contracts, on=on, clock=clock, assess=assess)
        allocated = allocate(rest, debts, preferred=named)
        if not allocated.parts:
            continue
        stamp = _stamp(receipt, on, clock)
        entry = application_entry(account_id, stamp, currency=rest.currency, parts=allocated.parts)
        _save(connection, each.receipt_id, entry, allocated)
        told = _told(each.receipt_id, receipt, allocated)
        outbox.put(connection, account_id, APPLIED, told, clock.now())
        applied.append(Received(each.receipt_id, allocated))
    return tuple(applied)


def _named_item(connection: Connection, receipt: Receipt) -> ItemId | None:
    if not receipt.invoice:
        return None
    item = item_by_number(connection, receipt.account_id, receipt.invoice)
    if item is None:
        raise UnknownInvoice(
            "the account has no document of this number", field="invoice", value=receipt.invoice
        )
    return item.item_id


def _stamp(receipt: Receipt, day: date, clock: Clock) -> Stamp:
    return Stamp(
        entry_id=EntryId(new_id()), effective_on=day, recorded_at=clock.now(), source=receipt.reference
    )


def _save(connection: Connection, receipt_id: ReceiptId, entry: Entry, allocated: Allocated) -> None:
    post(connection, [entry])
    store.add_allocations(connection, entry.account_id, receipt_id, entry.entry_id, allocated.parts)


def _told(receipt_id: ReceiptId, receipt: Receipt, allocated: Allocated) -> dict[str, object]:
    return {
        "receipt_id": str(receipt_id),
        "reference": receipt.reference,
        "received_on": receipt.received_on.isoformat(),
        "amount": str(receipt.amount.amount),
        "currency": receipt.amount.currency,
        "unapplied": str(allocated.unapplied.amount),
        "allocations": [
            {
                "item_id": str(part.item_id),
                "component": part.component.value,
                "amount": str(part.amount.amount),
            }
            for part in allocated.parts
        ],
    }
