"""The book and the usage that benchmarks of metering share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from contracts import book_store
from contracts.charges import PerUnit
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.meters import ConversationMeter, Meter, SeatMeter, SmsMeter, SumMeter
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.subscriptions import Subscription
from contracts.terms import TermsDocument
from db.unit_of_work import unit_of_work
from kernel.clock import FixedClock
from metering.conversations import INBOUND, OUTBOUND
from metering.events import UsageEvent
from metering.sources import Identity

SEED: Final = 20_261_001
FIRST_DAY: Final = date(2026, 10, 1)
START: Final = datetime(2026, 10, 1, 12, tzinfo=UTC)
EVENTS_A_MONTH: Final = 10_000_000
MILLISECONDS_IN_MONTH: Final = 31 * 24 * 60 * 60 * 1000
CLOCK: Final = FixedClock(datetime(2026, 12, 1, tzinfo=UTC))
LATEST_MILLISECONDS: Final = 60 * 60 * 1000

CLAUSE: Final = "BENCH-1"
METERS: Final[dict[str, Meter]] = {
    "sms": SmsMeter(clause=CLAUSE),
    "whatsapp": ConversationMeter(clause=CLAUSE, by="country"),
    "documents": SumMeter(clause=CLAUSE, unit="document"),
    "agents": SeatMeter(clause=CLAUSE),
}
WORDS: Final = (
    "hola",
    "su",
    "pedido",
    "llega",
    "hoy",
    "gracias",
    "por",
    "esperar",
    "código",
    "1234",
    "atención",
)
COUNTRIES: Final = ("BR", "MX", "CO")
_UUID7: Final = 0x7 << 76 | 0x2 << 62
_UUID_TAIL_BITS: Final = 62


def account_code(number: int) -> str:
    """Return the code of one of the accounts."""
    return f"account-{number}"


def save_book(engine: Engine, accounts: int) -> None:
    """Store a book with so many accounts, each with one subscription."""
    head = DocumentHead(
        id="terms",
        vendor="bench",
        layer=Layer.GENERAL,
        title="Terms",
        version="1",
        effective_from=FIRST_DAY - timedelta(days=31),
    )
    clause = Clause(id=CLAUSE, place="1", says_en="Use is counted by meters.")
    entity = LegalEntity(
        code="bench-br",
        vendor="bench",
        name="Bench",
        tax_id="1",
        country="BR",
        currency="BRL",
        time_zone="America/Sao_Paulo",
        series="B",
    )
    plan = Plan(
        code="plan",
        version=1,
        product="messaging",
        vendor="bench",
        name="Messaging",
        currency="BRL",
        effective_from=FIRST_DAY - timedelta(days=31),
        documents=("terms",),
        charge=tuple(
            PerUnit(code=meter, name=meter, clause=CLAUSE, meter=meter, unit_price=Decimal(1))
            for meter in METERS
        ),
    )
    codes = [account_code(number) for number in range(accounts)]
    holders = [Account(code=code, name=code, country="BR", email=f"{code}@example.com") for code in codes]
    signed = [
        Subscription(
            code="main",
            account=code,
            plan="plan",
            plan_version=1,
            entity="bench-br",
            signed_on=FIRST_DAY - timedelta(days=31),
            starts_on=FIRST_DAY - timedelta(days=31),
        )
        for code in codes
    ]
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [Vendor(code="bench", name="Bench")])
        book_store.save_entities(connection, [entity])
        book_store.add_documents(connection, [TermsDocument(document=head, clause=(clause,), meters=METERS)])
        book_store.add_plans(connection, [plan])
        book_store.save_accounts(connection, holders, CLOCK.now())
        book_store.add_subscriptions(connection, [(each, plan.product) for each in signed], CLOCK.now())


def instants(draw: random.Random, size: int) -> Iterator[datetime]:
    """Yield instants roughly in the order of time, as dense as those of ten million events a month."""
    for number in range(size):
        milliseconds = number * MILLISECONDS_IN_MONTH // EVENTS_A_MONTH
        yield START + timedelta(milliseconds=milliseconds - draw.randrange(LATEST_MILLISECONDS))


def documents(size: int, accounts: int, identity: Identity, source: str) -> Iterator[UsageEvent]:
    """Yield a month of documents, each with an id as its source declares them."""
    draw = random.Random(SEED)  # noqa: S311 a benchmark is repeated, not guarded
    numbers = [0] * accounts
    for number, occurred_at in enumerate(instants(draw, size)):
        account = draw.randrange(accounts)
        numbers[account] += 1
        yield UsageEvent(
            id=_id(draw, identity, number=number, counted=numbers[account], occurred_at=occurred_at),
            account=account_code(account),
            meter="documents",
            occurred_at=occurred_at,
            source=source,
            quantity=Decimal(draw.randrange(1, 50)),
        )


def messages(size: int, accounts: int, source: str, *, late_percent: int) -> Iterator[UsageEvent]:
    """Yield a month of messages with contacts; so many percent come up to two days late."""
    draw = random.Random(SEED)  # noqa: S311 a benchmark is repeated, not guarded
    for number, occurred_at in enumerate(instants(draw, size)):
        account = draw.randrange(accounts)
        late = timedelta(minutes=draw.randrange(2880)) if draw.randrange(100) < late_percent else timedelta()
        yield UsageEvent(
            id=f"message-{number}",
            account=account_code(account),
            meter="whatsapp",
            occurred_at=occurred_at - late,
            source=source,
            direction=draw.choice((INBOUND, OUTBOUND)),
            contact=f"+5511{draw.randrange(50)}",
            dimensions={"country": COUNTRIES[account % len(COUNTRIES)]},
        )


def mixed(size: int, accounts: int) -> Iterator[UsageEvent]:
    """Yield a month of use: of a hundred events 45 are SMS, 40 messages, 14 documents, 1 sets seats."""
    draw = random.Random(SEED)  # noqa: S311 a benchmark is repeated, not guarded
    sent = messages(size, accounts, "mixed", late_percent=0)
    used = documents(size, accounts, Identity.TEXT, "mixed")
    for message, document in zip(sent, used, strict=True):
        drawn = draw.randrange(100)
        if drawn < 40:  # noqa: PLR2004 the shares of a hundred
            yield message
        elif drawn < 85:  # noqa: PLR2004
            yield UsageEvent(
                id=document.id,
                account=document.account,
                meter="sms",
                occurred_at=document.occurred_at,
                source="mixed",
                text=" ".join(draw.choices(WORDS, k=draw.randrange(3, 40))),
            )
        elif drawn < 99:  # noqa: PLR2004
            yield document
        else:
            yield UsageEvent(
                id=document.id,
                account=document.account,
                meter="agents",
                occurred_at=document.occurred_at,
                source="mixed",
                quantity=document.quantity,
            )


def _id(draw: random.Random, identity: Identity, *, number: int, counted: int, occurred_at: datetime) -> str:
    if identity is Identity.SEQUENCE:
        return str(counted)
    if identity is Identity.UUID7:
        milliseconds = (occurred_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
        drawn = draw.getrandbits(_UUID_TAIL_BITS)
        return str(UUID(int=milliseconds << 80 | _UUID7 | drawn))
    return f"{draw.getrandbits(64):016x}-{number}"
