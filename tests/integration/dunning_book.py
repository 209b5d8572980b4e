"""Two vendors under the library's terms, their customers and debts: the world of dunning's tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from msgspec.structs import replace
from sqlalchemy import Engine, select

from contracts import book_store
from contracts import store as contracts_store
from contracts.library import library_documents, library_indices
from contracts.life_store import states_of
from contracts.parties import Account, Vendor
from contracts.plans import Plan
from contracts.service_states import ServiceStatus, StateSpan, status_on
from contracts.subscriptions import Contract, OrderForm
from db.tables import outbox
from db.unit_of_work import unit_of_work
from dunning import store
from dunning.actions import Action
from dunning.chase import ChaseReport, chase, confirm_delivery
from kernel.clock import FixedClock
from kernel.ids import EntryId, ItemId, account_id_of, new_id
from kernel.money import Money, total_of
from payments.receipts import Receipt
from payments.receive import apply_unapplied, receive
from receivables.journal import OpenItem, Stamp, invoice_entry
from receivables.store import add_items, balances, item_by_number, post
from tests.parts import ENTITY, FEE, PLAN, STARTS, SUBSCRIPTION

SIGNED = STARTS
NOON = time(18)

_MEXICAN = replace(ENTITY, tax_id="EKU9003173C9")
ENTITIES = {
    "zenvia": replace(_MEXICAN, code="zenvia-mx", vendor="zenvia", name="Zenvia Mexico", series="Z"),
    "konectus": replace(_MEXICAN, code="konectus-mx", vendor="konectus", name="Konectus", series="K"),
}

#: The documents of each plan, and a clause for its fee.
PLANS = {
    "annex-ix": (("zenvia-general", "zenvia-annex-ix"), "ZEN-IX-4.2-ii"),
    "annex-x": (("zenvia-general", "zenvia-annex-x"), "ZEN-X-5"),
    "annex-i": (("zenvia-general", "zenvia-annex-i"), "ZEN-I-A"),
    "konectus": (("konectus-general",), "KON-2a"),
}


def vendor_of(plan: str) -> str:
    """Return the vendor of a plan."""
    return "konectus" if plan == "konectus" else "zenvia"


def plan_of(code: str) -> Plan:
    """Return a plan over one monthly fee of 1,000.00."""
    documents, clause = PLANS[code]
    return replace(
        PLAN,
        code=code,
        product=code,
        vendor=vendor_of(code),
        name=code,
        documents=documents,
        charge=(replace(FEE, name="Monthly fee", clause=clause),),
    )


def at(day: date) -> FixedClock:
    """Return a clock that stands at noon of a day in Mexico City."""
    return FixedClock(datetime.combine(day, NOON, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with one contract, in a database, and what dunning did to it."""

    engine: Engine
    contract: Contract

    def owes(self, number: str, *, due_on: date, amount: str = "1000.00") -> ItemId:
        """Issue an invoice that is due on a day."""
        item = OpenItem(
            account_id=self.contract.account_id,
            item_id=ItemId(new_id()),
            number=number,
            entity=self.contract.entity.code,
            subscription_id=self.contract.subscription_id,
            currency=self.contract.currency,
            issued_on=SIGNED,
            due_on=due_on,
        )
        stamp = Stamp(
            entry_id=EntryId(new_id()), effective_on=SIGNED, recorded_at=at(SIGNED).now(), source=number
        )
        net = Money.of(amount, item.currency)
        with unit_of_work(self.engine) as connection:
            add_items(connection, [item])
            post(connection, [invoice_entry(item, stamp, net=net, tax=Money.zero(item.currency))])
        return item.item_id

    def pays(self, amount: str, *, on: date, booked_on: date | None = None, invoice: str = "") -> None:
        """Book a receipt that takes effect on a day; its rest settles what is open when it is booked."""
        with unit_of_work(self.engine) as connection:
            receipt = Receipt(
                account_id=self.contract.account_id,
                reference=f"{invoice} {on} {amount}",
                received_on=on,
                amount=Money.of(amount, self.contract.currency),
                invoice=invoice,
            )
            catalog = contracts_store.load_catalog(connection)
            clock, day = at(booked_on or on), booked_on or on
            receive(connection, catalog, receipt, clock=clock)
            apply_unapplied(connection, catalog, receipt.account_id, on=day, clock=clock)

    def open_amount(self, on: date) -> Money:
        """Return all that the customer owes as of a day."""
        with unit_of_work(self.engine) as connection:
            owed = balances(connection, as_of=on, account_ids=[self.contract.account_id])
        return total_of((each.total for each in owed), self.contract.currency)

    def gets_delivered(self, step: str, instant: datetime, *, number: str = "") -> None:
        """Confirm the delivery of the notice of a step; of the invoice of a number, where there are two."""
        account_id = self.contract.account_id
        with unit_of_work(self.engine) as connection:
            named = item_by_number(connection, account_id, number) if number else None
            (notice,) = [
                each
                for each in store.notices_of(connection, account_id)
                if each.step == step and (named is None or each.item_id == named.item_id)
            ]
            confirm_delivery(connection, account_id, notice.notice_id, delivered_at=instant)

    @property
    def actions(self) -> tuple[Action, ...]:
        """All that was taken or proposed, by its date."""
        with unit_of_work(self.engine) as connection:
            found = store.actions_of(connection, [self.contract.account_id])
        return tuple(sorted(found, key=lambda each: (each.allowed_on, each.item_id, each.recorded_at)))

    @property
    def timeline(self) -> list[str]:
        """The actions as lines of text: date, action, status, clause."""
        return [_line(each) for each in self.actions]

    def timeline_of(self, number: str) -> list[str]:
        """Return the actions about one invoice as lines of text."""
        with unit_of_work(self.engine) as connection:
            item = item_by_number(connection, self.contract.account_id, number)
        return [_line(each) for each in self.actions if item is not None and each.item_id == item.item_id]

    @property
    def spans(self) -> tuple[StateSpan, ...]:
        """The states of the service."""
        with unit_of_work(self.engine) as connection:
            return states_of(connection, [self.contract.account_id])

    def status(self, day: date) -> ServiceStatus:
        """Return the state of the service on a day."""
        return status_on(self.spans, day)

    def told(self, *kinds: str) -> list[tuple[str, dict[str, str]]]:
        """Return the messages in the outbox of these kinds, in their order."""
        with unit_of_work(self.engine) as connection:
            rows = connection.execute(
                select(outbox)
                .where(outbox.c.account_id == self.contract.account_id, outbox.c.kind.in_(kinds))
                .order_by(outbox.c.message_id)
            ).all()
        return [(row.kind, row.body) for row in rows]


