"""Staged rows: what events come to, packed as PostgreSQL takes rows in bulk.

One row is packed in a microsecond; a driver that looks at each value on its own takes three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Final

from metering.sources import KEY_BYTES
from metering.usage import MeterInForce, Usage

#: The columns of a staged event in the order in which they are packed.
STAGED: Final = (
    "position",
    "meter_number",
    "event_key",
    "digest",
    "occurred_at",
    "day",
    "event_id",
    "source",
    "dimension",
    "quantity",
    "direction",
    "contact",
    "dimensions",
    "corrects",
)
#: In the place of a key that is not remembered: the event bears a number of its source.
NO_KEY: Final = bytes(KEY_BYTES)

_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.date()
_DAY_SECONDS: Final = 86_400
_SECOND_MICROSECONDS: Final = 1_000_000
_FIXED: Final = Struct(">h ii ii i16s i16s iq ii")
_LENGTH: Final = Struct(">i")
_NULL: Final = _LENGTH.pack(-1)
_REPEATED_TEXTS: Final = 65_536


class MeterNumbers:
    """The meters of a batch, numbered from 0 in the order in which they are first met."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers: dict[MeterInForce, int] = {}

    @classmethod
    def of(cls, meters: Iterable[MeterInForce]) -> MeterNumbers:
        """Return meters numbered in their order."""
        numbers = cls()
        for metered in meters:
            numbers.number(metered)
        return numbers

    def number(self, metered: MeterInForce) -> int:
        """Return the number of a meter."""
        return self._numbers.setdefault(metered, len(self._numbers))

    def __iter__(self) -> Iterator[tuple[int, MeterInForce]]:
        """Yield each meter with its number."""
        return ((number, metered) for metered, number in self._numbers.items())


def packed(usages: Iterable[tuple[bytes, Usage]], meters: MeterNumbers) -> Iterator[bytes]:
    """Yield each event as a row, and number the meters."""
    for key, usage in usages:
        quantity = usage.quantity
        since = usage.occurred_at - _EPOCH
        yield b"".join(
            (
                _FIXED.pack(
                    len(STAGED),
                    *(4, usage.index, 4, meters.number(usage.metered)),
                    *(KEY_BYTES, key if len(key) == KEY_BYTES else NO_KEY, 16, usage.digest),
                    *(8, _microseconds(since), 4, (usage.day - _EPOCH_DAY).days),
                ),
                _text(usage.event_id),
                _repeated(usage.source),
                _repeated(usage.dimension),
                _NULL if quantity is None else _text(str(quantity)),
                _repeated(usage.direction),
                _text(usage.contact),
                _repeated(usage.dimensions),
                _text(usage.corrects),
            )
        )


def _microseconds(since: timedelta) -> int:
    return (since.days * _DAY_SECONDS + since.seconds) * _SECOND_MICROSECONDS + since.microseconds


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded


_repeated = lru_cache(_REPEATED_TEXTS)(_text)
