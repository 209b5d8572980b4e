"""Granting a service credit: a person confirms the claim, and a later invoice bears it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from contracts.subscriptions import Contract
from invoicing import pending_store
from invoicing.citing import citation_of
from invoicing.documents import LineKind
from invoicing.level_report import LevelMonth
from invoicing.pending import PendingLine
from kernel.clock import Clock
from kernel.errors import Conflict
from kernel.ids import PendingId, pending_id_of
from kernel.money import Money, total_of
from rating.working import Working, step


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a customer asked for a credit on a day, and who confirmed it."""

    claimed_on: date
    confirmed_by: str
    note: str = ""


def grant_credit(
    connection: Connection, contract: Contract, level: LevelMonth, claim: Claim, *, clock: Clock
) -> PendingLine:
    """Let the credit of a month wait for the next invoice; the same again changes nothing.

    Raises :class:`Conflict` for a month that is not over, for one that gives no credit, and for a claim that
    comes after its days.
    """
    if claim.claimed_on < level.month.end:
        raise Conflict(
            "the month is not over",
            field="claimed_on",
            value=claim.claimed_on,
            expected=f"{level.month.end} or later",
        )
    if level.credited_by is None or not level.credit.amount:
        raise Conflict(
            "the month gives no credit",
            field="month",
            value=f"{level.month.start:%Y-%m}",
            expected="a level that was missed, and a table of credits in the order form",
        )
    if level.claimed_until is not None and claim.claimed_on > level.claimed_until:
        raise Conflict(
            "the claim comes too late",
            field="claimed_on",
            value=claim.claimed_on,
            expected=f"a day up to {level.claimed_until}",
        )
    rule = level.credited_by.rule
    pending_id = pending_id_of(contract.subscription_id, f"sla:{level.code}:{level.part}:{level.month.start}")
    amount = _within_fees(connection, contract, level, pending_id)
    line = PendingLine(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        pending_id=pending_id,
        kind=LineKind.SLA_CREDIT,
        code=level.code,
        name=f"{rule.name}, {level.part}" if level.part else rule.name,
        amount=-amount,
        taxed=True,
        period=level.month,
        due_on=claim.claimed_on,
        cites=citation_of(contract, level.credited_by),
        working=(*level.working, *_limited(level, amount)),
        reason=claim.note,
        decided_by=claim.confirmed_by,
        recorded_at=clock.now(),
    )
    kept, _ = pending_store.add(connection, line)
    return kept


def _within_fees(
    connection: Connection, contract: Contract, level: LevelMonth, pending_id: PendingId
) -> Money:
    """Return a credit as far as its fees are not given back already, by other parts that share them."""
    if level.credited_by is None or not level.credited_by.rule.charges:
        return level.credit.amount
    others = total_of(
        (
            -each.amount
            for each in pending_store.lines_of(connection, [contract.account_id])
            if each.kind is LineKind.SLA_CREDIT
            and (each.subscription_id, each.code) == (contract.subscription_id, level.code)
            and each.period == level.month
            and each.pending_id != pending_id
        ),
        contract.currency,
    )
    left = level.fees - others
    if left <= Money.zero(contract.currency):
        raise Conflict(
            "all fees of the month are given back already",
            field="part",
            value=level.part,
            expected=f"credits of at most {level.fees}",
        )
    return min(level.credit.amount, left)


def _limited(level: LevelMonth, amount: Money) -> Working:
    """Return the step that says so where a credit is less than its table gives."""
    if amount == level.credit.amount:
        return ()
    return (step("sla_limit", amount.amount, fee=level.fees.amount, currency=amount.currency),)
