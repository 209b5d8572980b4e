"""The contracts that a process knows: resolved once, and again when a row that they are made of has changed.

To resolve a contract takes all plans and terms; to learn that nothing has changed takes one statement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.known_store import Stamp, stamp_of
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract
from kernel.ids import AccountId

#: Accounts whose contracts a process keeps; the one that has been there longest makes room.
MOST_ACCOUNTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: Stamp
    contracts: tuple[Contract, ...]


@dataclass(slots=True)
class KnownContracts:
    """What one process knows; its threads share it."""

    _accounts: dict[AccountId, _Held] = field(default_factory=dict, repr=False)
    _catalog: tuple[str, Catalog] | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def contracts_of(self, connection: Connection, account_id: AccountId) -> tuple[Contract, ...]:
        """Return all contracts of an account as they stand now; none for one that is not known.

        Raises as :func:`contracts.store.contracts_of` does for a contract that does not resolve.
        """
        stamp = stamp_of(connection, account_id)
        held = self._accounts.get(account_id)
        if held is not None and held.stamp == stamp:
            return held.contracts
        # Rows that change after the stamp was read make it old: the next question resolves again.
        contracts = contracts_of(connection, self._catalog_of(connection, stamp.catalog), [account_id])
        with self._lock:
            self._accounts.pop(account_id, None)
            if contracts:
                self._accounts[account_id] = _Held(stamp, contracts)
            while len(self._accounts) > MOST_ACCOUNTS:
                del self._accounts[next(iter(self._accounts))]
        return contracts

    def _catalog_of(self, connection: Connection, stamp: str) -> Catalog:
        known = self._catalog
        if known is None or known[0] != stamp:
            known = self._catalog = stamp, load_catalog(connection)
        return known[1]
