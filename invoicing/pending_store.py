"""Every query of the lines that wait for an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from db.among import among
from invoicing.documents import Citation, LineKind
from invoicing.pending import PendingLine
from invoicing.tables import pending_lines
from kernel.ids import AccountId
from kernel.money import Money
from kernel.periods import Period
from rating.working import Step


def add(connection: Connection, line: PendingLine) -> tuple[PendingLine, bool]:
    """Let a line wait; return it as it stands recorded and whether it is new: again changes nothing."""
    row = {
        "account_id": line.account_id,
        "subscription_id": line.subscription_id,
        "pending_id": line.pending_id,
        "kind": line.kind.value,
        "code": line.code,
        "name": line.name,
        "currency": line.amount.currency,
        "amount": line.amount.amount,
        "taxed": line.taxed,
        "period_start": line.period.start,
        "period_end": line.period.end,
        "due_on": line.due_on,
        "cites": msgspec.to_builtins(line.cites),
        "working": msgspec.to_builtins(line.working),
        "reason": line.reason,
        "decided_by": line.decided_by,
        "recorded_at": line.recorded_at,
    }
    statement = insert(pending_lines).values(row).on_conflict_do_nothing()
    added = connection.execute(statement.returning(pending_lines.c.pending_id)).first() is not None
    own = pending_lines.c
    found = connection.execute(
        select(pending_lines).where(
            own.account_id == line.account_id,
            own.subscription_id == line.subscription_id,
            own.pending_id == line.pending_id,
        )
    ).one()
    return _line_of(found), added


def waiting(
    connection: Connection, account_ids: Sequence[AccountId], *, due_by: date
) -> tuple[PendingLine, ...]:
    """Return what may be billed of these accounts by a day and was not."""
    own = pending_lines.c
    rows = connection.execute(
        select(pending_lines).where(
            among(pending_lines, account_ids), own.billed_on.is_(None), own.due_on <= due_by
        )
    )
    return tuple(_line_of(row) for row in rows)


def lines_of(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[PendingLine, ...]:
    """Return every line that waits or waited, oldest first."""
    rows = connection.execute(
        select(pending_lines)
        .where(among(pending_lines, account_ids))
        .order_by(pending_lines.c.recorded_at, pending_lines.c.pending_id)
    )
    return tuple(_line_of(row) for row in rows)


def mark_billed(connection: Connection, billed: Sequence[PendingLine]) -> None:
    """Keep on which day lines were billed."""
    if not billed:
        return
    own = pending_lines.c
    statement = (
        update(pending_lines)
        .where(
            own.account_id == bindparam("in_account"),
            own.subscription_id == bindparam("in_subscription"),
            own.pending_id == bindparam("in_pending"),
        )
        .values(billed_on=bindparam("on"))
    )
    rows = [
        {
            "in_account": each.account_id,
            "in_subscription": each.subscription_id,
            "in_pending": each.pending_id,
            "on": each.billed_on,
        }
        for each in billed
    ]
    connection.execute(statement, rows)


def _line_of(row: Row[Any]) -> PendingLine:
    return PendingLine(
        account_id=row.account_id,
        subscription_id=row.subscription_id,
        pending_id=row.pending_id,
        kind=LineKind(row.kind),
        code=row.code,
        name=row.name,
        amount=Money(row.amount, row.currency),
        taxed=row.taxed,
        period=Period(row.period_start, row.period_end),
        due_on=row.due_on,
        cites=msgspec.convert(row.cites, Citation),
        working=msgspec.convert(row.working, tuple[Step, ...]),
        reason=row.reason,
        decided_by=row.decided_by,
        recorded_at=row.recorded_at,
        billed_on=row.billed_on,
    )
