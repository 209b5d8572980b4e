"""Loading cases: what is overdue, each item with its contract and all that is recorded about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_store import held_days_of, states_of
from contracts.service_states import StateSpan
from contracts.store import accounts_of, sound_contracts_of
from contracts.subscriptions import Contract
from dunning import store
from dunning.actions import Action, Case
from kernel.clock import Clock
from kernel.ids import AccountId, ItemId, SubscriptionKey
from kernel.problems import Problem
from payments.debts import Assess
from receivables.journal import ItemBalance
from receivables.store import balances

SetAside = tuple[AccountId, Problem]


def load_contracts(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]
) -> tuple[Mapping[SubscriptionKey, Contract], tuple[SetAside, ...]]:
    """Return the contracts of these accounts, and a problem for each account whose own do not resolve."""
    sound, unsound = sound_contracts_of(connection, catalog, account_ids)
    broken: dict[AccountId, Problem] = {}
    for (account_id, _), problem in unsound.items():
        broken.setdefault(account_id, problem)
    accounts = accounts_of(connection, list(broken)) if broken else {}
    return (
        {(each.account_id, each.subscription_id): each for each in sound if each.account_id not in broken},
        tuple(
            (account_id, replace(problem, subject=f"account {accounts[account_id].code}"))
            for account_id, problem in broken.items()
        ),
    )


def load_cases(
    connection: Connection, contracts: Mapping[SubscriptionKey, Contract], *, as_of: date
) -> tuple[Case, ...]:
    """Return the overdue items of these contracts that have a ladder, by account and due date.

    An item of no contract has no ladder, nor has one whose terms state none: nothing may be done to it.
    """
    concerned = sorted({account_id for account_id, _ in contracts})
    actions: dict[ItemId, list[Action]] = defaultdict(list)
    for action in store.actions_of(connection, concerned):
        actions[action.item_id].append(action)
    spans: dict[SubscriptionKey, list[StateSpan]] = defaultdict(list)
    for span in states_of(connection, concerned, since=as_of):
        spans[span.account_id, span.subscription_id].append(span)
    held = held_days_of(connection, contracts.values())
    delivered = store.delivered_notices(connection, concerned)
    return tuple(
        Case(
            contract=contract,
            rule=contract.terms.dunning.rule,
            balance=each,
            actions=tuple(actions[each.item.item_id]),
            delivered=delivered.get((each.item.account_id, each.item.item_id), {}),
            spans=tuple(spans[each.item.account_id, contract.subscription_id]),
            held=held[contract.account_id, contract.subscription_id],
        )
        for each in overdue(connection, concerned, as_of=as_of)
        if (contract := _contract_of(contracts, each)) is not None and contract.terms.dunning is not None
    )


def overdue(
    connection: Connection, account_ids: Sequence[AccountId], *, as_of: date
) -> tuple[ItemBalance, ...]:
    """Return what these accounts owe past its due date as of a day, by account and due date."""
    owed = balances(connection, as_of=as_of, account_ids=account_ids)
    return tuple(each for each in owed if each.item.due_on < as_of and each.total.amount > 0)


def assessed(
    connection: Connection, catalog: Catalog, case: Case, *, through: date, clock: Clock, assess: Assess
) -> Case:
    """Return a case with its late charges through a day, which its letters show."""
    item = case.balance.item
    assess(connection, catalog, case.contract, item, through=through, clock=clock, held=case.held)
    owed = balances(connection, as_of=through, account_ids=[item.account_id])
    return replace(case, balance=next(each for each in owed if each.item.item_id == item.item_id))


def _contract_of(contracts: Mapping[SubscriptionKey, Contract], balance: ItemBalance) -> Contract | None:
    item = balance.item
    return None if item.subscription_id is None else contracts.get((item.account_id, item.subscription_id))
