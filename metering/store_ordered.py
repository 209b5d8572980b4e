"""Queries of meters that count events by their order in time: conversations and seats.

Callers hold the lock of the meter (:func:`metering.store.lock_meters`), so no event is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, DateTime, Integer, and_, column, delete, func, select, table, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from metering.affected import AffectedContact, AffectedLevels, Contacted
from metering.changed_windows import ChangedWindows, ContactWindow
from metering.conversations import Message, Window
from metering.given_rows import GivenRows
from metering.rollups import DayKey
from metering.seats import DayLevel, LevelChange
from metering.tables import conversations, usage_daily, usage_events
from metering.usage import MeterKey

METER: Final = MeterKey._fields
DAY: Final = DayKey._fields
CONTACT: Final = (*METER, "contact")


# ---------------------------------------------------------------------------------------------- conversations

_CONTACTS = GivenRows(usage_events, names=(*CONTACT, "since"), since=DateTime(timezone=True))
_BEFORE = conversations.alias("before")
_LAST_BEFORE = (
    select(func.max(_BEFORE.c.opened_at))
    .where(
        *(_BEFORE.c[name] == _CONTACTS.c[name] for name in CONTACT), _BEFORE.c.opened_at <= _CONTACTS.c.since
    )
    .scalar_subquery()
)
_WINDOWS_SINCE = select(
    _CONTACTS.c.position,
    *(conversations.c[name] for name in ("opened_at", "last_at", "messages", "day", "dimension")),
).join_from(
    _CONTACTS.table,
    conversations,
    and_(
        *_CONTACTS.match(conversations, CONTACT),
        conversations.c.opened_at >= func.coalesce(_LAST_BEFORE, _CONTACTS.c.since),
    ),
)
_MESSAGES_SINCE = select(
    _CONTACTS.c.position,
    *(usage_events.c[name] for name in ("occurred_at", "direction", "day", "dimension")),
).join_from(
    _CONTACTS.table,
    usage_events,
    and_(
        *_CONTACTS.match(usage_events, CONTACT),
        usage_events.c.ordered,
        usage_events.c.occurred_at >= _CONTACTS.c.since,
    ),
)
_LAST_WINDOWS = text(
    """
    SELECT c.meter_number, c.contact, w.opened_at, w.last_at, w.messages, w.day, w.dimension
    FROM (SELECT DISTINCT meter_number, contact FROM usage_staged WHERE quantity IS NULL) c
    JOIN usage_metered m ON m.number = c.meter_number
    CROSS JOIN LATERAL (
        SELECT opened_at, last_at, messages, day, dimension FROM conversations v
        WHERE v.account_id = m.account_id AND v.subscription_id = m.subscription_id AND v.meter = m.meter
            AND v.contact = c.contact
        ORDER BY opened_at DESC LIMIT 1
    ) w
    """
)
_CHANGED = GivenRows(
    conversations,
    names=("meter_number", "contact", "opened_at", "last_at", "messages", "day", "dimension"),
    meter_number=Integer(),
)
_METERED = table("usage_metered", column("number", Integer), *(column(name) for name in METER))
_STARTS: Final = ("contact", "opened_at")
_GROWS: Final = ("last_at", "messages", "day", "dimension")
_SAME_WINDOW = (
    _METERED.c.number == _CHANGED.c.meter_number,
    *(conversations.c[name] == _METERED.c[name] for name in METER),
    *_CHANGED.match(conversations, _STARTS),
)
_DELETE_WINDOWS = delete(conversations).where(*_SAME_WINDOW)
_GROW_WINDOWS = update(conversations).where(*_SAME_WINDOW).values({name: _CHANGED.c[name] for name in _GROWS})
_OPEN_WINDOWS = insert(conversations).from_select(
    (*METER, *_STARTS, *_GROWS),
    select(
        *(_METERED.c[name] for name in METER), *(_CHANGED.c[name] for name in (*_STARTS, *_GROWS))
    ).join_from(_CHANGED.table, _METERED, _METERED.c.number == _CHANGED.c.meter_number),
)


def _contact_rows(contacts: Iterable[AffectedContact]) -> dict[str, str]:
    return _CONTACTS.bind((*each.key, each.contacted.contact, each.since) for each in contacts)


def windows_since(connection: Connection, contacts: Sequence[AffectedContact]) -> list[list[Window]]:
    """Return, for each contact, the last conversation opened by an instant, and those that open later."""
    found: list[list[Window]] = [[] for _ in contacts]
    for position, *window in connection.execute(_WINDOWS_SINCE, _contact_rows(contacts)):
        found[position].append(Window(*window))
    return found


def messages_since(connection: Connection, contacts: Sequence[AffectedContact]) -> list[list[Message]]:
    """Return, for each contact, its messages from an instant on."""
    found: list[list[Message]] = [[] for _ in contacts]
    for position, *message in connection.execute(_MESSAGES_SINCE, _contact_rows(contacts)):
        found[position].append(Message(*message))
    return found


def last_windows(connection: Connection) -> dict[Contacted, Window]:
    """Return the last conversation of each contact that has a staged message and any conversation."""
    rows = connection.execute(_LAST_WINDOWS)
    return {Contacted(number, contact): Window(*window) for number, contact, *window in rows}


def write_changed(connection: Connection, changed: ChangedWindows) -> None:
    """Remove conversations that no longer open where they did, and store those that grew or are new."""
    for statement, windows in (
        (_DELETE_WINDOWS, changed.gone),
        (_GROW_WINDOWS, changed.grown),
        (_OPEN_WINDOWS, changed.opened),
    ):
        if windows:
            connection.execute(statement, _CHANGED.bind(_changed_row(each) for each in windows))


def _changed_row(changed: ContactWindow) -> tuple[object, ...]:
    window = changed.window
    return (
        *(*changed.contacted, window.opened_at),
        *(window.last_at, window.messages, window.day, window.dimension),
    )


# ------------------------------------------------------------------------------------------------------ seats

_METERS_SINCE = GivenRows(usage_daily, names=(*METER, "day"))
_LEVEL: Final = ("dimension", "day", "quantity", "closing", "level_seconds")
_CARRIED = (
    select(_METERS_SINCE.c.position, usage_daily.c.dimension, usage_daily.c.closing)
    .join_from(
        _METERS_SINCE.table,
        usage_daily,
        and_(*_METERS_SINCE.match(usage_daily, METER), usage_daily.c.day < _METERS_SINCE.c.day),
    )
    .where(usage_daily.c.closing.is_not(None))
    .ext(distinct_on(_METERS_SINCE.c.position, usage_daily.c.dimension))
    .order_by(_METERS_SINCE.c.position, usage_daily.c.dimension, usage_daily.c.day.desc())
)
_LEVELS_SINCE = select(_METERS_SINCE.c.position, *(usage_daily.c[name] for name in _LEVEL)).join_from(
    _METERS_SINCE.table,
    usage_daily,
    and_(*_METERS_SINCE.match(usage_daily, METER), usage_daily.c.day >= _METERS_SINCE.c.day),
)
_CHANGES_SINCE = select(
    _METERS_SINCE.c.position,
    *(usage_events.c[name] for name in ("occurred_at", "event_id", "dimension", "quantity", "day")),
).join_from(
    _METERS_SINCE.table,
    usage_events,
    and_(
        *_METERS_SINCE.match(usage_events, METER),
        usage_events.c.ordered,
        usage_events.c.contact == "",
        usage_events.c.day >= _METERS_SINCE.c.day,
    ),
)
_LEVELS = GivenRows(usage_daily, names=(*METER, *_LEVEL))
_INSERT_LEVELS = insert(usage_daily).from_select(_LEVELS.names, select(*_LEVELS.columns))
_WRITE_LEVELS = _INSERT_LEVELS.on_conflict_do_update(
    index_elements=DAY,
    set_={name: _INSERT_LEVELS.excluded[name] for name in ("quantity", "closing", "level_seconds")},
)


def _meter_rows(meters: Iterable[AffectedLevels]) -> dict[str, str]:
    return _METERS_SINCE.bind((*each.key, each.day) for each in meters)


def carried_levels(connection: Connection, meters: Sequence[AffectedLevels]) -> list[dict[str, Decimal]]:
    """Return, for each meter, the level with which each dimension entered its day."""
    found: list[dict[str, Decimal]] = [{} for _ in meters]
    for position, dimension, closing in connection.execute(_CARRIED, _meter_rows(meters)):
        found[position][dimension] = closing
    return found


def levels_since(connection: Connection, meters: Sequence[AffectedLevels]) -> list[list[DayLevel]]:
    """Return, for each meter, the days of levels that are stored from its day on."""
    found: list[list[DayLevel]] = [[] for _ in meters]
    for position, *level in connection.execute(_LEVELS_SINCE, _meter_rows(meters)):
        found[position].append(DayLevel(*level))
    return found


def level_changes_since(connection: Connection, meters: Sequence[AffectedLevels]) -> list[list[LevelChange]]:
    """Return, for each meter, its events from its day on."""
    found: list[list[LevelChange]] = [[] for _ in meters]
    for position, *change in connection.execute(_CHANGES_SINCE, _meter_rows(meters)):
        found[position].append(LevelChange(*change))
    return found


def write_levels(connection: Connection, levels: Iterable[tuple[MeterKey, DayLevel]]) -> None:
    """Store days of levels, in the place of what was stored of them."""
    rows = [
        (*key, level.dimension, level.day, level.highest, level.closing, level.level_seconds)
        for key, level in levels
    ]
    connection.execute(_WRITE_LEVELS, _LEVELS.bind(rows))
