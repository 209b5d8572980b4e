"""The service levels of a contract's month: figures, what they give back and whether they free.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from contracts.charges import Flat
from contracts.outages import Outage
from contracts.service_level_rules import OutageStart, ServiceCredit, ServiceExit, ServiceLevel
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.penalty_bases import fee_amount
from kernel.calendars import last_day_within
from kernel.errors import Conflict
from kernel.money import Money, total_of
from kernel.periods import Cycle, Period, month_of, months_before
from kernel.zones import instants
from rating.availability import (
    Availability,
    CreditDue,
    Span,
    availability,
    availability_working,
    credit_due,
    hours_of,
    reason_to_leave,
)
from rating.working import Working


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """That the customer may end the contract over a month: why, by which ending and clause, until when."""

    why: str
    ending: str
    clause: str
    happened_on: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelMonth:
    """A level of a part in a month: figures, their working, and what follows from them by which clause.

    ``credit`` is what the table gives back of the month's fees, and ``claimed_until`` the last day to ask for
    it; ``fees`` are these fees.
    """

    code: str
    part: str
    month: Period
    figures: Availability
    clause: str
    document: str
    working: Working
    fees: Money
    credit: CreditDue
    credited_by: Sourced[ServiceCredit] | None
    claimed_until: date | None
    leaving: Leaving | None


def level_months(
    contract: Contract, outages: Sequence[Outage], *, month: date, known_at: datetime
) -> tuple[LevelMonth, ...]:
    """Return each service level of a month, part by part, as known at an instant; none where none is stated.

    A month in which the contract was not in force on a single day has no figures.
    """
    whole = month_period(month)
    measured = (
        (code, _Measured(contract, outages, known_at, sourced, part))
        for code, sourced in contract.terms.service_levels.items()
        for part in sourced.rule.measured_parts
    )
    return tuple(
        _level_month(each, code, whole, figures)
        for code, each in measured
        for figures in [each.figures(whole)]
        if figures is not None
    )


def refuse_unmissed(
    contract: Contract,
    outages: Sequence[Outage],
    ending: str,
    *,
    happened_on: date | None,
    known_at: datetime,
) -> None:
    """Refuse to end a contract over a service level that was not missed so.

    An ending that hangs on no service level passes.  Raises :class:`Conflict` where no level gives the right
    to leave over the month whose last day ``happened_on`` is.
    """
    if all(each.rule.ending != ending for each in contract.terms.service_exits.values()):
        return
    found = (
        () if happened_on is None else level_months(contract, outages, month=happened_on, known_at=known_at)
    )
    rights = [each.leaving for each in found if each.leaving is not None]
    if not any((each.ending, each.happened_on) == (ending, happened_on) for each in rights):
        raise Conflict(
            "the service level of the month gives no right to leave",
            field="happened_on",
            value=happened_on,
            expected="the last day of a month of which clausula sla report says so",
        )


def month_period(day: date) -> Period:
    """Return the calendar month that holds a day."""
    return Cycle(month_of(day), 1).period(0)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What one level of one part is measured on."""

    contract: Contract
    outages: Sequence[Outage]
    known_at: datetime
    sourced: Sourced[ServiceLevel]
    part: str

    def figures(self, month: Period) -> Availability | None:
        """Return the availability of a month, or None for one without a day of the contract."""
        if self.contract.subscription.within(month) is None:
            return None
        rule = self.sourced.rule
        window = instants(month, self.contract.entity.time_zone)
        return availability(
            window,
            hours_of(month, rule.month_hours, window),
            Fraction(rule.target_percent),
            down=self._spans(counted=True),
            excluded=self._spans(counted=False),
        )

    def _spans(self, *, counted: bool) -> Iterator[Span]:
        rule = self.sourced.rule
        for each in self.outages:
            if each.hits(self.part) and rule.counts(each.cause, each.part) is counted:
                # what does not count needs no report
                start = rule.counted_from if counted else OutageStart.BEGAN
                lasted = each.lasted(start, self.known_at)
                if lasted is not None:
                    yield lasted


def _level_month(measured: _Measured, code: str, month: Period, figures: Availability) -> LevelMonth:
    contract, sourced = measured.contract, measured.sourced
    by = next((each for each in contract.terms.service_credits.values() if each.rule.level == code), None)
    fees = _fees(contract, by, measured.part, month)
    credit = (
        CreditDue(Money.zero(contract.currency), ()) if by is None else credit_due(by.rule, figures, fees)
    )
    claim_days = 0 if by is None else by.rule.claim_days
    clause = sourced.rule.hours_clause or sourced.clause.id
    return LevelMonth(
        code=code,
        part=measured.part,
        month=month,
        figures=figures,
        clause=clause,
        document=f"{sourced.document.id} {sourced.document.version}",
        working=(*availability_working(figures, clause), *credit.working),
        fees=fees,
        credit=credit,
        credited_by=by,
        claimed_until=last_day_within(month.last_day, claim_days) if claim_days else None,
        leaving=_leaving(measured, code, month),
    )


def _fees(contract: Contract, by: Sourced[ServiceCredit] | None, part: str, month: Period) -> Money:
    """Return the fees of a month of which a credit is taken: those named, those of the part, or all."""
    days = contract.subscription.within(month)
    if by is None or days is None:
        return Money.zero(contract.currency)
    named = by.rule.charges
    fees = [each for each in contract.charges if isinstance(each, Flat)]
    chosen = [each for each in fees if (each.code in named if named else part in {"", each.part})]
    return total_of((fee_amount(contract, each, days) for each in chosen), contract.currency)


def _leaving(measured: _Measured, code: str, month: Period) -> Leaving | None:
    terms = measured.contract.terms
    for sourced in terms.service_exits.values():
        if sourced.rule.level != code:
            continue
        why = reason_to_leave(sourced.rule, _months(measured, sourced.rule, month), month.start)
        if why:
            within = terms.endings[sourced.rule.ending].rule.within_days
            return Leaving(
                why=why,
                ending=sourced.rule.ending,
                clause=sourced.clause.id,
                happened_on=month.last_day,
                until=None if within is None else last_day_within(month.last_day, within),
            )
    return None


def _months(measured: _Measured, rule: ServiceExit, month: Period) -> dict[date, Availability]:
    starts = [
        months_before(month.start, before) for before in range(max(rule.consecutive_months, rule.of_months))
    ]
    found = {start: measured.figures(month_period(start)) for start in starts}
    return {start: figures for start, figures in found.items() if figures is not None}
