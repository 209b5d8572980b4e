"""An invoice as issued: a frozen snapshot that the PDF, the API and ``explain`` all print.

Parties, prices, clauses and workings are kept as they stood; nothing in it is looked up again.
Sums hold by construction: each line's net + tax is its gross, and the lines' sums are the totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

import msgspec

from contracts.parties import Account, LegalEntity
from kernel.ids import AccountId, EntryId, InvoiceId, ItemId, SubscriptionId
from kernel.money import Money
from kernel.periods import Period
from rating.working import Step


class LineKind(StrEnum):
    """Why a line is there."""

    FEE = "fee"
    USAGE = "usage"
    LATE_USAGE = "late_usage"
    PENALTY = "penalty"
    SLA_CREDIT = "sla_credit"
    TRUE_UP = "true_up"
    ESTIMATE = "estimate"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of what is frozen at issue."""


class Party(Snapshot, frozen=True, kw_only=True):
    """A party as it stood at issue."""

    code: str
    name: str
    tax_id: str
    address: str
    country: str
    email: str
    bank_account: str = ""
    language: str = "en"

    @classmethod
    def of_entity(cls, entity: LegalEntity) -> Party:
        """Freeze the issuer."""
        return cls(
            code=entity.code,
            name=entity.name,
            tax_id=entity.tax_id,
            address=entity.address,
            country=entity.country,
            email=entity.email,
            bank_account=entity.bank_account,
        )

    @classmethod
    def of_account(cls, account: Account) -> Party:
        """Freeze the customer."""
        return cls(
            code=account.code,
            name=account.name,
            tax_id=account.tax_id,
            address=account.address,
            country=account.country,
            email=account.email,
            language=account.language,
        )


class TaxPart(Snapshot, frozen=True, kw_only=True):
    """One tax on one line: IVA, 16, 319.84."""

    code: str
    percent: Decimal
    amount: Decimal


class Citation(Snapshot, frozen=True, kw_only=True):
    """The clause that justifies a line: id, place, its sense in a line, and the document's version."""

    clause: str
    place: str
    says: str
    document: str


class InvoiceLine(Snapshot, frozen=True, kw_only=True, omit_defaults=True):
    """One line: what, for which days, how much, why, and how it was computed.

    ``withheld`` is left out where nothing is: so the digest of an invoice from before it stays what it was.
    """

    number: int
    kind: LineKind
    charge: str
    name: str
    meter: str
    unit: str
    period_start: date
    period_end: date
    quantity: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    taxes: tuple[TaxPart, ...]
    cites: Citation
    working: tuple[Step, ...]
    withheld: tuple[TaxPart, ...] = ()

    @property
    def period(self) -> Period:
        """The days that the line bills."""
        return Period(self.period_start, self.period_end)


class Invoice(Snapshot, frozen=True, kw_only=True):
    """An issued invoice."""

    account_id: AccountId
    invoice_id: InvoiceId
    subscription_id: SubscriptionId
    number: str
    subscription: str
    plan: str
    currency: str
    issued_on: date
    due_on: date
    issuer: Party
    customer: Party
    documents: tuple[str, ...]
    lines: tuple[InvoiceLine, ...]
    payment_clause: Citation
    issued_at: datetime

    @property
    def net(self) -> Money:
        """The sum of the lines before taxes."""
        return Money(sum((line.net for line in self.lines), Decimal(0)), self.currency)

    @property
    def tax(self) -> Money:
        """The sum of the lines' taxes."""
        return Money(sum((line.tax for line in self.lines), Decimal(0)), self.currency)

    @property
    def total(self) -> Money:
        """What the document comes to; the customer pays it without what it withholds."""
        return Money(sum((line.gross for line in self.lines), Decimal(0)), self.currency)

    @property
    def taxes(self) -> tuple[TaxPart, ...]:
        """Each tax with the sum of its amounts over the lines."""
        return _by_rate(part for line in self.lines for part in line.taxes)

    @property
    def withheld(self) -> tuple[TaxPart, ...]:
        """Each tax that the customer keeps back, with the sum of its amounts over the lines."""
        return _by_rate(part for line in self.lines for part in line.withheld)

    @property
    def payable(self) -> Money:
        """What is to be paid: the total without what the customer withholds and pays to the state itself."""
        withheld = sum((part.amount for part in self.withheld), Decimal(0))
        return self.total - Money(withheld, self.currency)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, by which a later reader proves that nothing was changed."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def _by_rate(parts: Iterable[TaxPart]) -> tuple[TaxPart, ...]:
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for part in parts:
        key = (part.code, part.percent)
        sums[key] = sums.get(key, Decimal(0)) + part.amount
    return tuple(
        TaxPart(code=code, percent=percent, amount=amount) for (code, percent), amount in sums.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LateChargeRecord:
    """An assessment of late charges on an item: what it added through a day, by which clause, and how."""

    account_id: AccountId
    item_id: ItemId
    through: date
    entry_id: EntryId
    fine: Money
    interest: Money
    correction: Money
    cites: Citation
    working: tuple[Step, ...]

    @property
    def total(self) -> Money:
        """What this assessment added."""
        return self.fine + self.interest + self.correction
