"""Ramps: the prices of a charge by phases of the subscription, or from agreed days on."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from contracts.charges import ChargeTerms, Phase
from kernel.periods import Cycle
from rating.working import Working, step

C = TypeVar("C", bound=ChargeTerms)


def charge_on(charge: C, day: date, *, starts_on: date) -> C:
    """Return a charge at the prices of the phase that a day lies in; before the first, at its own.

    >>> from decimal import Decimal
    >>> from contracts.charges import Flat
    >>> phases = (Phase(after_months=12, amount=Decimal(150)),)
    >>> fee = Flat(code="fee", name="", clause="", amount=Decimal(100), phases=phases)
    >>> charge_on(fee, date(2027, 3, 1), starts_on=date(2026, 3, 1)).amount
    Decimal('150')
    """
    begun = [phase for phase in charge.phases if _begins(phase, starts_on) <= day]
    return charge.in_phase(begun[-1]) if begun else charge


def phase_working(charge: ChargeTerms, day: date, *, starts_on: date) -> Working:
    """Return the working of the phase that a day lies in: since when its prices hold."""
    begun = [first for first in ramp_days(charge, starts_on=starts_on) if first <= day]
    return (step("phase", begun[-1].isoformat()),) if begun else ()


def ramp_days(charge: ChargeTerms, *, starts_on: date) -> tuple[date, ...]:
    """Return the days on which a phase of a charge begins."""
    return tuple(_begins(phase, starts_on) for phase in charge.phases)


def _begins(phase: Phase, starts_on: date) -> date:
    if phase.from_day is not None:
        return phase.from_day
    return Cycle(starts_on, 1).border(phase.after_months or 0)
