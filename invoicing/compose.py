"""From a contract, what is due and how much was used, to the lines of an invoice.  Pure.

What a charge owes for a part of a period is compared with what was billed for it; the difference is the line.
So a second run bills nothing, and late usage bills only what it adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from contracts.charges import Flat, OneOff, Proration, UsageCharge
from contracts.subscriptions import Contract
from invoicing.citing import citation
from invoicing.cycles import DuePart
from invoicing.discounting import less_discounts
from invoicing.documents import InvoiceLine, LineKind
from invoicing.drawdowns import NOTHING_GIVEN, Drawdown, Given
from invoicing.marked import Amounts
from invoicing.promised import NOTHING_PROMISED, Promised, promised_lines
from invoicing.reduced import reduced
from invoicing.stopped import pieces, share_left, split, steps_of
from invoicing.taxing import tax_change_working, with_taxes
from invoicing.use_owed import Owed, UsageKey, meter_of, nothing_owed, use_owed
from kernel.errors import DoubleBilling
from kernel.money import Money
from kernel.periods import Period
from rating.charges import rate_fixed
from rating.indexation import working_of
from rating.price_changes import changes_working
from rating.proration import WHOLE
from rating.ramps import charge_on, phase_working
from rating.use import Use
from rating.working import Step, Working, step

#: A line is composed before its taxes, which are those of the document.
_UNTAXED = Decimal(0)

#: A promise is owed once a period.
_ONE = Decimal(1)


class MarkKey(NamedTuple):
    """What a mark is about: one charge over one part of a period."""

    charge: str
    period: Period


@dataclass(frozen=True, slots=True)
class Mark:
    """The high-water mark of what was billed for one charge and period."""

    quantity: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines that a contract owes, and the marks as they stand once these are billed.

    ``drawdowns`` are what coupons and credits gave to the lines; marks stand before them.
    """

    lines: tuple[InvoiceLine, ...]
    marks: Mapping[MarkKey, Mark]
    drawdowns: tuple[Drawdown, ...] = ()

    def total(self, currency: str) -> Money:
        """Return the sum of the lines."""
        return Money(sum((line.gross for line in self.lines), Decimal(0)), currency)


def compose(
    contract: Contract,
    due: Iterable[DuePart],
    used: Mapping[UsageKey, Use],
    billed: Mapping[MarkKey, Mark],
    given: Given = NOTHING_GIVEN,
    *,
    promised: Promised = NOTHING_PROMISED,
) -> Draft:
    """Return the lines for all that is due beyond what was billed, numbered from 1.

    A fee is billed when its part is due; use that turned out to be nothing leaves a mark but no line.
    """
    lines: list[InvoiceLine] = []
    marks: dict[MarkKey, Mark] = {}
    for part in due:
        for owed in _beyond_the_end(contract, part, used, billed):
            key = MarkKey(part.charge.code, owed.segment)
            earlier = _earlier(billed, key)
            marks[key] = Mark(owed.rated.quantity, owed.rated.amount)
            if earlier != marks[key] and (earlier or owed.rated.amount or owed.rated.quantity):
                lines.append(_line(contract, owed, earlier, len(lines) + 1))
    amounts: Amounts = {key: mark.amount for key, mark in {**billed, **marks}.items()}
    for marked in promised_lines(contract, promised, amounts, first_number=len(lines) + 1):
        marks[MarkKey(marked.code, marked.period)] = Mark(_ONE, marked.amount)
        lines += [marked.line] if marked.line else []
    left = reduced(contract, lines, given, {key: mark.amount for key, mark in billed.items()})
    return Draft(with_taxes(contract, left.lines), marks, left.drawdowns)


def _beyond_the_end(
    contract: Contract, due: DuePart, used: Mapping[UsageKey, Use], billed: Mapping[MarkKey, Mark]
) -> Iterator[Owed]:
    """Yield what a part owes; from the end of what it pays for nothing, but what was billed of that stands.

    The owed amount lies between that without the days after the end and that with them: what was billed
    within these bounds is neither raised nor given back.
    """
    if not contract.states or not any(each.ended for each in pieces(contract, due.charge, due.part)):
        yield from _less_discounts(contract, _owed(contract, due, used))
        return
    least = _less_discounts(contract, _owed(contract, due, used))
    most = _less_discounts(contract, _owed(contract, due, used, after_end=True), after_end=True)
    for low, high in zip(least, most, strict=True):
        earlier = billed.get(MarkKey(due.charge.code, low.segment))
        if earlier is None or earlier.amount < low.rated.amount:
            yield low
        elif earlier.amount > high.rated.amount:
            yield high


