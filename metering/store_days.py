"""Queries that bring the days of meters up to date with the staged events (:mod:`metering.store_events`).

What adds up is added up by PostgreSQL, where it is: it never travels back.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, text

from kernel.calendars import first_day_after
from metering.rollups import TouchedDays
from metering.usage import MeterKey

_ADD_METERS = text(
    """
    INSERT INTO usage_counted (account_id, subscription_id, meter)
    SELECT account_id, subscription_id, meter FROM usage_metered m
    WHERE EXISTS (SELECT FROM usage_staged s WHERE s.meter_number = m.number) AND NOT EXISTS (
        SELECT FROM usage_counted c WHERE c.account_id = m.account_id
            AND c.subscription_id = m.subscription_id AND c.meter = m.meter
    )
    ORDER BY account_id, subscription_id, meter
    ON CONFLICT DO NOTHING
    """
)
_LOCK_ORDERED = text(
    """
    SELECT c.meter FROM usage_counted c JOIN usage_metered m USING (account_id, subscription_id, meter)
    WHERE m.ordered AND EXISTS (SELECT FROM usage_staged s WHERE s.meter_number = m.number)
    ORDER BY c.account_id, c.subscription_id, c.meter FOR NO KEY UPDATE OF c
    """
)
_BILLED = text(
    """
    SELECT account_id, subscription_id, meter, c.through
    FROM usage_metered m JOIN usage_counted c USING (account_id, subscription_id, meter)
    WHERE c.through IS NOT NULL
    """
)
_SUM = text(
    """
    INSERT INTO usage_summed
    SELECT m.account_id, m.subscription_id, m.meter, d.day, d.dimension, d.quantity
    FROM usage_metered m JOIN (
        SELECT meter_number, day, dimension, sum(quantity::numeric) AS quantity
        FROM usage_staged GROUP BY meter_number, day, dimension
    ) d ON d.meter_number = m.number
    WHERE m.adds AND d.quantity <> 0
    ORDER BY m.account_id, m.subscription_id, m.meter, d.day, d.dimension
    """
)
_SUMMED_DAYS = text(
    """
    SELECT DISTINCT account_id, subscription_id, meter, day FROM usage_summed
    ORDER BY account_id, subscription_id, meter, day
    """
)
_ADD_DAYS = text(
    """
    INSERT INTO usage_daily (account_id, subscription_id, meter, day, dimension, quantity)
    SELECT account_id, subscription_id, meter, day, dimension, greatest(quantity, 0) FROM usage_summed
    ON CONFLICT (account_id, subscription_id, meter, day, dimension)
    DO UPDATE SET quantity = usage_daily.quantity + excluded.quantity
    """
)
_TAKE_DAYS = text(
    """
    UPDATE usage_daily t SET quantity = t.quantity + s.quantity FROM usage_summed s
    WHERE s.quantity < 0 AND t.account_id = s.account_id AND t.subscription_id = s.subscription_id
        AND t.meter = s.meter AND t.day = s.day AND t.dimension = s.dimension
    """
)
_MARK_LATE = text(
    """
    INSERT INTO late_usage (account_id, subscription_id, meter, day, noticed_at)
    SELECT DISTINCT account_id, subscription_id, meter, s.day, CAST(:noticed_at AS timestamptz)
    FROM usage_summed s JOIN usage_counted c USING (account_id, subscription_id, meter)
    WHERE s.day < c.through
    ON CONFLICT DO NOTHING
    """
)


def add_meters(connection: Connection) -> None:
    """Note that the meters of staged events are in use; a meter that is known stays as it is."""
    connection.execute(_ADD_METERS)


def lock_ordered_meters(connection: Connection) -> None:
    """Wait for other writers of the staged meters that count by order; their events are seen from then on."""
    connection.execute(_LOCK_ORDERED).all()


def billed_through(connection: Connection) -> dict[MeterKey, date]:
    """Return the first day that is not billed yet of those staged meters that a run has billed."""
    return {MeterKey(*key): through for *key, through in connection.execute(_BILLED)}


def add_days(connection: Connection, *, corrections: bool) -> None:
    """Add the staged events of meters that add up to their days; ``corrections`` may take away.

    All writers touch days in one order, that of the sums; so whoever takes away waits for nobody.
    """
    connection.execute(_SUM)
    connection.execute(_ADD_DAYS)
    if corrections:
        connection.execute(_TAKE_DAYS)


def summed_days(connection: Connection) -> list[TouchedDays]:
    """Return the days of the staged events of meters that add up, each once, in their order."""
    return [
        TouchedDays(row.account_id, row.subscription_id, row.meter, row.day, first_day_after(row.day, 0))
        for row in connection.execute(_SUMMED_DAYS)
    ]


def mark_days_late(connection: Connection, *, noticed_at: datetime) -> None:
    """Note the days of staged events that a run has billed, so that the next one bills the difference."""
    connection.execute(_MARK_LATE, {"noticed_at": noticed_at})
