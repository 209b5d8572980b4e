"""A small book in Python: two issuers in two time zones, every kind of meter, two products that share one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace

from contracts.catalog import Catalog
from contracts.charges import PerUnit
from contracts.clauses import Clause
from contracts.meters import (
    ConversationMeter,
    CountMeter,
    LatestMeter,
    MaximumMeter,
    Meter,
    Normalised,
    OpenedBy,
    RoundEach,
    SeatMeter,
    SmsMeter,
    SumMeter,
    TimeUnit,
    UniqueMeter,
    UnitRounding,
    WeightedMeter,
    WindowKind,
)
from contracts.parties import Account, Vendor
from contracts.plans import Plan
from contracts.rules import UsageTimesRule
from contracts.subscriptions import Contract, Subscription
from contracts.terms import Rules, TermsDocument
from kernel.clock import FixedClock
from kernel.ids import SubscriptionKey, account_id_of, subscription_id_of
from metering.conversations import INBOUND
from metering.events import UsageEvent
from tests.parts import ENTITY, HEAD, PLAN, SUBSCRIPTION

CLAUSE = "T-1"
METERS: dict[str, Meter] = {
    "sms": SmsMeter(clause=CLAUSE),
    "documents": SumMeter(clause=CLAUSE, unit="document"),
    "voice": SumMeter(clause=CLAUSE, unit="second", by="country"),
    "whatsapp": ConversationMeter(clause=CLAUSE),
    "instagram": ConversationMeter(clause=CLAUSE, opened_by=OpenedBy.INBOUND),
    "bots": ConversationMeter(clause=CLAUSE, opened_by=OpenedBy.OUTBOUND),
    "lines": ConversationMeter(clause=CLAUSE, by="country"),
    "chats": ConversationMeter(clause=CLAUSE, window=WindowKind.SLIDING),
    "tickets": ConversationMeter(clause=CLAUSE, opened_by=OpenedBy.INBOUND, window=WindowKind.SLIDING),
    "agents": SeatMeter(clause=CLAUSE),
    "roles": SeatMeter(clause=CLAUSE, by="role"),
    "requests": CountMeter(clause=CLAUSE, unit="request"),
    "calls": MaximumMeter(clause=CLAUSE, unit="call", by="country"),
    "people": UniqueMeter(clause=CLAUSE, unit="contact", normalised=Normalised.E164),
    "devices": UniqueMeter(clause=CLAUSE, unit="device", of="device", by="country"),
    "boxes": LatestMeter(clause=CLAUSE, unit="box"),
    "storage": WeightedMeter(clause=CLAUSE, unit="MB-day"),
    "cpu": WeightedMeter(clause=CLAUSE, unit="core-hour", per=TimeUnit.HOUR),
    "minutes": SumMeter(
        clause=CLAUSE,
        unit="second",
        rounding=UnitRounding.UP,
        unit_size=Decimal(60),
        round_each=RoundEach.EVENT,
    ),
    "talk": SumMeter(clause=CLAUSE, unit="second", rounding=UnitRounding.UP, unit_size=Decimal(60)),
}

#: Ten years: these tests stand at the end of a year and tell of its beginning.
RULES = Rules(usage_times=UsageTimesRule(clause=CLAUSE, past_days=3_660))

VENDOR = Vendor(code="vendor", name="A Vendor")
SAO_PAULO = replace(
    ENTITY,
    code="vendor-br",
    name="Vendor Brasil",
    country="BR",
    currency="USD",
    time_zone="America/Sao_Paulo",
    series="B",
)
TIJUANA = replace(
    ENTITY, code="vendor-mx", name="Vendor Mexico", currency="USD", time_zone="America/Tijuana", series="M"
)
TERMS = TermsDocument(
    document=replace(HEAD, id="terms", title="Terms", effective_from=date(2015, 1, 1)),
    clause=(Clause(id=CLAUSE, place="1", says_en="Use is counted by meters."),),
    rules=RULES,
    meters=METERS,
)
CRM_TERMS = replace(
    TERMS,
    document=replace(TERMS.document, id="crm-terms", title="CRM terms"),
    meters={"sms": METERS["sms"]},
)


def price(meter: str, dimension: str = "") -> PerUnit:
    """Return a charge over a meter, or over one dimension of it."""
    return PerUnit(
        code=f"{meter}{dimension}",
        name=meter,
        clause=CLAUSE,
        meter=meter,
        dimension=dimension,
        unit_price=Decimal(1),
    )


def plan(product: str, document: TermsDocument) -> Plan:
    """Return a plan of a product that prices every meter of a document."""
    return replace(
        PLAN,
        code=product,
        product=product,
        name=product,
        currency="USD",
        effective_from=date(2015, 1, 1),
        documents=(document.document.id,),
        charge=tuple(price(meter) for meter in document.meters),
    )


MESSAGING = plan("messaging", TERMS)
CRM = plan("crm", CRM_TERMS)

CATALOG = Catalog(
    vendors={"vendor": VENDOR},
    entities={SAO_PAULO.code: SAO_PAULO, TIJUANA.code: TIJUANA},
    plans={("messaging", 1): MESSAGING, ("crm", 1): CRM},
    documents={"terms": (TERMS,), "crm-terms": (CRM_TERMS,)},
    indices={},
)

#: After every event of these tests, unless one says otherwise.
NOW = datetime(2026, 12, 31, tzinfo=UTC)
CLOCK = FixedClock(NOW)


def account(code: str) -> Account:
    """Return an account."""
    return Account(code=code, name=code, country="BR", email=f"{code}@example.com")


def subscription(
    account_code: str = "acme",
    *,
    code: str = "main",
    product: str = "messaging",
    entity: str = "vendor-br",
    starts_on: date = date(2017, 1, 1),
    ends_on: date | None = None,
) -> Subscription:
    """Return a subscription of a product."""
    return replace(
        SUBSCRIPTION,
        code=code,
        account=account_code,
        plan=product,
        entity=entity,
        signed_on=starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def contract(signed: Subscription) -> Contract:
    """Return a contract with its terms."""
    return CATALOG.contract(account_id_of(signed.account), account(signed.account), signed)


def ids(account_code: str = "acme", code: str = "main") -> SubscriptionKey:
    """Return the ids of an account and one of its subscriptions."""
    account_id = account_id_of(account_code)
    return account_id, subscription_id_of(account_id, code)


def at(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text)


def message(
    number: int | str,
    occurred_at: datetime,
    direction: str = INBOUND,
    *,
    meter: str = "whatsapp",
    contact: str = "ana",
    account_code: str = "acme",
) -> UsageEvent:
    """Return a message with a contact."""
    return UsageEvent(
        id=str(number),
        account=account_code,
        meter=meter,
        occurred_at=occurred_at,
        direction=direction,
        contact=contact,
    )


def used(
    number: int | str, occurred_at: datetime, quantity: int | str, *, meter: str = "documents", **about: str
) -> UsageEvent:
    """Return an event with a quantity; ``about`` are its dimensions."""
    return UsageEvent(
        id=str(number),
        account="acme",
        meter=meter,
        occurred_at=occurred_at,
        quantity=Decimal(quantity),
        dimensions=about,
    )
