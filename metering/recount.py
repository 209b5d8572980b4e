"""Recount: what new events change beyond what they add, and the differences written.

Conversations and levels that they affect are computed again; the greatest of a day and the values that it saw
only grow, in whatever order events come.

The events are stored and their meters locked by then, so that concurrent writers, in whatever order, end with
what one writer would have counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection

from metering import store, store_ordered, store_values
from metering.affected import AffectedContact, UsageByMeter, affected_levels, contacts_of
from metering.changed_windows import ChangedWindows
from metering.conversations import appended, recomputed_from, rule_of, windows_of
from metering.rollups import (
    DayKey,
    TouchedDays,
    greatest_of_days,
    touched_by_sums,
    value_sums,
    values_of_days,
)
from metering.seats import DayLevel, changed_days, day_levels
from metering.staged_rows import MeterNumbers
from metering.usage import MeterKey


def recount(connection: Connection, new: UsageByMeter, meters: MeterNumbers) -> list[TouchedDays]:
    """Bring days, conversations, levels and values up to date with new events that do not just add up.

    ``meters`` are numbered as in the stage.  Return the days that the events touch.
    """
    sums = recount_conversations(connection, new, meters) | recount_values(connection, new)
    levels = recount_levels(connection, new)
    touched = touched_by_sums(sums) + levels + recount_greatest(connection, new)
    store.add_to_days(connection, sums)
    return touched


def recount_conversations(
    connection: Connection, new: UsageByMeter, meters: MeterNumbers
) -> dict[DayKey, Decimal]:
    """Bring conversations up to date with new messages; return what that adds to days and takes from them.

    A contact's last window is enough where its messages came in their order.  For the others all messages
    from the window on that holds the earliest new one are read again.
    """
    contacts = list(contacts_of(new, meters))
    if not contacts:
        return {}
    last = store_ordered.last_windows(connection)
    changed = ChangedWindows()
    behind: list[AffectedContact] = []
    for each in contacts:
        before = last.get(each.contacted)
        after = appended(before, each.messages, rule_of(each.meter))
        if after is None:
            behind.append(each.affected)
        else:
            changed.note_appended(each.key, each.contacted, before, after)
    _reread(connection, behind, changed)
    store_ordered.write_changed(connection, changed)
    return changed.sums()


def _reread(connection: Connection, contacts: Sequence[AffectedContact], changed: ChangedWindows) -> None:
    """Compute the conversations of contacts again whose messages did not come in their order."""
    if not contacts:
        return
    stored = store_ordered.windows_since(connection, contacts)
    reread = [
        contact._replace(since=recomputed_from(windows, contact.since, rule_of(contact.meter)))
        for contact, windows in zip(contacts, stored, strict=True)
    ]
    messages = store_ordered.messages_since(connection, reread)
    for contact, windows, read in zip(reread, stored, messages, strict=True):
        before = [window for window in windows if window.opened_at >= contact.since]
        after = windows_of(read, rule_of(contact.meter))
        changed.note(contact.key, contact.contacted, before, after)


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
