"""Charging penalties: an ending or an event brings them, and each waits for its contract's next invoice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from sqlalchemy import Connection

from contracts.notices import Outcome
from contracts.penalty_rules import (
    AverageUsePenalty,
    ContractSharePenalty,
    DiscountClawback,
    PassThrough,
    Penalty,
    RemainingTermPenalty,
)
from contracts.settle import Settlement
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from db import outbox
from invoicing import pending_store, store
from invoicing.citing import citation_of
from invoicing.documents import LineKind
from invoicing.penalty_bases import discounts_given, remaining_fees, term_fees
from invoicing.pending import PendingLine
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from kernel.ids import pending_id_of
from kernel.money import Money, total_of
from kernel.periods import Cycle, Period
from rating.penalties import PenaltyDue, clawback, passed_through, share_of_fees, times_the_average

PENALTY_DUE = "penalty.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What brings a penalty: an event of a day, what it cost where that counts, who said so and why.

    ``reference`` tells two events of one day apart.
    """

    happened_on: date
    recorded_on: date
    by: str
    reason: str
    amount: Money | None = None
    reference: str = ""


def penalize_ending(
    connection: Connection, settlement: Settlement, *, clock: Clock
) -> tuple[PendingLine, ...]:
    """Let the penalties wait that the end of a whole contract brings, from the first day without it."""
    contract, notice = settlement.contract, settlement.notice
    if notice.outcome is not Outcome.ENDED or notice.effective_on is None or notice.part:
        return ()
    ends_on = first_day_after(notice.effective_on, 0)
    lines: list[PendingLine] = []
    for code, sourced in contract.terms.penalties.items():
        if sourced.rule.follows(notice.code, notice.sender):
            due = _over_an_end(connection, contract, sourced, ends_on)
            about = _About(str(notice.notice_id), Period(notice.effective_on, ends_on), ends_on, clock.now())
            if due.amount:
                lines.append(_wait(connection, contract, _line(contract, code, sourced, due, about=about)))
    return tuple(lines)


def penalize_event(
    connection: Connection, contract: Contract, code: str, fact: Fact, *, clock: Clock
) -> PendingLine:
    """Let the penalty wait that an event brings; the same again changes nothing.

    Raises :class:`NotFound` for a penalty that the terms do not state, :class:`Conflict` for one that an
    ending brings, that would come to nothing, whose time is over, or that is recorded with another amount.
    """
    sourced = contract.terms.penalty(code)
    _refuse_untimely(contract, code, sourced.rule, fact)
    due = _over_an_event(connection, contract, sourced, fact)
    if not due.amount:
        raise Conflict(
            "the penalty comes to nothing", field="code", value=code, expected="a base to take it of"
        )
    about = _About(
        f"{fact.happened_on}:{fact.reference}",
        Period(fact.happened_on, first_day_after(fact.happened_on, 0)),
        fact.recorded_on,
        clock.now(),
        fact.reason,
        fact.by,
    )
    line = _line(contract, code, sourced, due, about=about)
    kept = _wait(connection, contract, line)
    if kept.amount != line.amount:
        raise Conflict(
            "this event of this day is recorded with another amount",
            field="amount",
            value=line.amount,
            expected=f"{kept.amount}, or a reference of its own",
        )
    return kept


@dataclass(frozen=True, slots=True)
class _About:
    """What a line is about: a key beside its code, its days, from when it may be billed, who said so, why."""

    key: str
    period: Period
    due_on: date
    at: datetime
    reason: str = ""
    by: str = ""


