"""What an account owes on a day, with the late charges of that day: what a payment can settle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.life_store import held_days_of
from contracts.store import contracts_of, lock_subscriptions
from contracts.subscriptions import Contract
from kernel.calendars import days_late
from kernel.clock import Clock
from kernel.errors import UnknownAccount
from kernel.ids import AccountId
from kernel.money import Money
from kernel.periods import Period
from kernel.zones import local_day
from payments.allocation import still_open
from receivables.journal import ItemBalance, OpenItem
from receivables.store import balances


class Assess(Protocol):
    """Accrues the late charges of an item through a day and posts them; ``invoicing.assess`` does."""

    def __call__(
        self,
        connection: Connection,
        catalog: Catalog,
        contract: Contract,
        item: OpenItem,
        *,
        through: date,
        clock: Clock,
        held: Sequence[Period],
    ) -> Money:
        """Return what was posted beyond what had been before."""
        ...


def locked_contracts(connection: Connection, catalog: Catalog, account_id: AccountId) -> tuple[Contract, ...]:
    """Lock an account's subscriptions, so that nobody else bills or pays it, and return its contracts."""
    lock_subscriptions(connection, (account_id,), exclusive=True)
    contracts = contracts_of(connection, catalog, (account_id,))
    if not contracts:
        raise UnknownAccount("no account with a contract bears this code", field="account", value=account_id)
    return contracts


def today_of(contracts: Sequence[Contract], clock: Clock) -> date:
    """Return the day that it is by now where the issuers are, the latest if they differ."""
    return max(local_day(clock.now(), each.entity.time_zone) for each in contracts)


def open_debts(
    connection: Connection,
    catalog: Catalog,
    contracts: Sequence[Contract],
    *,
    on: date,
    clock: Clock,
    assess: Assess,
) -> tuple[ItemBalance, ...]:
    """Bring the late charges of an account up to a day; return what was open then and is open still.

    An item that is overdue by now is looked at even if it was not by that day: a receipt that is booked late
    takes back what was charged since.
    """
    account_ids, today = (contracts[0].account_id,), today_of(contracts, clock)
    held = held_days_of(connection, contracts)
    by_subscription = {each.subscription_id: each for each in contracts}
    for balance in balances(connection, as_of=on, account_ids=account_ids):
        item = balance.item
        contract = None if item.subscription_id is None else by_subscription.get(item.subscription_id)
        if contract is not None and balance.principal and days_late(item.due_on, today):
            own = held[contract.account_id, contract.subscription_id]
            assess(connection, catalog, contract, item, through=on, clock=clock, held=own)
    then = balances(connection, as_of=on, account_ids=account_ids)
    now = balances(connection, as_of=date.max, account_ids=account_ids)
    return still_open(then, now, on=on)
