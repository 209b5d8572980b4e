"""Reports over receivables; each is checked against the journal before anyone sees it.

Give a connection that sees one instant of the database (``db.unit_of_work.reading``), or a posting that comes
in between two of its queries looks like a difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from kernel.calendars import day_before
from kernel.errors import OutOfBalance
from kernel.ids import AccountId
from kernel.money import Money
from kernel.periods import Cycle, month_of
from receivables import store
from receivables.aging import AgingBasis, AgingReport, age
from receivables.journal import Ledger
from receivables.roll_forward import RollForward, roll


def aging_report(
    connection: Connection,
    *,
    as_of: date,
    basis: AgingBasis = AgingBasis.DUE_DATE,
    account_ids: Sequence[AccountId] | None = None,
    known_at: datetime | None = None,
) -> AgingReport:
    """Return the aging as of a day, as known at an instant.

    Raises :class:`OutOfBalance` unless its total in each currency is the journal's balance of receivables.
    """
    report = age(
        store.balances(connection, as_of=as_of, account_ids=account_ids, known_at=known_at),
        as_of=as_of,
        basis=basis,
        unapplied=store.unapplied_cash(connection, as_of=as_of, account_ids=account_ids, known_at=known_at),
    )
    booked = _receivables(connection, as_of, account_ids=account_ids, known_at=known_at)
    for currency in sorted({*booked, *report.totals}):
        aged, journal = report.total_in(currency), booked.get(currency, Money.zero(currency))
        if aged != journal:
            raise OutOfBalance(
                "the aging does not add up to the journal's balance of receivables",
                field="total",
                value=aged,
                expected=str(journal),
            )
    return report


def roll_forward(connection: Connection, *, month: date) -> tuple[RollForward, ...]:
    """Return, by currency, how receivables moved in the month that holds a day.

    Raises :class:`OutOfBalance` unless opening and movements reach the closing balance.
    """
    period = Cycle(month_of(month), 1).period_of(month)
    return roll(
        _receivables(connection, day_before(period.start)),
        store.receivable_movements(connection, period),
        _receivables(connection, period.last_day),
    )


def _receivables(
    connection: Connection,
    as_of: date,
    *,
    account_ids: Sequence[AccountId] | None = None,
    known_at: datetime | None = None,
) -> Mapping[str, Money]:
    ledgers = store.trial_balance(connection, as_of=as_of, account_ids=account_ids, known_at=known_at)
    return {each.balance.currency: each.balance for each in ledgers if each.ledger is Ledger.RECEIVABLE}
