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
from contracts.meters import LatestMeter, Meter, adds_up
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.citing import citation
from invoicing.cycles import DuePart
from invoicing.discounting import less_discounts
from invoicing.documents import InvoiceLine, LineKind
from invoicing.drawdowns import NOTHING_GIVEN, Drawdown, Given
from invoicing.marked import Amounts
from invoicing.promised import NOTHING_PROMISED, Promised, promised_lines
from invoicing.reduced import reduced
from invoicing.stopped import Piece, pieces, share_left, split, steps_of
from invoicing.taxing import with_taxes
from kernel.errors import DoubleBilling, UnknownMeter
from kernel.money import Money
from kernel.periods import Period
from rating.charges import Rated, rate_fixed, rate_usage
from rating.indexation import working_of
from rating.price_changes import changes_working
from rating.proration import WHOLE
from rating.working import Step, Working, step

#: A line is composed before its taxes, which are those of the document.
_UNTAXED = Decimal(0)

#: A promise is owed once a period.
_ONE = Decimal(1)


class UsageKey(NamedTuple):
    """What was used: a meter, a dimension of it (empty: all), over a period."""

    meter: str
    dimension: str
    period: Period


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


@dataclass(frozen=True, slots=True)
class _Owed:
    """What one charge owes for one segment, whatever was billed of it already."""

    due: DuePart
    segment: Period
    rated: Rated
    share: Working


def usage_needed(contract: Contract, due: Iterable[DuePart]) -> tuple[UsageKey, ...]:
    """Return the quantities that the due parts depend on.

    A part is cut where its price changes, and where the service stops or works again.
    """
    return tuple(
        UsageKey(part.charge.meter, part.charge.dimension, piece.days)
        for part in due
        if isinstance(part.charge, UsageCharge)
        for segment in _segments(contract, part)
        for piece in pieces(contract, part.charge, segment)
    )


def compose(
    contract: Contract,
    due: Iterable[DuePart],
    used: Mapping[UsageKey, Decimal],
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
    contract: Contract, due: DuePart, used: Mapping[UsageKey, Decimal], billed: Mapping[MarkKey, Mark]
) -> Iterator[_Owed]:
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


def _less_discounts(contract: Contract, owed: Iterable[_Owed], *, after_end: bool = False) -> Sequence[_Owed]:
    """Return what the segments of a part owe after the discounts of their days."""
    parts = tuple(owed)
    if not parts or not contract.terms.reductions:
        return parts
    rated = [(each.segment, each.rated) for each in parts]
    lowered = less_discounts(contract, parts[0].due.charge, rated, after_end=after_end)
    return [replace(each, rated=less) for each, less in zip(parts, lowered, strict=True)]


def _owed(
    contract: Contract, due: DuePart, used: Mapping[UsageKey, Decimal], *, after_end: bool = False
) -> Iterator[_Owed]:
    """Yield what a part owes by segments of one price; ``after_end`` counts the days after its end too."""
    charge = due.charge
    if isinstance(charge, Flat | OneOff):
        yield _fee(contract, due, charge, after_end=after_end)
        return
    meter = _meter(contract, charge).rule
    held = not adds_up(meter)
    before: Decimal | None = None
    for segment in _segments(contract, due):
        days = split(contract, charge, segment, after_end=after_end)
        if not days.works:
            yield _Owed(due, segment, _nothing(contract), steps_of(contract, days.stopped))
            continue
        counts = [used[UsageKey(charge.meter, charge.dimension, each)] for each in days.works]
        quantity = _together(meter, counts)
        share = share_left(contract, segment, days.stopped) if held else WHOLE
        rated = rate_usage(
            charge,
            quantity,
            currency=contract.currency,
            before=before,
            factor=contract.factor_of(charge, segment.start),
            share=share.exact,
        )
        # Seats are held, not used up: each segment counts them anew, and owes its share of the period.
        before = None if held else (before or Decimal(0)) + quantity
        working = share.working if held else _uncounted(contract, charge, days.stopped, used)
        yield _Owed(due, segment, rated, working)


def _fee(contract: Contract, due: DuePart, charge: Flat | OneOff, *, after_end: bool) -> _Owed:
    """Return what a fee owes: by days those that work, else the whole unless no day does.

    A fee once pays for what was done once, and nothing that stops later takes from it.
    """
    share = WHOLE
    if isinstance(charge, Flat):
        days = split(contract, charge, due.part, after_end=after_end)
        if not days.works:
            return _Owed(due, due.part, _nothing(contract), steps_of(contract, days.stopped))
        if charge.proration is Proration.DAY:
            share = share_left(contract, due.part, days.stopped)
    factor = contract.factor_of(charge, due.part.start)
    rated = rate_fixed(charge, currency=contract.currency, share=share.exact, factor=factor)
    return _Owed(due, due.part, rated, share.working)


def _nothing(contract: Contract) -> Rated:
    return Rated(Decimal(0), Money.zero(contract.currency), ())


def _uncounted(
    contract: Contract, charge: UsageCharge, stopped: Sequence[Piece], used: Mapping[UsageKey, Decimal]
) -> Working:
    """Return the working of days that are not billed, and of what was used on them."""
    left = sum((used[UsageKey(charge.meter, charge.dimension, each.days)] for each in stopped), Decimal(0))
    return (*steps_of(contract, stopped), *((step("uncounted", left),) if left else ()))


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


def _together(meter: Meter, counts: Sequence[Decimal]) -> Decimal:
    """Return what the pieces of a segment that worked come to."""
    if adds_up(meter):
        return sum(counts, Decimal(0))
    return counts[-1] if isinstance(meter, LatestMeter) else max(counts)


def _meter(contract: Contract, charge: UsageCharge) -> Sourced[Meter]:
    try:
        return contract.terms.meters[charge.meter]
    except KeyError:
        raise UnknownMeter(
            "a charge counts by a meter that the terms do not define",
            field=f"charge.{charge.code}.meter",
            value=charge.meter,
            expected="one of " + ", ".join(sorted(contract.terms.meters)),
        ) from None


def _segments(contract: Contract, due: DuePart) -> tuple[Period, ...]:
    return due.part.split_at(tuple(contract.price_days))


def _line(contract: Contract, owed: _Owed, earlier: Mark | None, number: int) -> InvoiceLine:
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


def _unit(contract: Contract, owed: _Owed) -> str:
    charge = owed.due.charge
    return _meter(contract, charge).rule.unit if isinstance(charge, UsageCharge) else ""


def _already_billed(earlier: Mark, rest: Money) -> Step:
    return step(
        "already_billed",
        rest.amount,
        quantity=earlier.quantity,
        amount=earlier.amount.amount,
        currency=rest.currency,
    )


def _price_steps(contract: Contract, owed: _Owed) -> Working:
    charge, day = owed.due.charge, owed.segment.start
    return (
        *working_of(contract.adjustments_of(charge, day)),
        *changes_working(contract.changes_of(charge, day)),
    )
