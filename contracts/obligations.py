"""Obligations: all that falls due under a contract in some days, each with its day, its party and its clause.

Renewals and the days on which they may be refused, the anniversaries of the price index, duties, data that
are deleted and numbers that go back: what a desk would otherwise keep in a calendar of its own.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import takewhile

from contracts.changes import course, notice_days
from contracts.clauses import Rule
from contracts.duties import Due, Event, Fact, Occurrence, due_of, dues_of, event_of
from contracts.endings import ended
from contracts.life_rules import Duty, Party, RefusalTime
from contracts.notices import Notice, NoticeKind
from contracts.subscriptions import Contract
from contracts.term import refusal_window, terms_from
from contracts.terms import Sourced
from kernel.calendars import day_before, last_day_before, last_day_within
from kernel.periods import Cycle, Period, anniversaries, month_of
from kernel.words import counted


class ObligationKind(StrEnum):
    """What falls due."""

    RENEWAL = "renewal"
    REFUSAL = "refusal"
    TERM_END = "term_end"
    PRICE_INDEX = "price_index"
    DUTY = "duty"
    DATA_DELETION = "data_deletion"
    RECLAIM = "reclaim"
    NOTICE = "notice"
    OBJECTION = "objection"
    CHANGE = "change"
    MEND = "mend"
    TRIAL_END = "trial_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A rung of a ladder that lets data go: from which day, for which unpaid document, by which clause."""

    on: date
    number: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is recorded about a contract beside its paper.

    ``occurrences`` are those that are not done; ``last_uses`` maps a meter to the last day of its use;
    ``settled`` tells that nothing is owed to the issuing entity; ``notices`` have led to nothing yet.
    """

    occurrences: tuple[Occurrence, ...] = ()
    suspended_on: date | None = None
    deletions: tuple[Deletion, ...] = ()
    last_uses: Mapping[str, date] = field(default_factory=dict)
    settled: bool = True
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One entry of the calendar.  ``key`` names it within its contract, on any day on which it is asked for.

    ``at`` is the last instant where the paper counts in hours, ``says`` one sentence.
    """

    on: date
    kind: ObligationKind
    account: str
    subscription: str
    party: Party
    says: str
    clause: str
    document: str
    key: str
    at: datetime | None = None


def obligations(contract: Contract, known: Known, days: Period) -> tuple[Obligation, ...]:
    """Return what falls due under a contract in a period, by day, kind and key."""
    found = (
        *_of_term(contract, days),
        *_of_index(contract, days),
        *_of_duties(contract, known, days),
        *_of_unused(contract, known),
        *_of_ladder(contract, known),
        *_of_trial(contract),
        *_of_notices(contract, known, as_of=days.start),
    )
    return tuple(
        sorted((each for each in found if each.on in days), key=lambda each: (each.on, each.kind, each.key))
    )


def _of_term(contract: Contract, days: Period) -> Iterator[Obligation]:
    sourced = contract.terms.term
    if sourced is None:
        return
    rule, signed = sourced.rule, contract.subscription
    last = last_day_within(days.end, rule.refusal_days)
    # What renews on the first day asked for has its term end on the day before.
    begins = max(day_before(days.start), signed.starts_on)
    for term in takewhile(lambda each: each.start <= last, terms_from(rule, contract, begins)):
        if signed.ends_on is not None and signed.ends_on <= term.end:
            on = day_before(signed.ends_on)
            yield _entry(contract, sourced, ObligationKind.TERM_END, on, "the last day of the contract")
            return
        window = refusal_window(rule, term)
        if window is None:
            says = f"the term of {term} ends and is not renewed"
            yield _entry(contract, sourced, ObligationKind.TERM_END, term.last_day, says)
            return
        says = f"the term of {term} is over and another begins"
        yield _entry(contract, sourced, ObligationKind.RENEWAL, term.end, says)
        if rule.refusal is RefusalTime.WITHIN:
            says = f"the first day on which the renewal on {term.end} may be refused in writing"
            yield _entry(contract, sourced, ObligationKind.REFUSAL, window.start, says, part="first")
        says = f"the last day on which the renewal on {term.end} may be refused in writing"
        yield _entry(contract, sourced, ObligationKind.REFUSAL, window.last_day, says, part="last")


def _of_index(contract: Contract, days: Period) -> Iterator[Obligation]:
    sourced, signed = contract.terms.indexation, contract.subscription
    if sourced is None or not sourced.rule.adjusts(contract.entity.country):
        return
    rule = sourced.rule
    after, through = day_before(days.start), days.last_day
    for day in anniversaries(signed.signed_on, after=after, through=through, months=rule.months):
        if signed.holds(day):
            says = f"prices follow {rule.index} of {counted(rule.months, 'month')} from this day on"
            yield _entry(contract, sourced, ObligationKind.PRICE_INDEX, day, says, party=Party.VENDOR)


def _of_duties(contract: Contract, known: Known, days: Period) -> Iterator[Obligation]:
    happened = [event_of(each, contract.entity) for each in known.occurrences]
    stated = [each.rule for each in contract.terms.duties.values()]
    names = {duty.event for duty in stated}
    reach = max((_longest_days(duty) for duty in stated), default=0)
    near = Period(last_day_before(days.start, reach), last_day_within(days.end, reach))
    for event in (*happened, *(fact for fact in facts_of(contract, known, near) if fact.name in names)):
        for due in dues_of(contract, event, settled=known.settled):
            yield _of_due(contract, due, ObligationKind.DUTY)


