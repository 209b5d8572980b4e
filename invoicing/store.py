"""What the invoice run keeps of its own: progress, marks, numbers, runs, and what it set aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from db.copying import copy_rows
from invoicing.compose import Mark, MarkKey
from invoicing.cycles import Progress
from invoicing.tables import billing_marks, billing_problems, billing_progress, invoice_runs, invoice_series
from kernel.ids import AccountId, RunId, SubscriptionId
from kernel.money import Money
from kernel.periods import Period
from kernel.problems import Problem

#: What names a subscription in every map here.
SubscriptionKey = tuple[AccountId, SubscriptionId]

_MARK_COLUMNS = tuple(column.name for column in billing_marks.columns)


def progress_of(connection: Connection, account_ids: Sequence[AccountId]) -> dict[SubscriptionKey, Progress]:
    """Return how far each subscription of these accounts is billed; one never billed is absent."""
    rows = connection.execute(select(billing_progress).where(billing_progress.c.account_id.in_(account_ids)))
    return {
        (row.account_id, row.subscription_id): Progress(row.advance_through, row.arrears_through)
        for row in rows
    }


def save_progress(connection: Connection, progress: Mapping[SubscriptionKey, Progress]) -> None:
    """Move each subscription's progress forward."""
    if not progress:
        return
    statement = insert(billing_progress)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "subscription_id"],
            set_={
                "advance_through": statement.excluded.advance_through,
                "arrears_through": statement.excluded.arrears_through,
            },
        ),
        [
            {
                "account_id": account_id,
                "subscription_id": subscription_id,
                "advance_through": each.advance_through,
                "arrears_through": each.arrears_through,
            }
            for (account_id, subscription_id), each in progress.items()
        ],
    )


def marks_of(
    connection: Connection, subscriptions: Iterable[SubscriptionKey], *, since: date
) -> dict[SubscriptionKey, dict[MarkKey, Mark]]:
    """Return the marks of subscriptions over periods that end after a day."""
    keys = list(subscriptions)
    found: dict[SubscriptionKey, dict[MarkKey, Mark]] = {key: {} for key in keys}
    if not keys:
        return found
    rows = connection.execute(
        select(billing_marks).where(
            tuple_(billing_marks.c.account_id, billing_marks.c.subscription_id).in_(keys),
            billing_marks.c.period_end > since,
        )
    )
    for row in rows:
        key = MarkKey(row.charge, Period(row.period_start, row.period_end))
        found[row.account_id, row.subscription_id][key] = Mark(row.quantity, Money(row.amount, row.currency))
    return found


def save_marks(connection: Connection, marks: Mapping[SubscriptionKey, Mapping[MarkKey, Mark]]) -> None:
    """Raise the marks to what is billed now: COPY into a staging table, then one upsert."""
    columns = ", ".join(_MARK_COLUMNS)
    connection.execute(
        text("CREATE TEMP TABLE IF NOT EXISTS staged_marks (LIKE billing_marks) ON COMMIT DELETE ROWS")
    )
    copy_rows(
        connection,
        "staged_marks",
        _MARK_COLUMNS,
        (
            (
                account_id,
                subscription_id,
                key.charge,
                key.period.start,
                key.period.end,
                mark.quantity,
                mark.amount.amount,
                mark.amount.currency,
            )
            for (account_id, subscription_id), each in marks.items()
            for key, mark in each.items()
        ),
    )
    connection.execute(
        text(
            f"INSERT INTO billing_marks ({columns}) SELECT {columns} FROM staged_marks "  # noqa: S608 own column names
            "ON CONFLICT (account_id, subscription_id, charge, period_start) "
            "DO UPDATE SET quantity = excluded.quantity, amount = excluded.amount"
        )
    )
    connection.execute(text("DELETE FROM staged_marks"))


def take_numbers(connection: Connection, entity: str, series: str, count: int) -> int:
    """Take the next numbers of a series and return the first; the series stays locked until the commit.

    A transaction that fails gives its numbers back, so the series has no gap.
    """
    statement = insert(invoice_series).values(entity=entity, series=series, next_number=1 + count)
    following = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["entity", "series"],
            set_={"next_number": invoice_series.c.next_number + count},
        ).returning(invoice_series.c.next_number)
    ).scalar_one()
    return int(following) - count


def start_run(connection: Connection, run_id: RunId, as_of: date, at: datetime) -> None:
    """Record that a run began."""
    connection.execute(invoice_runs.insert().values(run_id=run_id, as_of=as_of, started_at=at))


def finish_run(connection: Connection, run_id: RunId, *, at: datetime, issued: int, problems: int) -> None:
    """Record that a run came to its end."""
    connection.execute(
        update(invoice_runs)
        .where(invoice_runs.c.run_id == run_id)
        .values(finished_at=at, invoices=issued, problems=problems)
    )


def save_problems(
    connection: Connection,
    run_id: RunId,
    problems: Mapping[SubscriptionKey, Problem],
    *,
    as_of: date,
    at: datetime,
) -> None:
    """Keep what was set aside, in place of what was kept of these subscriptions before."""
    clear_problems(connection, list(problems))
    rows = [
        {
            "account_id": account_id,
            "subscription_id": subscription_id,
            "code": problem.code,
            "run_id": run_id,
            "as_of": as_of,
            "subject": problem.subject,
            "message": problem.message,
            "field": problem.field,
            "value": problem.value,
            "expected": problem.expected,
            "place": problem.place,
            "recorded_at": at,
        }
        for (account_id, subscription_id), problem in problems.items()
    ]
    if rows:
        connection.execute(insert(billing_problems), rows)


def clear_problems(connection: Connection, subscriptions: Sequence[SubscriptionKey]) -> None:
    """Forget the problems of subscriptions."""
    if subscriptions:
        key = tuple_(billing_problems.c.account_id, billing_problems.c.subscription_id)
        connection.execute(delete(billing_problems).where(key.in_(subscriptions)))


def open_problems(connection: Connection, limit: int = 1000) -> tuple[Problem, ...]:
    """Return what is set aside and waits for its mend, oldest first."""
    rows = connection.execute(select(billing_problems).order_by(billing_problems.c.recorded_at).limit(limit))
    return tuple(
        Problem(
            code=row.code,
            message=row.message,
            subject=row.subject,
            place=row.place,
            field=row.field,
            value=row.value,
            expected=row.expected,
        )
        for row in rows
    )
