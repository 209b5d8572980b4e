"""How the customers of the demo pay: an invoice in one or two receipts, days counted from its due date."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from contracts.clauses import Record
from kernel.money import Percent
from receivables.journal import OpenItem

WHOLE = Percent(Decimal(100))


class Paying(NamedTuple):
    """A receipt that comes on a day: its reference, and which percentage of what is open it brings."""

    reference: str
    percent: Percent


class Payer(Record, frozen=True, kw_only=True):
    """The habit of one account.

    ``days_after_due`` is negative for who pays before; ``months`` gives other days for invoices issued in
    some months.  An invoice issued in one of ``months_in_parts`` is paid in two: ``first_percent`` of it, and
    the rest ``rest_after_days`` later.
    """

    account: str
    days_after_due: int = -3
    months: dict[str, int] = {}
    months_in_parts: tuple[str, ...] = ()
    first_percent: Decimal = Decimal(60)
    rest_after_days: int = 10

    def paying(self, item: OpenItem, on: date) -> Paying | None:
        """Return the receipt for an item that comes on a day, or None."""
        month = f"{item.issued_on:%Y-%m}"
        first_day = item.due_on + timedelta(days=self.months.get(month, self.days_after_due))
        in_parts = month in self.months_in_parts
        if on == first_day:
            return Paying(f"{item.number}-1", Percent(self.first_percent) if in_parts else WHOLE)
        if in_parts and on == first_day + timedelta(days=self.rest_after_days):
            return Paying(f"{item.number}-2", WHOLE)
        return None
