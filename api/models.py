"""The bodies that the API gives, as its description shows them; amounts and quantities are strings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from kernel.money import plain


def _as_it_stands(amount: Decimal) -> str:
    return f"{amount:f}"


_EXACT = {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}

#: Money, with as many decimals as its currency has: "2318.84".
Amount = Annotated[
    Decimal,
    PlainSerializer(_as_it_stands, return_type=str),
    WithJsonSchema({**_EXACT, "description": "With the currency's decimals.", "examples": ["2318.84"]}),
]

#: An exact number of no currency: "37", "0.3333".
Quantity = Annotated[
    Decimal, PlainSerializer(plain, return_type=str), WithJsonSchema({**_EXACT, "examples": ["37"]})
]


class Body(BaseModel):
    """Base of all bodies: nothing unknown passes."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class ProblemBody(Body):
    """Why a request was refused: a stable code, and the field, the value and what would be right."""

    type: str = "about:blank"
    status: int
    code: str = Field(examples=["unknown_invoice"])
    title: str
    field: str = ""
    value: str = ""
    expected: str = ""


class EventProblem(Body):
    """Why one event of a batch was refused; it is kept in quarantine."""

    index: int = Field(description="The event's place in the batch, from 0.")
    code: str = Field(examples=["unknown_meter"])
    message: str
    field: str
    value: str
    expected: str


class IngestBody(Body):
    """What became of a batch; what is counted here is committed."""

    accepted: int
    known: int = Field(description="Events that were there already: they are counted once for ever.")
    problems: list[EventProblem]


class PartyBody(Body):
    """A party as it stood at issue."""

    code: str
    name: str
    tax_id: str
    address: str
    country: str
    email: str
    bank_account: str
    language: str


class TaxBody(Body):
    """One tax."""

    code: str
    percent: Quantity
    amount: Amount


class CitationBody(Body):
    """The clause that justifies it."""

    clause: str = Field(examples=["ZEN-IX-6.2"])
    place: str
    says: str
    document: str


class StepBody(Body):
    """One step of a line's working: numbers are exact, as text."""

    code: str
    facts: dict[str, str]
    result: str


class LineBody(Body):
    """One line of an invoice."""

    number: int
    kind: Literal["fee", "usage", "late_usage", "true_up", "estimate", "penalty", "sla_credit"]
    charge: str
    name: str
    meter: str
    unit: str
    period_start: date
    period_end: date = Field(description="The first day that does not belong.")
    quantity: Quantity
    net: Amount
    tax: Amount
    gross: Amount
    taxes: list[TaxBody]
    withheld: list[TaxBody] = Field(default=[], description="Taxes that the customer keeps back and pays.")
    cites: CitationBody
    working: list[StepBody]


class InvoiceBody(Body):
    """An issued invoice: frozen, with the working and the clause of each line."""

    object: Literal["invoice"] = "invoice"
    number: str = Field(examples=["ZMX-000017"])
    invoice_id: UUID
    account: str
    subscription: str
    plan: str
    currency: str
    issued_on: date
    due_on: date
    issued_at: datetime
    net: Amount
    tax: Amount
    total: Amount
    payable: Amount = Field(description="The total without what the customer withholds.")
    taxes: list[TaxBody]
    withheld: list[TaxBody]
    issuer: PartyBody
    customer: PartyBody
    documents: list[str]
    payment_clause: CitationBody
    lines: list[LineBody]
    digest: str = Field(description="SHA-256 of the content.")


class InvoiceList(Body):
    """A page of invoices, newest first; while more follow, ask again ``starting_after`` the last number."""

    object: Literal["list"] = "list"
    data: list[InvoiceBody]
    has_more: bool


class ReasonBody(Body):
    """What is said, and what it rests on: a stable code, exact facts as text, and the words of a language."""

    code: str = Field(examples=["units"])
    text: str
    facts: dict[str, str]
    result: str
    because: list[ReasonBody]


