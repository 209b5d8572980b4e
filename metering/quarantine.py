"""Quarantine: what came as an event and could not be counted, kept until it is mended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

import msgspec

from kernel.ids import AccountId, account_id_of
from kernel.problems import Problem
from metering.events import DIGEST_BYTES, ID_CHARACTERS, Rejected, UsageEvent, rejected, storable

#: Whose quarantine it is where no account can be read.
NO_ACCOUNT: Final = AccountId(UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One thing set aside: what it was, as far as it can be read, and what is wrong with it."""

    account_id: AccountId
    source: str
    event_id: str
    raw: str
    problem: Problem
    batch: str
    received_at: datetime

    @property
    def digest(self) -> bytes:
        """What is the same when the same comes again from the same place."""
        told = (self.source, self.event_id, self.problem.place, self.raw)
        return blake2b(msgspec.msgpack.encode(told), digest_size=DIGEST_BYTES).digest()

    @property
    def row(self) -> dict[str, object]:
        """What is stored, by the names of the columns."""
        problem = asdict(self.problem)
        del problem["subject"]
        event = {"source": self.source, "event_id": self.event_id, "raw": self.raw}
        came = {"account_id": self.account_id, "digest": self.digest, "batch": self.batch}
        return {**came, **event, **problem, "received_at": self.received_at}


def quarantined(
    event: UsageEvent | Rejected, problem: Problem, *, batch: str, received_at: datetime
) -> Quarantined:
    """Return what is kept of an event that has a problem; its text is not."""
    told = event if isinstance(event, Rejected) else rejected(msgspec.json.encode(event), problem)
    return Quarantined(
        account_id=account_id_of(told.account) if told.account else NO_ACCOUNT,
        source=told.source,
        event_id=told.event_id,
        raw=told.raw,
        problem=replace(problem, value=storable(problem.value, ID_CHARACTERS)),
        batch=batch,
        received_at=received_at,
    )
