"""Conversations: windows of messages with one contact, each billed once.

A window is ``[opened_at, opened_at + 24 h)``: a message at exactly +24 h opens the next (Annex VII, V 3.2).
Windows are found greedily from the first message on, so a late message moves only those that open after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, assert_never

import msgspec

from contracts.meters import OpenedBy

INBOUND: Final = "inbound"
OUTBOUND: Final = "outbound"


class Sent(Protocol):
    """What conversations ask of a message."""

    @property
    def occurred_at(self) -> datetime:
        """The instant at which it was sent."""

    @property
    def direction(self) -> str:
        """Which way it went."""

    @property
    def day(self) -> date:
        """The business day of its instant."""

    @property
    def dimension(self) -> str:
        """What the price of a conversation that it opens depends on."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message with a contact, as it is stored."""

    occurred_at: datetime
    direction: str
    day: date
    dimension: str = ""


class Window(msgspec.Struct, frozen=True, gc=False):
    """One conversation.  It counts on the day, and in the dimension, of the message that opened it."""

    opened_at: datetime
    last_at: datetime
    messages: int
    day: date
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class WindowChanges:
    """What turns stored windows into computed ones: those that open no more, those that are new or differ."""

    gone: tuple[Window, ...]
    written: tuple[Window, ...]


def windows_of(messages: Iterable[Sent], *, opened_by: OpenedBy, hours: int) -> tuple[Window, ...]:
    """Cut one contact's messages, in any order, into conversations, oldest first.

    Of messages at one instant, one that may open a window comes first, and the others lie in it.
    Messages before the first that opens lie in no window: a business that writes to a silent contact on
    Instagram (Annex V 3.1).
    """
    length = timedelta(hours=hours)
    runs: list[list[Sent]] = []
    for message in _in_order(messages, opened_by):
        if runs and message.occurred_at - runs[-1][0].occurred_at < length:
            runs[-1].append(message)
        elif _opens(message, opened_by):
            runs.append([message])
    return tuple(
        Window(run[0].occurred_at, run[-1].occurred_at, len(run), run[0].day, run[0].dimension)
        for run in runs
    )


def appended(
    last: Window | None, messages: Iterable[Sent], *, opened_by: OpenedBy, hours: int
) -> tuple[Window, ...] | None:
    """Return a contact's last window and those behind it, with messages that all came after it opened.

    So nearly all messages come, and nothing else has to be read for them.  None, where other messages have a
    say: one came late, or a window opens in which some may lie that opened none themselves.
    """
    whoever = opened_by is OpenedBy.EITHER
    ordered = _in_order(messages, opened_by)
    if last is None:
        return windows_of(ordered, opened_by=opened_by, hours=hours) if whoever else None
    if ordered[0].occurred_at <= last.opened_at:
        return None
    end = last.opened_at + timedelta(hours=hours)
    inside = [message for message in ordered if message.occurred_at < end]
    rest = ordered[len(inside) :]
    behind = windows_of(rest, opened_by=opened_by, hours=hours) if rest else ()
    if behind and not whoever:
        return None
    if not inside:
        return (last, *behind)
    last_at = max(last.last_at, inside[-1].occurred_at)
    grown = Window(last.opened_at, last_at, last.messages + len(inside), last.day, last.dimension)
    return (grown, *behind)


def recomputed_from(windows: Iterable[Window], instant: datetime, *, hours: int) -> datetime:
    """Return from where a new message at an instant makes windows be computed again.

    That is the start of the window that holds it, which stays, or the instant itself.
    """
    length = timedelta(hours=hours)
    holding = (each.opened_at for each in windows if each.opened_at <= instant < each.opened_at + length)
    return next(holding, instant)


def changes(before: Sequence[Window], after: Sequence[Window]) -> WindowChanges:
    """Return what turns the stored windows of one contact into the computed ones."""
    stored = {window.opened_at: window for window in before}
    starts = {window.opened_at for window in after}
    return WindowChanges(
        gone=tuple(window for window in before if window.opened_at not in starts),
        written=tuple(window for window in after if stored.get(window.opened_at) != window),
    )


def _in_order(messages: Iterable[Sent], opened_by: OpenedBy) -> list[Sent]:
    found = list(messages)
    if len(found) > 1:
        found.sort(key=lambda each: (each.occurred_at, not _opens(each, opened_by), each.dimension))
    return found


def _opens(message: Sent, opened_by: OpenedBy) -> bool:
    match opened_by:
        case OpenedBy.EITHER:
            return True
        case OpenedBy.INBOUND:
            return message.direction == INBOUND
        case OpenedBy.OUTBOUND:
            return message.direction == OUTBOUND
        case _:
            assert_never(opened_by)
