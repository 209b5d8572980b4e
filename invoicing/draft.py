"""Drafting: what each contract owes beyond what was billed.  Reads and computes, writes nothing.

The run applies the drafts, a preview throws them away; there is no second engine for previews.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.charges import Charge, FixedCharge, UsageCharge
from contracts.life_store import late_states_of
from contracts.rules import PaymentRule
from contracts.service_states import WHOLE
from contracts.store import sound_contracts_of
from contracts.subscriptions import Contract, PriceAdjustment
from contracts.terms import Sourced
from invoicing import pending_store, store
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import DuePart, Progress, billed_part, due_parts, progress_after
from invoicing.drawdown_store import given_of
from invoicing.drawdowns import NOTHING_GIVEN, Given
from invoicing.measured import used_of
from invoicing.pending import PendingLine, with_pending
from invoicing.price_index import adjustments_due, catches_up, with_adjustments
from invoicing.promised import promised_due
from invoicing.stopped import ended_on
from invoicing.true_ups import first_days
from invoicing.use_owed import UsageKey, drawn_from
from kernel.errors import ClausulaError, InvalidInput, InvalidTerms
from kernel.ids import AccountId, SubscriptionKey
from kernel.money import Money
from kernel.periods import Period
from kernel.problems import Problem
from metering.measure import LateUsage, late_usage
from rating.use import Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one contract owes now: its draft, and what the run must write down once it is applied."""

    contract: Contract
    draft: Draft
    payment: Sourced[PaymentRule]
    progress: Progress
    late: tuple[LateUsage, ...]
    new_adjustments: tuple[PriceAdjustment, ...]
    restated: bool
    pending: tuple[PendingLine, ...] = ()

    @property
    def key(self) -> SubscriptionKey:
        """The subscription that is billed."""
        return self.contract.account_id, self.contract.subscription_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """A contract with its new prices: a part of it is due, or what was billed of it has changed since.

    ``changed`` holds the first day of which a state has changed, by the part of the service,
    ``promised`` the first days of what falls due of promises.
    """

    contract: Contract
    new_adjustments: tuple[PriceAdjustment, ...]
    start: Progress
    parts: tuple[DuePart, ...]
    late: tuple[LateUsage, ...]
    changed: Mapping[str, date]
    pending: tuple[PendingLine, ...] = ()
    promised: tuple[date, ...] = ()

    @property
    def key(self) -> SubscriptionKey:
        return _key(self.contract)

    @property
    def caught_up_from(self) -> date | None:
        """The day from which fees that were billed owe another price by now, or None."""
        if not catches_up(self.contract):
            return None
        return min((each.effective_on for each in self.new_adjustments), default=None)

    @property
    def since(self) -> date:
        """The first day of which marks are needed."""
        days = (*(each.day for each in self.late), *self.changed.values())
        cycles = (self.contract.cycle, self.contract.usage_cycle)
        touched = (cycle.period_of(day).start for day in days for cycle in cycles)
        caught_up = (day for day in [self.caught_up_from] if day)
        waited = (each.due_on for each in self.pending)
        looked_at = (*(each.part.start for each in self.parts), *touched, *caught_up, *self.promised, *waited)
        return min((*looked_at, *first_days(self.contract, looked_at)))


