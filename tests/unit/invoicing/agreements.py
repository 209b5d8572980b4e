"""Contracts built in Python for the tests of invoicing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from contracts.charges import Charge, Flat, Graduated, OneOff, PerUnit, Tier, Timing
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.meters import ConversationMeter, SeatMeter
from contracts.parties import Account, LegalEntity, TaxRate
from contracts.plans import Plan
from contracts.rules import IndexationRule, LateChargeRule, PaymentRule, TaxMode, TaxRule
from contracts.subscriptions import Contract, PriceAdjustment, Subscription
from contracts.terms import Rules, TermsDocument, resolve
from kernel.ids import account_id_of, subscription_id_of

PLATFORM = Flat(code="platform", name="Platform", clause="T-1", amount=Decimal("1999.00"))
ACTIVATION = OneOff(code="activation", name="Activation", clause="T-1", amount=Decimal("500.00"))
SUPPORT = Flat(code="support", name="Support", clause="T-1", amount=Decimal(310), timing=Timing.IN_ARREARS)
SEATS = PerUnit(code="seats", name="Seats", clause="T-1", meter="seats", unit_price=Decimal(100))
CONVERSATIONS = Graduated(
    code="conversations",
    name="Conversations",
    clause="T-1",
    meter="whatsapp",
    allowance=Decimal(100),
    tiers=(Tier(up_to=Decimal(100), unit_price=Decimal("0.90")), Tier(unit_price=Decimal("0.70"))),
)

TERMS = TermsDocument(
    document=DocumentHead(
        id="test-terms",
        vendor="test",
        layer=Layer.GENERAL,
        title="Test terms",
        version="1",
        effective_from=date(2020, 1, 1),
    ),
    clause=(Clause(id="T-1", place="1", says_en="A test.", says_es="Una prueba."),),
    rules=Rules(
        payment=PaymentRule(clause="T-1", due_days_after_sent=20),
        tax=TaxRule(clause="T-1", mode=TaxMode.EXCLUSIVE),
        late_charges=LateChargeRule(
            clause="T-1", fine_percent=Decimal(10), interest_percent_per_month=Decimal(1)
        ),
        indexation=IndexationRule(clause="T-1", index="IGPM", entity_countries=("BR",)),
    ),
    meters={
        "whatsapp": ConversationMeter(clause="T-1"),
        "seats": SeatMeter(clause="T-1"),
    },
)


def contract_of(
    *charges: Charge,
    starts_on: date = date(2026, 1, 1),
    ends_on: date | None = None,
    billing_day: int = 0,
    country: str = "MX",
    language: str = "en",
    rules: Rules = TERMS.rules,
    adjustments: tuple[PriceAdjustment, ...] = (),
) -> Contract:
    """A contract over these charges, MXN before 16 % IVA unless told otherwise."""
    account_id = account_id_of("acme")
    plan = Plan(
        code="plan",
        version=1,
        product="product",
        vendor="test",
        name="Plan",
        currency="MXN",
        effective_from=date(2020, 1, 1),
        documents=("test-terms",),
        charge=charges,
    )
    return Contract(
        account_id=account_id,
        subscription_id=subscription_id_of(account_id, "main"),
        account=Account(code="acme", name="Acme", country="MX", email="pay@acme.test", language=language),
        entity=LegalEntity(
            code="test-mx",
            vendor="test",
            name="Test MX",
            tax_id="TES010101AAA",
            country=country,
            currency="MXN",
            time_zone="America/Mexico_City",
            taxes=(TaxRate(code="IVA", percent=Decimal(16)),),
            series="T",
        ),
        subscription=Subscription(
            code="main",
            account="acme",
            plan="plan",
            plan_version=1,
            entity="test-mx",
            signed_on=starts_on,
            starts_on=starts_on,
            ends_on=ends_on,
            billing_day=billing_day,
        ),
        plan=plan,
        charges=charges,
        terms=resolve(
            [TermsDocument(document=TERMS.document, clause=TERMS.clause, rules=rules, meters=TERMS.meters)]
        ),
        adjustments=adjustments,
    )