def _line(action: Action) -> str:
    part = f" of {action.part}" if action.part else ""
    return f"{action.allowed_on} {action.action}{part} {action.status} {action.clause}"


def sign(
    engine: Engine, account: str, plan: str, *, language: str = "en", order_form: OrderForm | None = None
) -> Customer:
    """Let a customer sign a plan, in a database that may be empty."""
    own, entity = plan_of(plan), ENTITIES[vendor_of(plan)]
    customer = Account(
        code=account, name=account, country="MX", email=f"{account}@example.com", language=language
    )
    subscription = replace(
        SUBSCRIPTION,
        code=f"{account}-1",
        account=account,
        plan=plan,
        entity=entity.code,
        order_form=order_form or OrderForm(),
    )
    with unit_of_work(engine) as connection:
        catalog = contracts_store.load_catalog(connection)
        if entity.vendor not in catalog.vendors:
            book_store.save_vendors(connection, [Vendor(code=entity.vendor, name=entity.name)])
            book_store.save_entities(connection, [entity])
            documents = [each for versions in library_documents().values() for each in versions]
            book_store.add_documents(
                connection, [each for each in documents if each.document.vendor == entity.vendor]
            )
            for code, series in () if catalog.indices else library_indices().items():
                book_store.add_index_months(connection, code, series.percent_by_month, at(SIGNED).now())
        if (plan, 1) not in catalog.plans:
            book_store.add_plans(connection, [own])
        book_store.save_accounts(connection, [customer], at(SIGNED).now())
        book_store.add_subscriptions(connection, [(subscription, own.product)], at(SIGNED).now())
    return Customer(engine, contract_of(engine, account))


def contract_of(engine: Engine, account: str) -> Contract:
    """Return the one contract of an account."""
    with unit_of_work(engine) as connection:
        catalog = contracts_store.load_catalog(connection)
        (contract,) = contracts_store.contracts_of(connection, catalog, [account_id_of(account)])
    return contract


def night(engine: Engine, day: date) -> ChaseReport:
    """Run one night."""
    return chase(engine, as_of=day, clock=at(day))


def nights(engine: Engine, days: Iterable[date]) -> None:
    """Run some nights, one after the other."""
    for day in days:
        night(engine, day)
