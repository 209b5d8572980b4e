"""Settling a notice: what it leads to is recorded once its day has come, whenever that is noticed.

A change that was delivered and not turned down changes prices or versions; one that was turned down ends the
contract, if its clause says so; a word that ends a contract sets its last day.  A second time finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from msgspec import structs
from sqlalchemy import Connection

from contracts import book_store, held_store, notice_store, seat_store
from contracts.catalog import Catalog
from contracts.changes import Course, Standing, course
from contracts.clauses import Layer
from contracts.give_notice import Word, end
from contracts.life_rules import Party, Refund
from contracts.life_store import begin_state
from contracts.notices import NewPlan, NewPrices, NewVersions, Notice, NoticeKind, Outcome
from contracts.outlook import Outlook, Stage, outlook
from contracts.plan_change import successor
from contracts.plans import Plan
from contracts.service_changes import Decision, part_ends
from contracts.service_states import ServiceState
from contracts.store import contracts_of, subscriptions_of
from contracts.subscriptions import Contract, PriceChange
from contracts.term import agreed_end
from db import outbox
from kernel.calendars import day_before, first_day_after
from kernel.clock import Clock
from kernel.errors import Conflict
from kernel.ids import SubscriptionKey

CONTRACT_CHANGED = "contract.changed"
CONTRACT_ENDED = "contract.ended"
CHANGE_REJECTED = "contract.change_rejected"

#: Tells whether the account of a contract owes its legal entity anything as of a day.
Owes = Callable[[Contract, date], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What was recorded of a notice, and what an ending gives back.

    ``contract`` is the one that was, before anything was recorded.
    """

    contract: Contract
    notice: Notice
    refund: Refund = Refund.NONE


@dataclass(frozen=True, slots=True)
class Books:
    """What the books know of a contract: whether it owes, and the first days that are not billed."""

    owes: Owes
    use_billed_until: date | None = None
    billed_until: date | None = None


def outlook_of(
    connection: Connection, contract: Contract, notice: Notice, *, as_of: date, books: Books
) -> Outlook:
    """Return how far a notice is; one that follows from another is read together with it."""
    about = None
    if notice.about is not None:
        cause = notice_store.notice(connection, notice.account_id, notice.about)
        sourced = contract.terms.changes.get(cause.code)
        about = None if sourced is None else course(cause, sourced.rule, as_of=as_of)
    return outlook(contract, notice, as_of=as_of, about=about, billed_until=books.billed_until)


def settle_notice(
    connection: Connection, catalog: Catalog, notice: Notice, *, as_of: date, clock: Clock, books: Books
) -> tuple[Settlement, ...]:
    """Record what a notice leads to as of a day; nothing, where its day has not come.

    The caller holds the locks of the account's subscriptions, and a savepoint: what cannot be settled raises
    the error of the contract, of the plan or of the days that stand against it.
    """
    found = contracts_of(connection, catalog, [notice.account_id])
    contract = next(each for each in found if each.subscription_id == notice.subscription_id)
    ahead = outlook_of(connection, contract, notice, as_of=as_of, books=books)
    settling = _Settling(connection, catalog, as_of, clock, books, contract, notice)
    match ahead.stage:
        case Stage.WAITS:
            return ()
        case Stage.LAPSES:
            return (settling.record(Outcome.LAPSED, None),)
        case Stage.SETTLES:
            return settling.settled(ahead)


