"""Which parts of which periods a contract owes as of a date.  Pure.

Fees in advance fall due on the first day of their period, use and fees in arrears on the day after its last.
Use may have a cycle of its own: a fee for a year, its use each month.
A subscription that starts or ends inside a period owes that part, measured on the whole period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from contracts.charges import Charge, Flat, OneOff, Timing
from contracts.subscriptions import Contract
from invoicing.stopped import before_end
from kernel.errors import InvalidInput
from kernel.periods import Cycle, Period
from rating.ramps import ramp_days

#: A run bills the past and the present; a date further ahead than this is a typing error.
FURTHEST_MONTHS_AHEAD = 36


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscription is billed: the first day not yet billed, in advance and in arrears."""

    advance_through: date
    arrears_through: date

    @classmethod
    def at_start(cls, contract: Contract) -> Progress:
        """Return the progress of a subscription that was never billed."""
        return cls(contract.subscription.starts_on, contract.subscription.starts_on)


@dataclass(frozen=True, slots=True)
class DuePart:
    """A part of a period that one charge owes; ``whole`` is the period that its share is taken of."""

    charge: Charge
    part: Period
    whole: Period


def due_parts(contract: Contract, progress: Progress, as_of: date) -> tuple[DuePart, ...]:
    """Return what each charge owes as of a date beyond what was billed, oldest first.

    A charge for a part that has ended owes the days before.
    """
    due: list[DuePart] = []
    for part, whole in _parts(contract, contract.cycle, progress.advance_through, as_of):
        due += [
            DuePart(charge, days, whole)
            for charge in contract.charges
            if _in_advance(charge) and (not isinstance(charge, OneOff) or _is_first(contract, part))
            if (days := before_end(contract, charge, part)) is not None
        ]
    for part, whole in _parts(contract, contract.usage_cycle, progress.arrears_through, as_of):
        if part.end <= as_of:
            due += [
                DuePart(charge, days, whole)
                for charge in contract.charges
                if not _in_advance(charge) and (days := before_end(contract, charge, part)) is not None
            ]
    return tuple(due)


def progress_after(contract: Contract, progress: Progress, as_of: date) -> Progress:
    """Return how far the subscription is billed once all that is due as of a date is billed."""
    advance, arrears = progress.advance_through, progress.arrears_through
    for part, _ in _parts(contract, contract.cycle, advance, as_of):
        advance = max(advance, part.end)
    for part, _ in _parts(contract, contract.usage_cycle, arrears, as_of):
        if part.end <= as_of:
            arrears = max(arrears, part.end)
    return Progress(advance, arrears)


def price_cuts(contract: Contract, charge: Charge) -> tuple[date, ...]:
    """Return the days on which the price of a charge for use may change: a part of a period is cut there."""
    return (*contract.price_days, *ramp_days(charge, starts_on=contract.subscription.starts_on))


def billed_part(
    contract: Contract, charge: Charge, day: date, billed: Iterable[Period]
) -> tuple[Period, Period]:
    """Return the part of use that was billed and holds a day, and the whole period that it belongs to.

    ``billed`` are the periods of the charge's marks: a part is cut where its price changes, but is rated as
    one.  What was billed stands, wherever the contract ends by now: March as a whole, though its last day has
    become the 20th since.
    """
    whole = contract.usage_cycle.period_of(day)
    cuts = {day for day in price_cuts(contract, charge) if whole.start < day < whole.end}
    marks = [each for each in billed if each.overlap(whole)]
    starts = [each.start for each in marks if each.start <= day and each.start not in cuts]
    ends = [each.end for each in marks if day < each.end and each.end not in cuts]
    return (Period(max(starts), min(ends)), whole) if starts and ends else part_of(contract, day)


def part_of(contract: Contract, day: date) -> tuple[Period, Period]:
    """Return the billed part of use that holds a day, and the whole period that it belongs to."""
    whole = contract.usage_cycle.period_of(day)
    part = contract.subscription.within(whole)
    if part is None or day not in part:
        raise InvalidInput(
            "the subscription is not in force on this day",
            field="day",
            value=day,
            expected=f"a day of {contract.subscription.code}",
        )
    return part, whole


def parts_from(contract: Contract, start: date, as_of: date) -> tuple[tuple[Period, Period], ...]:
    """Return the parts of use that have begun as of a date, from a day on, and their periods."""
    return tuple(_parts(contract, contract.usage_cycle, start, as_of))


def check_horizon(as_of: date, today: date) -> None:
    """Refuse a run for a day that lies further ahead than any contract bills."""
    ahead = (as_of.year - today.year) * 12 + as_of.month - today.month
    if ahead > FURTHEST_MONTHS_AHEAD:
        raise InvalidInput(
            "the date of the run is too far in the future",
            field="as_of",
            value=as_of,
            expected=f"at most {FURTHEST_MONTHS_AHEAD} months after {today}",
        )


def _in_advance(charge: Charge) -> bool:
    match charge:
        case OneOff():
            return True
        case Flat():
            return charge.timing is Timing.IN_ADVANCE
        case _:
            return False


def _is_first(contract: Contract, part: Period) -> bool:
    return part.start == contract.subscription.starts_on


def _parts(contract: Contract, cycle: Cycle, start: date, as_of: date) -> Iterator[tuple[Period, Period]]:
    """Yield what each period owes from a day on, up to the one that holds the day of the run.

    The first is cut at that day where a contract goes on whose end was billed already.
    """
    for whole in cycle.periods_from(start):
        part = contract.subscription.within(whole)
        if whole.start > as_of or (part is None and whole.start >= contract.subscription.starts_on):
            return
        rest = part and part.overlap(Period(start, whole.end))
        if rest and rest.start <= as_of:
            yield rest, whole
