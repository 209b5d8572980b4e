"""Conversations: windows of messages with one contact, each billed once.

A window is ``[opened_at, opened_at + 24 h)``: a message at exactly +24 h opens the next (Annex VII, V 3.2).
Windows are found greedily from the first message on, so a late message moves only those that open after it.
A sliding window ends so long after the last message that may open one (Meta's customer service window).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple, Protocol, assert_never

import msgspec

from contracts.meters import ConversationMeter, OpenedBy, WindowKind

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


class WindowRule(NamedTuple):
    """What makes conversations of messages: whose message opens one, and how long it lasts after which.

    A ``sliding`` window lasts from the latest message that may open one, not from the first.
    """

    opened_by: OpenedBy
    hours: int
    sliding: bool = False

    @property
    def length(self) -> timedelta:
        """How long a window lasts."""
        return timedelta(hours=self.hours)

    def opens(self, message: Sent) -> bool:
        """Tell whether a message may open a window."""
        match self.opened_by:
            case OpenedBy.EITHER:
                return True
            case OpenedBy.INBOUND:
                return message.direction == INBOUND
            case OpenedBy.OUTBOUND:
                return message.direction == OUTBOUND
            case _:
                assert_never(self.opened_by)


def rule_of(meter: ConversationMeter) -> WindowRule:
    """Return what makes a meter's conversations."""
    return WindowRule(meter.opened_by, meter.hours, meter.window is WindowKind.SLIDING)


def windows_of(messages: Iterable[Sent], rule: WindowRule) -> tuple[Window, ...]:
    """Cut one contact's messages, in any order, into conversations, oldest first.

    Of messages at one instant, one that may open a window comes first, and the others lie in it.
    Messages before the first that opens lie in no window: a business that writes to a silent contact on
    Instagram (Annex V 3.1).
    """
    runs: list[list[Sent]] = []
    end: datetime | None = None
    for message in _in_order(messages, rule):
        opens = rule.opens(message)
        if end is not None and message.occurred_at < end:
            runs[-1].append(message)
            if not (rule.sliding and opens):
                continue
        elif opens:
            runs.append([message])
        else:
            continue
        end = message.occurred_at + rule.length
    return tuple(
        Window(run[0].occurred_at, run[-1].occurred_at, len(run), run[0].day, run[0].dimension)
        for run in runs
    )


def appended(last: Window | None, messages: Iterable[Sent], rule: WindowRule) -> tuple[Window, ...] | None:
    """Return a contact's last window and those behind it, with messages that all came after it opened.

    So nearly all messages come, and nothing else has to be read for them.  None, where other messages have a
    say: one came late, or it matters which of those before may open a window.
    """
    whoever = rule.opened_by is OpenedBy.EITHER
    ordered = _in_order(messages, rule)
    if last is None:
        return windows_of(ordered, rule) if whoever else None
    if ordered[0].occurred_at <= last.opened_at or (rule.sliding and not whoever):
        return None
    inside = _inside(last, ordered, rule)
    rest = ordered[inside:]
    behind = windows_of(rest, rule) if rest else ()
    if behind and not whoever:
        return None
    if not inside:
        return (last, *behind)
    last_at = max(last.last_at, ordered[inside - 1].occurred_at)
    grown = Window(last.opened_at, last_at, last.messages + inside, last.day, last.dimension)
    return (grown, *behind)


def recomputed_from(windows: Iterable[Window], instant: datetime, rule: WindowRule) -> datetime:
    """Return from where a new message at an instant makes windows be computed again.

    That is the start of the window that holds it, which stays, or the instant itself.
    """
    holding = (each.opened_at for each in windows if each.opened_at <= instant < _latest_end(each, rule))
    return max(holding, default=instant)


def _inside(last: Window, ordered: Sequence[Sent], rule: WindowRule) -> int:
    """Return how many of the messages, in their order, lie in the last window; each may let it slide on."""
    end = _latest_end(last, rule)
    for count, message in enumerate(ordered):
        if message.occurred_at >= end:
            return count
        if rule.sliding:
            end = max(end, message.occurred_at + rule.length)
    return len(ordered)


def _latest_end(window: Window, rule: WindowRule) -> datetime:
    """Return when a window ends; of one that slides, when it ends at the latest, by its last message."""
    return (window.last_at if rule.sliding else window.opened_at) + rule.length


def changes(before: Sequence[Window], after: Sequence[Window]) -> WindowChanges:
    """Return what turns the stored windows of one contact into the computed ones."""
    stored = {window.opened_at: window for window in before}
    starts = {window.opened_at for window in after}
    return WindowChanges(
        gone=tuple(window for window in before if window.opened_at not in starts),
        written=tuple(window for window in after if stored.get(window.opened_at) != window),
    )


def _in_order(messages: Iterable[Sent], rule: WindowRule) -> list[Sent]:
    found = list(messages)
    if len(found) > 1:
        found.sort(key=lambda each: (each.occurred_at, not rule.opens(each), each.dimension))
    return found
