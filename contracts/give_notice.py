"""Giving notice: a side's word is checked against the terms, kept, and sent; so are its delivery and answer.

What follows from it is settled when its day has come (``contracts.settle``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Connection

from contracts import notice_store
from contracts.catalog import Catalog
from contracts.changes import exception_of, notice_days
from contracts.endings import refuse_untimely
from contracts.force_majeure import FORCE_MAJEURE
from contracts.life_rules import Change, Party
from contracts.notice_checks import (
    begins_a_term,
    begun_and_lasting,
    check_content,
    refuse_unsettled,
    refuse_untimely_refusal,
)
from contracts.notice_wording import Announced, letter
from contracts.notices import Answer, Content, NewPlan, Notice, NoticeKind, Outcome
from contracts.plan_change import begins_on, refuse_smaller
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from db import outbox
from kernel.calendars import last_day_within
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.ids import AccountId, NoticeId, new_id
from kernel.zones import local_day

MAIL = "mail.notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a side says besides what it says it about: on which day, for when, why, about which part."""

    said_on: date
    planned_on: date | None = None
    happened_on: date | None = None
    exception: str = ""
    part: str = ""
    reason: str = ""
    about: NoticeId | None = field(default=None)


def announce(
    connection: Connection,
    catalog: Catalog,
    contract: Contract,
    code: str,
    content: Content,
    *,
    word: Word,
    clock: Clock,
) -> Notice:
    """Announce a change to a customer: keep the notice and hand its letter to the outbox.

    ``code`` names the change of the terms.  Raises :class:`NotFound` for a change that they do not state, and
    :class:`InvalidInput` for an exception that they do not know or a charge that the contract does not have.
    """
    sourced = contract.terms.change(code)
    check_content(catalog, contract, content)
    exception = exception_of(sourced.rule, word.exception)
    clause_id = sourced.rule.clause if exception is None else exception.clause
    notice = _notice(contract, NoticeKind.CHANGE, code, Party.VENDOR, clause_id, word=word, clock=clock)
    notice = replace(notice, content=content)
    notice_store.add_notice(connection, notice)
    _send(connection, contract, notice, sourced.rule)
    return notice


def end(
    connection: Connection, contract: Contract, code: str, sender: Party, *, word: Word, clock: Clock
) -> Notice:
    """Keep a side's word that ends the contract under a clause; raises what the clause does not let it do."""
    sourced = contract.terms.ending(code)
    if sourced.rule.event == FORCE_MAJEURE:
        word = replace(word, happened_on=begun_and_lasting(connection, contract, word.said_on))
    notice = _notice(contract, NoticeKind.ENDING, code, sender, sourced.rule.clause, word=word, clock=clock)
    refuse_untimely(notice, sourced.rule)
    if word.part and word.part not in contract.parts:
        raise NotFound(
            "the contract has no such part",
            field="part",
            value=word.part,
            expected=one_of(contract.parts, word.part),
        )
    notice_store.add_notice(connection, notice)
    return notice


def refuse_renewal(
    connection: Connection, contract: Contract, sender: Party, *, word: Word, clock: Clock
) -> Notice:
    """Keep a side's word that the contract shall not be renewed.

    Raises :class:`Conflict` for a word outside the days on which the terms let it be given: it changes
    nothing and has to be given again.
    """
    if contract.terms.term is None:
        raise _unstated("rules.term", "a term that renews itself")
    rule = contract.terms.term.rule
    refuse_untimely_refusal(rule, contract, word.said_on)
    clause = rule.clause
    notice = _notice(contract, NoticeKind.RENEWAL_REFUSED, "", sender, clause, word=word, clock=clock)
    notice_store.add_notice(connection, notice)
    return notice


def ask_for_plan(
    connection: Connection,
    catalog: Catalog,
    contract: Contract,
    content: NewPlan,
    *,
    word: Word,
    clock: Clock,
) -> Notice:
    """Keep a customer's wish for another plan of the same vendor and currency."""
    if contract.terms.plan_change is None:
        raise _unstated("rules.plan_change", "a rule for the change of a plan")
    refuse_unsettled(connection, contract)
    plan = catalog.plan(content.plan, content.version)
    if (plan.vendor, plan.currency) != (contract.plan.vendor, contract.currency):
        raise InvalidInput(
            "a contract changes to a plan of the same vendor and currency",
            field="plan",
            value=f"{plan.code} of {plan.vendor} in {plan.currency}",
            expected=f"a plan of {contract.plan.vendor} in {contract.currency}",
        )
    rule = contract.terms.plan_change.rule
    on = begins_on(rule, contract.cycle, word.said_on)
    refuse_smaller(rule, contract, plan, within_term=not begins_a_term(contract, on))
    clause = rule.clause
    notice = _notice(contract, NoticeKind.PLAN_CHANGE, "", Party.CUSTOMER, clause, word=word, clock=clock)
    notice = replace(notice, content=content)
    notice_store.add_notice(connection, notice)
    return notice


