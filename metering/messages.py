"""Logs of messages: a CSV of ``id,business,contact,direction,occurred_at,text``, as support tools export it.

Each row is an event of one meter.  The text is not read further: conversations are counted without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import msgspec

from metering.csv_events import events_of_rows
from metering.event_reading import DIMENSION_COLUMN, read_row
from metering.events import ReadEvent, UsageEvent

COLUMNS: Final = ("id", "business", "contact", "direction", "occurred_at")
TEXT_COLUMN: Final = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReader:
    """Reads a log of messages as events of ``meter``, which bear ``dimensions``: the line's country."""

    meter: str
    source: str = "messages"
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the file is read as."""
        return msgspec.json.encode((self.meter, self.source, sorted(self.dimensions.items()))).decode()

    def read(self, stream: BinaryIO, name: str) -> Iterator[ReadEvent]:
        """Yield the event of each message."""
        return events_of_rows(stream, name, self._event_of, required=COLUMNS, known=_is_column)

    def _event_of(self, row: Mapping[str, str]) -> UsageEvent:
        cells = {column: cell for column, cell in row.items() if column not in ("business", TEXT_COLUMN)}
        priced_by = {f"{DIMENSION_COLUMN}{name}": value for name, value in self.dimensions.items()}
        account = account_of(row.get("business", ""))
        return read_row(
            {**cells, "account": account, "meter": self.meter, "source": self.source, **priced_by}
        )


def account_of(business: str) -> str:
    """Return the account code of a business's name: ``Ask_Spectrum`` is ``ask-spectrum``."""
    return re.sub(r"[^a-z0-9]+", "-", business.lower()).strip("-")


def _is_column(name: str) -> bool:
    return name in COLUMNS or name == TEXT_COLUMN
