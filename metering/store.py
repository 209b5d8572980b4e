"""Queries of metering.  All are set-based: what a batch costs grows with the batch, not with history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    and_,
    bindparam,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from db.among import among
from kernel.ids import AccountId
from metering.given_rows import GivenRows
from metering.imports import ImportedFile
from metering.rollups import DayKey, TouchedDays
from metering.tables import imported_files, late_usage, usage_counted, usage_daily, usage_events
from metering.usage import MeterKey

METER: Final = MeterKey._fields
DAY: Final = DayKey._fields

# ----------------------------------------------------------------------------------------------------- meters

_METER_KEYS = GivenRows(usage_counted, names=METER)
_LOCK_METERS = (
    select(usage_counted.c.account_id)
    .join(_METER_KEYS.table, and_(*_METER_KEYS.match(usage_counted, METER)))
    .order_by(*(usage_counted.c[name] for name in METER))
    .with_for_update(key_share=True, of=usage_counted)
)


def lock_meters(connection: Connection, keys: Collection[MeterKey]) -> None:
    """Wait for other writers of these meters; what they committed is seen by the statements that follow."""
    connection.execute(_LOCK_METERS, _METER_KEYS.bind(keys)).all()


# ------------------------------------------------------------------------------------------------------- days

_SUMS = GivenRows(usage_daily, names=(*DAY, "quantity"))
_INSERT_SUMS = insert(usage_daily).from_select(_SUMS.names, select(*_SUMS.columns).order_by(*_SUMS.columns))
_ADD_SUMS = _INSERT_SUMS.on_conflict_do_update(
    index_elements=DAY, set_={"quantity": usage_daily.c.quantity + _INSERT_SUMS.excluded.quantity}
)
_TAKE_SUMS = (
    update(usage_daily)
    .where(*_SUMS.match(usage_daily, DAY))
    .values(quantity=usage_daily.c.quantity + _SUMS.c.quantity)
)
_TOUCHED = GivenRows(usage_counted, names=(*METER, "start", "end"), start=Date(), end=Date())
_ONE_DAY: Final = func.make_interval(0, 0, 0, 1)
_FIRST_DAY = cast(_TOUCHED.c.start, DateTime)
_LAST_BILLED_DAY = cast(func.least(_TOUCHED.c.end, usage_counted.c.through), DateTime) - _ONE_DAY
_BILLED_DAYS = (
    select(
        *(usage_counted.c[name] for name in METER),
        cast(func.generate_series(_FIRST_DAY, _LAST_BILLED_DAY, _ONE_DAY), Date),
        bindparam("noticed_at"),
    )
    .join_from(_TOUCHED.table, usage_counted, and_(*_TOUCHED.match(usage_counted, METER)))
    .where(_TOUCHED.c.start < usage_counted.c.through)
)
_MARK_LATE = (
    insert(late_usage).from_select((*METER, "day", "noticed_at"), _BILLED_DAYS).on_conflict_do_nothing()
)


def add_to_days(connection: Connection, sums: Mapping[DayKey, Decimal]) -> None:
    """Add quantities to days, and take away what is negative.

    Conversations and corrections take away, of days that are there.  The first statement touches every day,
    in the order of all writers, so that the second waits for none.
    """
    more = [(*key, max(quantity, Decimal(0))) for key, quantity in sums.items()]
    less = [(*key, quantity) for key, quantity in sums.items() if quantity < 0]
    connection.execute(_ADD_SUMS, _SUMS.bind(more))
    if less:
        connection.execute(_TAKE_SUMS, _SUMS.bind(less))


def mark_late(connection: Connection, touched: Collection[TouchedDays], *, noticed_at: datetime) -> None:
    """Note the touched days that a run has billed already, so that the next one bills the difference."""
    if touched:
        connection.execute(_MARK_LATE, {**_TOUCHED.bind(touched), "noticed_at": noticed_at})


# ------------------------------------------------------------------------------------------------------ files


def imported_file(connection: Connection, digest: bytes) -> ImportedFile | None:
    """Return what is remembered of a file that was imported whole, by the digest of its bytes."""
    row = connection.execute(select(imported_files).where(imported_files.c.digest == digest)).one_or_none()
    return None if row is None else ImportedFile(*row)


def remember_file(connection: Connection, file: ImportedFile) -> None:
    """Remember that a file was imported whole; after a second time, what the second time found."""
    values = asdict(file)
    inserted = insert(imported_files).values(values)
    connection.execute(inserted.on_conflict_do_update(index_elements=("digest",), set_=values))


def count_events(connection: Connection) -> int:
    """Return how many events are stored."""
    return connection.execute(select(func.count()).select_from(usage_events)).scalar_one()


def last_uses(
    connection: Connection, account_ids: Collection[AccountId], meters: Collection[str]
) -> dict[MeterKey, date]:
    """Return the last day on which each of these meters was used under the contracts of accounts."""
    d = usage_daily.c
    rows = connection.execute(
        select(d.account_id, d.subscription_id, d.meter, func.max(d.day))
        .where(
            among(usage_daily, account_ids),
            d.meter.in_(sorted(meters)),
            d.quantity > 0,
        )
        .group_by(d.account_id, d.subscription_id, d.meter)
    )
    return {MeterKey(*key): last for *key, last in rows}
