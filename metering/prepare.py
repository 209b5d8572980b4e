"""Prepare: what can be done with a batch before it meets the database, so that both work at the same time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from contracts.subscriptions import Contract
from metering.batches import AccountsByCode, SortedBatch, sort_batch
from metering.events import Rejected, UsageEvent
from metering.staged_rows import MeterNumbers, packed
from metering.usage import Usage


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A batch read through against the accounts as they were known, with its events packed as rows."""

    events: Sequence[UsageEvent | Rejected]
    accounts: AccountsByCode
    read: SortedBatch
    meters: MeterNumbers
    rows: tuple[bytes, ...]

    @property
    def months(self) -> frozenset[date]:
        """The months of the events' instants, each by its first day."""
        instants = (usage.occurred_at.astimezone(UTC) for usage in self.read.firsts.values())
        return frozenset([date(*month, 1) for month in {(each.year, each.month) for each in instants}])

    @property
    def limited_contracts(self) -> list[Contract]:
        """The contracts of the accounts whose batch feeds a meter that a limit counts by."""
        accounts = {metered.subscription.account for _, metered in self.meters if metered.limited}
        return [contract for code in sorted(accounts) for contract in self.accounts[code].contracts]

    def key_of_corrected(self, correction: Usage) -> bytes:
        """Return the key of the event that a correction names: of the same account and source."""
        account = self.accounts[correction.metered.subscription.account]
        return account.keys(correction.source).key(correction.corrects, correction.occurred_at)

    def holds_for(self, accounts: AccountsByCode) -> bool:
        """Tell whether the accounts are what they were known as: none was read again since."""
        return self.accounts.keys() == accounts.keys() and all(
            accounts[code] is account for code, account in self.accounts.items()
        )


def codes_of(events: Collection[UsageEvent | Rejected]) -> frozenset[str]:
    """Return the codes of the accounts that events name."""
    return frozenset([event.account for event in events if isinstance(event, UsageEvent)])


def prepare(
    events: Sequence[UsageEvent | Rejected],
    accounts: AccountsByCode,
    *,
    now: datetime,
    backfill: bool = False,
) -> PreparedBatch:
    """Read a batch through and pack its events; see :func:`metering.batches.sort_batch`."""
    read = sort_batch(events, accounts, now=now, backfill=backfill)
    meters = MeterNumbers()
    rows = tuple(packed(read.firsts.items(), meters))
    return PreparedBatch(events, accounts, read, meters, rows)
