"""Rebuild: what is derived from stored events is made anew, or compared with what it would be.

Both count the events of an account as if all came now, in one batch, by the functions by which ingest counts.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.store import contracts_of, lock_subscriptions
from kernel.ids import AccountId
from metering import store, store_rebuild
from metering.affected import UsageByMeter
from metering.recount import recount
from metering.store_rebuild import DerivedRow
from metering.usage import MeterInForce, MeterKey, Usage, meters_of


def rebuild(connection: Connection, catalog: Catalog, account_id: AccountId) -> None:
    """Make days, values and conversations of an account anew from its events, and mark nothing as late.

    Meters that its contracts no longer define stay as they are.
    """
    lock_subscriptions(connection, [account_id], exclusive=True)
    _made_anew(connection, _stored(connection, catalog, account_id))


def differences(connection: Connection, catalog: Catalog, account_id: AccountId) -> frozenset[DerivedRow]:
    """Return the rows that a rebuild would take away or write; none where all is as it must be.

    Nothing is changed: the rebuild is undone.
    """
    lock_subscriptions(connection, [account_id], exclusive=True)
    stored = _stored(connection, catalog, account_id)
    keys = [metered.key for metered in stored]
    before = store_rebuild.derived_rows(connection, keys)
    tried = connection.begin_nested()
    _made_anew(connection, stored)
    after = store_rebuild.derived_rows(connection, keys)
    tried.rollback()
    return before ^ after


def _made_anew(connection: Connection, stored: UsageByMeter) -> None:
    keys = [metered.key for metered in stored]
    store.lock_meters(connection, keys)
    store_rebuild.forget(connection, keys)
    recount(connection, stored)


def _stored(connection: Connection, catalog: Catalog, account_id: AccountId) -> UsageByMeter:
    by_key: defaultdict[MeterKey, list[Usage]] = defaultdict(list)
    for usage in store_rebuild.stored_usages(connection, account_id):
        by_key[MeterKey(usage.account_id, usage.subscription_id, usage.meter)].append(usage)
    contracts = contracts_of(connection, catalog, [account_id])
    found: dict[MeterInForce, list[Usage]] = {}
    for meter in {key.meter for key in by_key}:
        for metered in meters_of(contracts, meter):
            if metered.key in by_key:
                found[metered] = by_key[metered.key]
    return found