class ExplanationBody(Body):
    """The reason of every line of an invoice, as text and as a tree."""

    object: Literal["explanation"] = "explanation"
    number: str
    language: Literal["en", "es", "pt"]
    lines: list[str]
    reasons: list[ReasonBody]


class AgedItemBody(Body):
    """One open item."""

    account: str
    number: str
    issued_on: date
    due_on: date
    days: int = Field(description="Days since the date of the basis.")
    bucket: str = Field(examples=["31-60"])
    currency: str
    principal: Amount
    interest: Amount
    fine: Amount
    correction: Amount
    total: Amount


class AgedSumsBody(Body):
    """Open amounts by bucket."""

    currency: str
    buckets: dict[str, Amount]
    credits: Amount = Field(description="What the total holds of items below zero.")
    total: Amount


class AgingBody(Body):
    """What is open as of a day: the totals of all of it, checked against the journal, and a page of items."""

    object: Literal["aging"] = "aging"
    as_of: date
    basis: str
    totals: list[AgedSumsBody]
    items: list[AgedItemBody]
    has_more: bool


class VerdictBody(Body):
    """Whether a feature may be used, and why; of what is limited, whether one more may be."""

    subscription: str
    as_of: date
    feature: str = Field(examples=["sandbox"])
    allowed: bool
    reason: str
    clause: str = Field(description="Empty where no clause is recorded.", examples=["ZEN-II-3.2-vii"])
    document: str
    limit: Quantity | None
    used: Quantity | None
    left: Quantity | None
    at_limit: Literal["block", "purge", "bill"] | None = Field(description="What becomes of more.")
    ends_on: date | None = Field(description="The first day on which it may not be used any more.")


class EntitlementsBody(Body):
    """What an account may use: a feature may be used if all its verdicts allow it."""

    object: Literal["entitlements"] = "entitlements"
    account: str
    data: list[VerdictBody]


class LimitBody(Body):
    """What is used of a limit, and whether one more unit may be."""

    subscription: str
    as_of: date
    feature: str = Field(examples=["sandbox"])
    meter: str
    unit: str
    per: Literal["day", "period", "ever"] = Field(description="Over which time the limit counts.")
    starts_on: date = Field(description="The first day that it counts.")
    ends_on: date | None = Field(description="The first day that it counts anew; null: it holds for good.")
    limit: Quantity
    used: Quantity
    left: Quantity
    share_percent: Quantity = Field(description="Rounded down: 100 is reached, not approached.")
    at_limit: Literal["block", "purge", "bill"] = Field(description="What becomes of more.")
    allowed: bool
    reason: str
    clause: str = Field(examples=["ZEN-II-3.2-vii"])
    document: str
    says: str = Field(description="The clause in a line.")


class LimitsBody(Body):
    """How much an account has used of the limits of its contracts."""

    object: Literal["limits"] = "limits"
    account: str
    data: list[LimitBody]


class CreditBody(Body):
    """Credits or a coupon of an amount: given, used on invoices, lost as it expired, and left."""

    subscription: str
    kind: Literal["credits", "coupon"]
    code: str = Field(examples=["outage-march"])
    name: str
    currency: str = Field(examples=["MXN"])
    given_on: date
    expires_on: date | None = Field(description="The first day on which it is lost.")
    priority: int | None = Field(description="Of credits; the lower is used first.")
    amount: Amount
    used: Amount
    expired: Amount
    left: Amount
    clause: str = Field(examples=["OF-3"])
    given_by: str = Field(description="Empty where the contract itself gives it.")
    reason: str


class CreditsBody(Body):
    """What is left of an account's credits, in the order of their use, and of its coupons."""

    object: Literal["credits"] = "credits"
    account: str
    data: list[CreditBody]


class Health(Body):
    """Whether the service can work."""

    status: Literal["ok"] = "ok"
