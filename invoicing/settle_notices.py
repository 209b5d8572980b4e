"""Settling notices where money is known: who owes is asked, and what an ending gives back is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_rules import Refund
from contracts.settle import Outcome, Settlement
from contracts.settle import settle as settle_contracts
from db import outbox
from invoicing import store
from invoicing.refunds import RefundDue, refund_due
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.ids import AccountId
from receivables.store import balances

REFUND_DUE = "refund.due"


def settle(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, as_of: date, clock: Clock
) -> tuple[tuple[Settlement, RefundDue | None], ...]:
    """Record what notices lead to as of a day, with the refund of each ending whose clause gives one.

    The caller holds the locks of the accounts' subscriptions.
    """

    def owes(account_id: AccountId, day: date) -> bool:
        owed = balances(connection, as_of=day, account_ids=[account_id])
        return any(each.total.amount > 0 and each.item.due_on < day for each in owed)

    settled = settle_contracts(connection, catalog, account_ids, as_of=as_of, clock=clock, owes=owes)
    return tuple((each, _refund(connection, each, clock=clock)) for each in settled)


def _refund(connection: Connection, settlement: Settlement, *, clock: Clock) -> RefundDue | None:
    if settlement.outcome is not Outcome.ENDED or settlement.refund is Refund.NONE:
        return None
    if settlement.effective_on is None or settlement.notice.part:
        return None
    contract, notice = settlement.contract, settlement.notice
    ends_on = first_day_after(settlement.effective_on, 0)
    key = (contract.account_id, contract.subscription_id)
    refund = refund_due(contract, store.marks_of(connection, [key], since=ends_on)[key], ends_on=ends_on)
    if not refund.lines:
        return None
    store.save_refund(connection, notice, refund, at=clock.now())
    body = {
        "account": contract.account.code,
        "subscription": contract.subscription.code,
        "notice": str(notice.notice_id),
        "amount": str(refund.gross),
        "clause": notice.clause,
    }
    outbox.put(connection, notice.account_id, REFUND_DUE, body, clock.now())
    return refund
