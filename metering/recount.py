"""Recount: what new events change beyond what they add, and the differences written.

Conversations and levels that they affect are computed again; the greatest of a day and the values that it saw
only grow, in whatever order events come.

The events are stored and their meters locked by then, so that concurrent writers, in whatever order, end with
what one writer would have counted.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import Connection

from metering import store, store_ordered, store_values
from metering.affected import AffectedContact, UsageByMeter, affected_contacts, affected_levels
from metering.conversations import Window, changes, recomputed_from, windows_of
from metering.rollups import (
    Addition,
    DayKey,
    TouchedDays,
    day_sums,
    greatest_of_days,
    touched_by_sums,
    value_sums,
    values_of_days,
    window_additions,
)
from metering.seats import DayLevel, changed_days, day_levels
from metering.usage import MeterKey


def recount(connection: Connection, new: UsageByMeter) -> list[TouchedDays]:
    """Bring days, conversations, levels and values up to date with new events that do not just add up.

    Return the days that they touch.
    """
    sums = recount_conversations(connection, new) | recount_values(connection, new)
    levels = recount_levels(connection, new)
    touched = touched_by_sums(sums) + levels + recount_greatest(connection, new)
    store.add_to_days(connection, sums)
    return touched


def recount_conversations(connection: Connection, new: UsageByMeter) -> dict[DayKey, Decimal]:
    """Bring conversations up to date with new messages; return what that adds to days and takes from them."""
    contacts = affected_contacts(new)
    if not contacts:
        return {}
    stored = store_ordered.windows_since(connection, contacts)
    reread = [
        contact._replace(since=recomputed_from(windows, contact.since, hours=contact.meter.hours))
        for contact, windows in zip(contacts, stored, strict=True)
    ]
    messages = store_ordered.messages_since(connection, reread)
    additions: defaultdict[MeterKey, list[Addition]] = defaultdict(list)
    gone: list[tuple[AffectedContact, Window]] = []
    written: list[tuple[AffectedContact, Window]] = []
    for contact, before, read in zip(contacts, stored, messages, strict=True):
        after = windows_of(read, opened_by=contact.meter.opened_by, hours=contact.meter.hours)
        difference = changes(before, after)
        gone += ((contact, window) for window in difference.gone)
        written += ((contact, window) for window in difference.written)
        additions[contact.key] += window_additions(before, after)
    store_ordered.delete_windows(connection, gone)
    store_ordered.write_windows(connection, written)
    return {day: sum_ for key, added in additions.items() for day, sum_ in day_sums(key, added).items()}


def recount_levels(connection: Connection, new: UsageByMeter) -> list[TouchedDays]:
    """Bring levels up to date with new ones; return the days on which another level holds."""
    affected = affected_levels(new)
    if not affected:
        return []
    carried = store_ordered.carried_levels(connection, affected)
    stored = store_ordered.levels_since(connection, affected)
    events = store_ordered.level_changes_since(connection, affected)
    touched: list[TouchedDays] = []
    written: list[tuple[MeterKey, DayLevel]] = []
    for seats, entered, before, read in zip(affected, carried, stored, events, strict=True):
        after = day_levels(entered, read, zone=seats.zone)
        days = changed_days(before, after)
        if days is not None:
            touched.append(TouchedDays(*seats.key, days.start, days.end))
            written += ((seats.key, level) for level in after if level not in before)
    store_ordered.write_levels(connection, written)
    return touched


def recount_values(connection: Connection, new: UsageByMeter) -> dict[DayKey, Decimal]:
    """Note the values that days did not see before; return how many each day gains."""
    values = values_of_days(new)
    return value_sums(store_values.add_values(connection, values)) if values else {}


def recount_greatest(connection: Connection, new: UsageByMeter) -> list[TouchedDays]:
    """Raise the greatest quantity of days; return the days on which it was raised."""
    greatest = greatest_of_days(new)
    return touched_by_sums(store_values.raise_days(connection, greatest)) if greatest else []
