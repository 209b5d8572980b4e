"""Rebuild: what is derived from stored events is made anew, or compared with what it would be.

Both count the events of accounts as if all came now, in one batch, by the functions by which ingest counts.
A rebuild that is undone also answers what was known at an earlier time.  Where a month of an account lies in
an archive, all three refuse with ``month_archived``: what is left would come to wrong sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.store import contracts_of, lock_subscriptions
from kernel.ids import AccountId
from metering import store, store_days, store_rebuild
from metering.archived_months import require_stored
from metering.measure import measure
from metering.quantities import Want
from metering.recount import recount
from metering.staged_rows import MeterNumbers
from metering.store_rebuild import DerivedRow
from metering.usage import MeterInForce, meters_of


def rebuild(connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]) -> None:
    """Make days, values and conversations of accounts anew from their events, and mark nothing as late.

    Meters that their contracts no longer define stay as they are.  Every stored month is read once, whatever
    the number of accounts.
    """
    lock_subscriptions(connection, sorted(account_ids), exclusive=True)
    require_stored(connection, account_ids)
    _make_anew(connection, _used(connection, catalog, account_ids))


def differences(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]
) -> frozenset[DerivedRow]:
    """Return the rows that a rebuild would take away or write; none where all is as it must be.

    Nothing is changed: the rebuild is undone.
    """
    lock_subscriptions(connection, sorted(account_ids), exclusive=True)
    require_stored(connection, account_ids)
    meters = _used(connection, catalog, account_ids)
    keys = [metered.key for metered in meters]
    before = store_rebuild.derived_rows(connection, keys)
    tried = connection.begin_nested()
    _make_anew(connection, meters)
    after = store_rebuild.derived_rows(connection, keys)
    tried.rollback()
    return before ^ after


def measure_as_of(
    connection: Connection, catalog: Catalog, wants: Sequence[Want], *, recorded_by: datetime
) -> Mapping[Want, Decimal]:
    """Measure as it would have been measured when only the events recorded by an instant had come.

    So the quantities of an issued invoice are found again whatever came late.  The accounts' events are
    counted again, in a rebuild that is undone: this costs a reading of all months, and ingest of these
    accounts waits meanwhile.
    """
    account_ids = sorted({want.account_id for want in wants})
    lock_subscriptions(connection, account_ids, exclusive=True)
    require_stored(connection, account_ids)
    tried = connection.begin_nested()
    store_rebuild.forget_later_events(connection, account_ids, recorded_by)
    _make_anew(connection, _used(connection, catalog, account_ids))
    found = measure(connection, wants)
    tried.rollback()
    return found


def _make_anew(connection: Connection, meters: Sequence[MeterInForce]) -> None:
    keys = [metered.key for metered in meters]
    store.lock_meters(connection, keys)
    store_rebuild.forget(connection, keys)
    numbers = MeterNumbers.of(meters)
    rest = store_rebuild.restage(connection, numbers)
    store_days.add_days(connection, corrections=True)
    recount(connection, rest, numbers)


def _used(connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]) -> list[MeterInForce]:
    """Return the meters of accounts that were used and that their contracts define."""
    keys = store_rebuild.used_meters(connection, account_ids)
    contracts = contracts_of(connection, catalog, account_ids)
    found = (metered for code in {key.meter for key in keys} for metered in meters_of(contracts, code))
    return [metered for metered in found if metered.key in keys]
