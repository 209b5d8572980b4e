"""A vendor that bills in Mexico and Brazil, its customers and their debts: the world of payments' tests."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from contracts import book_store
from contracts.catalog import Catalog
from contracts.parties import Account, Vendor
from contracts.plans import Plan
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from kernel.clock import Clock, FixedClock
from kernel.ids import AccountId, EntryId, ItemId, account_id_of, new_id
from kernel.money import Money
from payments.receipts import Receipt
from payments.receive import Received, receive
from receivables.journal import ItemBalance, OpenItem, Stamp, invoice_entry
from receivables.store import add_items, balances, post
from tests.parts import ENTITY, FEE, PLAN, SUBSCRIPTION, library
from tests.unit.receivables.books import noon

SIGNED, ISSUED, DUE = date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 21)

PAPERS = ("zenvia-general", "zenvia-annex-ix")
ZONES = {"MX": ("MXN", "America/Mexico_City"), "BR": ("BRL", "America/Sao_Paulo")}


def open_book(engine: Engine) -> None:
    """Write a vendor with an entity and a plan for each country, under Annex IX (10 % fine, 1 % a month)."""
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [Vendor(code="zenvia", name="Zenvia")])
        book_store.add_documents(connection, library(*PAPERS))
        for country, (currency, zone) in ZONES.items():
            entity = replace(
                ENTITY,
                code=f"zenvia-{country.lower()}",
                vendor="zenvia",
                name=f"Zenvia {country}",
                country=country,
                currency=currency,
                time_zone=zone,
                series=country,
            )
            book_store.save_entities(connection, [entity])
            book_store.add_plans(connection, [_plan(country, currency)])


def _plan(country: str, currency: str) -> Plan:
    return replace(
        PLAN,
        code=f"conversion-{country.lower()}",
        product=f"conversion-{country.lower()}",
        vendor="zenvia",
        name="Conversion",
        currency=currency,
        documents=PAPERS,
        charge=(replace(FEE, name="Monthly fee", clause="ZEN-IX-4.2-ii"),),
    )


def sign(engine: Engine, code: str, *countries: str) -> AccountId:
    """Let a customer sign a contract in each of some countries."""
    account = Account(code=code, name=code.title(), country="MX", email=f"{code}@example.com")
    signed = [
        (
            replace(
                SUBSCRIPTION,
                code=f"{code}-{country}",
                account=code,
                plan=f"conversion-{country.lower()}",
                entity=f"zenvia-{country.lower()}",
                signed_on=SIGNED,
                starts_on=SIGNED,
            ),
            f"conversion-{country.lower()}",
        )
        for country in countries or ("MX",)
    ]
    with unit_of_work(engine) as connection:
        book_store.save_accounts(connection, [account], noon(SIGNED))
        book_store.add_subscriptions(connection, signed, noon(SIGNED))
    return account_id_of(code)


def owe(
    engine: Engine,
    account_id: AccountId,
    number: str,
    amount: str = "1000.00",
    *,
    issued_on: date = ISSUED,
    due_on: date = DUE,
    country: str = "MX",
) -> OpenItem:
    """Issue an invoice under the customer's contract of a country."""
    with unit_of_work(engine) as connection:
        contract = contract_of(connection, account_id, country)
        item = OpenItem(
            account_id=account_id,
            item_id=ItemId(new_id()),
            number=number,
            entity=contract.entity.code,
            subscription_id=contract.subscription_id,
            currency=contract.currency,
            issued_on=issued_on,
            due_on=due_on,
        )
        stamp = Stamp(
            entry_id=EntryId(new_id()), effective_on=issued_on, recorded_at=noon(issued_on), source=number
        )
        net, tax = Money.of(amount, item.currency), Money.zero(item.currency)
        add_items(connection, [item])
        post(connection, [invoice_entry(item, stamp, net=net, tax=tax)])
    return item


def contract_of(connection: Connection, account_id: AccountId, country: str) -> Contract:
    """Return the customer's contract of a country."""
    contracts = contracts_of(connection, load_catalog(connection), (account_id,))
    return next(each for each in contracts if each.entity.country == country)


def pay(engine: Engine, receipt: Receipt, *, clock: Clock | None = None) -> Received:
    """Book a receipt at noon of its day, or when a clock says."""
    with unit_of_work(engine) as connection:
        own = clock or FixedClock.on(receipt.received_on)
        return receive(connection, load_catalog(connection), receipt, clock=own)


def receipt_of(
    account_id: AccountId,
    amount: str,
    on: date,
    *,
    reference: str = "BANK-1",
    invoice: str = "",
    currency: str = "MXN",
) -> Receipt:
    """Return a receipt of a customer."""
    return Receipt(
        account_id=account_id,
        reference=reference,
        received_on=on,
        amount=Money.of(amount, currency),
        invoice=invoice,
    )


def open_on(engine: Engine, account_id: AccountId, day: date) -> tuple[ItemBalance, ...]:
    """Return what a customer owes as of a day."""
    with reading(engine) as connection:
        return balances(connection, as_of=day, account_ids=[account_id])


def catalog_of(engine: Engine) -> Catalog:
    """Return the catalog of the book."""
    with reading(engine) as connection:
        return load_catalog(connection)
