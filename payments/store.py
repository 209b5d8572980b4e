"""Every query of payments: receipts, their allocations, payers, attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.liability import Payment
from kernel.ids import AccountId, EntryId, ItemId, ReceiptId, SubscriptionId
from kernel.money import Money, total_of
from payments.allocation import Allocated
from payments.attempts import Attempt, AttemptStatus
from payments.gateway import Payer
from payments.receipts import Receipt
from payments.tables import allocations, payers, payment_attempts, receipts
from receivables.journal import AllocationPart, Component
from receivables.tables import open_items


@dataclass(frozen=True, slots=True)
class BookedReceipt:
    """A receipt as it was booked, and how it is allocated by now."""

    receipt_id: ReceiptId
    receipt: Receipt
    allocated: Allocated


def add_receipt(connection: Connection, receipt_id: ReceiptId, receipt: Receipt, *, at: datetime) -> bool:
    """Write a receipt; return False, and write nothing, when the account has one of this reference."""
    written = connection.execute(
        insert(receipts)
        .values(
            account_id=receipt.account_id,
            receipt_id=receipt_id,
            reference=receipt.reference,
            received_on=receipt.received_on,
            currency=receipt.amount.currency,
            amount=receipt.amount.amount,
            invoice=receipt.invoice,
            recorded_at=at,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "reference"])
        .returning(receipts.c.receipt_id)
    )
    return written.scalar_one_or_none() is not None


def add_allocations(
    connection: Connection,
    account_id: AccountId,
    receipt_id: ReceiptId,
    entry_id: EntryId,
    parts: Sequence[AllocationPart],
) -> None:
    """Write which debts an entry settled with a receipt's money."""
    if not parts:
        return
    connection.execute(
        insert(allocations),
        [
            {
                "account_id": account_id,
                "receipt_id": receipt_id,
                "entry_id": entry_id,
                "item_id": part.item_id,
                "component": part.component.value,
                "currency": part.amount.currency,
                "amount": part.amount.amount,
            }
            for part in parts
        ],
    )


def receipt_by_reference(connection: Connection, account_id: AccountId, reference: str) -> BookedReceipt:
    """Return a booked receipt by its reference, which must be known."""
    (booked,) = _booked(
        connection,
        select(receipts).where(receipts.c.account_id == account_id, receipts.c.reference == reference),
    )
    return booked


