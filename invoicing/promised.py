"""Lines that papers promise beside what charges owe: true-ups of commitments, estimates and their settlement.

Each is marked under the code of its promise, so that it is billed once.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contracts.subscriptions import Contract
from invoicing.cycles import Progress
from invoicing.estimates import DueEstimate, estimate_line, estimates_due
from invoicing.marked import Amounts, MarkedLine
from invoicing.true_ups import DueTerm, terms_due, true_up_line


@dataclass(frozen=True, slots=True)
class Promised:
    """What falls due of promises: terms that have ended, periods to estimate or to settle."""

    terms: tuple[DueTerm, ...] = ()
    estimates: tuple[DueEstimate, ...] = ()

    @property
    def first_days(self) -> tuple[date, ...]:
        """The first days of what falls due."""
        return (*(each.part.start for each in self.terms), *(each.part.start for each in self.estimates))


#: A contract whose papers promise nothing.
NOTHING_PROMISED = Promised()


def promised_due(contract: Contract, progress: Progress, as_of: date, days: Iterable[date] = ()) -> Promised:
    """Return what falls due as of a date beyond what was billed, and ended terms that hold some days."""
    if not contract.terms.promises:
        return NOTHING_PROMISED
    return Promised(terms_due(contract, progress, as_of, days), estimates_due(contract, progress, as_of))


def promised_lines(
    contract: Contract, promised: Promised, amounts: Amounts, *, first_number: int
) -> tuple[MarkedLine, ...]:
    """Return what is owed and marked of promises; ``amounts`` are what all charges owe by now."""
    found: list[MarkedLine] = []
    number = first_number
    for term in promised.terms:
        found.append(true_up_line(contract, term, amounts, number))
        number += found[-1].line is not None
    for estimate in promised.estimates:
        found.append(estimate_line(contract, estimate, amounts, number))
        number += found[-1].line is not None
    return tuple(found)
