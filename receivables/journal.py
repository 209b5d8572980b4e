"""The open-item journal: balanced entries that are only ever added to.

Debits are positive, credits negative; the postings of an entry sum to zero.  What a customer owes is not
stored anywhere: it is the sum of the postings on an item, as of a day and as known at an instant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kernel.errors import InvalidInput, UnbalancedEntry
from kernel.ids import AccountId, EntryId, ItemId, SubscriptionId
from kernel.money import Money, total_of


class Ledger(StrEnum):
    """The accounts of the journal."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    TAX_PAYABLE = "tax_payable"
    TAX_WITHHELD = "tax_withheld"
    LATE_CHARGE_INCOME = "late_charge_income"
    CASH = "cash"
    UNAPPLIED_CASH = "unapplied_cash"


class Component(StrEnum):
    """What a debt on an item consists of; postings outside the receivables ledger have none."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    FINE = "fine"
    CORRECTION = "correction"
    NONE = "none"


class EntryKind(StrEnum):
    """What happened: the lines of a roll-forward."""

    INVOICE = "invoice"
    LATE_CHARGE = "late_charge"
    RECEIPT = "receipt"
    APPLICATION = "application"


class ItemKind(StrEnum):
    """The kind of document that opened an item."""

    INVOICE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A document as receivables know it: whose, its number, its dates; the amounts are in the journal.

    ``subscription_id`` is the contract that it was issued under, where it is of one contract.
    """

    account_id: AccountId
    item_id: ItemId
    kind: ItemKind = ItemKind.INVOICE
    number: str
    entity: str
    subscription_id: SubscriptionId | None = None
    currency: str
    issued_on: date
    due_on: date

    def __post_init__(self) -> None:
        """Refuse an item that is due before it is issued."""
        if self.due_on < self.issued_on:
            raise InvalidInput(
                "an item is due on or after its issue",
                field="due_on",
                value=self.due_on,
                expected=f"{self.issued_on} or later",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBalance:
    """What is open on an item, by component; negative where the customer has a credit."""

    item: OpenItem
    principal: Money
    interest: Money
    fine: Money
    correction: Money

    @property
    def charges(self) -> Money:
        """The late charges: interest, fine and correction."""
        return self.interest + self.fine + self.correction

    @property
    def total(self) -> Money:
        """All that is open."""
        return self.principal + self.charges

    @property
    def components(self) -> Mapping[Component, Money]:
        """The open amounts by component."""
        return {
            Component.PRINCIPAL: self.principal,
            Component.INTEREST: self.interest,
            Component.FINE: self.fine,
            Component.CORRECTION: self.correction,
        }


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: debit positive, credit negative.

    A posting on receivables names the item and the component that it moves; no other posting does.
    """

    ledger: Ledger
    amount: Money
    item_id: ItemId | None = None
    component: Component = Component.NONE

    def __post_init__(self) -> None:
        """Refuse a receivable of no item, and an item on any other ledger."""
        on_item = self.item_id is not None and self.component is not Component.NONE
        off_item = self.item_id is None and self.component is Component.NONE
        if not (on_item if self.ledger is Ledger.RECEIVABLE else off_item):
            raise InvalidInput(
                "a posting names an item and a component on receivables and nowhere else",
                field="component",
                value=f"{self.ledger}, item {self.item_id}, {self.component}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Postings that belong together: when they take effect, when they were recorded, from which document.

    Raises :class:`UnbalancedEntry` unless the postings are of one currency and sum to zero.  An entry without
    postings (an invoice over nothing) is balanced and moves nothing.
    """

    account_id: AccountId
    entry_id: EntryId
    kind: EntryKind
    effective_on: date
    recorded_at: datetime
    source: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """Refuse what does not balance, or would not say when it was recorded."""
        if self.recorded_at.utcoffset() is None:
            raise InvalidInput("an instant needs a time zone", field="recorded_at", value=self.recorded_at)
        currencies = sorted({posting.amount.currency for posting in self.postings})
        if len(currencies) > 1:
            raise UnbalancedEntry(
                "an entry has one currency", field="currency", value=", ".join(currencies), place=self.source
            )
        for currency in currencies:
            rest = total_of((posting.amount for posting in self.postings), currency)
            if rest:
                raise UnbalancedEntry(
                    "the postings of an entry sum to zero",
                    field="postings",
                    value=rest,
                    expected=str(Money.zero(currency)),
                    place=self.source,
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every entry says of itself: its id, when it takes effect, when it was recorded, its document."""

    entry_id: EntryId
    effective_on: date
    recorded_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class AllocationPart:
    """How much of a receipt settles one component of one item."""

    item_id: ItemId
    component: Component
    amount: Money


def invoice_entry(
    item: OpenItem, stamp: Stamp, *, net: Money, tax: Money, withheld: Money | None = None
) -> Entry:
    """Debit the item's principal by what is payable; credit revenue with the net, tax payable with the tax.

    Net 100.00 and tax 16.00: receivable 116.00, revenue -100.00, tax payable -16.00.  What the customer
    withholds it pays to the state on the vendor's account: of 10.00, receivable 106.00, tax withheld 10.00.
    Raises :class:`kernel.errors.CurrencyMismatch` for money in another currency than the item's.
    """
    kept = Money.zero(item.currency) if withheld is None else withheld
    payable = total_of((net, tax, -kept), item.currency)
    return _entry(
        item.account_id,
        EntryKind.INVOICE,
        stamp,
        Posting(Ledger.RECEIVABLE, payable, item.item_id, Component.PRINCIPAL),
        Posting(Ledger.TAX_WITHHELD, kept),
        Posting(Ledger.REVENUE, -net),
        Posting(Ledger.TAX_PAYABLE, -tax),
    )


def late_charge_entry(item: OpenItem, stamp: Stamp, charges: Mapping[Component, Money]) -> Entry:
    """Debit the item by each late charge; credit late charge income with their sum.

    A negative charge takes back what was assessed too high.
    """
    income = total_of(charges.values(), item.currency)
    debits = [Posting(Ledger.RECEIVABLE, each, item.item_id, name) for name, each in charges.items()]
    return _entry(
        item.account_id, EntryKind.LATE_CHARGE, stamp, *debits, Posting(Ledger.LATE_CHARGE_INCOME, -income)
    )


def receipt_entry(
    account_id: AccountId, stamp: Stamp, *, amount: Money, parts: Sequence[AllocationPart]
) -> Entry:
    """Debit cash by the receipt; credit what it settles, and unapplied cash with the rest."""
    rest = amount - total_of((part.amount for part in parts), amount.currency)
    return _entry(
        account_id,
        EntryKind.RECEIPT,
        stamp,
        Posting(Ledger.CASH, amount),
        *_settled(parts),
        Posting(Ledger.UNAPPLIED_CASH, -rest),
    )


def application_entry(
    account_id: AccountId, stamp: Stamp, *, currency: str, parts: Sequence[AllocationPart]
) -> Entry:
    """Debit unapplied cash by what is applied now; credit the components that it settles."""
    applied = total_of((part.amount for part in parts), currency)
    return _entry(
        account_id,
        EntryKind.APPLICATION,
        stamp,
        Posting(Ledger.UNAPPLIED_CASH, applied),
        *_settled(parts),
    )


def _settled(parts: Sequence[AllocationPart]) -> list[Posting]:
    return [Posting(Ledger.RECEIVABLE, -part.amount, part.item_id, part.component) for part in parts]


def _entry(account_id: AccountId, kind: EntryKind, stamp: Stamp, *postings: Posting) -> Entry:
    return Entry(
        account_id=account_id,
        entry_id=stamp.entry_id,
        kind=kind,
        effective_on=stamp.effective_on,
        recorded_at=stamp.recorded_at,
        source=stamp.source,
        postings=tuple(posting for posting in postings if posting.amount),
    )
