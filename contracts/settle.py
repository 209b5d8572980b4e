"""Settling notices: what a notice leads to is recorded once its day has come, whenever that is noticed.

A change that was delivered and not turned down changes prices or versions; one that was turned down ends the
contract, if its clause says so; a word that ends a contract sets its last day.  A second run finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from msgspec import structs
from sqlalchemy import Connection

from contracts import book_store, held_store, notice_store
from contracts.catalog import Catalog
from contracts.changes import Course, Standing, course
from contracts.clauses import Layer
from contracts.endings import ended
from contracts.give_notice import Word, end
from contracts.life_rules import Party, Refund
from contracts.notices import NewPlan, NewPrices, NewVersions, Notice, NoticeKind
from contracts.plan_change import begins_on, successor
from contracts.service_changes import Decision, part_ends
from contracts.store import sound_contracts_of, subscriptions_of
from contracts.subscriptions import Contract, PriceChange
from contracts.term import term_of
from db import outbox
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import InvalidTerms
from kernel.ids import AccountId

CONTRACT_CHANGED = "contract.changed"
CONTRACT_ENDED = "contract.ended"
CHANGE_REJECTED = "contract.change_rejected"

#: Tells whether an account owes anything that is due as of a day.
Owes = Callable[[AccountId, date], bool]


class Outcome(StrEnum):
    """What a notice led to."""

    CHANGED = "changed"
    REJECTED = "rejected"
    ENDED = "ended"
    MENDED = "mended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What was recorded of a notice: from which day it holds, and what an ending gives back."""

    contract: Contract
    notice: Notice
    outcome: Outcome
    effective_on: date | None
    refund: Refund = Refund.NONE


@dataclass(frozen=True, slots=True)
class Books:
    """What the books know: whether an account owes, and the first day whose use is not billed."""

    owes: Owes
    unbilled_from: date | None = None


