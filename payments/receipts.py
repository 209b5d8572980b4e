"""A receipt: money that came in, as the bank or the gateway reports it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel.errors import Conflict, InvalidReceipt
from kernel.ids import AccountId
from kernel.money import Money

#: The longest reference that a bank or a gateway gives.
LONGEST_REFERENCE = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money of an account, received on a day; ``reference`` is the payer's or the bank's and names it once.

    ``invoice`` is the number of the document that the payer means to pay; empty, the oldest is paid first.
    """

    account_id: AccountId
    reference: str
    received_on: date
    amount: Money
    invoice: str = ""

    def __post_init__(self) -> None:
        """Refuse a receipt without a name, and one over nothing or less."""
        if not 1 <= len(self.reference) <= LONGEST_REFERENCE:
            raise InvalidReceipt(
                "a receipt has a reference",
                field="reference",
                value=self.reference[:LONGEST_REFERENCE],
                expected=f"1 to {LONGEST_REFERENCE} characters",
            )
        if self.amount <= Money.zero(self.amount.currency):
            raise InvalidReceipt(
                "a receipt brings money", field="amount", value=self.amount, expected="more than 0"
            )

    def refuse_other(self, known: Receipt) -> None:
        """Raise :class:`Conflict` when a known receipt of this reference says something else."""
        for field in ("received_on", "amount", "invoice"):
            mine, theirs = getattr(self, field), getattr(known, field)
            if mine != theirs:
                raise Conflict(
                    f"receipt {self.reference} is known with another {field}",
                    field=field,
                    value=mine,
                    expected=str(theirs),
                )

    def refuse_future(self, today: date) -> None:
        """Raise :class:`InvalidReceipt` for a day that has not come: late charges would run to it."""
        if self.received_on > today:
            raise InvalidReceipt(
                "a receipt of a day that has not come",
                field="received_on",
                value=self.received_on,
                expected=f"{today} or earlier",
            )

    def refuse_currency(self, currencies: frozenset[str]) -> None:
        """Raise :class:`InvalidReceipt` for money in a currency that the account is never billed in."""
        if self.amount.currency not in currencies:
            raise InvalidReceipt(
                "the account is not billed in this currency",
                field="currency",
                value=self.amount.currency,
                expected=" or ".join(sorted(currencies)),
            )
