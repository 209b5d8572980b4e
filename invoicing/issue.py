"""Issuing: drafts are numbered, frozen and posted.  Numbers are taken last, to be held shortest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from db.outbox import OutboxMessage, put_all
from invoicing import archive, store
from invoicing.citing import citation_of
from invoicing.documents import Invoice, Party
from invoicing.draft import Bill
from kernel.calendars import last_day_within
from kernel.clock import Clock
from kernel.ids import EntryId, InvoiceId, ItemId, MessageId, new_id
from receivables.journal import Entry, OpenItem, Stamp, invoice_entry
from receivables.store import add_items, post

#: Digits of a number behind its series, so that a million invoices of a series sort as text.
NUMBER_DIGITS = 6


def issue(connection: Connection, bills: Sequence[Bill], *, as_of: date, clock: Clock) -> tuple[Invoice, ...]:
    """Number, freeze and post each bill that has a line; return the invoices by their numbers."""
    with_lines = [bill for bill in bills if bill.draft.lines]
    at = clock.now()
    invoices = tuple(
        _frozen(bill, number, as_of=as_of, at=at) for bill, number in _numbered(connection, with_lines)
    )
    archive.save_invoices(connection, invoices)
    items = [_open_item(invoice) for invoice in invoices]
    add_items(connection, items)
    post(connection, [_entry(invoice, item, at) for invoice, item in zip(invoices, items, strict=True)])
    put_all(connection, [_mail(invoice, at) for invoice in invoices])
    return invoices


def _numbered(connection: Connection, bills: Sequence[Bill]) -> Iterator[tuple[Bill, str]]:
    """Yield each bill with its number, legal entity by legal entity, in one order of locks."""
    by_entity: dict[tuple[str, str], list[Bill]] = defaultdict(list)
    for bill in bills:
        entity = bill.contract.entity
        by_entity[entity.code, entity.series].append(bill)
    for (entity_code, series), group in sorted(by_entity.items()):
        first = store.take_numbers(connection, entity_code, series, len(group))
        for number, bill in enumerate(group, start=first):
            yield bill, f"{series}-{number:0{NUMBER_DIGITS}d}"


def _frozen(bill: Bill, number: str, *, as_of: date, at: datetime) -> Invoice:
    contract, payment = bill.contract, bill.payment
    return Invoice(
        account_id=contract.account_id,
        invoice_id=InvoiceId(new_id()),
        subscription_id=contract.subscription_id,
        number=number,
        subscription=contract.subscription.code,
        plan=f"{contract.plan.code} v{contract.plan.version}",
        currency=contract.currency,
        issued_on=as_of,
        due_on=last_day_within(as_of, payment.rule.due_days_after_sent),
        issuer=Party.of_entity(contract.entity),
        customer=Party.of_account(contract.account),
        documents=tuple(f"{head.id} {head.version}" for head in contract.terms.documents),
        lines=bill.draft.lines,
        payment_clause=citation_of(contract, payment),
        issued_at=at,
    )


def _open_item(invoice: Invoice) -> OpenItem:
    return OpenItem(
        account_id=invoice.account_id,
        item_id=ItemId(invoice.invoice_id),
        number=invoice.number,
        entity=invoice.issuer.code,
        subscription_id=invoice.subscription_id,
        currency=invoice.currency,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
    )


def _entry(invoice: Invoice, item: OpenItem, at: datetime) -> Entry:
    stamp = Stamp(
        entry_id=EntryId(new_id()), effective_on=invoice.issued_on, recorded_at=at, source=invoice.number
    )
    withheld = invoice.total - invoice.payable
    return invoice_entry(item, stamp, net=invoice.net, tax=invoice.tax, withheld=withheld)


def _mail(invoice: Invoice, at: datetime) -> OutboxMessage:
    return OutboxMessage(
        account_id=invoice.account_id,
        message_id=MessageId(new_id()),
        kind="mail.invoice",
        body={
            "recipient": invoice.customer.email,
            "subject": f"{invoice.issuer.name}: {invoice.number}",
            "body": f"{invoice.number}: {invoice.payable}, {invoice.due_on.isoformat()}",
            "invoice": invoice.number,
        },
        recorded_at=at,
    )
