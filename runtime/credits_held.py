"""The credits and coupons of an account, with what is left of each, and who granted what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.credit_grants import CreditGrant
from invoicing.credit_balances import Balance, balances
from invoicing.drawdown_store import given_of
from invoicing.drawdowns import NOTHING_GIVEN
from kernel.clock import Clock
from kernel.ids import account_id_of
from kernel.zones import local_day
from runtime.holders import contracts_held


@dataclass(frozen=True, slots=True)
class HeldCredit:
    """A balance of a subscription, and the grant behind it where a person gave it."""

    subscription: str
    balance: Balance
    grant: CreditGrant | None


def credits_held(
    connection: Connection, account: str, *, as_of: date | None, clock: Clock
) -> tuple[HeldCredit, ...]:
    """Return what an account has as of a day, or today where its contracts are issued.

    Raises :class:`kernel.errors.UnknownAccount`.
    """
    contracts = contracts_held(connection, account)
    given = given_of(connection, [account_id_of(account)])
    found: list[HeldCredit] = []
    for contract in contracts:
        own = given.get((contract.account_id, contract.subscription_id), NOTHING_GIVEN)
        grants = {each.code: each for each in own.grants}
        day = as_of or local_day(clock.now(), contract.entity.time_zone)
        found += (
            HeldCredit(contract.subscription.code, each, grants.get(each.code))
            for each in balances(contract, own, as_of=day)
        )
    return tuple(found)
