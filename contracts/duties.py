"""Duties: what a party has to do, up to which day or instant, and by which clause.  Pure.

A duty's time begins, or ends, with an event: a fact of the contract, or an occurrence that was recorded.
"Within 5 business days" of Friday 30 January 2026 in Mexico end on Monday 9 February: the 2nd is a holiday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contracts.life_rules import DayKind, Duty, Party
from contracts.parties import LegalEntity
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from contracts.terms import Sourced, Terms
from kernel.calendars import first_day_after, instant_after, last_day_before, last_day_within
from kernel.errors import InvalidInput
from kernel.ids import AccountId, OccurrenceId, SubscriptionId
from kernel.periods import Cycle
from kernel.words import counted
from kernel.zones import local_day, start_of_day, zone_of


class Fact(StrEnum):
    """What is known of a contract without anybody recording it; a month or a term ends with its last day."""

    SIGNED = "signed"
    STARTED = "started"
    ENDED = "ended"
    SUSPENDED = "suspended"
    TERM_END = "term_end"
    MONTH_END = "month_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """What happened, or is planned, under a contract, as somebody recorded it.

    ``minutes`` is how long an interruption lasts; ``done_at`` when what it asked for was done.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    occurrence_id: OccurrenceId
    event: str
    occurred_at: datetime
    minutes: int = 0
    note: str = ""
    done_at: datetime | None = None
    done_by: str = ""
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a duty's time is counted from: its name, its day and, where it is known, its instant."""

    name: str
    day: date
    at: datetime | None = None
    minutes: int = 0
    note: str = ""
    occurrence_id: OccurrenceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A duty with its day: who has to do what by the end of ``on`` (``at``, where hours count), and why.

    Where the duty ``waits``, ``on`` is the first day on which it may be done.  One that is ``held`` is owed
    only once nothing is left to pay.
    """

    duty: str
    by: Party
    on: date
    at: datetime | None
    event: Event
    waits: bool
    held: bool
    says: str
    clause: str
    document: str


def recordable_events(terms: Terms) -> tuple[str, ...]:
    """Return the events that duties and endings of these terms hang on and that somebody has to record."""
    named = {each.rule.event for family in (terms.duties, terms.endings) for each in family.values()}
    return tuple(sorted(named - {"", *Fact}))


def refuse_unknown_event(event: str, terms: Terms) -> None:
    """Raise :class:`InvalidInput` for an event on which nothing in these terms hangs; it lists the known."""
    known = recordable_events(terms)
    if event not in known:
        raise InvalidInput(
            "nothing in this contract's terms hangs on such an event",
            field="event",
            value=event,
            expected=one_of(known, event),
        )


def watched_meters(terms: Terms) -> frozenset[str]:
    """Return the meters whose disuse starts a duty: they are counted although nothing is billed by them."""
    return frozenset(each.rule.unused_meter for each in terms.duties.values() if each.rule.unused_meter)


def event_of(occurrence: Occurrence, entity: LegalEntity) -> Event:
    """Return an occurrence as an event, on its day in the issuing entity's time zone."""
    return Event(
        name=occurrence.event,
        day=local_day(occurrence.occurred_at, entity.time_zone),
        at=occurrence.occurred_at,
        minutes=occurrence.minutes,
        note=occurrence.note,
        occurrence_id=occurrence.occurrence_id,
    )


def dues_of(contract: Contract, event: Event, *, settled: bool = True) -> tuple[Due, ...]:
    """Return what an event asks for under a contract; ``settled`` tells that nothing is left to pay."""
    return tuple(
        due_of(code, sourced, event, contract.entity, settled=settled)
        for code, sourced in contract.terms.duties.items()
        if sourced.rule.event == event.name and sourced.rule.concerns(event.minutes)
    )


def due_of(
    code: str, sourced: Sourced[Duty], event: Event, entity: LegalEntity, *, settled: bool = True
) -> Due:
    """Return a duty with its last day or instant, counted from an event."""
    duty = sourced.rule
    at = _last_instant(duty, event, entity) if duty.hours else None
    on = _day(duty, event.day, entity) if at is None else local_day(at, entity.time_zone)
    held = duty.settled_first and not settled
    return Due(
        duty=code,
        by=duty.by,
        on=on,
        at=at,
        event=event,
        waits=duty.waits,
        held=held,
        says=_sentence(code, duty, event, at, entity) + ("; held until all is paid" if held else ""),
        clause=sourced.clause.id,
        document=f"{sourced.document.id} {sourced.document.version}",
    )


def _day(duty: Duty, day: date, entity: LegalEntity) -> date:
    """Return the last day in time, or the first on which a duty that waits may be done."""
    calendar, business = entity.calendar, duty.day_kind is DayKind.BUSINESS
    if duty.months:
        day = Cycle(day, duty.months).border(-1 if duty.before else 1)
    if duty.before:
        return (
            calendar.subtract_business_days(day, duty.days) if business else last_day_before(day, duty.days)
        )
    last = calendar.add_business_days(day, duty.days) if business else last_day_within(day, duty.days)
    if not duty.waits:
        return last
    after = first_day_after(last, 0)
    return calendar.next_business_day(after) if business else after


def _last_instant(duty: Duty, event: Event, entity: LegalEntity) -> datetime:
    """Return the last instant in time; an event without an instant counts from the beginning of its day."""
    zone = entity.time_zone
    at = event.at or start_of_day(event.day, zone)
    if duty.day_kind is DayKind.CALENDAR:
        return instant_after(at, hours=-duty.hours if duty.before else duty.hours)
    if duty.before:
        return entity.calendar.subtract_business_hours(at, duty.hours, zone)
    return entity.calendar.add_business_hours(at, duty.hours, zone)


def _sentence(code: str, duty: Duty, event: Event, at: datetime | None, entity: LegalEntity) -> str:
    about = f'"{_words(event.name)}" of {event.day}' + (f" ({event.note})" if event.note else "")
    side = "before" if duty.before else "after"
    limit = _limit(duty)
    when = f"{limit} {side} {about}" if limit else f"with {about}"
    until = f", until {_local(at, entity)}" if at else ""
    who = "either side" if duty.by is Party.EITHER else f"the {duty.by.value}"
    may = " from this day on" if duty.waits else ""
    return f"{_words(code)}{may}: {who}, {when}{until}{_outside(duty, event)}"


def _local(at: datetime, entity: LegalEntity) -> str:
    return f"{at.astimezone(zone_of(entity.time_zone)):%Y-%m-%d %H:%M} ({entity.time_zone})"


def _limit(duty: Duty) -> str:
    business = "business " if duty.day_kind is DayKind.BUSINESS else ""
    parts = [
        counted(number, noun)
        for number, noun in (
            (duty.months, "month"),
            (duty.days, f"{business}day"),
            (duty.hours, f"{business}hour"),
        )
        if number
    ]
    return " and ".join(parts)


def _outside(duty: Duty, event: Event) -> str:
    """Return a remark where an event lies outside the hours of the day that the clause keeps for it."""
    if not duty.window_zone or event.at is None:
        return ""
    midnight = start_of_day(local_day(event.at, duty.window_zone), duty.window_zone)
    first = instant_after(midnight, hours=duty.window_from_hour)
    last = instant_after(midnight, hours=duty.window_to_hour)
    ends = instant_after(event.at, minutes=event.minutes)
    if first <= event.at and ends <= last:
        return ""
    return f"; it lies outside {duty.window_from_hour}:00 to {duty.window_to_hour}:00 ({duty.window_zone})"


def _words(code: str) -> str:
    return code.replace("_", " ")