@dataclass(frozen=True, slots=True)
class _Settling:
    """What settling a notice needs to know."""

    connection: Connection
    catalog: Catalog
    as_of: date
    clock: Clock
    books: Books

    def contract_of(self, notice: Notice) -> Contract:
        """Return the contract as it stands now: an earlier notice of this round may have changed it."""
        found, problems = sound_contracts_of(self.connection, self.catalog, [notice.account_id])
        for each in found:
            if each.subscription_id == notice.subscription_id:
                return each
        problem = problems[notice.account_id, notice.subscription_id]
        raise InvalidTerms(
            f"its contract does not resolve: {problem.message}",
            field=problem.field,
            value=problem.value,
            expected=problem.expected,
        )

    def settled(self, notice: Notice) -> tuple[Settlement, ...]:
        """Record what a notice leads to by now; nothing, where its day has not come."""
        contract = self.contract_of(notice)
        match notice.kind:
            case NoticeKind.CHANGE:
                return self._change(contract, notice)
            case NoticeKind.ENDING:
                return self._ending(contract, notice, changes_on=self._changes_on(contract, notice))
            case NoticeKind.PLAN_CHANGE:
                return self._plan_change(contract, notice)
            case NoticeKind.RENEWAL_REFUSED:
                return self._renewal_refused(contract, notice)

    def _renewal_refused(self, contract: Contract, notice: Notice) -> tuple[Settlement, ...]:
        """Let the contract end with the term in which its renewal was refused."""
        sourced = contract.terms.term
        term = None if sourced is None else term_of(sourced.rule, contract, notice.sent_on)
        if term is None:
            return ()
        self._end(contract, notice, term.last_day)
        self._tell(contract, notice, CONTRACT_ENDED, term.last_day)
        return (self._record(contract, notice, Outcome.ENDED, term.last_day),)

    def _plan_change(self, contract: Contract, notice: Notice) -> tuple[Settlement, ...]:
        """End the contract on the border of its cycle and sign its successor from that day on."""
        sourced, wish = contract.terms.plan_change, notice.content
        if sourced is None or not isinstance(wish, NewPlan):
            message = f"notice {notice.notice_id} names no plan, or its terms let none follow"
            raise TypeError(message)
        plan = self.catalog.plan(wish.plan, wish.version)
        on = begins_on(sourced.rule, contract.cycle, notice.sent_on)
        held = subscriptions_of(self.connection, [notice.account_id]).values()
        follows = successor(contract, plan, on=on, taken=[each.code for each in held])
        ended_now = structs.replace(contract.subscription, ends_on=on)
        book_store.change_end(self.connection, ended_now, ended_by=notice.clause)
        added = book_store.add_subscriptions(self.connection, [(follows, plan.product)], self.clock.now())
        if not added:
            raise book_store.overlap(follows)
        (key,) = added
        kept = {
            each.id: each.version
            for each in contract.terms.documents
            if each.id in plan.documents and each.layer is not Layer.ORDER_FORM
        }
        held_store.hold_versions(
            self.connection, key, kept, effective_on=on, clause=notice.clause, notice_id=notice.notice_id
        )
        self._tell(contract, notice, CONTRACT_CHANGED, on)
        return (self._record(contract, notice, Outcome.CHANGED, on),)

    def _change(self, contract: Contract, notice: Notice) -> tuple[Settlement, ...]:
        rule = contract.terms.change(notice.code).rule
        found = course(notice, rule, as_of=self.as_of)
        if found.standing is Standing.REJECTED:
            return self._rejected(contract, notice, found, rule.ending)
        if found.standing is not Standing.IN_FORCE or found.effective_on is None:
            return ()
        # A notice whose delivery became known late does not reach back into use that was billed.
        effective_on = max(found.effective_on, self.books.unbilled_from or found.effective_on)
        self._put_in_force(contract, notice, effective_on)
        self._tell(contract, notice, CONTRACT_CHANGED, effective_on)
        return (self._record(contract, notice, Outcome.CHANGED, effective_on),)

    def _put_in_force(self, contract: Contract, notice: Notice, effective_on: date) -> None:
        match notice.content:
            case NewPrices(factor=factor, charges=charges):
                change = PriceChange(
                    effective_on=effective_on,
                    factor=factor,
                    charges=charges,
                    clause=notice.clause,
                    document=notice.document,
                    notice_id=notice.notice_id,
                )
                held_store.add_price_change(self.connection, notice, change)
            case NewVersions(documents=documents):
                held_store.hold_versions(
                    self.connection,
                    (contract.account_id, contract.subscription_id),
                    documents,
                    effective_on=effective_on,
                    clause=notice.clause,
                    notice_id=notice.notice_id,
                )
            case _:
                message = f"notice {notice.notice_id} announces nothing that could change"
                raise ValueError(message)

    def _rejected(
        self, contract: Contract, notice: Notice, found: Course, ending: str
    ) -> tuple[Settlement, ...]:
        self._tell(contract, notice, CHANGE_REJECTED, notice.answered_on)
        rejected = self._record(contract, notice, Outcome.REJECTED, None)
        if not ending or notice.answered_on is None:
            return (rejected,)
        word = Word(
            said_on=notice.answered_on,
            happened_on=notice.sent_on,
            reason=f"turned down the change {notice.code} announced on {notice.sent_on}",
            about=notice.notice_id,
        )
        ends = end(self.connection, contract, ending, Party.CUSTOMER, word=word, clock=self.clock)
        return (rejected, *self._ending(contract, ends, changes_on=found.effective_on))

    def _changes_on(self, contract: Contract, notice: Notice) -> date | None:
        """Return the first day of the change that an ending follows from."""
        if notice.about is None:
            return None
        about = notice_store.notice(self.connection, notice.account_id, notice.about)
        return course(about, contract.terms.change(about.code).rule, as_of=self.as_of).effective_on

    def _ending(
        self, contract: Contract, notice: Notice, *, changes_on: date | None
    ) -> tuple[Settlement, ...]:
        rule = contract.terms.ending(notice.code).rule
        found = ended(
            notice,
            rule,
            calendar=contract.entity.calendar,
            cycle=contract.cycle,
            as_of=self.as_of,
            changes_on=changes_on,
        )
        if found.last_day is None and not found.waits_for:
            return (self._record(contract, notice, Outcome.MENDED, None),)
        if found.last_day is None or (rule.settled_first and self.books.owes(notice.account_id, self.as_of)):
            return ()
        last_day = max(found.last_day, contract.subscription.starts_on)
        self._end(contract, notice, last_day)
        self._tell(contract, notice, CONTRACT_ENDED, last_day)
        return (self._record(contract, notice, Outcome.ENDED, last_day, refund=rule.refund),)

    def _end(self, contract: Contract, notice: Notice, last_day: date) -> None:
        """Set the end; a contract that ends earlier already goes on ending there."""
        if notice.part:
            decision = Decision(
                on=first_day_after(last_day, 0),
                clause=notice.clause,
                why=notice.reason or notice.code.replace("_", " "),
                by=notice.sender,
            )
            part_ends(self.connection, contract, notice.part, decision, clock=self.clock)
            return
        ends_on, agreed = first_day_after(last_day, 0), contract.subscription.ends_on
        if agreed is None or ends_on < agreed:
            shortened = structs.replace(contract.subscription, ends_on=ends_on)
            book_store.change_end(self.connection, shortened, ended_by=notice.clause)

    def _tell(self, contract: Contract, notice: Notice, kind: str, on: date | None) -> None:
        body = {
            "account": contract.account.code,
            "subscription": contract.subscription.code,
            "notice": str(notice.notice_id),
            "code": notice.code,
            "part": notice.part,
            "on": "" if on is None else on.isoformat(),
            "clause": notice.clause,
            "reason": notice.reason,
        }
        outbox.put(self.connection, notice.account_id, kind, body, self.clock.now())

    def _record(
        self,
        contract: Contract,
        notice: Notice,
        outcome: Outcome,
        effective_on: date | None,
        *,
        refund: Refund = Refund.NONE,
    ) -> Settlement:
        notice_store.record_settled(self.connection, notice, settled_on=self.as_of, effective_on=effective_on)
        done = replace(notice, settled_on=self.as_of, effective_on=effective_on)
        return Settlement(
            contract=contract, notice=done, outcome=outcome, effective_on=effective_on, refund=refund
        )


def settle_notice(
    connection: Connection, catalog: Catalog, notice: Notice, *, as_of: date, clock: Clock, books: Books
) -> tuple[Settlement, ...]:
    """Record what a notice leads to as of a day; nothing, where its day has not come.

    The caller holds the locks of the account's subscriptions, and a savepoint: what cannot be settled raises
    the error of the contract, of the plan or of the days that stand against it.
    """
    if notice.sent_on > as_of:
        return ()
    return _Settling(connection, catalog, as_of, clock, books).settled(notice)