def confirm_delivery(
    connection: Connection, account_id: AccountId, notice_id: NoticeId, *, delivered_at: datetime, zone: str
) -> Notice:
    """Keep that a notice arrived, on the day that it was in the issuing entity's time zone.

    The first confirmation counts, a later one changes nothing.
    """
    told = notice_store.notice(connection, account_id, notice_id)
    day = max(local_day(delivered_at, zone), told.sent_on)
    notice_store.record_delivery(connection, told, day)
    return notice_store.notice(connection, account_id, notice_id)


def answer(
    connection: Connection, account_id: AccountId, notice_id: NoticeId, said: Answer, *, on: date, by: str
) -> Notice:
    """Keep the other side's answer; raises :class:`Conflict` for a second one, or one before the notice."""
    told = notice_store.notice(connection, account_id, notice_id)
    if told.answer is not Answer.NONE:
        raise Conflict(
            "the notice was answered already",
            field="answer",
            value=f"{told.answer} on {told.answered_on}",
            expected="a notice without an answer",
        )
    if on < told.sent_on:
        raise InvalidInput(
            "the answer lies before the notice", field="on", value=on, expected=f"{told.sent_on} or later"
        )
    notice_store.record_answer(connection, told, said, on=on, by=by)
    return notice_store.notice(connection, account_id, notice_id)


def _unstated(name: str, wanted: str) -> NotFound:
    return NotFound("the terms of this contract do not state it", field=name, expected=wanted)


def _notice(
    contract: Contract,
    kind: NoticeKind,
    code: str,
    sender: Party,
    clause_id: str,
    *,
    word: Word,
    clock: Clock,
) -> Notice:
    document = contract.terms.document_of(clause_id)
    recipient = contract.account.email if sender is Party.VENDOR else contract.entity.email
    return Notice(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        notice_id=NoticeId(new_id()),
        kind=kind,
        code=code,
        sender=sender,
        recipient=recipient,
        clause=clause_id,
        document=f"{document.id} {document.version}",
        sent_on=word.said_on,
        exception=word.exception,
        part=word.part,
        about=word.about,
        happened_on=word.happened_on,
        planned_on=word.planned_on,
        reason=word.reason,
        recorded_at=clock.now(),
    )


def withdraw(
    connection: Connection, account_id: AccountId, notice_id: NoticeId, *, on: date, by: str, why: str
) -> Notice:
    """Take a notice back that has led to nothing yet; raises :class:`Conflict` for one that has."""
    told = notice_store.notice(connection, account_id, notice_id)
    if told.outcome is not Outcome.NONE:
        raise Conflict(
            "the notice has led to something already",
            field="notice",
            value=f"{told.outcome} on {told.settled_on}",
            expected="a notice that waits",
        )
    notice_store.record_withdrawn(connection, told, on=on, reason=f"withdrawn by {by}: {why}")
    return notice_store.notice(connection, account_id, notice_id)


def _of_notice(notice: Notice, rule: Change) -> str:
    """Return the clause of the notice, unless an exception stands in its place."""
    return "" if notice.exception else rule.notice_clause


def _send(connection: Connection, contract: Contract, notice: Notice, rule: Change) -> None:
    earliest = last_day_within(notice.sent_on, notice_days(notice, rule))
    if notice.content is None:
        return
    announced = Announced(
        subscription=contract.subscription.code,
        content=notice.content,
        names={charge.code: charge.name for charge in contract.charges},
        first_day=max(notice.planned_on or earliest, earliest),
        objection_days=rule.objection_days,
        clauses=tuple(
            contract.terms.clause_of(each)
            for each in dict.fromkeys((notice.clause, _of_notice(notice, rule), rule.silence_clause))
            if each
        ),
        reason=notice.reason,
    )
    told = letter(announced, contract.account.language)
    body = {
        "notice_id": str(notice.notice_id),
        "recipient": notice.recipient,
        "subject": told.subject,
        "body": told.body,
        "time_zone": contract.entity.time_zone,
    }
    outbox.put(connection, notice.account_id, MAIL, body, notice.recorded_at)
