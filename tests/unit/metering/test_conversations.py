"""Conversations: borders of windows, who opens them, and late messages in any order of arrival."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.meters import OpenedBy
from metering.conversations import (
    INBOUND,
    OUTBOUND,
    Message,
    Window,
    WindowRule,
    appended,
    changes,
    recomputed_from,
    windows_of,
)

MESSAGES_VARIABLE = "CLAUSULA_MESSAGES"

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOURS = 24


def sent(hours: int, direction: str = INBOUND, *, seconds: int = 0, dimension: str = "") -> Message:
    """Return a message so many hours after the start."""
    instant = START + timedelta(hours=hours, seconds=seconds)
    return Message(instant, direction, instant.date(), dimension)


def opened(*messages: Message, by: OpenedBy = OpenedBy.EITHER) -> list[int]:
    """Return at which hours after the start conversations open."""
    windows = windows_of(messages, WindowRule(by, HOURS))
    return [(window.opened_at - START) // timedelta(hours=1) for window in windows]


@pytest.mark.clause("ZEN-VII-CONVERSACION")
def test_a_window_lasts_24_hours_from_its_first_message() -> None:
    """Everything within 24 hours of the first message is one conversation, whoever wrote."""
    assert [0] == opened(sent(0), sent(1, OUTBOUND), sent(23))


@pytest.mark.clause("ZEN-V-3.2")
def test_the_end_is_exclusive() -> None:
    """A message one second before 24 hours belongs, one at exactly 24 hours opens the next."""
    assert [0] == opened(sent(0), sent(24, seconds=-1))
    assert [0, 24] == opened(sent(0), sent(24))


def test_windows_are_fixed_and_do_not_slide() -> None:
    """A message late in a window does not lengthen it."""
    assert [0, 25] == opened(sent(0), sent(20), sent(25), sent(48))


@pytest.mark.clause("ZEN-V-3.1")
def test_only_inbound_opens() -> None:
    """On Instagram only the user's message opens; the business's own lie in an open window or in none."""
    assert [30] == opened(sent(0, OUTBOUND), sent(29, OUTBOUND), sent(30), by=OpenedBy.INBOUND)
    assert [] == opened(sent(0, OUTBOUND), by=OpenedBy.INBOUND)


@pytest.mark.clause("ZEN-II-2.3")
def test_only_outbound_opens() -> None:
    """A bot's session starts with the business's own message; an unanswered user opens none."""
    assert [30] == opened(sent(0), sent(30, OUTBOUND), sent(31), by=OpenedBy.OUTBOUND)
    assert [] == opened(sent(0), by=OpenedBy.OUTBOUND)


def test_a_window_counts_its_messages_and_bears_its_openers_day_and_dimension() -> None:
    """A conversation belongs to the day and the dimension of the message that opened it."""
    messages = [sent(0, OUTBOUND, dimension="MX"), sent(23, dimension="BR"), sent(20)]
    expected = Window(START, START + timedelta(hours=23), 3, date(2026, 3, 1), "MX")

    assert (expected,) == windows_of(messages, WindowRule(OpenedBy.EITHER, HOURS))


def test_of_messages_at_one_instant_the_one_that_may_open_comes_first() -> None:
    """The order in which two messages of one instant arrive changes nothing."""
    pair = [sent(0, OUTBOUND), sent(0, INBOUND)]
    both = [windows_of(each, WindowRule(OpenedBy.INBOUND, HOURS)) for each in (pair, pair[::-1])]

    assert [[2], [2]] == [[window.messages for window in windows] for windows in both]


def test_a_late_message_moves_only_what_opens_after_it() -> None:
    """A message before a window moves its start; those that opened earlier stay."""
    assert [0, 30, 60] == opened(sent(0), sent(30), sent(60))
    assert [0, 29, 60] == opened(sent(0), sent(30), sent(60), sent(29))
    assert [0, 36, 60] == opened(sent(0), sent(60), sent(36))


def test_recomputation_starts_where_the_holding_window_opened() -> None:
    """A message within a window recomputes from the window's start, one outside from itself."""
    windows = windows_of([sent(0), sent(30)], WindowRule(OpenedBy.EITHER, HOURS))

    def started(hours: int) -> datetime:
        return recomputed_from(windows, START + timedelta(hours=hours), WindowRule(OpenedBy.EITHER, HOURS))

    assert [START + timedelta(hours=hours) for hours in (-1, 0, 0, 24, 30)] == [
        started(hours) for hours in (-1, 0, 23, 24, 31)
    ]


def test_changes_are_the_difference() -> None:
    """Of what is stored only windows that open no more go, and only new or different ones are written."""
    before = windows_of([sent(0), sent(30), sent(60)], WindowRule(OpenedBy.EITHER, HOURS))
    after = windows_of([sent(0), sent(29), sent(30), sent(60)], WindowRule(OpenedBy.EITHER, HOURS))

    difference = changes(before, after)

    assert ((before[1],), (after[1],)) == (difference.gone, difference.written)


MESSAGES = st.lists(
    st.builds(
        sent,
        st.integers(0, 200),
        st.sampled_from([INBOUND, OUTBOUND]),
        seconds=st.sampled_from([0, 0, 1, -1]),
        dimension=st.sampled_from(["BR", "MX"]),
    ),
    max_size=40,
)


