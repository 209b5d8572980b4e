"""The outbox: effects outside leave as rows of the transaction that decides them, and are delivered later.

A message is delivered at least once and bears a stable id, so that a receiver can drop the second copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select, update

from db.copying import copy_rows
from db.tables import outbox
from kernel.ids import AccountId, MessageId, new_id

#: Messages that one delivery round takes.
BATCH_MESSAGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """One effect that waits: what kind, about which account, with what body."""

    account_id: AccountId
    message_id: MessageId
    kind: str
    body: Mapping[str, object]
    recorded_at: datetime
    attempts: int = 0


def put(
    connection: Connection, account_id: AccountId, kind: str, body: Mapping[str, object], at: datetime
) -> MessageId:
    """Write a message in the running transaction and return its id."""
    message = OutboxMessage(
        account_id=account_id, message_id=MessageId(new_id()), kind=kind, body=body, recorded_at=at
    )
    put_all(connection, [message])
    return message.message_id


def put_all(connection: Connection, messages: Sequence[OutboxMessage]) -> None:
    """Write messages in the running transaction, by COPY."""
    copy_rows(
        connection,
        outbox,
        ("account_id", "message_id", "kind", "body", "recorded_at"),
        (
            (
                each.account_id,
                each.message_id,
                each.kind,
                msgspec.json.encode(each.body).decode(),
                each.recorded_at,
            )
            for each in messages
        ),
    )


def take(connection: Connection, limit: int = BATCH_MESSAGES) -> tuple[OutboxMessage, ...]:
    """Lock and return messages that wait, oldest first; what another worker holds is skipped."""
    rows = connection.execute(
        select(outbox)
        .where(outbox.c.delivered_at.is_(None))
        .order_by(outbox.c.message_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(
        OutboxMessage(
            account_id=row.account_id,
            message_id=row.message_id,
            kind=row.kind,
            body=row.body,
            recorded_at=row.recorded_at,
            attempts=row.attempts,
        )
        for row in rows
    )


def mark_delivered(connection: Connection, message: OutboxMessage, at: datetime) -> None:
    """Record that a message arrived."""
    connection.execute(
        update(outbox)
        .where(outbox.c.account_id == message.account_id, outbox.c.message_id == message.message_id)
        .values(delivered_at=at, attempts=message.attempts + 1)
    )


def mark_failed(connection: Connection, message: OutboxMessage, error: str) -> None:
    """Record that a delivery failed; the message waits for the next round."""
    connection.execute(
        update(outbox)
        .where(outbox.c.account_id == message.account_id, outbox.c.message_id == message.message_id)
        .values(attempts=message.attempts + 1, last_error=error)
    )
