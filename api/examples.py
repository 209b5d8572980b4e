"""The examples of the description: a customer's March, as typed bodies that cannot drift from the models."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from api.models import (
    AgedItemBody,
    AgedSumsBody,
    AgingBody,
    CitationBody,
    CreditBody,
    CreditsBody,
    EntitlementsBody,
    EventProblem,
    ExplanationBody,
    IngestBody,
    InvoiceBody,
    InvoiceList,
    LimitBody,
    LimitsBody,
    LineBody,
    PartyBody,
    ReasonBody,
    StepBody,
    TaxBody,
    VerdictBody,
)

NUMBER: Final = "ZMX-000007"
ISSUED: Final = date(2026, 3, 1)
DUE: Final = date(2026, 3, 21)
TOTAL: Final = Decimal("14.30")
NOTHING: Final = Decimal("0.00")

USAGE_EVENTS: Final = {
    "events": [
        {
            "id": "wamid.5512",
            "account": "flores-del-norte",
            "meter": "whatsapp_conversations",
            "occurred_at": "2026-02-10T15:04:05Z",
            "source": "whatsapp",
            "subscription": "conversion",
            "direction": "outbound",
            "contact": "+528112345678",
            "dimensions": {"country": "MX"},
        },
        {
            "id": "crm-2026-02-10",
            "account": "libreria-meridiano",
            "meter": "seats",
            "occurred_at": "2026-02-10T09:00:00-06:00",
            "quantity": "7",
        },
        {
            "id": "sms-81",
            "account": "flores-del-norte",
            "meter": "fax",
            "occurred_at": "2026-02-10T15:04:05Z",
        },
    ]
}

CLOUD_EVENT_EXAMPLE: Final = {
    "specversion": "1.0",
    "id": "doc-5512",
    "source": "https://documents.example.com",
    "type": "com.example.usage.documents",
    "subject": "flores-del-norte/conversion",
    "time": "2026-02-10T15:04:05Z",
    "data": {"quantity": "3"},
}

INGESTED: Final = IngestBody(
    accepted=1,
    known=1,
    problems=[
        EventProblem(
            index=2,
            code="unknown_meter",
            message="no subscription of the account has this meter",
            field="meter",
            value="fax",
            expected="one of sms, sms_engage, users, whatsapp_conversations",
        )
    ],
)

_IVA: Final = TaxBody(code="IVA", percent=Decimal(16), amount=Decimal("1.97"))

INVOICE: Final = InvoiceBody(
    number=NUMBER,
    invoice_id=UUID("01a20010-22b8-7bb1-837a-036ae925fded"),
    account="flores-del-norte",
    subscription="conversion",
    plan="conversion-mx v1",
    currency="MXN",
    issued_on=ISSUED,
    due_on=DUE,
    issued_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    net=Decimal("12.33"),
    tax=Decimal("1.97"),
    total=TOTAL,
    payable=TOTAL,
    taxes=[_IVA],
    withheld=[],
    issuer=PartyBody(
        code="lumen-mx",
        name="Lumen México, S. de R.L. de C.V.",
        tax_id="ZDM200115AB9",
        address="Calle de la Muestra 13, 03810 Ciudad de México",
        country="MX",
        email="cobranza@lumen.example",
        bank_account="CLABE 000000000000000013",
        language="en",
    ),
    customer=PartyBody(
        code="flores-del-norte",
        name="Flores del Norte, S.A. de C.V.",
        tax_id="FLN120514T42",
        address="Av. de las Rosas 120, 64000 Monterrey",
        country="MX",
        email="cuentas@floresdelnorte.example",
        bank_account="",
        language="es",
    ),
    documents=["lumen-general 2026", "lumen-sms 2026"],
    payment_clause=CitationBody(
        clause="LUM-5.1",
        place="Clause 5.1",
        says="La transferencia vence 20 días después de salir la factura por correo.",
        document="lumen-payments 2026",
    ),
    lines=[
        LineBody(
            number=1,
            kind="usage",
            charge="sms",
            name="SMS",
            meter="sms",
            unit="segment",
            period_start=date(2026, 2, 1),
            period_end=ISSUED,
            quantity=Decimal(37),
            net=Decimal("12.33"),
            tax=Decimal("1.97"),
            gross=TOTAL,
            taxes=[_IVA],
            cites=CitationBody(
                clause="LUM-S-2",
                place="Annex for SMS, clause 2",
                says="Un texto que no cabe en un SMS se parte, y se cobra cada parte.",
                document="lumen-sms 2026",
            ),
            working=[
                StepBody(
                    code="units",
                    facts={"currency": "MXN", "quantity": "37", "unit_price": "0.3333"},
                    result="12.3321",
                ),
                StepBody(code="rounding", facts={"currency": "MXN", "exact": "12.3321"}, result="12.33"),
            ],
        )
    ],
    digest="72fbf507c6f8cc69406da27c0efd3d25f1a82f45d1281ae8d908c2c19e88a877",
)

INVOICES: Final = InvoiceList(data=[INVOICE], has_more=True)

EXPLANATION: Final = ExplanationBody(
    number=NUMBER,
    language="en",
    lines=[
        f"Invoice {NUMBER}",
        "  1. SMS, 2026-02-01 to 2026-02-28 (usage)",
        "       37 x 0.3333 MXN = 12.3321 MXN",
        "       rounded half up: 12.3321 -> 12.33 MXN",
        "       IVA 16 % of 12.33 MXN = 1.97 MXN",
        "Total  14.30 MXN",
    ],
    reasons=[
        ReasonBody(
            code="line_usage",
            text="  1. SMS, 2026-02-01 to 2026-02-28 (usage)",
            facts={"name": "SMS", "first": "2026-02-01", "last": "2026-02-28"},
            result="1",
            because=[
                ReasonBody(
                    code="units",
                    text="37 x 0.3333 MXN = 12.3321 MXN",
                    facts={"quantity": "37", "unit_price": "0.3333", "currency": "MXN"},
                    result="12.3321",
                    because=[],
                )
            ],
        )
    ],
)

AGING: Final = AgingBody(
    as_of=date(2026, 4, 1),
    basis="due_date",
    totals=[
        AgedSumsBody(
            currency="MXN",
            buckets={
                "current": NOTHING,
                "1-30": TOTAL,
                "31-60": NOTHING,
                "61-90": NOTHING,
                "over 90": NOTHING,
            },
            credits=NOTHING,
            total=TOTAL,
        )
    ],
    items=[
        AgedItemBody(
            account="flores-del-norte",
            number=NUMBER,
            issued_on=ISSUED,
            due_on=DUE,
            days=11,
            bucket="1-30",
            currency="MXN",
            principal=TOTAL,
            interest=NOTHING,
            fine=NOTHING,
            correction=NOTHING,
            total=TOTAL,
        )
    ],
    has_more=False,
)

ENTITLEMENTS: Final = EntitlementsBody(
    account="flores-del-norte",
    data=[
        VerdictBody(
            subscription="conversion",
            as_of=date(2026, 3, 5),
            feature="sandbox",
            allowed=False,
            reason="200 of 200 messages used today: what goes beyond is blocked",
            clause="LUM-B-3",
            document="lumen-sandbox 2026",
            limit=Decimal(200),
            used=Decimal(200),
            left=Decimal(0),
            at_limit="block",
            ends_on=None,
        )
    ],
)

LIMITS: Final = LimitsBody(
    account="flores-del-norte",
    data=[
        LimitBody(
            subscription="conversion",
            as_of=date(2026, 3, 5),
            feature="sandbox",
            meter="sandbox_messages",
            unit="message",
            per="day",
            starts_on=date(2026, 3, 5),
            ends_on=date(2026, 3, 6),
            limit=Decimal(200),
            used=Decimal(150),
            left=Decimal(50),
            share_percent=Decimal(75),
            at_limit="block",
            allowed=True,
            reason="150 of 200 messages used today",
            clause="LUM-B-3",
            document="lumen-sandbox 2026",
            says="The sandbox sends no more than 200 messages in a day.",
        )
    ],
)

CREDITS: Final = CreditsBody(
    account="flores-del-norte",
    data=[
        CreditBody(
            subscription="conversion",
            kind="credits",
            code="outage-march",
            name="Outage of March",
            currency="MXN",
            given_on=ISSUED,
            expires_on=date(2026, 6, 1),
            priority=50,
            amount=Decimal("250.00"),
            used=Decimal("12.33"),
            expired=NOTHING,
            left=Decimal("237.67"),
            clause="LUM-B-3",
            given_by="ana",
            reason="an outage of two hours",
        )
    ],
)
