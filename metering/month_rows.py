"""Rows of a month of events as an archive holds them: exact, in one order, with one digest.

Instants are microseconds since 1970 in UTC, and quantities texts, so that 1.50 stays 1.50.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec

#: Rows that are held in memory at a time, and those of a row group.
BATCH_ROWS: Final = 25_000


class EventRow(NamedTuple):
    """A stored event, with the columns of its table in their order."""

    account_id: str
    source: str
    event_id: str
    subscription_id: str
    meter: str
    occurred_at: int
    day: date
    dimension: str
    quantity: str | None
    ordered: bool
    direction: str
    contact: str
    dimensions: str
    corrects: str
    received_at: int


#: The order of an archive's rows: that of time, as an index of instants wants them back; texts by bytes.
ORDER: Final = ("occurred_at", "account_id", "source", "event_id")

_ENCODER: Final = msgspec.json.Encoder()


class RowsDigest:
    """SHA-256 over rows in their order, each a line of JSON, however they are cut into batches.

    The digest of no rows is that of no bytes.
    """

    def __init__(self) -> None:
        """Begin before the first row."""
        self.rows = 0
        self._sha = hashlib.sha256()

    def add(self, rows: Sequence[EventRow]) -> None:
        """Take in the next rows."""
        self.rows += len(rows)
        self._sha.update(_ENCODER.encode_lines(rows))

    def passing(self, batches: Iterable[list[EventRow]]) -> Iterator[list[EventRow]]:
        """Yield batches as they are, each after it was taken in."""
        for rows in batches:
            self.add(rows)
            yield rows

    @property
    def digest(self) -> bytes:
        """The 32 bytes that stand for all rows so far."""
        return self._sha.digest()


def digest_of(batches: Iterable[Sequence[EventRow]]) -> RowsDigest:
    """Return the digest of all rows of some batches."""
    found = RowsDigest()
    for rows in batches:
        found.add(rows)
    return found
