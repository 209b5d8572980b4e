"""Changed windows: what new messages do to stored conversations, and what that adds to days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from metering.affected import Contacted
from metering.conversations import Window, changes
from metering.rollups import Addition, DayKey, day_sums, window_additions
from metering.usage import MeterKey


class ContactWindow(NamedTuple):
    """A conversation of a contact."""

    contacted: Contacted
    window: Window


class ChangedWindows:
    """The conversations that are gone, new, or grew, and what the days of their meters gain by it."""

    __slots__ = ("_additions", "gone", "grown", "opened")

    def __init__(self) -> None:
        """Begin with none."""
        self.gone: list[ContactWindow] = []
        self.opened: list[ContactWindow] = []
        self.grown: list[ContactWindow] = []
        self._additions: defaultdict[MeterKey, list[Addition]] = defaultdict(list)

    def note(
        self, key: MeterKey, contacted: Contacted, before: Sequence[Window], after: Sequence[Window]
    ) -> None:
        """Note what becomes of a contact's conversations."""
        difference = changes(before, after)
        starts = {window.opened_at for window in before}
        self.gone += (ContactWindow(contacted, window) for window in difference.gone)
        for window in difference.written:
            into = self.grown if window.opened_at in starts else self.opened
            into.append(ContactWindow(contacted, window))
        if [_counts_where(window) for window in before] != [_counts_where(window) for window in after]:
            self._additions[key] += window_additions(before, after)

    def note_appended(
        self, key: MeterKey, contacted: Contacted, before: Window | None, after: Sequence[Window]
    ) -> None:
        """Note that a contact's last conversation became the first of these, or that it had none."""
        if before is not None and after[0] is not before:
            self.grown.append(ContactWindow(contacted, after[0]))
        opened = after if before is None else after[1:]
        if opened:
            self.opened += [ContactWindow(contacted, window) for window in opened]
            self._additions[key] += window_additions((), opened)

    def sums(self) -> dict[DayKey, Decimal]:
        """Return what is added to days and taken from them."""
        return {
            day: sum_ for key, added in self._additions.items() for day, sum_ in day_sums(key, added).items()
        }


def _counts_where(window: Window) -> tuple[date, str]:
    return window.day, window.dimension
