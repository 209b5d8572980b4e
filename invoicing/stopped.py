"""Days on which a charge owes nothing, because what it pays for does not work then.  Pure.

A period is cut where states of the service begin and end.  Which states stop a charge is the terms' to say:
a suspension by ``suspension_billing``, an agreed pause unless that says otherwise, a part that has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.charges import Charge, Flat, Proration
from contracts.rules import SuspensionBilling, SuspensionBillingRule
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.subscriptions import Contract
from kernel.periods import Period
from rating.proration import Share, share_in_seconds, share_of
from rating.working import Working, step

#: Where the terms say nothing a suspension is billed in full, and an agreed pause not at all.
_SILENT = SuspensionBillingRule(clause="", partial=SuspensionBilling.FULL)


@dataclass(frozen=True, slots=True)
class Piece:
    """Days on which all is the same for a charge: it owes them, or a clause says why it does not.

    ``ended`` tells the days after a part's end from those of a stop: what was billed of them stands.
    """

    days: Period
    stopped: bool = False
    ended: bool = False
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """The days of a period that a charge owes, and the pieces of it that it does not."""

    works: tuple[Period, ...]
    stopped: tuple[Piece, ...] = ()


def pieces(contract: Contract, charge: Charge, period: Period) -> tuple[Piece, ...]:
    """Return the pieces of a period, in order; they tile it, and one that nothing stops is whole."""
    stopping = [
        (each, clause) for each in contract.states if (clause := _clause(contract, charge, each)) is not None
    ]
    if not stopping:
        return (Piece(period),)
    borders = (day for span, _ in stopping for day in (span.start, span.end) if day is not None)
    return tuple(_piece(days, stopping) for days in period.split_at(tuple(borders)))


def ended_on(contract: Contract, charge: Charge) -> date | None:
    """Return the first day on which the part that a charge pays for is over for good."""
    days = (
        each.start
        for each in contract.states
        if each.state is ServiceState.ENDED and each.part == charge.part
    )
    return min(days, default=None)


def before_end(contract: Contract, charge: Charge, period: Period) -> Period | None:
    """Return the days of a period before the end of the part that a charge pays for, or None."""
    end = ended_on(contract, charge) if contract.states else None
    if end is None:
        return period
    return Period(period.start, min(period.end, end)) if period.start < end else None


def split(contract: Contract, charge: Charge, period: Period, *, after_end: bool = False) -> Split:
    """Return the days of a period that a charge owes, and those that it does not.

    ``after_end`` counts the days after its part has ended among those that it owes.
    """
    if not contract.states:
        return Split((period,))
    whole = pieces(contract, charge, period)
    stopped = tuple(piece for piece in whole if piece.stopped and not (after_end and piece.ended))
    return Split(tuple(piece.days for piece in whole if piece not in stopped), stopped)


def share_left(contract: Contract, charge: Charge, period: Period, stopped: Sequence[Piece]) -> Share:
    """Return the share of its cycle that a charge owes for a period without the days that are stopped.

    January without five days of it is 26/31, exactly; of a charge by the second, as many of its seconds.
    """
    share = time_share(contract, charge, period)
    lost = sum(time_share(contract, charge, piece.days).exact for piece in stopped)
    return Share(share.exact - lost, (*share.working, *steps_of(contract, charge, stopped)))


def time_share(contract: Contract, charge: Charge, period: Period) -> Share:
    """Return the share of its cycle that a charge owes for days on which nothing stops."""
    cycle = contract.cycle_of(charge)
    if isinstance(charge, Flat) and charge.proration is Proration.SECOND:
        return share_in_seconds(period, cycle, contract.entity.time_zone)
    return share_of(period, cycle)


def steps_of(contract: Contract, charge: Charge, stopped: Sequence[Piece]) -> Working:
    """Return the working of days that are not billed: so many of their period, by which clause."""
    return tuple(
        step(
            "stopped",
            time_share(contract, charge, piece.days).exact,
            days=piece.days.days,
            of_days=contract.cycle_of(charge).period_of(piece.days.start).days,
            first=piece.days.start.isoformat(),
            last=piece.days.last_day.isoformat(),
            clause=piece.clause,
        )
        for piece in stopped
    )


def _piece(days: Period, stopping: Sequence[tuple[StateSpan, str]]) -> Piece:
    holding = [
        (span.state is ServiceState.ENDED, clause) for span, clause in stopping if span.holds(days.start)
    ]
    if not holding:
        return Piece(days)
    ended, clause = min(holding)
    return Piece(days, stopped=True, ended=ended, clause=clause)


def _clause(contract: Contract, charge: Charge, span: StateSpan) -> str | None:
    """Return the clause by which a charge owes nothing while a state lasts; None where it is billed on."""
    if span.part not in {WHOLE, charge.part}:
        return None
    sourced = contract.terms.suspension_billing
    rule = _SILENT if sourced is None else sourced.rule
    match span.state:
        case ServiceState.ENDED:
            return span.clause
        case ServiceState.PAUSED if rule.paused is SuspensionBilling.AVAILABLE_PARTS:
            return span.clause
        case ServiceState.PARTIALLY_SUSPENDED if rule.partial is SuspensionBilling.AVAILABLE_PARTS:
            return rule.clause
        case ServiceState.SUSPENDED if rule.total is SuspensionBilling.AVAILABLE_PARTS:
            return rule.clause
        case _:
            return None