RULES = st.builds(WindowRule, st.sampled_from(OpenedBy), st.just(HOURS), st.booleans())


@given(MESSAGES, RULES, st.integers(1, 5))
def test_any_order_of_arrival_gives_what_one_computation_gives(
    messages: list[Message], rule: WindowRule, batch: int
) -> None:
    """Windows that are brought up to date batch by batch end as if all messages had been there at once."""
    windows: list[Window] = []
    for first in range(0, len(messages), batch):
        arrived = messages[: first + batch]
        earliest = min(message.occurred_at for message in messages[first : first + batch])
        start = recomputed_from(windows[::-1], earliest, rule)
        reread = [message for message in arrived if message.occurred_at >= start]
        after = windows_of(reread, rule)
        windows = [window for window in windows if window.opened_at < start] + list(after)

    assert windows_of(messages, rule) == tuple(windows)


@given(MESSAGES, st.sampled_from(OpenedBy))
def test_windows_never_overlap(messages: list[Message], opened_by: OpenedBy) -> None:
    """Two conversations with one contact open at least their whole length apart."""
    windows = windows_of(messages, WindowRule(opened_by, HOURS))
    gaps = [later.opened_at - window.opened_at for window, later in pairwise(windows)]

    assert [] == [gap for gap in gaps if gap < timedelta(hours=HOURS)]


@pytest.mark.skipif(MESSAGES_VARIABLE not in os.environ, reason=f"{MESSAGES_VARIABLE} names no log")
@pytest.mark.parametrize(
    ("opened_by", "expected"),
    [(OpenedBy.EITHER, 1129), (OpenedBy.INBOUND, 848), (OpenedBy.OUTBOUND, 1089)],
)
def test_a_month_of_real_messages(opened_by: OpenedBy, expected: int) -> None:
    """2,869 public messages of October 2017, whose licence keeps them out of here, by contact."""
    by_contact: defaultdict[tuple[str, str], list[Message]] = defaultdict(list)
    with Path(os.environ[MESSAGES_VARIABLE]).open(newline="", encoding="utf-8") as log:
        for row in csv.DictReader(log):
            instant = datetime.fromisoformat(row["occurred_at"])
            message = Message(instant, row["direction"], instant.date())
            by_contact[row["business"], row["contact"]].append(message)

    found = [windows_of(each, WindowRule(opened_by, HOURS)) for each in by_contact.values()]

    assert (2869, expected) == (sum(map(len, by_contact.values())), sum(map(len, found)))


@given(
    before=st.lists(st.tuples(st.integers(0, 80), st.sampled_from([INBOUND, OUTBOUND])), max_size=8),
    new=st.lists(
        st.tuples(st.integers(0, 160), st.sampled_from([INBOUND, OUTBOUND])), min_size=1, max_size=8
    ),
    rule=RULES,
)
def test_windows_grow_as_if_all_messages_were_counted_again(
    before: list[tuple[int, str]], new: list[tuple[int, str]], rule: WindowRule
) -> None:
    """Where the last window is enough, it gives what a recount of every message gives; else it says so."""
    stored = [sent(hours, direction) for hours, direction in before]
    came = [sent(hours, direction) for hours, direction in new]
    windows = windows_of(stored, rule)
    last = windows[-1] if windows else None

    after = appended(last, came, rule)

    if after is not None and (windows or not stored):
        assert windows_of([*stored, *came], rule) == (*windows[:-1], *after)


def test_the_last_window_is_enough_where_messages_come_in_order() -> None:
    """A message in the window lets it grow, one behind it opens the next; a late one needs the others."""
    last = Window(START, START, 1, START.date())

    grown = appended(last, [sent(1), sent(25)], WindowRule(OpenedBy.EITHER, HOURS))
    late = [appended(last, [sent(hours)], WindowRule(OpenedBy.EITHER, HOURS)) for hours in (0, -1)]

    assert ([2, 1], [None, None]) == ([window.messages for window in grown or ()], late)
    assert (last,) == appended(last, [sent(30, OUTBOUND)], WindowRule(OpenedBy.INBOUND, HOURS))
    assert appended(last, [sent(30)], WindowRule(OpenedBy.INBOUND, HOURS)) is None


def test_a_sliding_window_is_renewed_by_who_may_open_it() -> None:
    """The customer writes at 0 h and 20 h: the window ends at 44 h, whatever the business sends meanwhile."""
    rule = WindowRule(OpenedBy.INBOUND, HOURS, sliding=True)
    messages = [sent(0), sent(20), sent(43, OUTBOUND), sent(44, OUTBOUND), sent(44)]

    windows = windows_of(messages, rule)

    assert [(0, 3), (44, 2)] == [
        ((window.opened_at - START) // timedelta(hours=1), window.messages) for window in windows
    ]


def test_a_late_message_joins_two_sliding_windows() -> None:
    """Messages at 0 h and 30 h are two conversations, until one of 20 h turns out to lie between them."""
    rule = WindowRule(OpenedBy.EITHER, HOURS, sliding=True)
    before = windows_of([sent(0), sent(30)], rule)

    assert 2 == len(before)
    assert START == recomputed_from(before, START + timedelta(hours=20), rule)
    assert [3] == [window.messages for window in windows_of([sent(0), sent(30), sent(20)], rule)]