@dataclass(frozen=True, slots=True)
class _Settling:
    """A notice, its contract as it stands, and what recording needs."""

    connection: Connection
    catalog: Catalog
    as_of: date
    clock: Clock
    books: Books
    contract: Contract
    notice: Notice

    def settled(self, ahead: Outlook) -> tuple[Settlement, ...]:
        """Record what the notice leads to."""
        match self.notice.kind:
            case NoticeKind.CHANGE if ahead.course is not None:
                rejected = ahead.course.standing is Standing.REJECTED
                return self._rejected() if rejected else self._changed(ahead.course)
            case NoticeKind.PLAN_CHANGE if ahead.first_day is not None:
                return self._plan_changed(ahead.first_day)
            case NoticeKind.ENDING if ahead.first_day is None:
                return (self.record(Outcome.MENDED, None),)
            case NoticeKind.ENDING | NoticeKind.RENEWAL_REFUSED if ahead.first_day is not None:
                return self._ended(ahead.first_day)
            case _:
                return ()

    def _changed(self, found: Course) -> tuple[Settlement, ...]:
        if found.effective_on is None:
            return ()
        # A notice whose delivery became known late does not reach back into use that was billed.
        effective_on = max(found.effective_on, self.books.use_billed_until or found.effective_on)
        self._put_in_force(effective_on)
        self._tell(CONTRACT_CHANGED, effective_on)
        return (self.record(Outcome.CHANGED, effective_on),)

    def _put_in_force(self, effective_on: date) -> None:
        notice, key = self.notice, (self.notice.account_id, self.notice.subscription_id)
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
                self._hold(key, documents, effective_on)
            case other:
                raise _strange(notice, other)

    def _hold(self, key: SubscriptionKey, versions: dict[str, str], effective_on: date) -> None:
        held_store.hold_versions(
            self.connection,
            key,
            versions,
            effective_on=effective_on,
            clause=self.notice.clause,
            notice_id=self.notice.notice_id,
        )

    def _rejected(self) -> tuple[Settlement, ...]:
        """Record that a change was turned down, and end the contract where the clause says so."""
        notice, ending = self.notice, self.contract.terms.change(self.notice.code).rule.ending
        self._tell(CHANGE_REJECTED, notice.answered_on)
        rejected = self.record(Outcome.REJECTED, None)
        if not ending or notice.answered_on is None:
            return (rejected,)
        word = Word(
            said_on=notice.answered_on,
            happened_on=notice.sent_on,
            reason=f"turned down the change {notice.code} announced on {notice.sent_on}",
            about=notice.notice_id,
        )
        ends = end(self.connection, self.contract, ending, Party.CUSTOMER, word=word, clock=self.clock)
        followed = settle_notice(
            self.connection, self.catalog, ends, as_of=self.as_of, clock=self.clock, books=self.books
        )
        return (rejected, *followed)

    def _ended(self, first_day: date) -> tuple[Settlement, ...]:
        """End the contract, or a part of it, with the day before one, unless debts have to be paid first."""
        notice, sourced = self.notice, self.contract.terms.endings.get(self.notice.code)
        if sourced is not None and sourced.rule.settled_first:
            if self.books.owes(self.contract, self.as_of):
                return ()
            if self.books.owes(self.contract, day_before(first_day)):
                first_day = max(first_day, first_day_after(self.as_of, 0))
        last_day = day_before(first_day)
        if notice.part:
            decision = Decision(
                on=first_day,
                clause=notice.clause,
                why=notice.reason or notice.code.replace("_", " "),
                by=notice.sender,
            )
            part_ends(self.connection, self.contract, notice.part, decision, clock=self.clock)
        else:
            shortened = structs.replace(self.contract.subscription, ends_on=first_day)
            book_store.end_contract(self.connection, shortened, ended_by=notice.clause)
        self._tell(CONTRACT_ENDED, last_day)
        refund = Refund.NONE if sourced is None or notice.part else sourced.rule.refund
        return (self.record(Outcome.ENDED, last_day, refund=refund),)

    def _plan_changed(self, on: date) -> tuple[Settlement, ...]:
        """End the contract on the border of its cycle and sign its successor from that day on."""
        if not isinstance(self.notice.content, NewPlan):
            raise _strange(self.notice, self.notice.content)
        if on <= self.contract.subscription.starts_on:
            raise Conflict(
                "a contract changes its plan once it has begun",
                field="sent_on",
                value=self.notice.sent_on,
                expected=f"{self.contract.subscription.starts_on} or later",
            )
        plan = self.catalog.plan(self.notice.content.plan, self.notice.content.version)
        held = subscriptions_of(self.connection, [self.notice.account_id]).values()
        follows = successor(self.contract, plan, on=on, taken=[each.code for each in held])
        bounded = structs.replace(self.contract.subscription, ends_on=on)
        book_store.change_end(self.connection, bounded, ended_by=self.notice.clause)
        added = book_store.add_subscriptions(
            self.connection,
            [(follows, plan.product)],
            self.clock.now(),
            follows=self.contract.subscription_id,
        )
        if not added:
            raise book_store.overlap(follows)
        (key,) = added
        self._carry_over(key, plan, on)
        end_of_term = agreed_end(self.catalog.terms(follows), plan, follows)
        if end_of_term is not None:
            bounded = structs.replace(follows, ends_on=end_of_term[0])
            book_store.change_end(self.connection, bounded, ended_by=end_of_term[1])
        self._tell(CONTRACT_CHANGED, on)
        return (self.record(Outcome.CHANGED, on),)

    def _carry_over(self, key: SubscriptionKey, plan: Plan, on: date) -> None:
        """Let the successor stand under the versions that were held, without the parts that are over."""
        kept = {
            each.id: each.version
            for each in self.contract.terms.documents
            if each.id in plan.documents and each.layer is not Layer.ORDER_FORM
        }
        self._hold(key, kept, on)
        parts = {each.part for each in plan.charge}
        for span in self.contract.states:
            if span.state is ServiceState.ENDED and span.part in parts:
                carried = replace(span, subscription_id=key[1], start=max(span.start, on))
                begin_state(self.connection, carried)
        for seat in seat_store.seats_of(self.connection, key[0], self.contract.subscription_id):
            if seat.end is None or seat.end > on:
                carried_seat = replace(seat, subscription_id=key[1], start=max(seat.start, on))
                seat_store.begin_seat(self.connection, carried_seat, self.clock.now())

    def _tell(self, kind: str, on: date | None) -> None:
        notice = self.notice
        body = {
            "account": self.contract.account.code,
            "subscription": self.contract.subscription.code,
            "notice": str(notice.notice_id),
            "code": notice.code,
            "part": notice.part,
            "on": "" if on is None else on.isoformat(),
            "clause": notice.clause,
            "reason": notice.reason,
        }
        outbox.put(self.connection, notice.account_id, kind, body, self.clock.now())

    def record(
        self, outcome: Outcome, effective_on: date | None, *, refund: Refund = Refund.NONE
    ) -> Settlement:
        """Keep what the notice led to."""
        notice_store.record_settled(
            self.connection, self.notice, outcome, settled_on=self.as_of, effective_on=effective_on
        )
        done = replace(self.notice, outcome=outcome, settled_on=self.as_of, effective_on=effective_on)
        return Settlement(contract=self.contract, notice=done, refund=refund)


def _strange(notice: Notice, content: object) -> Conflict:
    return Conflict(
        "the notice names nothing that it could lead to",
        field="content",
        value=content,
        expected=f"what a notice of kind {notice.kind} is about",
    )
