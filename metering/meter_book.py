"""The meter book: what a process knows of accounts and their meters, read once and checked for every batch.

To read a contract and to resolve its terms costs more than to count a hundred events of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.stamp_store import Stamp, account_stamps, catalog_stamp
from contracts.store import load_catalog, lock_subscriptions, sound_contracts_of
from contracts.subscriptions import Contract
from kernel.ids import AccountId, account_id_of
from metering import store_sources
from metering.batches import AccountsByCode, KnownAccount

#: Accounts that are kept in mind at a time.
MOST_ACCOUNTS: Final = 100_000

_id_of = lru_cache(MOST_ACCOUNTS)(account_id_of)


class MeterBook:
    """Accounts by their codes, with contracts, meters and sources, as they were when they were last read.

    One book serves a process, whatever its threads: what it holds of an account is never changed, only
    replaced.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._catalog: tuple[Stamp, Catalog] | None = None
        self._accounts: dict[str, tuple[Stamp, KnownAccount]] = {}

    def accounts(self, connection: Connection, codes: Collection[str]) -> AccountsByCode:
        """Return those of the accounts that exist, whose contracts stay as they are until the commit.

        What changed since it was read is read again.  A contract that does not resolve is left out: its
        events go to quarantine, and the others of their batch are counted.
        """
        ids = {code: _id_of(code) for code in codes}
        lock_subscriptions(connection, sorted(ids.values()), exclusive=False)
        return self._checked(connection, ids)

    def remembered(self, connection: Connection, codes: Collection[str]) -> AccountsByCode:
        """Return what is in mind of the accounts, and read the others; nothing is checked nor locked."""
        missing = {code: _id_of(code) for code in codes if code not in self._accounts}
        found = self._checked(connection, missing) if missing else {}
        known = {code: self._accounts[code][1] for code in codes if code in self._accounts}
        return {**known, **found}

    def _checked(self, connection: Connection, ids: dict[str, AccountId]) -> AccountsByCode:
        catalog, stamp = self._current_catalog(connection)
        stamps = account_stamps(connection, list(ids.values()))
        current = {code: (stamp, stamps[each]) for code, each in ids.items() if each in stamps}
        held = {code: self._accounts.get(code) for code in current}
        stale = [code for code, each in held.items() if each is None or each[0] != current[code]]
        known = {code: each[1] for code, each in held.items() if each is not None}
        if stale:
            read = _read(connection, catalog, [ids[code] for code in stale])
            if len(self._accounts) + len(stale) > MOST_ACCOUNTS:
                self._accounts.clear()
            for code in stale:
                known[code] = read[ids[code]]
                self._accounts[code] = (current[code], known[code])
        return known

    def _current_catalog(self, connection: Connection) -> tuple[Catalog, Stamp]:
        stamp = catalog_stamp(connection)
        if self._catalog is None or self._catalog[0] != stamp:
            self._catalog = (stamp, load_catalog(connection))
        return self._catalog[1], stamp


def _read(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]
) -> dict[AccountId, KnownAccount]:
    contracts: defaultdict[AccountId, list[Contract]] = defaultdict(list)
    found, _ = sound_contracts_of(connection, catalog, account_ids)
    for contract in found:
        contracts[contract.account_id].append(contract)
    declared = store_sources.declared(connection, account_ids)
    return {each: KnownAccount(each, contracts[each], declared.get(each)) for each in account_ids}
