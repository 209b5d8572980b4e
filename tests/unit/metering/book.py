"""A small book in Python: two issuers in two time zones, every kind of meter, two products that share one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from contracts.catalog import Catalog
from contracts.charges import PerUnit
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.meters import ConversationMeter, Meter, OpenedBy, SeatMeter, SmsMeter, SumMeter
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.rules import UsageTimesRule
from contracts.subscriptions import Contract, Subscription
from contracts.terms import Rules, TermsDocument
from kernel.clock import FixedClock
from kernel.ids import AccountId, SubscriptionId, account_id_of, subscription_id_of
from metering.conversations import INBOUND
from metering.events import UsageEvent

CLAUSE = "T-1"
METERS: dict[str, Meter] = {
    "sms": SmsMeter(clause=CLAUSE),
    "documents": SumMeter(clause=CLAUSE, unit="document"),
    "voice": SumMeter(clause=CLAUSE, unit="second", by="country"),
    "whatsapp": ConversationMeter(clause=CLAUSE),
    "instagram": ConversationMeter(clause=CLAUSE, opened_by=OpenedBy.INBOUND),
    "bots": ConversationMeter(clause=CLAUSE, opened_by=OpenedBy.OUTBOUND),
    "lines": ConversationMeter(clause=CLAUSE, by="country"),
    "agents": SeatMeter(clause=CLAUSE),
    "roles": SeatMeter(clause=CLAUSE, by="role"),
}

#: Ten years: these tests stand at the end of a year and tell of its beginning.
RULES = Rules(usage_times=UsageTimesRule(clause=CLAUSE, past_days=3_660))

VENDOR = Vendor(code="vendor", name="A Vendor")
SAO_PAULO = LegalEntity(
    code="vendor-br",
    vendor="vendor",
    name="Vendor Brasil",
    tax_id="1",
    country="BR",
    currency="USD",
    time_zone="America/Sao_Paulo",
    series="B",
)
TIJUANA = LegalEntity(
    code="vendor-mx",
    vendor="vendor",
    name="Vendor Mexico",
    tax_id="2",
    country="MX",
    currency="USD",
    time_zone="America/Tijuana",
    series="M",
)
TERMS = TermsDocument(
    document=DocumentHead(
        id="terms",
        vendor="vendor",
        layer=Layer.GENERAL,
        title="Terms",
        version="1",
        effective_from=date(2015, 1, 1),
    ),
    clause=(Clause(id=CLAUSE, place="1", says_en="Use is counted by meters."),),
    rules=RULES,
    meters=METERS,
)
CRM_TERMS = TermsDocument(
    document=DocumentHead(
        id="crm-terms",
        vendor="vendor",
        layer=Layer.GENERAL,
        title="CRM terms",
        version="1",
        effective_from=date(2015, 1, 1),
    ),
    clause=(Clause(id=CLAUSE, place="1", says_en="Use is counted by meters."),),
    rules=RULES,
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
    return Plan(
        code=product,
        version=1,
        product=product,
        vendor="vendor",
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
    return Subscription(
        code=code,
        account=account_code,
        plan=product,
        plan_version=1,
        entity=entity,
        signed_on=starts_on,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def contract(signed: Subscription) -> Contract:
    """Return a contract with its terms."""
    return CATALOG.contract(account_id_of(signed.account), account(signed.account), signed)


def ids(account_code: str = "acme", code: str = "main") -> tuple[AccountId, SubscriptionId]:
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