def receipts_of(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[BookedReceipt, ...]:
    """Return the receipts of accounts by account and day, each with what it settled by now."""
    return _booked(connection, select(receipts).where(receipts.c.account_id.in_(account_ids)))


def receipts_with_rest(
    connection: Connection, account_id: AccountId, *, received_by: date
) -> tuple[BookedReceipt, ...]:
    """Return the receipts of an account that no debt has taken whole, oldest first."""
    r, a = receipts.c, allocations.c
    applied = (
        select(func.coalesce(func.sum(a.amount), 0))
        .where(a.account_id == r.account_id, a.receipt_id == r.receipt_id)
        .scalar_subquery()
    )
    return _booked(
        connection,
        select(receipts).where(r.account_id == account_id, r.received_on <= received_by, r.amount > applied),
    )


def _booked(connection: Connection, query: Select[Any]) -> tuple[BookedReceipt, ...]:
    """Run a query of receipts; read what they settled in a second one."""
    r, a = receipts.c, allocations.c
    rows = connection.execute(query.order_by(r.account_id, r.received_on, r.receipt_id)).all()
    parts: dict[ReceiptId, list[AllocationPart]] = defaultdict(list)
    settled = (
        select(allocations)
        .where(
            a.account_id.in_({row.account_id for row in rows}),
            a.receipt_id.in_([row.receipt_id for row in rows]),
        )
        .order_by(a.entry_id, a.item_id, a.component)
    )
    for part in connection.execute(settled):
        amount = Money(part.amount, part.currency)
        parts[part.receipt_id].append(AllocationPart(part.item_id, Component(part.component), amount))
    return tuple(_booked_receipt(row, parts[row.receipt_id]) for row in rows)


def _booked_receipt(row: Row[Any], parts: Sequence[AllocationPart]) -> BookedReceipt:
    amount = Money(row.amount, row.currency)
    receipt = Receipt(
        account_id=row.account_id,
        reference=row.reference,
        received_on=row.received_on,
        amount=amount,
        invoice=row.invoice,
    )
    rest = amount - total_of((part.amount for part in parts), row.currency)
    return BookedReceipt(row.receipt_id, receipt, Allocated(tuple(parts), rest))


def payments_of(connection: Connection, account_id: AccountId) -> dict[SubscriptionId, tuple[Payment, ...]]:
    """Return, by contract, what each receipt of an account paid of its documents, oldest first.

    All of it counts: principal, taxes and late charges.  What is not allocated yet has paid for no contract.
    """
    r, a, i = receipts.c, allocations.c, open_items.c
    rows = connection.execute(
        select(i.subscription_id, r.received_on, r.reference, a.currency, func.sum(a.amount))
        .select_from(allocations)
        .join(receipts, (r.account_id == a.account_id) & (r.receipt_id == a.receipt_id))
        .join(open_items, (i.account_id == a.account_id) & (i.item_id == a.item_id))
        .where(a.account_id == account_id, i.subscription_id.is_not(None))
        .group_by(i.subscription_id, r.received_on, r.reference, a.currency)
        .order_by(r.received_on, r.reference)
    )
    paid: dict[SubscriptionId, list[Payment]] = defaultdict(list)
    for subscription_id, on, reference, currency, amount in rows:
        paid[subscription_id].append(Payment(on=on, amount=Money(amount, currency), reference=reference))
    return {key: tuple(payments) for key, payments in paid.items()}


def save_payer(connection: Connection, account_id: AccountId, payer: Payer, *, at: datetime) -> None:
    """Keep the means of payment that an account has on file now."""
    values = {"customer": payer.customer, "payment_method": payer.payment_method, "recorded_at": at}
    connection.execute(
        insert(payers)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )


def payer_of(connection: Connection, account_id: AccountId) -> Payer | None:
    """Return the means of payment of an account, or None."""
    row = connection.execute(select(payers).where(payers.c.account_id == account_id)).one_or_none()
    return None if row is None else Payer(customer=row.customer, payment_method=row.payment_method)


def last_attempt(connection: Connection, account_id: AccountId, item_id: ItemId) -> Attempt | None:
    """Return the latest attempt to collect an item, or None."""
    t = payment_attempts.c
    row = connection.execute(
        select(payment_attempts)
        .where(t.account_id == account_id, t.item_id == item_id)
        .order_by(t.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _attempt(row)


def start_attempt(connection: Connection, account_id: AccountId, attempt: Attempt, *, at: datetime) -> None:
    """Write an attempt before the gateway is asked; one that is made again is there already."""
    connection.execute(
        insert(payment_attempts)
        .values(
            account_id=account_id,
            item_id=attempt.item_id,
            number=attempt.number,
            currency=attempt.amount.currency,
            amount=attempt.amount.amount,
            customer=attempt.payer.customer,
            payment_method=attempt.payer.payment_method,
            asked_on=attempt.asked_on,
            status=attempt.status.value,
            reference=attempt.reference,
            failure_code=attempt.failure_code,
            started_at=at,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "item_id", "number"])
    )


def end_attempt(connection: Connection, account_id: AccountId, attempt: Attempt, *, at: datetime) -> None:
    """Write how an attempt ended; what is known once is not changed."""
    t = payment_attempts.c
    connection.execute(
        update(payment_attempts)
        .where(
            t.account_id == account_id,
            t.item_id == attempt.item_id,
            t.number == attempt.number,
            t.status == AttemptStatus.STARTED.value,
        )
        .values(
            status=attempt.status.value,
            reference=attempt.reference,
            failure_code=attempt.failure_code,
            ended_at=at,
        )
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        item_id=row.item_id,
        number=row.number,
        amount=Money(row.amount, row.currency),
        payer=Payer(customer=row.customer, payment_method=row.payment_method),
        asked_on=row.asked_on,
        status=AttemptStatus(row.status),
        reference=row.reference,
        failure_code=row.failure_code,
    )
