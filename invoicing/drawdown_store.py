"""Every query of drawdowns: what coupons and credits gave to lines, written with their invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from contracts.credit_store import grants_by_subscription
from db.among import among
from db.copying import copy_rows
from invoicing.documents import Invoice
from invoicing.drawdowns import Drawdown, Given, Purse, Source
from invoicing.tables import drawdowns
from kernel.ids import AccountId, SubscriptionKey
from kernel.money import Money
from kernel.periods import Period

_COLUMNS = tuple(column.name for column in drawdowns.columns)


def given_of(connection: Connection, account_ids: Sequence[AccountId]) -> dict[SubscriptionKey, Given]:
    """Return what subscriptions of these accounts were granted and have drawn; others are absent."""
    grants = grants_by_subscription(connection, account_ids)
    drawn = drawdowns_of(connection, account_ids)
    return {key: Given(grants.get(key, ()), drawn.get(key, ())) for key in {*grants, *drawn}}


def drawdowns_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, tuple[Drawdown, ...]]:
    """Return what was drawn on the invoices of these accounts, by subscription and oldest period first."""
    d = drawdowns.c
    found: dict[SubscriptionKey, list[Drawdown]] = defaultdict(list)
    rows = connection.execute(
        select(drawdowns)
        .where(among(drawdowns, account_ids))
        .order_by(d.period_start, d.source, d.code, d.given_on, d.invoice_id, d.line_no)
    )
    for row in rows:
        found[row.account_id, row.subscription_id].append(_drawdown(row))
    return {key: tuple(each) for key, each in found.items()}


def save_drawdowns(
    connection: Connection,
    drawn: Mapping[SubscriptionKey, Sequence[Drawdown]],
    invoices: Sequence[Invoice],
) -> None:
    """Keep what was drawn for each subscription, with the invoice that it was drawn for."""
    rows = (
        (
            invoice.account_id,
            invoice.subscription_id,
            each.purse.source.value,
            each.purse.code,
            each.purse.given_on,
            invoice.invoice_id,
            each.line_no,
            each.charge,
            each.period.start,
            each.period.end,
            each.amount.amount,
            each.amount.currency,
        )
        for invoice in invoices
        for each in drawn.get((invoice.account_id, invoice.subscription_id), ())
    )
    copy_rows(connection, drawdowns, _COLUMNS, rows)


def _drawdown(row: Row[Any]) -> Drawdown:
    return Drawdown(
        purse=Purse(Source(row.source), row.code, row.given_on),
        line_no=row.line_no,
        charge=row.charge,
        period=Period(row.period_start, row.period_end),
        amount=Money(row.amount, row.currency),
    )
