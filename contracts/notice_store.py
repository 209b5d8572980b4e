"""Every query of notices: given, delivered, answered, settled.  Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from contracts.life_rules import Party
from contracts.notices import Answer, Content, Notice, NoticeKind, Outcome
from contracts.tables import contract_notices
from db.among import among
from kernel.errors import NotFound
from kernel.ids import AccountId, NoticeId


def add_notice(connection: Connection, notice: Notice) -> None:
    """Keep a notice."""
    row = {**asdict(notice), "content": msgspec.to_builtins(notice.content, str_keys=True)}
    connection.execute(insert(contract_notices).values(row))


def notice(connection: Connection, account_id: AccountId, notice_id: NoticeId) -> Notice:
    """Return a notice, locked for what is written of it; raises :class:`NotFound`."""
    row = connection.execute(
        select(contract_notices).where(*_is(account_id, notice_id)).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(
            "the account has no such notice",
            field="notice",
            value=notice_id,
            expected="an id that clausula notices list prints",
        )
    return _notice(row)


def notices_of(
    connection: Connection,
    account_ids: Sequence[AccountId],
    *,
    unsettled: bool = False,
    sent_by: date | None = None,
) -> tuple[Notice, ...]:
    """Return the notices of accounts, oldest first.

    ``unsettled``: those that led to nothing yet; ``sent_by``: those that were sent up to a day.
    """
    n = contract_notices.c
    query = select(contract_notices).where(among(contract_notices, account_ids))
    if unsettled:
        query = query.where(n.settled_on.is_(None))
    if sent_by is not None:
        query = query.where(n.sent_on <= sent_by)
    rows = connection.execute(query.order_by(n.account_id, n.sent_on, n.notice_id))
    return tuple(_notice(row) for row in rows)


def record_delivery(connection: Connection, told: Notice, delivered_on: date) -> None:
    """Keep the first confirmation of a delivery."""
    connection.execute(
        update(contract_notices)
        .where(*_is(told.account_id, told.notice_id), contract_notices.c.delivered_on.is_(None))
        .values(delivered_on=delivered_on)
    )


def record_answer(connection: Connection, told: Notice, answer: Answer, *, on: date, by: str) -> None:
    """Keep the first answer."""
    connection.execute(
        update(contract_notices)
        .where(*_is(told.account_id, told.notice_id), contract_notices.c.answered_on.is_(None))
        .values(answer=answer.value, answered_on=on, answered_by=by)
    )


def record_settled(
    connection: Connection, told: Notice, outcome: Outcome, *, settled_on: date, effective_on: date | None
) -> None:
    """Keep what a notice led to."""
    connection.execute(
        update(contract_notices)
        .where(*_is(told.account_id, told.notice_id))
        .values(outcome=outcome.value, settled_on=settled_on, effective_on=effective_on)
    )


def record_withdrawn(connection: Connection, told: Notice, *, on: date, reason: str) -> None:
    """Keep that a notice was taken back, and why, beside the reason that it bore."""
    kept = "; ".join(each for each in (told.reason, reason) if each)
    connection.execute(
        update(contract_notices)
        .where(*_is(told.account_id, told.notice_id))
        .values(outcome=Outcome.WITHDRAWN.value, settled_on=on, reason=kept)
    )


def _is(account_id: AccountId, notice_id: NoticeId) -> tuple[ColumnElement[bool], ...]:
    return contract_notices.c.account_id == account_id, contract_notices.c.notice_id == notice_id


def _notice(row: Row[Any]) -> Notice:
    values = row._asdict()
    content = msgspec.convert(values["content"], Content | None, strict=False)
    return Notice(
        **{
            **values,
            "kind": NoticeKind(row.kind),
            "sender": Party(row.sender),
            "answer": Answer(row.answer),
            "outcome": Outcome(row.outcome),
            "content": content,
        }
    )
