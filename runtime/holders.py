"""The account that a command names, and the contracts that it holds."""

from __future__ import annotations

from sqlalchemy import Connection

from contracts.store import accounts_of, contracts_of, load_catalog
from contracts.subscriptions import Contract
from kernel.errors import NotFound, UnknownAccount
from kernel.ids import AccountId, account_id_of


def known_account(connection: Connection, code: str) -> AccountId:
    """Return the id of an account by its code; raises :class:`UnknownAccount` where nobody bears it."""
    account_id = account_id_of(code)
    if not accounts_of(connection, [account_id]):
        raise UnknownAccount(
            "no account bears this code", field="account", value=code, expected="a code of a loaded book"
        )
    return account_id


def contracts_held(connection: Connection, account: str, *, subscription: str = "") -> tuple[Contract, ...]:
    """Return the contracts of an account, past and future ones too, or the one that bears a code."""
    held = contracts_of(connection, load_catalog(connection), [known_account(connection, account)])
    found = tuple(each for each in held if subscription in ("", each.subscription.code))
    if subscription and not found:
        raise NotFound(
            "the account has no such subscription",
            field="subscription",
            value=subscription,
            expected="one of " + ", ".join(each.subscription.code for each in held),
        )
    return found
