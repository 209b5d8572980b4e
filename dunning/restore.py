"""Restoring what is paid: suspensions end with the payment, proposals against a paid item are dismissed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_store import end_state, states_of
from contracts.rules import StepMode
from contracts.service_states import WHOLE, StateSpan
from contracts.store import contracts_of
from contracts.subscriptions import Contract
from dunning import store
from dunning.actions import RESTORED, Action, ActionStatus, causes
from dunning.effects import SERVICE_RESTORED, send, tell
from dunning.messages import restoration_letter
from dunning.suspensions import Cause, begun_on, released, restored_from
from kernel.clock import Clock
from kernel.ids import AccountId, ItemId
from receivables.journal import OpenItem
from receivables.store import balances, principal_movements


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """A suspension that ends: with the payment of which item, on which day, and the clause it stood on."""

    span: StateSpan
    begun: date
    item: OpenItem
    paid_on: date
    clause: str

    @property
    def restored_on(self) -> date:
        """The first day of service."""
        return max(restored_from(self.begun, self.paid_on), self.span.start)

    @property
    def is_new(self) -> bool:
        """Tell whether that is before the end that the suspension has already."""
        return self.span.end is None or self.restored_on < self.span.end


def restore_paid(
    connection: Connection,
    catalog: Catalog,
    account_ids: Sequence[AccountId],
    *,
    as_of: date,
    clock: Clock,
) -> tuple[Action, ...]:
    """End each suspension of these accounts whose causes are all paid as of a day; return what was recorded.

    The state ends on the day on which the last of them was paid, not on the night that noticed.  What began
    after that day is left alone.  The caller holds the locks of the accounts' subscriptions.
    """
    working = sorted(store.accounts_at_work(connection, account_ids, as_of=as_of))
    if not working:
        return ()
    owed = balances(connection, as_of=as_of, account_ids=working, include_closed=True)
    items = {balance.item.item_id: balance.item for balance in owed}
    unpaid = {balance.item.item_id for balance in owed if balance.total.amount > 0}
    actions = [each for each in store.actions_of(connection, working) if each.decided_on <= as_of]
    _dismiss_settled(connection, actions, unpaid, as_of=as_of)
    spans = sorted(states_of(connection, working), key=lambda span: span.part != WHOLE)
    ending = released(spans, causes(actions), unpaid, as_of=as_of)
    found = [
        _release(connection, items, span, own, begun=begun_on(span, spans), as_of=as_of)
        for span, own in ending
    ]
    releases = [each for each in found if each.is_new]
    contracts = {
        (contract.account_id, contract.subscription_id): contract
        for contract in contracts_of(connection, catalog, sorted({each.span.account_id for each in releases}))
    }
    return tuple(
        _restore(connection, contracts[each.span.account_id, each.span.subscription_id], each, as_of, clock)
        for each in releases
    )


def _dismiss_settled(
    connection: Connection, actions: Sequence[Action], unpaid: Collection[ItemId], *, as_of: date
) -> None:
    for action in actions:
        if action.status is ActionStatus.PROPOSED and action.item_id not in unpaid:
            reason = f"{action.reason}; dismissed, for nothing is open any more"
            store.decide(
                connection, replace(action, status=ActionStatus.DISMISSED, decided_on=as_of, reason=reason)
            )


def _release(
    connection: Connection,
    items: Mapping[ItemId, OpenItem],
    span: StateSpan,
    found: Sequence[Cause],
    *,
    begun: date,
    as_of: date,
) -> _Release:
    paid = {}
    for cause in found:
        movements = principal_movements(connection, span.account_id, cause.item_id)
        paid[max(day for day, _ in movements if day <= as_of), cause.item_id] = cause
    (paid_on, item_id), last = max(paid.items())
    return _Release(span=span, begun=begun, item=items[item_id], paid_on=paid_on, clause=last.clause)


def _restore(
    connection: Connection, contract: Contract, release: _Release, as_of: date, clock: Clock
) -> Action:
    end_state(connection, release.span, release.restored_on)
    action = _restoration(release, as_of=as_of, at=clock.now())
    tell(connection, contract, action, SERVICE_RESTORED, on=release.restored_on)
    if store.record(connection, [action]):
        dunning = contract.terms.dunning
        letter = restoration_letter(
            contract,
            release.item.number,
            paid_on=release.paid_on,
            restored_on=release.restored_on,
            connectors_restored=dunning is None or dunning.rule.connectors_restored,
        )
        send(connection, action, contract.account.email, letter)
    return action


def _restoration(release: _Release, *, as_of: date, at: datetime) -> Action:
    return Action(
        account_id=release.span.account_id,
        item_id=release.item.item_id,
        step=RESTORED,
        subscription_id=release.span.subscription_id,
        action=RESTORED,
        part=release.span.part,
        mode=StepMode.AUTOMATIC,
        status=ActionStatus.DONE,
        allowed_on=release.paid_on,
        decided_on=as_of,
        clause=release.clause,
        reason=f"{release.item.number} was paid on {release.paid_on}: nothing that caused it is open",
        recorded_at=at,
    )
