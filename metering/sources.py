"""Sources of usage: what an event of each is known by, once and for ever.

An event is known by the id that its source gave it.  A source may declare more: that an id never comes with
two times, or that its events bear consecutive numbers.  Then what was counted is found in few pages, or is
one number (docs/decisions/0012).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from kernel.errors import InvalidEvent, SequenceGap
from kernel.ids import AccountId

KEY_BYTES: Final = 16
#: The bytes of a key that are an instant: whole milliseconds since 1970, as in a uuidv7 (RFC 9562, 5.7).
_INSTANT_BYTES: Final = 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_UUID7: Final = 7
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


class Identity(StrEnum):
    """What tells one event of a source from another.

    ``text``: its id, whatever it is.  ``time``: its id and its instant, to the millisecond, so that the same
    id at another one is another event.  ``uuid7``: its id, which is a uuid of version 7.  ``sequence``: its
    id, which is a number; the source counts its events from 1 on and leaves none out.
    """

    TEXT = "text"
    TIME = "time"
    UUID7 = "uuid7"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class UsageSource:
    """A source of an account's events, and what they are known by."""

    account_id: AccountId
    source: str
    identity: Identity = Identity.TEXT

    @property
    def seed(self) -> bytes:
        """What begins the digest of every key of the source."""
        return self.account_id.bytes + self.source.encode() + b"\0"


class EventKeys:
    """Computes the keys of a source's events: 16 bytes for what is remembered, a number for what is counted.

    A key is computed from the account, the source and the id alone: it needs no look-up, is the same on every
    node of a cluster, and has the same length for any id.  It is cut from a SHA-256: among a trillion events
    the odds that two share one are below one in 10**14.  Where an id has a time, its key begins with it (and
    80 bits of the digest tell apart the ids of one millisecond), so that new keys meet in few pages.
    """

    __slots__ = ("_digest", "source")

    def __init__(self, source: UsageSource) -> None:
        """Take the source whose events are known."""
        self.source = source
        self._digest = sha256(source.seed)

    def key(self, event_id: str, occurred_at: datetime) -> bytes:
        """Return what an event is known by.

        Raises :class:`kernel.errors.InvalidEvent` for an id that is not what its source declared.
        """
        if self.source.identity is Identity.SEQUENCE:
            return self._digest.digest()[:KEY_BYTES] + number_of(event_id).to_bytes(8)
        digest = self._digest.copy()
        digest.update(event_id.encode())
        hashed = digest.digest()
        if self.source.identity is Identity.TEXT:
            return hashed[:KEY_BYTES]
        if self.source.identity is Identity.TIME:
            instant = ((occurred_at - _EPOCH) // _MILLISECOND).to_bytes(_INSTANT_BYTES)
        else:
            instant = _uuid7(event_id).bytes[:_INSTANT_BYTES]
        return instant + hashed[: KEY_BYTES - _INSTANT_BYTES]


def is_number(event_id: str) -> bool:
    """Tell whether an id is a whole number from 1 on, without leading zeros."""
    return _NUMBER.fullmatch(event_id) is not None


def number_of(event_id: str) -> int:
    """Return the number of an event of a source that counts its events."""
    if not is_number(event_id):
        raise InvalidEvent(
            "its source numbers its events",
            field="id",
            value=event_id,
            expected="a whole number from 1 on, without leading zeros",
        )
    return int(event_id)


def gap_after(last: int, numbers: Iterable[int]) -> int | None:
    """Return the first number that is missing between what was counted last and new numbers, in any order.

    After 4, the numbers 7, 5 and 6 leave none out; 6 and 7 leave out 5.
    """
    for number in sorted(numbers):
        if number > last + 1:
            return last + 1
        last = max(last, number)
    return None


def gap_error(source: str, number: int, missing: int) -> SequenceGap:
    """Return the error of an event whose forerunner has not come."""
    return SequenceGap(
        "an event before this one has not come",
        field="id",
        value=f"{number} of source {source!r}",
        expected=f"{missing} first; then this one again",
    )


def _uuid7(event_id: str) -> UUID:
    try:
        found = UUID(event_id)
    except ValueError:
        found = None
    if found is None or found.version != _UUID7 or str(found) != event_id.lower():
        raise InvalidEvent(
            "its source names its events by uuids of version 7",
            field="id",
            value=event_id,
            expected="such as 019a4f3e-7c00-7000-8000-000000000001",
        )
    return found
