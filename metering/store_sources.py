"""Queries of sources: what their events are known by, and the last number of those that count theirs.

What a source's events are known by is settled with its first event, or declared before it, and stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import BigInteger, Boolean, Connection, and_, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from db.among import among
from kernel.ids import AccountId
from metering.given_rows import GivenRows
from metering.sources import Identity, UsageSource
from metering.tables import quarantine, usage_sources

KEY = ("account_id", "source")

_SOURCES = GivenRows(usage_sources, names=(*KEY, "identity"))
_ADD = (
    insert(usage_sources)
    .from_select(_SOURCES.names, select(*_SOURCES.columns).order_by(*_SOURCES.columns))
    .on_conflict_do_nothing()
)
_OF_SOURCES = and_(*_SOURCES.match(usage_sources, KEY))
#: Whether a row was there before this transaction, which might yet be undone.
_BEFORE = literal_column("usage_sources.xmin <> pg_current_xact_id()::xid", Boolean()).label("before")
_READ = select(*(usage_sources.c[name] for name in _SOURCES.names), _BEFORE).join(_SOURCES.table, _OF_SOURCES)
_LOCK = (
    select(*(usage_sources.c[name] for name in (*KEY, "last_number")))
    .join(_SOURCES.table, _OF_SOURCES)
    .order_by(*(usage_sources.c[name] for name in KEY))
    .with_for_update(of=usage_sources)
)
_NUMBERS = GivenRows(usage_sources, names=(*KEY, "last_number"), last_number=BigInteger())
_MOVE = (
    update(usage_sources)
    .where(*_NUMBERS.match(usage_sources, KEY))
    .values(last_number=_NUMBERS.c.last_number)
)


def declared(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[AccountId, dict[str, Identity]]:
    """Return the sources of accounts that are settled, and what their events are known by."""
    found: defaultdict[AccountId, dict[str, Identity]] = defaultdict(dict)
    for row in connection.execute(select(usage_sources).where(among(usage_sources, account_ids))):
        found[row.account_id][row.source] = Identity(row.identity)
    return found


def settle(connection: Connection, sources: Collection[UsageSource]) -> frozenset[UsageSource]:
    """Settle what events of sources are known by; return those that were settled before, as they were.

    A concurrent writer who settles the same is waited for.
    """
    rows = [(each.account_id, each.source, each.identity) for each in sources]
    connection.execute(_ADD, _SOURCES.bind(rows))
    return frozenset(
        UsageSource(row.account_id, row.source, Identity(row.identity))
        for row in connection.execute(_READ, _SOURCES.bind(rows))
        if row.before
    )


def lock_numbers(connection: Connection, sources: Collection[UsageSource]) -> dict[UsageSource, int]:
    """Return the last number of each source; who else counts events of one waits until the commit."""
    by_key = {(each.account_id, each.source): each for each in sources}
    rows = [(*key, each.identity) for key, each in by_key.items()]
    locked = connection.execute(_LOCK, _SOURCES.bind(rows))
    return {by_key[account_id, source]: last for account_id, source, last in locked}


def move_numbers(connection: Connection, last: Mapping[UsageSource, int]) -> None:
    """Note the last numbers of sources."""
    connection.execute(
        _MOVE, _NUMBERS.bind((each.account_id, each.source, number) for each, number in last.items())
    )


def waiting_numbers(connection: Connection, source: UsageSource, numbers: Collection[int]) -> frozenset[int]:
    """Return those numbers of a source that wait in quarantine: they came, and are not counted yet."""
    if not numbers:
        return frozenset()
    waiting = select(quarantine.c.event_id).where(
        quarantine.c.account_id == source.account_id,
        quarantine.c.source == source.source,
        quarantine.c.event_id.in_([str(number) for number in numbers]),
        quarantine.c.discarded_at.is_(None),
    )
    return frozenset(int(event_id) for event_id in connection.execute(waiting).scalars())