@dataclass(frozen=True, slots=True)
class _News:
    """What came in besides what is due: use that was late, states that changed, lines that wait."""

    late: tuple[LateUsage, ...]
    states: Mapping[str, date]
    pending: tuple[PendingLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """The parts of a contract that are due, anew or again, and what was billed of them."""

    touched: _Touched
    parts: tuple[DuePart, ...]
    billed: Mapping[MarkKey, Mark]


def draft_bills(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, as_of: date
) -> tuple[tuple[Bill, ...], dict[SubscriptionKey, Problem]]:
    """Return what each contract of these accounts owes beyond what was billed, and what was set aside."""
    contracts, problems = sound_contracts_of(connection, catalog, account_ids)
    progress = store.progress_of(connection, account_ids)
    late = _late_by_subscription(connection, account_ids)
    states = late_states_of(connection, account_ids)
    pending = _pending_by_subscription(connection, account_ids, as_of)
    found: list[_Touched | None] = []
    for contract in contracts:
        key = _key(contract)
        start = progress.get(key) or Progress.at_start(contract)
        with _set_aside(problems, contract):
            news = _News(late.get(key, ()), states.get(key, {}), pending.get(key, ()))
            found.append(_touched(contract, start, news, catalog, as_of))
    touched = [each for each in found if each is not None]
    since = min((each.since for each in touched), default=as_of)
    marks = store.marks_of(connection, [each.key for each in touched], since=since)
    due: list[_Due] = []
    for each in touched:
        with _set_aside(problems, each.contract):
            due.append(_due(each, marks[each.key]))
    used = used_of(connection, [(each.touched.contract, each.parts) for each in due])
    given = given_of(connection, sorted({each.touched.contract.account_id for each in due}))
    bills: list[Bill] = []
    for owed in due:
        with _set_aside(problems, owed.touched.contract):
            key = owed.touched.key
            bills.append(_bill(owed, used[key], given.get(key, NOTHING_GIVEN), as_of))
    return tuple(bills), problems


@contextmanager
def _set_aside(problems: dict[SubscriptionKey, Problem], contract: Contract) -> Iterator[None]:
    """Turn an error over one contract into a problem, so that it stops no other."""
    try:
        yield
    except ClausulaError as error:
        subject = f"{contract.account.code}/{contract.subscription.code}"
        problems[_key(contract)] = Problem.of(error, subject=subject)


def _key(contract: Contract) -> SubscriptionKey:
    return contract.account_id, contract.subscription_id


def _touched(
    contract: Contract, start: Progress, news: _News, catalog: Catalog, as_of: date
) -> _Touched | None:
    """Return what is to be looked at of a contract, or None.

    A contract that is over gets no next invoice on which a caught-up fee or a stopped day could stand, so
    that it is looked at as soon as either is known.
    """
    parts, over = due_parts(contract, start, as_of), _is_over(contract, as_of)
    promised = promised_due(contract, start, as_of).first_days
    changed = bool(news.late or promised) or (over and bool(news.states))
    changed = changed or any(each.forces for each in news.pending)
    if not parts and not changed and not (over and catches_up(contract)):
        return None
    new = adjustments_due(contract, catalog, as_of=as_of, use_billed_through=start.arrears_through)
    if not parts and not changed and not new:
        return None
    return _Touched(
        contract=with_adjustments(contract, new),
        new_adjustments=new,
        start=start,
        parts=parts,
        late=news.late,
        changed=news.states,
        pending=news.pending,
        promised=promised,
    )


def _is_over(contract: Contract, as_of: date) -> bool:
    """Tell whether no further invoice will fall due that could bear what has changed."""
    ends_on = contract.subscription.ends_on
    return ends_on is not None and ends_on <= as_of


def _late_by_subscription(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, tuple[LateUsage, ...]]:
    grouped: dict[SubscriptionKey, list[LateUsage]] = defaultdict(list)
    for each in late_usage(connection, account_ids):
        grouped[each.account_id, each.subscription_id].append(each)
    return {key: tuple(values) for key, values in grouped.items()}


def _pending_by_subscription(
    connection: Connection, account_ids: Sequence[AccountId], as_of: date
) -> dict[SubscriptionKey, tuple[PendingLine, ...]]:
    grouped: dict[SubscriptionKey, list[PendingLine]] = defaultdict(list)
    for each in pending_store.waiting(connection, account_ids, due_by=as_of):
        grouped[each.key].append(each)
    return {key: tuple(values) for key, values in grouped.items()}


def _due(touched: _Touched, billed: Mapping[MarkKey, Mark]) -> _Due:
    again = _billed_parts(touched.contract, touched, billed)
    return _Due(touched=touched, parts=(*touched.parts, *again), billed=billed)


def _billed_parts(contract: Contract, touched: _Touched, billed: Collection[MarkKey]) -> tuple[DuePart, ...]:
    """Return the parts already billed that late use, a changed state or a late index touches, once each."""
    parts = {
        (charge.code, part): DuePart(charge, part, whole)
        for charge in contract.charges
        for day in _touched_days(charge, touched, billed)
        if not _after_end(contract, charge, day, billed)
        for part, whole in [_billed_part(contract, charge, day, billed)]
    }
    return tuple(parts.values())


def _touched_days(charge: Charge, touched: _Touched, billed: Collection[MarkKey]) -> Iterator[date]:
    """Yield a day of each part of a charge that must be looked at again."""
    sources = drawn_from(touched.contract, charge)
    parts = {WHOLE, *(each.part for each in sources)}
    if isinstance(charge, UsageCharge):
        yield from _late_days(
            charge, {each.meter for each in sources if isinstance(each, UsageCharge)}, touched, billed
        )
    for part, since in touched.changed.items():
        if part in parts:
            yield from (
                key.period.start for key in billed if key.charge == charge.code and since < key.period.end
            )
    caught_up_from = touched.caught_up_from
    if caught_up_from is not None and isinstance(charge, FixedCharge) and charge.indexed:
        starts = (key.period.start for key in billed if key.charge == charge.code)
        yield from (start for start in starts if start >= caught_up_from)


def _late_days(
    charge: UsageCharge, meters: Collection[str], touched: _Touched, billed: Collection[MarkKey]
) -> Iterator[date]:
    """Yield the days of late use, and of the periods billed since whose rolled-over units it has used."""
    for late in touched.late:
        if late.meter in meters:
            yield late.day
            following = touched.contract.usage_cycle.period_of(late.day).end
            if charge.rollover_limit and any(following in period for period in _periods(charge, billed)):
                yield following


def _after_end(contract: Contract, charge: Charge, day: date, billed: Iterable[MarkKey]) -> bool:
    """Tell whether a day lies after the end of what a charge pays for, and was never billed."""
    end = ended_on(contract, charge)
    return end is not None and end <= day and not any(day in period for period in _periods(charge, billed))


def _billed_part(
    contract: Contract, charge: Charge, day: date, billed: Iterable[MarkKey]
) -> tuple[Period, Period]:
    """Return the part of a charge that was billed and holds a day, and the whole period of it.

    A change of price cuts use and no fee.
    """
    periods = _periods(charge, billed)
    if isinstance(charge, UsageCharge):
        return billed_part(contract, charge, day, periods)
    return next(period for period in periods if day in period), contract.cycle.period_of(day)


def _periods(charge: Charge, billed: Iterable[MarkKey]) -> list[Period]:
    return [key.period for key in billed if key.charge == charge.code]


def _bill(due: _Due, used: Mapping[UsageKey, Use], given: Given, as_of: date) -> Bill:
    contract = due.touched.contract
    days = (each.part.start for each in due.parts)
    promised = promised_due(contract, due.touched.start, as_of, days)
    composed = compose(contract, due.parts, used, due.billed, given, promised=promised)
    draft, pending = with_pending(contract, composed, due.touched.pending, on=as_of)
    _refuse_negative(contract, draft)
    return Bill(
        contract=contract,
        draft=draft,
        payment=payment_rule(contract),
        progress=progress_after(contract, due.touched.start, as_of),
        late=due.touched.late,
        new_adjustments=due.touched.new_adjustments,
        restated=bool(due.touched.changed),
        pending=pending,
    )


def payment_rule(contract: Contract) -> Sourced[PaymentRule]:
    """Return the rule that says when an invoice is due; a contract without one cannot be invoiced."""
    if contract.terms.payment is None:
        raise InvalidTerms(
            "no rule says when an invoice is due",
            field="rules.payment",
            value=contract.subscription.code,
            expected="a payment rule in the terms or in the order form",
        )
    return contract.terms.payment


def _refuse_negative(contract: Contract, draft: Draft) -> None:
    total = draft.total(contract.currency)
    if total < Money.zero(contract.currency):
        raise InvalidInput(
            "the lines sum to less than nothing: that is a credit note, not an invoice",
            field="total",
            value=total,
            expected="a total of zero or more",
        )
