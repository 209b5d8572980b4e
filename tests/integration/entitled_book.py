"""What the tests of entitlements and limits on PostgreSQL share: a customer of a vendor of the library."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace
from sqlalchemy import Engine

from contracts import book_store
from contracts.entitlement_facts import Verdict
from contracts.parties import Vendor
from contracts.plans import CycleLength
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract, OrderForm
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.ids import account_id_of
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook
from runtime.entitled import entitled
from tests.parts import ENTITY, FEE, PLAN, STARTS, SUBSCRIPTION, library, parts

#: Papers, plan and fee of each customer of the tests.
SALEXOPS = ("salexops-general",)
ATTRACTION = ("zenvia-general", "zenvia-annex-i", "zenvia-annex-ii")


def at(day: date, hour: int = 18) -> FixedClock:
    """Return a clock that stands at an hour of a day in UTC; 18 is noon in Mexico City."""
    return FixedClock(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def found(
    engine: Engine, account: str, feature: str, day: date | None, *, clock: FixedClock | None = None
) -> Verdict:
    """Return the one verdict about a feature of an account."""
    with reading(engine) as connection:
        (only,) = entitled(connection, account, clock=clock or at(STARTS), as_of=day, feature=feature)
    return only


def signed(
    engine: Engine,
    documents: tuple[str, ...],
    *,
    plan: str = "pro",
    trial: bool = False,
    fee: str = "",
    cycle: CycleLength = CycleLength.MONTHLY,
    order_form: OrderForm | None = None,
    ends_on: date | None = None,
) -> Contract:
    """Let Acme sign a plan of a vendor of the library, in an empty database."""
    papers = library(*documents)
    made = parts(
        papers,
        charges=(replace(FEE, clause=papers[0].clause[0].id, amount=Decimal(fee)),) if fee else (),
        entity=replace(ENTITY, tax_id="EKU9003173C9"),
        plan=replace(PLAN, code=plan, product=plan, name=plan, trial=trial, cycle=cycle),
        subscription=replace(SUBSCRIPTION, ends_on=ends_on, order_form=order_form or OrderForm()),
    )
    vendor, signed_at = made.plan.vendor, at(STARTS).now()
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [Vendor(code=vendor, name=vendor)])
        book_store.save_entities(connection, [made.entity])
        book_store.add_documents(connection, papers)
        book_store.add_plans(connection, [made.plan])
        book_store.save_accounts(connection, [made.account], signed_at)
        book_store.add_subscriptions(connection, [(made.subscription, plan)], signed_at)
    return contract(engine)


def contract(engine: Engine) -> Contract:
    """Return Acme's one contract."""
    with reading(engine) as connection:
        (only,) = contracts_of(connection, load_catalog(connection), [account_id_of("acme")])
    return only


def number(quantity: Decimal | None) -> int:
    """Return a whole quantity that must be there."""
    assert quantity is not None
    return int(quantity)


def use(engine: Engine, events: list[UsageEvent]) -> None:
    """Report usage, all of which must be counted."""
    with unit_of_work(engine) as connection:
        clock = at(date(2027, 1, 1))
        result = ingest(connection, MeterBook(), events, clock=clock, backfill=True)
    assert ((), len(events)) == (result.problems, result.accepted)


def sms(number: int, day: date, words: str = "hola") -> UsageEvent:
    """Return a text that Acme sent at noon of a day."""
    return UsageEvent(
        id=f"sms-{number}",
        account="acme",
        meter="sms",
        occurred_at=at(day).now(),
        direction="outbound",
        text=words,
    )


def amount_of(meter: str, number: int, instant: datetime, quantity: int) -> UsageEvent:
    """Return an event of a quantity."""
    return UsageEvent(
        id=f"{meter}-{number}", account="acme", meter=meter, occurred_at=instant, quantity=Decimal(quantity)
    )
