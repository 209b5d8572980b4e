"""The desk where notices are given and answered, over the book of invoicing's tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Engine

from contracts import give_notice, notice_store
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import Answer, Content, NewPlan, Notice
from contracts.store import contracts_of, load_catalog, lock_subscriptions
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from invoicing import settle_notices
from invoicing.settle_notices import Done
from kernel.clock import FixedClock
from kernel.ids import account_id_of

#: The hour at which a mail arrives: on the same day in Mexico and in Brazil.
NOON = time(18)


@dataclass(frozen=True, slots=True)
class Desk:
    """One customer's contract, and what is said about it."""

    engine: Engine
    account: str
    subscription: str

    @property
    def contract(self) -> Contract:
        """The contract as it stands."""
        with reading(self.engine) as connection:
            found = contracts_of(connection, load_catalog(connection), [account_id_of(self.account)])
        return next(each for each in found if each.subscription.code == self.subscription)

    def announces(self, code: str, content: Content, word: Word, *, arrives_on: date | None = None) -> Notice:
        """Let the vendor announce a change, whose mail arrives on a day, if it does."""
        with unit_of_work(self.engine) as connection:
            catalog = load_catalog(connection)
            clock = FixedClock.on(word.said_on)
            notice = give_notice.announce(
                connection, catalog, self.contract, code, content, word=word, clock=clock
            )
            if arrives_on is not None:
                zone = self.contract.entity.time_zone
                notice = give_notice.confirm_delivery(
                    connection,
                    notice.account_id,
                    notice.notice_id,
                    delivered_at=datetime.combine(arrives_on, NOON, tzinfo=UTC),
                    zone=zone,
                )
        return notice

    def hears_of_delivery(self, notice: Notice, on: date) -> None:
        """Let it become known that a notice arrived on a day."""
        with unit_of_work(self.engine) as connection:
            notice_store.record_delivery(connection, notice, on)

    def answers(self, notice: Notice, said: Answer, on: date) -> None:
        """Let the customer answer."""
        with unit_of_work(self.engine) as connection:
            give_notice.answer(connection, notice.account_id, notice.notice_id, said, on=on, by="customer")

    def withdraws(self, notice: Notice, on: date) -> None:
        """Let the vendor take a notice back."""
        with unit_of_work(self.engine) as connection:
            give_notice.withdraw(
                connection, notice.account_id, notice.notice_id, on=on, by="ana", why="wrong customer"
            )

    def ends(self, code: str, sender: Party, word: Word, *, arrives_on: date | None = None) -> Notice:
        """Let a side end the contract."""
        with unit_of_work(self.engine) as connection:
            clock = FixedClock.on(word.said_on)
            notice = give_notice.end(connection, self.contract, code, sender, word=word, clock=clock)
            if arrives_on is not None:
                notice_store.record_delivery(connection, notice, arrives_on)
        return notice

    def refuses_renewal(self, sender: Party, word: Word) -> Notice:
        """Let a side say that the contract shall not be renewed."""
        with unit_of_work(self.engine) as connection:
            clock = FixedClock.on(word.said_on)
            return give_notice.refuse_renewal(connection, self.contract, sender, word=word, clock=clock)

    def asks_for(self, plan: NewPlan, word: Word) -> Notice:
        """Let the customer ask for another plan."""
        with unit_of_work(self.engine) as connection:
            catalog = load_catalog(connection)
            clock = FixedClock.on(word.said_on)
            return give_notice.ask_for_plan(connection, catalog, self.contract, plan, word=word, clock=clock)

    def settles(self, on: date) -> tuple[Done, ...]:
        """Settle what is due on a day, all of which can be."""
        accounts = [account_id_of(self.account)]
        with unit_of_work(self.engine) as connection:
            lock_subscriptions(connection, accounts, exclusive=True)
            catalog = load_catalog(connection)
            clock = FixedClock.on(on)
            settled = settle_notices.settle(connection, catalog, accounts, as_of=on, clock=clock)
        assert not settled.problems
        return settled.done

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All notices about the customer's contracts."""
        with reading(self.engine) as connection:
            return notice_store.notices_of(connection, [account_id_of(self.account)])
