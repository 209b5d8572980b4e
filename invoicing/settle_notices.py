"""Settling notices where money is known: who owes is asked, and what an ending gives back is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_rules import Refund
from contracts.notice_store import notices_of
from contracts.notices import Notice, Outcome
from contracts.outlook import Stage
from contracts.settle import Books, Settlement, outlook_of, settle_notice
from contracts.store import sound_contracts_of
from contracts.subscriptions import Contract
from db import outbox
from invoicing import store
from invoicing.charge_penalties import penalize_ending
from invoicing.cycles import Progress
from invoicing.drawdown_store import drawdowns_of
from invoicing.refunds import RefundDue, as_paid, refund_due
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import ClausulaError
from kernel.ids import AccountId, NoticeId, SubscriptionKey
from kernel.money import total_of
from kernel.problems import Problem
from receivables.store import balances, debtors

REFUND_DUE = "refund.due"

#: What a notice led to, and what it gives back.
Done = tuple[Settlement, RefundDue | None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What notices led to, with the refund of each ending that gives one; and those that are stuck."""

    done: tuple[Done, ...]
    stuck: Mapping[NoticeId, tuple[SubscriptionKey, Problem]]

    @property
    def problems(self) -> dict[SubscriptionKey, Problem]:
        """What keeps contracts from being billed."""
        return dict(self.stuck.values())


def settle(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, as_of: date, clock: Clock
) -> Settled:
    """Record what the notices of accounts lead to as of a day, oldest first.

    A notice that cannot be settled is set aside with its contract, changes nothing and stops no other.  Those
    of a contract that does not resolve wait with it.  The caller holds the locks of the subscriptions.
    """
    done: list[Done] = []
    stuck: dict[NoticeId, tuple[SubscriptionKey, Problem]] = {}
    waiting = notices_of(connection, account_ids, unsettled=True, sent_by=as_of)
    concerned = sorted({notice.account_id for notice in waiting})
    contracts = _contracts(connection, catalog, concerned)
    progress = store.progress_of(connection, concerned) if concerned else {}
    for notice in waiting:
        key = notice.account_id, notice.subscription_id
        contract = contracts.get(key)
        books = _books(connection, progress.get(key))
        if contract is None or _waits(connection, contract, notice, as_of=as_of, books=books):
            continue
        try:
            with connection.begin_nested():
                found = settle_notice(connection, catalog, notice, as_of=as_of, clock=clock, books=books)
                done += [(each, _refund(connection, each, as_of=as_of, clock=clock)) for each in found]
                for each in found:
                    penalize_ending(connection, each, clock=clock)
        except ClausulaError as error:
            subject = f"{contract.account.code}/{contract.subscription.code}"
            stuck[notice.notice_id] = key, Problem.of(error, subject=subject)
    return Settled(tuple(done), stuck)


def _contracts(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, Contract]:
    if not account_ids:
        return {}
    sound, _ = sound_contracts_of(connection, catalog, account_ids)
    return {(each.account_id, each.subscription_id): each for each in sound}


def _books(connection: Connection, progress: Progress | None) -> Books:
    def owes(contract: Contract, day: date) -> bool:
        owing = debtors(connection, [contract.account_id], as_of=day)
        return (contract.account_id, contract.entity.code) in owing

    if progress is None:
        return Books(owes)
    return Books(owes, progress.arrears_through, progress.advance_through)


def _waits(connection: Connection, contract: Contract, notice: Notice, *, as_of: date, books: Books) -> bool:
    """Tell whether nothing is to be recorded yet; what an earlier notice has just changed is seen later."""
    return outlook_of(connection, contract, notice, as_of=as_of, books=books).stage is Stage.WAITS


def _refund(connection: Connection, settlement: Settlement, *, as_of: date, clock: Clock) -> RefundDue | None:
    contract, notice = settlement.contract, settlement.notice
    if notice.outcome is not Outcome.ENDED or settlement.refund is Refund.NONE or notice.effective_on is None:
        return None
    ends_on = first_day_after(notice.effective_on, 0)
    key = (contract.account_id, contract.subscription_id)
    marks = store.marks_of(connection, [key], since=ends_on)[key]
    documents = store.documents_of_fees(connection, key, {each.charge for each in marks}, since=ends_on)
    unpaid = total_of(
        (
            each.principal
            for each in balances(connection, as_of=as_of, account_ids=[contract.account_id])
            if each.item.item_id in documents
        ),
        contract.currency,
    )
    drawn = drawdowns_of(connection, [contract.account_id]).get(key, ())
    refund = refund_due(contract, as_paid(marks, drawn), ends_on=ends_on, unpaid=unpaid)
    if not refund.lines:
        return None
    store.save_refund(connection, notice, refund, at=clock.now())
    body = {
        "account": contract.account.code,
        "subscription": contract.subscription.code,
        "notice": str(notice.notice_id),
        "amount": str(refund.payable),
        "paid_back": str(refund.paid_back),
        "clause": notice.clause,
    }
    outbox.put(connection, notice.account_id, REFUND_DUE, body, clock.now())
    return refund
