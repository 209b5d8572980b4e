"""Every query of dunning: actions once, notices and their delivery, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from contracts.life_store import accounts_suspended
from contracts.rules import StepMode
from db.among import among
from db.problem_rows import problem_of
from dunning.actions import Action, ActionStatus
from dunning.tables import chase_problems, dunning_actions, notices
from kernel.ids import AccountId, ItemId, MessageId, NoticeId
from kernel.problems import Problem

#: Proposals that one page lists.
PAGE_PROPOSALS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A letter about a step: to whom and when it was sent, and when its delivery was confirmed."""

    account_id: AccountId
    notice_id: NoticeId
    item_id: ItemId
    step: str
    recipient: str
    sent_on: date
    message_id: MessageId
    delivered_at: datetime | None = None


def accounts_at_work(
    connection: Connection, account_ids: Sequence[AccountId], *, as_of: date
) -> frozenset[AccountId]:
    """Return the accounts, of these, with a suspension for a debt that is not over or a waiting proposal."""
    a = dunning_actions.c
    waiting = select(a.account_id).where(
        among(dunning_actions, account_ids), a.status == ActionStatus.PROPOSED.value
    )
    suspended = accounts_suspended(connection, account_ids, as_of=as_of)
    return suspended | set(connection.execute(waiting).scalars())


def actions_of(connection: Connection, account_ids: Sequence[AccountId]) -> tuple[Action, ...]:
    """Return all that was taken or proposed against these accounts, by account, item and date."""
    a = dunning_actions.c
    rows = connection.execute(
        select(dunning_actions)
        .where(among(dunning_actions, account_ids))
        .order_by(a.account_id, a.item_id, a.allowed_on, a.recorded_at, a.step)
    )
    return tuple(_action(row) for row in rows)


def action(connection: Connection, account_id: AccountId, item_id: ItemId, step: str) -> Action | None:
    """Return one action, locked for the decision about it, or None."""
    a = dunning_actions.c
    row = connection.execute(
        select(dunning_actions)
        .where(a.account_id == account_id, a.item_id == item_id, a.step == step)
        .with_for_update()
    ).one_or_none()
    return None if row is None else _action(row)


def proposals(
    connection: Connection,
    *,
    after: tuple[AccountId, ItemId, str] | None = None,
    limit: int = PAGE_PROPOSALS,
) -> tuple[Action, ...]:
    """Return a page of the proposals that wait for a person, in the order of their keys."""
    a = dunning_actions.c
    query = select(dunning_actions).where(a.status == ActionStatus.PROPOSED.value)
    if after is not None:
        query = query.where(
            tuple_(a.account_id, a.item_id, a.step) > tuple_(*(literal(key) for key in after))
        )
    rows = connection.execute(
        query.order_by(a.account_id, a.item_id, a.step).limit(min(limit, PAGE_PROPOSALS))
    )
    return tuple(_action(row) for row in rows)


def record(connection: Connection, actions: Sequence[Action]) -> tuple[Action, ...]:
    """Record actions and return those that were not recorded before: the key decides, no look beforehand."""
    if not actions:
        return ()
    new = connection.execute(
        insert(dunning_actions)
        .on_conflict_do_nothing()
        .returning(dunning_actions.c.item_id, dunning_actions.c.step),
        [asdict(each) for each in actions],
    )
    keys = {(row.item_id, row.step) for row in new}
    return tuple(each for each in actions if (each.item_id, each.step) in keys)


def decide(connection: Connection, decided: Action) -> bool:
    """Confirm or dismiss a proposal; False where it does not wait any more."""
    a = dunning_actions.c
    done = connection.execute(
        update(dunning_actions)
        .where(
            a.account_id == decided.account_id,
            a.item_id == decided.item_id,
            a.step == decided.step,
            a.status == ActionStatus.PROPOSED.value,
        )
        .values(
            status=decided.status.value,
            decided_on=decided.decided_on,
            decided_by=decided.decided_by,
            reason=decided.reason,
        )
    )
    return done.rowcount == 1


def delivered_notices(
    connection: Connection, account_ids: Sequence[AccountId]
) -> Mapping[tuple[AccountId, ItemId], Mapping[str, datetime]]:
    """Return, by account and item, the steps whose notice arrived and the instant of the confirmation."""
    rows = connection.execute(
        select(notices).where(among(notices, account_ids), notices.c.delivered_at.is_not(None))
    )
    delivered: dict[tuple[AccountId, ItemId], dict[str, datetime]] = {}
    for row in rows:
        delivered.setdefault((row.account_id, row.item_id), {})[row.step] = row.delivered_at
    return delivered


def add_notice(connection: Connection, notice: Notice) -> None:
    """Keep that a letter was handed to the outbox."""
    connection.execute(insert(notices).values(asdict(notice)))


def notices_of(connection: Connection, account_id: AccountId) -> tuple[Notice, ...]:
    """Return the letters about an account's items, oldest first."""
    rows = connection.execute(
        select(notices)
        .where(notices.c.account_id == account_id)
        .order_by(notices.c.sent_on, notices.c.notice_id)
    )
    return tuple(_notice(row) for row in rows)


def confirm_notice(
    connection: Connection, account_id: AccountId, notice_id: NoticeId, delivered_at: datetime
) -> Notice | None:
    """Keep the first confirmation of a notice's delivery; return the notice, or None if there is none."""
    known = notices.c.account_id == account_id, notices.c.notice_id == notice_id
    connection.execute(
        update(notices).where(*known, notices.c.delivered_at.is_(None)).values(delivered_at=delivered_at)
    )
    row = connection.execute(select(notices).where(*known)).one_or_none()
    return None if row is None else _notice(row)


def add_problems(
    connection: Connection, problems: Sequence[tuple[AccountId, Problem]], *, as_of: date, at: datetime
) -> None:
    """Keep what was set aside on a night; the same problem of the same night is kept once."""
    if problems:
        rows = [
            {"account_id": account_id, "as_of": as_of, "recorded_at": at, **asdict(problem)}
            for account_id, problem in problems
        ]
        connection.execute(insert(chase_problems).values(rows).on_conflict_do_nothing())


def problems_of(connection: Connection, *, as_of: date) -> tuple[Problem, ...]:
    """Return what was set aside on a night, by account and subject."""
    p = chase_problems.c
    rows = connection.execute(
        select(chase_problems).where(p.as_of == as_of).order_by(p.account_id, p.subject, p.code)
    )
    return tuple(problem_of(row, subject=row.subject) for row in rows)


def _action(row: Row[Any]) -> Action:
    values = row._asdict()
    return Action(**{**values, "mode": StepMode(row.mode), "status": ActionStatus(row.status)})


def _notice(row: Row[Any]) -> Notice:
    return Notice(**row._asdict())