def facts_of(contract: Contract, known: Known, days: Period) -> Iterator[Event]:
    """Yield the facts of a contract that duties may hang on; those that come again, of these days only."""
    signed = contract.subscription
    yield Event(name=Fact.SIGNED, day=signed.signed_on)
    yield Event(name=Fact.STARTED, day=signed.starts_on)
    if signed.ends_on is not None:
        yield Event(name=Fact.ENDED, day=day_before(signed.ends_on))
    if known.suspended_on is not None:
        yield Event(name=Fact.SUSPENDED, day=known.suspended_on)
    held = signed.within(days)
    if held is None:
        return
    for month in Cycle(month_of(held.start), 1).periods_from(held.start):
        if month.start >= held.end:
            break
        yield Event(name=Fact.MONTH_END, day=month.last_day)
    rule = contract.terms.term
    for term in terms_from(rule.rule, contract, held.start) if rule is not None else ():
        if term.start >= held.end:
            break
        yield Event(name=Fact.TERM_END, day=term.last_day)


def _longest_days(duty: Duty) -> int:
    """Return more days than a duty's time can last, so that no event is missed that it may hang on."""
    return 31 * (duty.months + 1) + 2 * duty.days + duty.hours


def _of_unused(contract: Contract, known: Known) -> Iterator[Obligation]:
    for code, sourced in contract.terms.duties.items():
        last_use = known.last_uses.get(sourced.rule.unused_meter)
        if last_use is not None:
            event = Event(name=f"last use of {sourced.rule.unused_meter}", day=last_use)
            due = due_of(code, sourced, event, contract.entity, settled=known.settled)
            if contract.subscription.holds(due.on):
                yield _of_due(contract, due, ObligationKind.RECLAIM)


def _of_ladder(contract: Contract, known: Known) -> Iterator[Obligation]:
    for each in known.deletions:
        head = contract.terms.document_of(each.clause)
        yield Obligation(
            on=each.on,
            kind=ObligationKind.DATA_DELETION,
            account=contract.account.code,
            subscription=contract.subscription.code,
            party=Party.VENDOR,
            says=f"data may be deleted from this day on, while {each.number} is not paid",
            clause=each.clause,
            document=f"{head.id} {head.version}",
            key=f"{ObligationKind.DATA_DELETION}:{each.number}",
        )


def _of_due(contract: Contract, due: Due, kind: ObligationKind) -> Obligation:
    about = due.event.occurrence_id or due.event.day
    return Obligation(
        on=due.on,
        at=due.at,
        kind=kind,
        account=contract.account.code,
        subscription=contract.subscription.code,
        party=due.by,
        says=due.says,
        clause=due.clause,
        document=due.document,
        key=f"{kind}:{due.duty}:{about}",
    )


def _entry(
    contract: Contract,
    sourced: Sourced[Rule],
    kind: ObligationKind,
    on: date,
    says: str,
    *,
    part: str = "",
    party: Party = Party.EITHER,
) -> Obligation:
    return Obligation(
        on=on,
        kind=kind,
        account=contract.account.code,
        subscription=contract.subscription.code,
        party=party,
        says=says,
        clause=sourced.clause.id,
        document=f"{sourced.document.id} {sourced.document.version}",
        key=f"{kind}:{on}" + (f":{part}" if part else ""),
    )


def _of_trial(contract: Contract) -> Iterator[Obligation]:
    sourced, ends_on = contract.terms.trial, contract.subscription.ends_on
    if contract.plan.trial and sourced is not None and ends_on is not None:
        yield _entry(
            contract, sourced, ObligationKind.TRIAL_END, day_before(ends_on), "the last day of the trial"
        )


def _of_notices(contract: Contract, known: Known, *, as_of: date) -> Iterator[Obligation]:
    for notice in known.notices:
        if notice.kind is NoticeKind.CHANGE:
            yield from _of_change(contract, notice, as_of)
        elif notice.kind is NoticeKind.ENDING:
            yield from _of_ending(contract, notice, as_of)


def _of_change(contract: Contract, notice: Notice, as_of: date) -> Iterator[Obligation]:
    sourced = contract.terms.changes.get(notice.code)
    if sourced is None:
        return
    rule, found, part = sourced.rule, course(notice, sourced.rule, as_of=as_of), str(notice.notice_id)
    about = f"the change {notice.code} announced on {notice.sent_on}"
    if found.effective_on is None:
        if notice.planned_on is not None:
            on = last_day_before(notice.planned_on, notice_days(notice, rule))
            says = f"the last day on which {about} may arrive to hold from {notice.planned_on}"
            kind = ObligationKind.NOTICE
            yield _entry(contract, sourced, kind, on, says, part=part, party=Party.VENDOR)
        return
    if rule.ending and found.objections_until is not None:
        says = f"the last day on which {about} may be turned down"
        on, kind = found.objections_until, ObligationKind.OBJECTION
        yield _entry(contract, sourced, kind, on, says, part=part, party=Party.CUSTOMER)
    says = f"{about} holds from this day on"
    yield _entry(
        contract, sourced, ObligationKind.CHANGE, found.effective_on, says, part=part, party=Party.VENDOR
    )


def _of_ending(contract: Contract, notice: Notice, as_of: date) -> Iterator[Obligation]:
    sourced = contract.terms.endings.get(notice.code)
    if sourced is None:
        return
    found = ended(notice, sourced.rule, calendar=contract.entity.calendar, cycle=contract.cycle, as_of=as_of)
    if found.mend_until is not None and found.waits_for:
        other = Party.CUSTOMER if notice.sender is Party.VENDOR else Party.VENDOR
        says = f"the last day to mend what the notice of {notice.sent_on} claims"
        part = str(notice.notice_id)
        yield _entry(contract, sourced, ObligationKind.MEND, found.mend_until, says, part=part, party=other)
