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
from kernel.words import counted
from metering.event_reading import read_or_rejected, rejected
from metering.events import DIGEST_BYTES, ID_CHARACTERS, Rejected, UsageEvent, storable

#: Whose quarantine it is where no account can be read.
NO_ACCOUNT: Final = AccountId(UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """Who decided that something in quarantine will never be counted, when and why."""

    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One thing set aside: what it was, as far as it can be read, and what is wrong with it.

    ``whole`` tells that it can be tried again as it is kept; the text of a message never is.
    """

    account_id: AccountId
    source: str
    event_id: str
    raw: str
    problem: Problem
    batch: str
    received_at: datetime
    whole: bool
    discarded: Discarded | None = None

    @property
    def entry_id(self) -> str:
        """What a person names it by."""
        return self.digest.hex()

    @property
    def event(self) -> UsageEvent | Rejected:
        """What is kept, read again."""
        return read_or_rejected(self.raw.encode(), place=self.problem.place)

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
        waiting = {"discarded_at": None, "discarded_by": "", "discarded_why": ""}
        return {**came, **event, **problem, **waiting, "whole": self.whole, "received_at": self.received_at}


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
        whole=told.whole,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which of the quarantine is meant: of an account, with a code; all of it unless told."""

    account: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryReport:
    """What trying again came to: new events, some that had been counted meanwhile, and those that still wait.

    ``lost`` are the waiting ones that cannot be tried, because they are not kept whole.
    """

    accepted: int = 0
    known: int = 0
    waiting: int = 0
    lost: int = 0

    def plus(self, more: RetryReport) -> RetryReport:
        """Return what both came to."""
        return RetryReport(
            accepted=self.accepted + more.accepted,
            known=self.known + more.known,
            waiting=self.waiting + more.waiting,
            lost=self.lost + more.lost,
        )

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        tried = self.accepted + self.known + self.waiting
        came = f"{counted(tried, 'event')} tried again: {self.accepted} now counted, {self.known} known"
        lines = [f"{came}, {self.waiting} still in quarantine."]
        if self.lost:
            lines.append(
                f"{counted(self.lost, 'event')} not kept whole (a message's text never is): to be sent again."
            )
        return tuple(lines)
