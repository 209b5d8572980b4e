"""Assessing late charges: what an overdue item owes through a day beyond what was assessed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from contracts.catalog import Catalog
from contracts.late_rules import LateChargeRule
from contracts.subscriptions import Contract
from invoicing import archive
from invoicing.citing import citation_of
from invoicing.documents import LateChargeRecord
from invoicing.late_debt import late_slices
from kernel.calendars import moved_by
from kernel.clock import Clock
from kernel.ids import EntryId, new_id
from kernel.money import Money, total_of
from kernel.periods import Period
from rating.late_fees import LateCharges, late_charges
from rating.lateness import LateSlice
from receivables.journal import Component, OpenItem, Stamp, late_charge_entry
from receivables.store import post, principal_movements


def assess(
    connection: Connection,
    catalog: Catalog,
    contract: Contract,
    item: OpenItem,
    *,
    through: date,
    clock: Clock,
    held: Sequence[Period],
) -> Money:
    """Post what an item owes for lateness through a day beyond what was posted before; return the difference.

    Charges are always computed on the whole debt from its due date and only the difference is posted, so that
    assessing every night or once at the end gives the same sum.  A receipt that is booked after its day takes
    back what was assessed too much.  ``held`` are the days on which the contract's time limits do not run.
    Terms without a rule charge nothing.
    """
    sourced = contract.terms.late_charges
    if sourced is None:
        return Money.zero(item.currency)
    assessed = archive.late_charges_of(connection, item.account_id, item.item_id)
    slices = _late_slices(connection, item, through, held)
    owed = _owed(catalog, contract, sourced.rule, slices) if slices else None
    new = _beyond(owed, assessed, item.currency)
    if not any(new.values()):
        return Money.zero(item.currency)
    record = LateChargeRecord(
        account_id=item.account_id,
        item_id=item.item_id,
        through=_effective_on(new, assessed, through),
        entry_id=EntryId(new_id()),
        fine=new[Component.FINE],
        interest=new[Component.INTEREST],
        correction=new[Component.CORRECTION],
        cites=citation_of(contract, sourced),
        working=() if owed is None else owed.working,
    )
    stamp = Stamp(
        entry_id=record.entry_id, effective_on=record.through, recorded_at=clock.now(), source=item.number
    )
    post(connection, [late_charge_entry(item, stamp, new)])
    archive.save_late_charge(connection, record)
    return record.total


def _late_slices(
    connection: Connection, item: OpenItem, through: date, held: Sequence[Period]
) -> tuple[LateSlice, ...]:
    """Return what of a debt was late through a day; force majeure before its due date has moved that."""
    movements = principal_movements(connection, item.account_id, item.item_id)
    return late_slices(movements, due_on=moved_by(item.issued_on, item.due_on, held), through=through)


def _owed(
    catalog: Catalog, contract: Contract, rule: LateChargeRule, slices: Sequence[LateSlice]
) -> LateCharges:
    """Return what the whole debt owes."""
    index = catalog.index(rule.correction_index) if rule.correction_index else None
    return late_charges(rule, slices, correction=index, calendar=contract.entity.bank_calendar)


def _beyond(
    owed: LateCharges | None, assessed: Sequence[LateChargeRecord], currency: str
) -> Mapping[Component, Money]:
    """Return what is owed beyond what was assessed, by component."""
    zero = Money.zero(currency)
    fine, interest, correction = (
        (zero, zero, zero) if owed is None else (owed.fine, owed.interest, owed.correction)
    )
    return {
        Component.FINE: fine - total_of((each.fine for each in assessed), currency),
        Component.INTEREST: interest - total_of((each.interest for each in assessed), currency),
        Component.CORRECTION: correction - total_of((each.correction for each in assessed), currency),
    }


def _effective_on(
    new: Mapping[Component, Money], assessed: Sequence[LateChargeRecord], through: date
) -> date:
    """Return the day of a posting: what is taken back is taken back on the last day that it was charged."""
    if any(amount < Money.zero(amount.currency) for amount in new.values()):
        return max([through, *(each.through for each in assessed)])
    return through
