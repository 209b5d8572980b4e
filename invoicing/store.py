"""What the invoice run keeps of its own: progress, marks, numbers, runs, and what it set aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Table,
    Uuid,
    column,
    delete,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy import table as table_clause
from sqlalchemy.dialects.postgresql import insert

from contracts.notices import Notice
from db.copying import copy_rows
from db.problem_rows import problem_of
from invoicing.compose import Mark, MarkKey
from invoicing.cycles import Progress
from invoicing.refunds import RefundDue
from invoicing.tables import (
    billing_marks,
    billing_problems,
    billing_progress,
    invoice_lines,
    invoice_runs,
    invoice_series,
    invoices,
    refunds_due,
)
from kernel.ids import AccountId, ItemId, NoticeId, RunId, SubscriptionKey
from kernel.money import Money
from kernel.periods import Period
from kernel.problems import Problem


def progress_of(connection: Connection, account_ids: Sequence[AccountId]) -> dict[SubscriptionKey, Progress]:
    """Return how far each subscription of these accounts is billed; one never billed is absent."""
    rows = connection.execute(select(billing_progress).where(billing_progress.c.account_id.in_(account_ids)))
    return {
        (row.account_id, row.subscription_id): Progress(row.advance_through, row.arrears_through)
        for row in rows
    }


def save_progress(connection: Connection, progress: Mapping[SubscriptionKey, Progress]) -> None:
    """Move each subscription's progress forward."""
    rows = ((*key, each.advance_through, each.arrears_through) for key, each in progress.items())
    _merge(connection, billing_progress, rows)


def marks_of(
    connection: Connection, subscriptions: Iterable[SubscriptionKey], *, since: date
) -> dict[SubscriptionKey, dict[MarkKey, Mark]]:
    """Return the marks of subscriptions over periods that end after a day."""
    keys = list(subscriptions)
    found: dict[SubscriptionKey, dict[MarkKey, Mark]] = {key: {} for key in keys}
    if not keys:
        return found
    rows = connection.execute(
        select(billing_marks).where(_among(billing_marks, keys), billing_marks.c.period_end > since)
    )
    for row in rows:
        key = MarkKey(row.charge, Period(row.period_start, row.period_end))
        found[row.account_id, row.subscription_id][key] = Mark(row.quantity, Money(row.amount, row.currency))
    return found


def save_marks(connection: Connection, marks: Mapping[SubscriptionKey, Mapping[MarkKey, Mark]]) -> None:
    """Raise the marks to what is billed now."""
    rows = (
        (
            *subscription,
            key.charge,
            key.period.start,
            key.period.end,
            mark.quantity,
            mark.amount.amount,
            mark.amount.currency,
        )
        for subscription, each in marks.items()
        for key, mark in each.items()
    )
    _merge(connection, billing_marks, rows)


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
        connection.execute(delete(billing_problems).where(_among(billing_problems, subscriptions)))


def open_problems(connection: Connection, limit: int = 1000) -> tuple[Problem, ...]:
    """Return what is set aside and waits for its mend, oldest first."""
    rows = connection.execute(select(billing_problems).order_by(billing_problems.c.recorded_at).limit(limit))
    return tuple(problem_of(row, subject=row.subject) for row in rows)


def save_refund(connection: Connection, notice: Notice, refund: RefundDue, *, at: datetime) -> None:
    """Keep what an ending gives back; a notice gives back once."""
    lines = [
        {
            "charge": line.charge,
            "paid_from": line.paid.start.isoformat(),
            "paid_until": line.paid.last_day.isoformat(),
            "unused_from": line.unused.start.isoformat(),
            "days_unused": line.unused.days,
            "days_paid": line.paid.days,
            "gross": str(line.gross.amount),
            "withheld": str(line.withheld.amount),
        }
        for line in refund.lines
    ]
    row = {
        "account_id": notice.account_id,
        "notice_id": notice.notice_id,
        "subscription_id": notice.subscription_id,
        "currency": refund.currency,
        "net": refund.net.amount,
        "tax": refund.tax.amount,
        "gross": refund.gross.amount,
        "paid_back": refund.paid_back.amount,
        "lines": lines,
        "clause": notice.clause,
        "document": notice.document,
        "recorded_at": at,
    }
    connection.execute(insert(refunds_due), row)


def refunds_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[NoticeId, tuple[Money, Money]]:
    """Return what endings give back to these accounts, and how much of it is paid back, by their notice.

    What a customer had withheld is not given back to it.
    """
    rows = connection.execute(select(refunds_due).where(refunds_due.c.account_id.in_(account_ids)))
    return {
        row.notice_id: (
            Money(row.gross - sum(Decimal(line.get("withheld", 0)) for line in row.lines), row.currency),
            Money(row.paid_back, row.currency),
        )
        for row in rows
    }


def use_billed(
    connection: Connection, key: SubscriptionKey, window: Period, currency: str
) -> tuple[Money, ...]:
    """Return what was billed before tax for use of a subscription in days that begin within a window."""
    rows = connection.execute(
        select(invoice_lines.c.net)
        .join(
            invoices,
            (invoice_lines.c.account_id == invoices.c.account_id)
            & (invoice_lines.c.invoice_id == invoices.c.invoice_id),
        )
        .where(
            invoices.c.account_id == key[0],
            invoices.c.subscription_id == key[1],
            invoice_lines.c.kind.in_(["usage", "late_usage"]),
            invoice_lines.c.period_start >= window.start,
            invoice_lines.c.period_start < window.end,
        )
    )
    return tuple(Money(net, currency) for net in rows.scalars())


def documents_of_fees(
    connection: Connection, key: SubscriptionKey, charges: Collection[str], *, since: date
) -> frozenset[ItemId]:
    """Return the invoices that billed charges of a subscription for periods that end after a day."""
    rows = connection.execute(
        select(invoices.c.invoice_id)
        .join(
            invoice_lines,
            (invoice_lines.c.account_id == invoices.c.account_id)
            & (invoice_lines.c.invoice_id == invoices.c.invoice_id),
        )
        .where(
            invoices.c.account_id == key[0],
            invoices.c.subscription_id == key[1],
            invoice_lines.c.charge.in_(charges),
            invoice_lines.c.period_end > since,
        )
    )
    return frozenset(ItemId(each) for each in rows.scalars())


def _among(table: Table, subscriptions: Sequence[SubscriptionKey]) -> ColumnElement[bool]:
    ids = [literal(each, ARRAY(Uuid)) for each in zip(*subscriptions, strict=True)]
    return tuple_(table.c.account_id, table.c.subscription_id).in_(select(*map(func.unnest, ids)))


def _merge(connection: Connection, table: Table, rows: Iterable[Sequence[object]]) -> None:
    """Add rows, in the order of a table's columns, or change those of the same key: COPY, then one upsert."""
    names = [each.name for each in table.columns]
    staged = table_clause(f"staged_{table.name}", *(column(each.name, each.type) for each in table.columns))
    connection.execute(
        text(f"CREATE TEMP TABLE IF NOT EXISTS {staged.name} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    )
    connection.execute(delete(staged))
    copy_rows(connection, staged.name, names, rows)
    statement = insert(table).from_select(names, select(staged))
    changes = {name: statement.excluded[name] for name in names if name not in table.primary_key.columns}
    connection.execute(statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=changes))
