"""Lines that wait for an invoice: a penalty or a credit stands on no period's fee, and is billed once.  Pure.

A penalty is billed as soon as its day has come, on an invoice of its own where nothing else is due.  A credit
lowers an invoice that is made anyway, and waits for one that it does not turn into less than nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from contracts.subscriptions import Contract
from invoicing.compose import Draft
from invoicing.documents import Citation, InvoiceLine, LineKind
from invoicing.taxing import with_taxes_beside
from kernel.ids import AccountId, PendingId, SubscriptionId, SubscriptionKey
from kernel.money import Money
from kernel.periods import Period
from rating.working import Working


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLine:
    """A penalty, or a credit as an amount below zero, that an invoice from ``due_on`` on shall bear.

    ``period`` is what it is about; ``decided_by`` the person who said so, empty where a clause did.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    pending_id: PendingId
    kind: LineKind
    code: str
    name: str
    amount: Money
    taxed: bool
    period: Period
    due_on: date
    cites: Citation
    working: Working
    reason: str
    decided_by: str
    recorded_at: datetime
    billed_on: date | None = None

    @property
    def key(self) -> SubscriptionKey:
        """The subscription on whose invoice it stands."""
        return self.account_id, self.subscription_id

    @property
    def forces(self) -> bool:
        """Tell whether it is billed even where nothing else is due: a credit waits for an invoice."""
        return self.amount > Money.zero(self.amount.currency)


def with_pending(
    contract: Contract, draft: Draft, waiting: Iterable[PendingLine], *, on: date
) -> tuple[Draft, tuple[PendingLine, ...]]:
    """Return a draft with the lines that it can bear, and these as billed on a day.

    1,999.00 less a credit of 199.90 are 1,799.10; a credit of 2,500.00 waits.
    """
    lines, billed = list(draft.lines), []
    room = draft.total(contract.currency)
    for each in sorted(waiting, key=lambda line: (not line.forces, line.due_on, line.pending_id)):
        line = _line(each, len(lines) + 1)
        if each.taxed:
            line = with_taxes_beside(contract, line, lines)
        if not each.forces and (
            not lines or room + Money(line.gross, room.currency) < Money.zero(room.currency)
        ):
            continue
        room += Money(line.gross, room.currency)
        lines.append(line)
        billed.append(replace(each, billed_on=on))
    return replace(draft, lines=tuple(lines)), tuple(billed)


def _line(pending: PendingLine, number: int) -> InvoiceLine:
    amount = pending.amount.amount
    return InvoiceLine(
        number=number,
        kind=pending.kind,
        charge=pending.code,
        name=pending.name,
        meter="",
        unit="",
        period_start=pending.period.start,
        period_end=pending.period.end,
        quantity=Decimal(1),
        net=amount,
        tax=Decimal(0),
        gross=amount,
        taxes=(),
        cites=pending.cites,
        working=pending.working,
    )
