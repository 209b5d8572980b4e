"""A line that a promise owes, and what it is marked as, so that it is billed once.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from contracts.promises import PromiseTerms
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.citing import citation_of
from invoicing.documents import InvoiceLine, LineKind
from kernel.money import Money
from kernel.periods import Period
from rating.working import Working

#: What charges owe for their periods, and what was billed before under the codes of promises.
Amounts = Mapping[tuple[str, Period], Money]

_UNTAXED = Decimal(0)


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """What a promise owes for a period by now, and the line over what was not billed of it, if any."""

    code: str
    period: Period
    amount: Money
    line: InvoiceLine | None


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """What a line of a promise says: its kind, its code and rule, its days, its amount and its working."""

    kind: LineKind
    code: str
    sourced: Sourced[PromiseTerms]
    period: Period
    net: Money
    working: Working

    def numbered(self, contract: Contract, number: int) -> InvoiceLine:
        """Return the line of an invoice, before its taxes."""
        return InvoiceLine(
            number=number,
            kind=self.kind,
            charge=self.code,
            name=self.sourced.rule.name,
            meter="",
            unit="",
            period_start=self.period.start,
            period_end=self.period.end,
            quantity=Decimal(1),
            net=self.net.amount,
            tax=_UNTAXED,
            gross=self.net.amount,
            taxes=(),
            cites=citation_of(contract, self.sourced),
            working=self.working,
        )


def billed_before(amounts: Amounts, code: str, period: Period) -> tuple[Period, Money] | None:
    """Return what was billed of a promise that begins as a period does, whatever days that seemed to have."""
    for (charge, billed), amount in amounts.items():
        if charge == code and billed.start == period.start:
            return billed, amount
    return None
