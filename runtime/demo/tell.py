"""Telling what happened, from what is recorded: a replay that was killed tells the same as another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from contracts.store import account_ids_after, contracts_of, load_catalog
from contracts.subscriptions import Contract
from db.unit_of_work import reading
from dunning.actions import Action, ActionStatus
from dunning.store import actions_of
from invoicing.archive import InvoiceFilter, invoices_page, late_charges_of
from invoicing.documents import Invoice
from kernel.ids import AccountId, ItemId
from kernel.money import Money, plain, total_of
from kernel.words import counted
from metering.store import count_events
from metering.store_quarantine import quarantined
from payments.store import BookedReceipt, receipts_of
from receivables.report import aging_report
from runtime.demo.story import Story

#: The code that the shipped plans give to what is billed beyond a package.
OVERAGE = "overage"

#: Accounts of a book that the story is told of; a larger book is a job for the reports.
MOST_ACCOUNTS = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happened to an account on a day."""

    on: date
    rank: int
    account: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is recorded of the accounts of a demo."""

    contracts: tuple[Contract, ...]
    invoices: tuple[Invoice, ...]
    receipts: tuple[BookedReceipt, ...]
    events: tuple[Event, ...]

    @property
    def names(self) -> Mapping[AccountId, str]:
        """The customers' names."""
        return {each.account_id: each.account.name for each in self.contracts}


def told(engine: Engine, story: Story) -> tuple[str, ...]:
    """Return the account of the replay, as lines of text."""
    with reading(engine) as connection:
        history = _history(connection)
        owed = aging_report(connection, as_of=story.last_day)
        used, refused = count_events(connection), len(quarantined(connection, limit=MOST_ACCOUNTS))
    lines = ["", f"From {story.first_day} to {story.last_day}:", ""]
    lines += [f"  {counted(used, 'usage event')} counted; refused, and kept in quarantine: {refused}."]
    lines += [f"  {line}" for line in _by_month(history.invoices)]
    lines += ["", "What was out of the ordinary:", ""]
    lines += [f"  {each.on}  {each.account}: {each.text}" for each in sorted(history.events)]
    lines += ["", f"Open on {story.last_day}:"]
    lines += [f"  {sums.total}" for _, sums in sorted(owed.totals.items())] or ["  nothing"]
    return tuple(lines)


def all_invoices(connection: Connection) -> tuple[Invoice, ...]:
    """Return every invoice, oldest first."""
    found: list[Invoice] = []
    after = ""
    while page := invoices_page(connection, InvoiceFilter(after=after)):
        found += page
        after = page[-1].number
    return tuple(reversed(found))


def _history(connection: Connection) -> History:
    account_ids = account_ids_after(connection, None, MOST_ACCOUNTS)
    contracts = contracts_of(connection, load_catalog(connection), account_ids)
    invoices = all_invoices(connection)
    receipts = receipts_of(connection, account_ids)
    names = {each.account_id: each.account.name for each in contracts}
    numbers = {ItemId(each.invoice_id): each.number for each in invoices}
    events = [
        *_adjusted(contracts),
        *_late(connection, invoices, names),
        *_chased(actions_of(connection, account_ids), names, numbers),
        *_in_parts(invoices, receipts, names),
        *_beyond(invoices, names),
    ]
    return History(contracts, invoices, receipts, tuple(events))


def _by_month(invoices: Sequence[Invoice]) -> Iterator[str]:
    sums: dict[date, dict[str, Money]] = defaultdict(dict)
    counts: dict[date, int] = defaultdict(int)
    for each in invoices:
        counts[each.issued_on] += 1
        by_currency = sums[each.issued_on]
        by_currency[each.currency] = by_currency.get(each.currency, Money.zero(each.currency)) + each.total
    for day in sorted(counts):
        totals = ", ".join(str(total) for _, total in sorted(sums[day].items()))
        yield f"{day}  {counts[day]:>3} invoices  {totals}"


def _adjusted(contracts: Sequence[Contract]) -> Iterator[Event]:
    for contract in contracts:
        for each in contract.adjustments:
            window = f"{each.index} {each.first_month:%Y-%m} to {each.last_month:%Y-%m}"
            moved = f"{plain(each.variation_percent)} %, prices x {plain(each.factor)}"
            yield Event(each.effective_on, 0, contract.account.name, f"{window}: {moved} [{each.clause}]")


def _late(
    connection: Connection, invoices: Sequence[Invoice], names: Mapping[AccountId, str]
) -> Iterator[Event]:
    for invoice in invoices:
        assessed = late_charges_of(connection, invoice.account_id, ItemId(invoice.invoice_id))
        if assessed:
            fine, interest, correction = (
                total_of((getattr(each, part) for each in assessed), invoice.currency)
                for part in ("fine", "interest", "correction")
            )
            last = assessed[-1]
            parts = f"fine {fine}, interest {interest}, correction {correction}"
            text = f"late charges on {invoice.number}: {parts} [{last.cites.clause}]"
            yield Event(last.through, 1, names[invoice.account_id], text)


def _chased(
    actions: Sequence[Action], names: Mapping[AccountId, str], numbers: Mapping[ItemId, str]
) -> Iterator[Event]:
    for each in actions:
        done = each.step if each.status is ActionStatus.DONE else f"{each.step} {each.status.value}"
        text = f"{done.replace('_', ' ')} for {numbers[each.item_id]}: {each.reason}"
        yield Event(each.decided_on, 2, names[each.account_id], text)


def _in_parts(
    invoices: Sequence[Invoice], receipts: Sequence[BookedReceipt], names: Mapping[AccountId, str]
) -> Iterator[Event]:
    totals = {each.number: each.total for each in invoices}
    for each in receipts:
        receipt = each.receipt
        total = totals.get(receipt.invoice)
        if total is not None and receipt.amount < total and receipt.reference.endswith("-1"):
            text = f"a partial receipt: {receipt.amount} of {total} on {receipt.invoice}"
            yield Event(receipt.received_on, 4, names[receipt.account_id], text)


def _beyond(invoices: Sequence[Invoice], names: Mapping[AccountId, str]) -> Iterator[Event]:
    for invoice in invoices:
        for line in invoice.lines:
            if line.charge == OVERAGE and line.gross:
                amount = Money(line.gross, invoice.currency)
                text = f"overage of {line.period} on {invoice.number}: {amount} [{line.cites.clause}]"
                yield Event(invoice.issued_on, 5, names[invoice.account_id], text)
