"""What needs single events of months that lie in an archive is refused, and told which files bring them back.

A sum of what is left would be wrong, and nobody would see it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta
from sqlalchemy import Connection

from contracts.meters import ConversationMeter, WindowKind
from kernel.errors import MonthArchived
from kernel.ids import AccountId
from kernel.periods import month_of
from metering import store_archives, store_events
from metering.batches import SortedBatch
from metering.store_archives import ArchivedMonth
from metering.usage import Usage

#: A day of any zone begins at most so long before its instants.
_DAY: Final = timedelta(days=1)
_YEAR: Final = timedelta(days=366)


def require_stored(
    connection: Connection, account_ids: Iterable[AccountId], first: date = date.min, end: date = date.max
) -> None:
    """Refuse with :class:`MonthArchived` where a month of these accounts and days is archived.

    It is asked before events are read: until the transaction ends no month is taken away.
    """
    if lying := store_archives.archived_for(connection, account_ids, first, end):
        raise _error("the events of these months are archived", lying)


@dataclass(frozen=True, slots=True)
class Archive:
    """The months that lie in files."""

    parts: Sequence[ArchivedMonth]
    #: The instant at which the last of them ends.
    end: datetime | None = field(init=False)

    def __post_init__(self) -> None:
        """Settle what is asked of each event."""
        last = max((each.month for each in self.parts), default=None)
        end = last and datetime.combine(last + relativedelta(months=1), time(), UTC)
        object.__setattr__(self, "end", end)

    def error_of(self, usage: Usage) -> MonthArchived | None:
        """Return why an event cannot be counted without events that are archived; none where it can.

        A correction needs the event that it corrects; what is counted by its order in time, the events from
        its window or day on.  All others count by themselves, and open their month again.
        """
        if self.end is None:
            return None
        instant = usage.occurred_at.astimezone(UTC)
        if usage.corrects:
            lying = [each for each in self.parts if each.month == month_of(instant.date())]
        elif usage.metered.ordered and (read_from := _read_from(usage, instant)) < self.end:
            lying = [each for each in self.parts if each.month >= month_of(read_from.date())]
        else:
            return None
        return _error("it is counted with events that are archived", lying) if lying else None


def _read_from(usage: Usage, instant: datetime) -> datetime:
    """Return the earliest instant of events that may be read again for one; none precedes its contract."""
    meter = usage.metered.meter
    window = _longest(meter) if isinstance(meter, ConversationMeter) else _DAY
    began = datetime.combine(usage.metered.subscription.starts_on, time(), UTC) - _DAY
    return max(instant - max(_DAY, window), began)


def _longest(meter: ConversationMeter) -> timedelta:
    """Return how long a conversation lasts; one that slides has no end that is known ahead."""
    return _YEAR if meter.window is WindowKind.SLIDING else timedelta(hours=meter.hours)


def archive_of(connection: Connection) -> Archive:
    """Return which months are archived; none is taken away until the transaction ends."""
    return Archive(store_archives.archived(connection))


def refuse_archived(
    connection: Connection, read: SortedBatch, archive: Archive, known: Container[bytes]
) -> None:
    """Refuse the events of a batch that need archived ones; what was counted before stays known for ever."""
    if archive.end is None:
        return
    needing = {
        key: error
        for key, usage in read.firsts.items()
        if key not in known and (error := archive.error_of(usage))
    }
    if not needing:
        return
    counted = store_events.known(connection, [read.firsts[key].index for key in needing])
    refused = {key: error for key, error in needing.items() if read.firsts[key].index not in counted}
    store_events.unstage(connection, [read.firsts[key].index for key in refused])
    read.refuse(refused)


def _error(message: str, lying: Sequence[ArchivedMonth]) -> MonthArchived:
    return MonthArchived(
        message,
        field="month",
        value=", ".join(sorted({f"{each.month:%Y-%m}" for each in lying})),
        expected="clausula meter restore " + " ".join(each.file_name for each in lying),
    )