def _less_discounts(contract: Contract, owed: Iterable[Owed], *, after_end: bool = False) -> Sequence[Owed]:
    """Return what the segments of a part owe after the discounts of their days."""
    parts = tuple(owed)
    if not parts or not contract.terms.reductions:
        return parts
    rated = [(each.segment, each.rated) for each in parts]
    lowered = less_discounts(contract, parts[0].due.charge, rated, after_end=after_end)
    return [replace(each, rated=less) for each, less in zip(parts, lowered, strict=True)]


def _owed(
    contract: Contract, due: DuePart, used: Mapping[UsageKey, Use], *, after_end: bool = False
) -> Iterator[Owed]:
    """Yield what a part owes by segments of one price; ``after_end`` counts the days after its end too."""
    charge = due.charge
    if isinstance(charge, Flat | OneOff):
        yield _fee(contract, due, charge, after_end=after_end)
        return
    yield from use_owed(contract, due, charge, used, after_end=after_end)


def _fee(contract: Contract, due: DuePart, charge: Flat | OneOff, *, after_end: bool) -> Owed:
    """Return what a fee owes: by days those that work, else the whole unless no day does.

    A fee once pays for what was done once, and nothing that stops later takes from it.
    """
    share = WHOLE
    if isinstance(charge, Flat):
        days = split(contract, charge, due.part, after_end=after_end)
        if not days.works:
            return Owed(due, due.part, nothing_owed(contract), steps_of(contract, charge, days.stopped))
        if charge.proration is not Proration.NONE:
            share = share_left(contract, charge, due.part, days.stopped)
    factor = contract.factor_of(charge, due.part.start)
    agreed = charge_on(charge, due.part.start, starts_on=contract.subscription.starts_on)
    rated = rate_fixed(agreed, currency=contract.currency, share=share.exact, factor=factor)
    return Owed(due, due.part, rated, share.working)


def _earlier(billed: Mapping[MarkKey, Mark], key: MarkKey) -> Mark | None:
    """Return the mark of exactly these days; refuse days of which some were billed in another cut."""
    earlier = billed.get(key)
    if earlier is None:
        for charge, period in billed:
            if charge == key.charge and period.overlap(key.period):
                raise DoubleBilling(
                    "some of these days were billed already",
                    field=f"charge.{charge}",
                    value=key.period,
                    expected=f"days that {period} does not hold",
                )
    return earlier


def _line(contract: Contract, owed: Owed, earlier: Mark | None, number: int) -> InvoiceLine:
    charge = owed.due.charge
    net, quantity = owed.rated.amount, owed.rated.quantity
    working = (*_price_steps(contract, owed), *owed.share, *owed.rated.working)
    kind = LineKind.USAGE if isinstance(charge, UsageCharge) else LineKind.FEE
    if earlier is not None:
        kind = LineKind.LATE_USAGE if kind is LineKind.USAGE else kind
        working = (*working, _already_billed(earlier, net - earlier.amount))
        net, quantity = net - earlier.amount, quantity - earlier.quantity
    return InvoiceLine(
        number=number,
        kind=kind,
        charge=charge.code,
        name=charge.name,
        meter=charge.meter if isinstance(charge, UsageCharge) else "",
        unit=_unit(contract, owed),
        period_start=owed.segment.start,
        period_end=owed.segment.end,
        quantity=quantity,
        net=net.amount,
        tax=_UNTAXED,
        gross=net.amount,
        taxes=(),
        cites=citation(contract, contract.terms.clause_of(charge.clause)),
        working=working,
    )


def _unit(contract: Contract, owed: Owed) -> str:
    charge = owed.due.charge
    return meter_of(contract, charge).rule.unit if isinstance(charge, UsageCharge) else ""


def _already_billed(earlier: Mark, rest: Money) -> Step:
    return step(
        "already_billed",
        rest.amount,
        quantity=earlier.quantity,
        amount=earlier.amount.amount,
        currency=rest.currency,
    )


def _price_steps(contract: Contract, owed: Owed) -> Working:
    charge, day = owed.due.charge, owed.segment.start
    return (
        *phase_working(charge, day, starts_on=contract.subscription.starts_on),
        *working_of(contract.adjustments_of(charge, day)),
        *changes_working(contract.changes_of(charge, day)),
        *tax_change_working(contract, day),
    )
