"""What is remembered of a file of usage, and what an import of one came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from kernel.problems import Problem
from kernel.words import counted
from metering.batches import IndexedProblem

#: Problems that a report shows; quarantine lists all.
PROBLEMS_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported to its end, known by the digest of its bytes, whatever its name."""

    digest: bytes
    name: str
    bytes: int
    events_read: int
    events_quarantined: int
    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import came to; ``file_known`` where the same bytes were imported before and not read again.

    ``imported_before`` is when the same bytes were last imported to their end, ``problems`` are the first
    that were met.
    """

    read: int = 0
    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    file_known: bool = False
    imported_before: datetime | None = None
    problems: tuple[Problem, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        if self.file_known:
            return (
                f"This file was imported before: all {counted(self.read, 'event')} known; nothing changed.",
            )
        again: tuple[str, ...] = ()
        if self.imported_before is not None:
            on = self.imported_before.date()
            again = (f"This file was imported before, on {on}; it held problems, so it was read again.",)
        came = f"{counted(self.read, 'event')} read: {self.accepted} new, {self.known} known"
        return (*again, f"{came}, {self.quarantined} in quarantine.")

    def after(self, *, accepted: int, known: int, problems: Sequence[IndexedProblem]) -> ImportReport:
        """Return the report with one more batch in it."""
        shown = (*self.problems, *(each.problem for each in problems))[:PROBLEMS_SHOWN]
        return replace(
            self,
            read=self.read + accepted + known + len(problems),
            accepted=self.accepted + accepted,
            known=self.known + known,
            quarantined=self.quarantined + len(problems),
            problems=shown,
        )
