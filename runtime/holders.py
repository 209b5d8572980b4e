"""The account that a command names, and the contracts that it holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from contracts.shapes import one_of
from contracts.store import accounts_of, contracts_of, load_catalog, lock_subscriptions
from contracts.subscriptions import Contract
from kernel.errors import NotFound, UnknownAccount
from kernel.ids import AccountId, account_id_of


def known_account(connection: Connection, code: str, *, locked: bool = False) -> AccountId:
    """Return the id of an account by its code; raises :class:`UnknownAccount` where nobody bears it.

    ``locked``: nobody else changes its subscriptions until the transaction ends, for a command that writes.
    """
    account_id = account_id_of(code)
    if locked:
        lock_subscriptions(connection, [account_id], exclusive=True)
    if not accounts_of(connection, [account_id]):
        raise UnknownAccount(
            "no account bears this code", field="account", value=code, expected="a code of a loaded book"
        )
    return account_id


def contracts_held(
    connection: Connection, account: str, *, subscription: str = "", locked: bool = False
) -> tuple[Contract, ...]:
    """Return the contracts of an account, past and future ones too, or the one that bears a code.

    Raises :class:`UnknownAccount`, and :class:`NotFound` with the codes that there are.
    """
    account_id = known_account(connection, account, locked=locked)
    held = contracts_of(connection, load_catalog(connection), [account_id])
    return (_bearing(held, subscription),) if subscription else held


def contract_held(
    connection: Connection, account: str, subscription: str, *, locked: bool = False
) -> Contract:
    """Return the one contract of an account that bears a code.  Raises as :func:`contracts_held` does."""
    return _bearing(contracts_held(connection, account, locked=locked), subscription)


def _bearing(held: Sequence[Contract], code: str) -> Contract:
    by_code = {each.subscription.code: each for each in held}
    if code not in by_code:
        raise NotFound(
            "the account has no such subscription",
            field="subscription",
            value=code,
            expected=one_of(by_code, code),
        )
    return by_code[code]
