"""A small book of debts for the tests of receivables and payments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from contracts.parties import Account
from kernel.ids import AccountId, EntryId, ItemId, account_id_of, new_id
from kernel.money import Money
from receivables.journal import ItemBalance, OpenItem, Stamp

ACCOUNT = Account(code="acme", name="Acme", country="MX", email="ap@acme.example")
ACCOUNT_ID = account_id_of(ACCOUNT.code)


def mxn(amount: str) -> Money:
    """Return pesos."""
    return Money.of(amount, "MXN")


def item_of(
    number: str,
    *,
    issued_on: date = date(2026, 1, 1),
    due_on: date = date(2026, 1, 21),
    account_id: AccountId = ACCOUNT_ID,
    currency: str = "MXN",
) -> OpenItem:
    """Return an open item that is due 20 days after its issue."""
    return OpenItem(
        account_id=account_id,
        item_id=ItemId(new_id()),
        number=number,
        entity="issuer",
        currency=currency,
        issued_on=issued_on,
        due_on=due_on,
    )


def owes(
    item: OpenItem, principal: str, *, interest: str = "0", fine: str = "0", correction: str = "0"
) -> ItemBalance:
    """Return what is open on an item, by component."""
    return ItemBalance(
        item=item,
        principal=Money.of(principal, item.currency),
        interest=Money.of(interest, item.currency),
        fine=Money.of(fine, item.currency),
        correction=Money.of(correction, item.currency),
    )


def stamp_of(effective_on: date, *, recorded_at: datetime | None = None, source: str = "test") -> Stamp:
    """Return a stamp of a new entry that was recorded at noon of its day unless told otherwise."""
    return Stamp(
        entry_id=EntryId(new_id()),
        effective_on=effective_on,
        recorded_at=recorded_at or noon(effective_on),
        source=source,
    )


def noon(day: date) -> datetime:
    """Return noon UTC of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def id_of(number: int) -> UUID:
    """Return a fixed id."""
    return UUID(int=number)
