"""Contracts built in Python for the tests of invoicing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from contracts.catalog import Moved
from contracts.charges import Charge, Flat, Graduated, OneOff, PerUnit, Tier, Timing
from contracts.clauses import Clause
from contracts.late_rules import LateChargeRule
from contracts.meters import ConversationMeter, Meter, SeatMeter
from contracts.parties import TaxRate
from contracts.rules import IndexationRule, PaymentRule, TaxMode, TaxRule
from contracts.subscriptions import Contract, PriceAdjustment
from contracts.terms import Rules, TermsDocument
from tests.parts import ACCOUNT, ENTITY, HEAD, SUBSCRIPTION, parts

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

ISSUER = replace(
    ENTITY,
    code="test-mx",
    name="Test MX",
    tax_id="TES010101AAA",
    taxes=(TaxRate(code="IVA", percent=Decimal(16)),),
    series="T",
)

TERMS = TermsDocument(
    document=replace(HEAD, id="test-terms", vendor="test", title="Test terms"),
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
    meters: dict[str, Meter] = TERMS.meters,
) -> Contract:
    """A contract over these charges, MXN before 16 % IVA unless told otherwise."""
    papers = TermsDocument(document=TERMS.document, clause=TERMS.clause, rules=rules, meters=meters)
    return parts(
        (papers,),
        charges=charges,
        account=replace(ACCOUNT, email="pay@acme.test", language=language),
        entity=replace(ISSUER, country=country),
        subscription=replace(
            SUBSCRIPTION, signed_on=starts_on, starts_on=starts_on, ends_on=ends_on, billing_day=billing_day
        ),
    ).contract(Moved(adjustments))