def _over_an_end(
    connection: Connection, contract: Contract, sourced: Sourced[Penalty], ends_on: date
) -> PenaltyDue:
    rule, clause, currency = sourced.rule, sourced.clause.id, contract.currency
    match rule:
        case RemainingTermPenalty():
            key = contract.account_id, contract.subscription_id
            marks = store.marks_of(connection, [key], since=ends_on)[key]
            fees = remaining_fees(contract, marks, ends_on=ends_on)
            return share_of_fees(rule.share, fees, currency=currency, clause=clause)
        case ContractSharePenalty():
            return share_of_fees(rule.share, term_fees(contract, ends_on), currency=currency, clause=clause)
        case DiscountClawback():
            return clawback(discounts_given(contract, ends_on=ends_on), currency=currency, clause=clause)
        case AverageUsePenalty():
            return _average(connection, contract, rule, ends_on)
        case PassThrough():
            return PenaltyDue(Money.zero(currency), ())
        case _:
            assert_never(rule)


def _over_an_event(
    connection: Connection, contract: Contract, sourced: Sourced[Penalty], fact: Fact
) -> PenaltyDue:
    if isinstance(sourced.rule, PassThrough):
        if fact.amount is None or fact.amount.currency != contract.currency:
            raise InvalidInput(
                "what is passed on has a cost in the contract's currency",
                field="amount",
                value=fact.amount,
                expected=f"such as 1500.00 {contract.currency}",
            )
        return passed_through(fact.amount, clause=sourced.clause.id)
    if fact.amount is not None:
        raise InvalidInput(
            "the clause computes this penalty", field="amount", value=fact.amount, expected="no amount"
        )
    return _over_an_end(connection, contract, sourced, fact.happened_on)


def _average(connection: Connection, contract: Contract, rule: AverageUsePenalty, before: date) -> PenaltyDue:
    months = tuple(_whole_months(contract, before, rule.window_months))
    if not months:
        raise Conflict(
            "no month of use was over before it", field="happened_on", value=before, expected="a later day"
        )
    window = Period(months[-1].start, months[0].end)
    key = contract.account_id, contract.subscription_id
    used = total_of(store.use_billed(connection, key, window, contract.currency), contract.currency)
    return times_the_average(rule.times, used, len(months), clause=rule.clause)


def _whole_months(contract: Contract, before: date, most: int) -> Iterator[Period]:
    """Yield the whole months of a contract that were over by a day, the latest first."""
    months = Cycle(contract.subscription.starts_on, 1)
    last = months.number_of(before) - 1
    yield from (months.period(number) for number in range(last, max(last - most, -1), -1))


def _refuse_untimely(contract: Contract, code: str, rule: Penalty, fact: Fact) -> None:
    if not rule.event:
        raise Conflict(
            "an ending brings this penalty, and no event",
            field="code",
            value=code,
            expected="clausula notices end",
        )
    ends_on = contract.subscription.ends_on
    last = date.max if ends_on is None else Cycle(ends_on, 1).border(rule.months_after_end)
    if not contract.subscription.starts_on <= fact.happened_on < last:
        raise Conflict(
            "it happened when the clause did not hold",
            field="happened_on",
            value=fact.happened_on,
            expected=f"from {contract.subscription.starts_on}, before {last}",
        )


def _line(
    contract: Contract, code: str, sourced: Sourced[Penalty], due: PenaltyDue, *, about: _About
) -> PendingLine:
    return PendingLine(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        pending_id=pending_id_of(contract.subscription_id, f"{code}:{about.key}"),
        kind=LineKind.PENALTY,
        code=code,
        name=sourced.rule.name,
        amount=due.amount,
        taxed=sourced.rule.taxed,
        period=about.period,
        due_on=about.due_on,
        cites=citation_of(contract, sourced),
        working=due.working,
        reason=about.reason,
        decided_by=about.by,
        recorded_at=about.at,
    )


def _wait(connection: Connection, contract: Contract, line: PendingLine) -> PendingLine:
    kept, is_new = pending_store.add(connection, line)
    body = {
        "account": contract.account.code,
        "subscription": contract.subscription.code,
        "penalty": line.code,
        "amount": str(line.amount),
        "clause": line.cites.clause,
        "due_on": line.due_on.isoformat(),
    }
    if is_new:
        outbox.put(connection, line.account_id, PENALTY_DUE, body, line.recorded_at)
    return kept
