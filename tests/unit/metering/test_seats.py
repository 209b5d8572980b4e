"""Seats: levels by day, by dimension and in total, and how far a late change reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kernel.zones import local_day
from metering.seats import TOTAL, DayLevel, LevelChange, LevelDays, changed_days, day_levels

ZONE = "America/Sao_Paulo"


def change(
    day: int, seats: int, *, hour: int = 12, dimension: str = TOTAL, event_id: str = ""
) -> LevelChange:
    """Return a change on a day of July 2026 at an hour of Sao Paulo."""
    instant = datetime(2026, 7, day, tzinfo=UTC) + timedelta(hours=hour + 3)
    return LevelChange(instant, event_id, dimension, Decimal(seats), local_day(instant, ZONE))


def july(day: int, highest: int, closing: int, *, dimension: str = TOTAL) -> DayLevel:
    """Return what a day of July saw."""
    return DayLevel(dimension, date(2026, 7, day), Decimal(highest), Decimal(closing), Decimal(0))


def unweighed(levels: Iterable[DayLevel]) -> tuple[DayLevel, ...]:
    """Return levels without their time, which is the matter of other tests."""
    return tuple(replace(level, level_seconds=Decimal(0)) for level in levels)


def levels(carried: int, *changes: LevelChange) -> tuple[DayLevel, ...]:
    """Return the days of a meter without dimensions."""
    return unweighed(day_levels({TOTAL: Decimal(carried)}, changes, zone=ZONE))


def test_a_day_holds_its_highest_level_and_the_one_it_ends_with() -> None:
    """Of 3, 8 and 5 in a day 8 is owed and 5 goes on."""
    changes = (change(10, 3, hour=8), change(10, 8, hour=9), change(10, 5, hour=10))

    assert (july(10, 8, 5),) == levels(0, *changes)


def test_the_level_that_a_day_begins_with_counts() -> None:
    """A day that begins with 9 seats and drops to 2 owes 9."""
    assert (july(10, 9, 2),) == levels(9, change(10, 2))


def test_a_change_on_the_first_instant_leaves_nothing_of_the_old_level() -> None:
    """A drop at midnight of the issuer's zone counts for the whole day."""
    assert (july(10, 2, 2),) == levels(9, change(10, 2, hour=0))


def test_the_level_goes_from_day_to_day() -> None:
    """Each day of changes begins with the level with which the one before it ended."""
    assert (july(10, 5, 5), july(20, 5, 1)) == levels(0, change(20, 1), change(10, 5))


def test_of_two_changes_at_one_instant_the_greater_id_holds() -> None:
    """A tie is decided by the events themselves, not by which arrived first."""
    pair = (change(10, 7, event_id="a"), change(10, 4, event_id="b"))

    assert [(july(10, 4, 4),)] * 2 == [levels(0, *pair), levels(0, *pair[::-1])]


def test_of_one_id_of_two_sources_the_greater_level_holds() -> None:
    """Two sources may give one id: a tie that the id does not decide is not left to who came first."""
    pair = (change(10, 7, event_id="a"), change(10, 4, event_id="a"))

    assert [(july(10, 7, 7),)] * 2 == [levels(0, *pair), levels(0, *pair[::-1])]


def test_dimensions_and_their_total() -> None:
    """Each dimension has its own level, and the total is their sum at each instant."""
    changes = (
        change(10, 3, dimension="agent"),
        change(11, 2, dimension="boss"),
        change(12, 1, dimension="agent"),
    )

    assert {
        july(10, 3, 3, dimension="agent"),
        july(12, 3, 1, dimension="agent"),
        july(11, 2, 2, dimension="boss"),
        july(10, 3, 3),
        july(11, 5, 5),
        july(12, 5, 3),
    } == set(unweighed(day_levels({}, changes, zone=ZONE)))


def test_nothing_changed() -> None:
    """The same levels again touch no day."""
    stored = levels(0, change(10, 5), change(20, 1))

    assert None is changed_days(stored, stored)


def test_a_late_change_reaches_to_the_next_known_day() -> None:
    """A late level of the 12th holds until the 15th, alters what that day began with, and goes no further."""
    changes = (change(10, 5), change(15, 4), change(20, 1))

    touched = changed_days(levels(0, *changes), levels(0, *changes, change(12, 4)))

    assert LevelDays(date(2026, 7, 12), date(2026, 7, 20)) == touched


def test_a_late_change_without_a_next_one_reaches_on() -> None:
    """A late level that nothing follows holds until today."""
    stored = levels(0, change(10, 5))

    assert LevelDays(date(2026, 7, 12), None) == changed_days(stored, levels(0, change(10, 5), change(12, 4)))


def test_a_dimension_reaches_on_where_another_does_not() -> None:
    """The next day of one dimension does not end the reach of another."""
    changes = (change(10, 5, dimension="agent"), change(15, 2, hour=0, dimension="boss"))
    late = (change(12, 4, dimension="agent"),)

    touched = changed_days(day_levels({}, changes, zone=ZONE), day_levels({}, changes + late, zone=ZONE))

    assert LevelDays(date(2026, 7, 12), None) == touched


CHANGES = st.lists(
    st.builds(
        change,
        st.integers(1, 28),
        st.integers(0, 9),
        hour=st.integers(0, 23),
        dimension=st.sampled_from(["agent", "boss"]),
        event_id=st.uuids().map(str),
    ),
    max_size=20,
)


@given(CHANGES, st.integers(1, 28))
def test_levels_resume_where_they_stopped(changes: list[LevelChange], cut: int) -> None:
    """Levels computed up to a day and carried on give what one computation gives."""
    border = date(2026, 7, cut)
    whole = day_levels({}, changes, zone=ZONE)
    earlier = [level for level in whole if level.day < border]
    carried = {level.dimension: level.closing for level in sorted(earlier, key=lambda each: each.day)}
    rest = day_levels(carried, [each for each in changes if each.day >= border], zone=ZONE)

    assert set(whole) == {*earlier, *rest}


@given(CHANGES)
def test_the_highest_of_a_day_is_the_highest_level_held_in_it(changes: list[LevelChange]) -> None:
    """The total's highest level is found by looking at every instant."""
    running: dict[str, Decimal] = {}
    held: dict[date, Decimal] = {}
    ordered = sorted(changes, key=lambda each: (each.occurred_at, each.event_id))
    for index, each in enumerate(ordered):
        if each.day not in held:
            midnight = each.occurred_at == datetime(2026, 7, each.day.day, 3, tzinfo=UTC)
            held[each.day] = Decimal(0) if midnight else sum(running.values(), Decimal(0))
        running[each.dimension] = each.quantity
        if index + 1 == len(ordered) or ordered[index + 1].occurred_at != each.occurred_at:
            held[each.day] = max(held[each.day], sum(running.values(), Decimal(0)))

    found = {
        level.day: level.highest for level in day_levels({}, changes, zone=ZONE) if level.dimension == TOTAL
    }

    assert held == found
