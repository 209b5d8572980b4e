"""Suspending a service for another cause than a debt: what the terms ask for first.  Pure.

Announced on 10 March with a notice of one day, a service may stop from the 11th on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contracts.duties import Occurrence, due_of, event_of
from contracts.life_rules import Suspension
from contracts.service_states import WHOLE
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from kernel.calendars import first_day_after, last_day_within
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.zones import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A person's word: by which suspension of the terms, of which part, from which day, why, and whose it is.

    ``harm`` says what harm a warning beforehand might do, where that is the case.
    """

    code: str
    on: date
    why: str
    by: str
    part: str = WHOLE
    harm: str = ""

    @property
    def event(self) -> str:
        """The name under which its announcement stands among what happened."""
        return f"{self.code} announced" + (f" for {self.part}" if self.part else "")


def sourced_of(contract: Contract, cause: Cause) -> Sourced[Suspension]:
    """Return the suspension that a cause names.

    Raises :class:`NotFound` for one that the terms do not state and for a part that the contract does not
    have, :class:`InvalidInput` for a part where the clause stops the whole service alone, and for harm that
    the clause does not let count.
    """
    sourced = contract.terms.suspension(cause.code)
    if cause.part and not sourced.rule.partial:
        raise InvalidInput(
            "the clause suspends the whole service and not a part of it",
            field="part",
            value=cause.part,
            expected="no part",
        )
    if cause.part and cause.part not in contract.parts:
        raise NotFound(
            "the contract has no such part",
            field="part",
            value=cause.part,
            expected=one_of(contract.parts, cause.part),
        )
    if cause.harm and not sourced.rule.unless_harm:
        raise InvalidInput(
            "the clause makes no difference for harm that a warning might do",
            field="harm",
            value=cause.harm,
            expected="nothing",
        )
    return sourced


def refuse_short_notice(rule: Suspension, cause: Cause, *, told_on: date) -> None:
    """Refuse to announce a suspension for a day that lies nearer than the notice of its clause."""
    first = last_day_within(told_on, rule.notice_days)
    if cause.on < first:
        raise Conflict(
            "the clause asks for an earlier announcement",
            field="on",
            value=cause.on,
            expected=f"{first} or later",
        )


def announced(cause: Cause, happened: Iterable[Occurrence], contract: Contract) -> Occurrence | None:
    """Return the announcement of a suspension for a day up to its own that was not followed yet, if any."""
    zone = contract.entity.time_zone
    return next(
        (
            each
            for each in happened
            if each.event == cause.event
            and each.done_at is None
            and local_day(each.occurred_at, zone) <= cause.on
        ),
        None,
    )


def refuse_untimely(contract: Contract, cause: Cause, happened: Iterable[Occurrence]) -> None:
    """Refuse a suspension that its clause does not allow yet, by what is recorded of the contract.

    Harm that a warning might do excuses both.  Raises :class:`Conflict` for one that was not announced, and
    for one that has to wait until the time of a duty is over.
    """
    rule, known = sourced_of(contract, cause).rule, tuple(happened)
    if cause.harm:
        return
    if rule.announced and announced(cause, known, contract) is None:
        raise Conflict(
            "the clause asks for an announcement beforehand",
            field="on",
            value=cause.on,
            expected=f"an announcement for {cause.on} or before ({rule.notice_clause or rule.clause})",
        )
    if rule.after:
        _refuse_before(contract, cause, contract.terms.duties[rule.after].rule.event, rule.after, known)


def _refuse_before(
    contract: Contract, cause: Cause, event: str, duty: str, happened: tuple[Occurrence, ...]
) -> None:
    days = [
        due_of(duty, contract.terms.duties[duty], event_of(each, contract.entity), contract.entity).on
        for each in happened
        if each.event == event
    ]
    first = first_day_after(min(days), 0) if days else None
    if first is None or cause.on < first:
        words = event.replace("_", " ")
        raise Conflict(
            f"the clause lets the time of {duty.replace('_', ' ')} pass first",
            field="on",
            value=cause.on,
            expected=f"{first} or later" if first else f"a recorded {words}, and its time over",
        )
