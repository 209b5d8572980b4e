"""Settling notices where money is known: who owes is asked, and what an ending gives back is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_rules import Refund
from contracts.notice_store import notices_of
from contracts.notices import Notice
from contracts.settle import Books, Outcome, Settlement, settle_notice
from contracts.store import accounts_of, subscriptions_of
from db import outbox
from invoicing import store
from invoicing.refunds import RefundDue, refund_due
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import ClausulaError
from kernel.ids import AccountId, SubscriptionKey
from kernel.problems import Problem
from receivables.store import balances

REFUND_DUE = "refund.due"

#: What a notice led to, and what it gives back.
Done = tuple[Settlement, RefundDue | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What notices led to, with the refund of each ending that gives one, and what could not be settled."""

    done: tuple[Done, ...]
    problems: Mapping[SubscriptionKey, Problem]


def settle(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, as_of: date, clock: Clock
) -> Settled:
    """Record what the notices of accounts lead to as of a day, oldest first.

    A notice that cannot be settled is set aside with its contract, changes nothing and stops no other.  The
    caller holds the locks of the accounts' subscriptions.
    """
    done: list[Done] = []
    problems: dict[SubscriptionKey, Problem] = {}
    for notice in notices_of(connection, account_ids, unsettled=True):
        try:
            with connection.begin_nested():
                done += _settled(connection, catalog, notice, as_of=as_of, clock=clock)
        except ClausulaError as error:
            key = notice.account_id, notice.subscription_id
            problems[key] = Problem.of(error, subject=_subject(connection, notice))
    return Settled(tuple(done), problems)


def _settled(
    connection: Connection, catalog: Catalog, notice: Notice, *, as_of: date, clock: Clock
) -> list[Done]:
    def owes(account_id: AccountId, day: date) -> bool:
        owed = balances(connection, as_of=day, account_ids=[account_id])
        return any(each.total.amount > 0 and each.item.due_on < day for each in owed)

    progress = store.progress_of(connection, [notice.account_id])
    billed = progress.get((notice.account_id, notice.subscription_id))
    books = Books(owes, None if billed is None else billed.arrears_through)
    found = settle_notice(connection, catalog, notice, as_of=as_of, clock=clock, books=books)
    return [(each, _refund(connection, each, clock=clock)) for each in found]


def _subject(connection: Connection, notice: Notice) -> str:
    account = accounts_of(connection, [notice.account_id])[notice.account_id]
    signed = subscriptions_of(connection, [notice.account_id])[notice.account_id, notice.subscription_id]
    return f"{account.code}/{signed.code}"


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
