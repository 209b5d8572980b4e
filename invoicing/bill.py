"""The invoice run: load, decide, save; a chunk of accounts at a time, each in one transaction.

It may be stopped or killed at any point and started again: what is committed is marked as billed, and what
is not was never numbered.  A second run bills nothing.  One bad contract is set aside and stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Engine

from contracts.catalog import Catalog
from contracts.charges import UsageCharge
from contracts.life_store import settle_states
from contracts.store import (
    account_chunks,
    count_accounts,
    load_catalog,
    lock_subscriptions,
    save_adjustments,
)
from db.unit_of_work import rehearsal, unit_of_work
from invoicing import settle_notices, store
from invoicing.cycles import check_horizon
from invoicing.documents import Invoice
from invoicing.draft import Bill, draft_bills
from invoicing.drawdown_store import save_drawdowns
from invoicing.issue import issue
from invoicing.pending_store import mark_billed
from kernel.clock import Clock
from kernel.ids import AccountId, RunId, new_id
from kernel.ids import SubscriptionKey as Key
from kernel.money import Money
from kernel.problems import Problem
from kernel.words import counted
from metering.measure import Counted, settle

#: Accounts that one transaction bills: large enough for COPY, small enough to lose little by a kill.
CHUNK_ACCOUNTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run did: how many invoices, their total by currency, and what was set aside."""

    run_id: RunId
    as_of: date
    invoices: int = 0
    totals: Mapping[str, Money] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        if not self.invoices and not self.problems:
            return (f"Invoice run as of {self.as_of}: nothing is due that was not billed; nothing changed.",)
        totals = ", ".join(str(total) for _, total in sorted(self.totals.items())) or "nothing"
        issued = counted(self.invoices, "invoice")
        return (f"Invoice run as of {self.as_of}: {issued} for {totals}; {len(self.problems)} set aside.",)


@dataclass(slots=True)
class _Tally:
    """The running sums of a run."""

    invoices: int = 0
    totals: dict[str, Money] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, issued: Sequence[Invoice], problems: Sequence[Problem]) -> None:
        self.invoices += len(issued)
        self.problems += problems
        for invoice in issued:
            total = self.totals.get(invoice.currency, Money.zero(invoice.currency))
            self.totals[invoice.currency] = total + invoice.total


#: Told after each chunk: accounts done, accounts in all.
Progressed = Callable[[int, int], None]


def run(
    engine: Engine,
    *,
    as_of: date,
    clock: Clock,
    chunk_accounts: int = CHUNK_ACCOUNTS,
    on_progress: Progressed | None = None,
) -> RunReport:
    """Bill everything that is due as of a date and was not billed yet; report what was done."""
    check_horizon(as_of, clock.now().date())
    run_id = RunId(new_id())
    with unit_of_work(engine) as connection:
        store.start_run(connection, run_id, as_of, clock.now())
        catalog, accounts = load_catalog(connection), count_accounts(connection)
    bill_chunk = _ChunkBiller(engine, catalog, run_id, as_of, clock)
    tally, done = _Tally(), 0
    for chunk in account_chunks(engine, chunk_accounts):
        tally.add(*bill_chunk(chunk))
        done += len(chunk)
        if on_progress is not None:
            on_progress(done, accounts)
    with unit_of_work(engine) as connection:
        store.finish_run(
            connection, run_id, at=clock.now(), issued=tally.invoices, problems=len(tally.problems)
        )
    return RunReport(
        run_id=run_id,
        as_of=as_of,
        invoices=tally.invoices,
        totals=tally.totals,
        problems=tuple(tally.problems),
    )


def preview(
    engine: Engine, *, as_of: date, clock: Clock, chunk_accounts: int = CHUNK_ACCOUNTS
) -> tuple[tuple[Bill, ...], tuple[Problem, ...]]:
    """Return what a run would bill, and leave nothing behind: what is written on the way is taken back."""
    bills: list[Bill] = []
    problems: list[Problem] = []
    with rehearsal(engine) as connection:
        catalog = load_catalog(connection)
    for chunk in account_chunks(engine, chunk_accounts):
        with rehearsal(engine) as connection:
            drafted, set_aside = _drafted(connection, catalog, chunk, as_of=as_of, clock=clock)
        bills += drafted
        problems += set_aside.values()
    return tuple(bills), tuple(problems)


def _drafted(
    connection: Connection, catalog: Catalog, chunk: Sequence[AccountId], *, as_of: date, clock: Clock
) -> tuple[tuple[Bill, ...], dict[Key, Problem]]:
    """Settle the notices of a chunk and draft its bills; what could not be settled is not billed either."""
    lock_subscriptions(connection, chunk, exclusive=True)
    unsettled = settle_notices.settle(connection, catalog, chunk, as_of=as_of, clock=clock).problems
    bills, problems = draft_bills(connection, catalog, chunk, as_of=as_of)
    return tuple(bill for bill in bills if bill.key not in unsettled), {**problems, **unsettled}


@dataclass(frozen=True, slots=True)
class _ChunkBiller:
    """Bills a chunk of accounts in one transaction."""

    engine: Engine
    catalog: Catalog
    run_id: RunId
    as_of: date
    clock: Clock

    def __call__(self, chunk: Sequence[AccountId]) -> tuple[tuple[Invoice, ...], tuple[Problem, ...]]:
        with unit_of_work(self.engine) as connection:
            bills, problems = _drafted(connection, self.catalog, chunk, as_of=self.as_of, clock=self.clock)
            for bill in bills:
                save_adjustments(connection, bill.contract, bill.new_adjustments)
            store.clear_problems(connection, [bill.key for bill in bills])
            store.save_problems(connection, self.run_id, problems, as_of=self.as_of, at=self.clock.now())
            store.save_progress(connection, {bill.key: bill.progress for bill in bills})
            store.save_marks(connection, {bill.key: bill.draft.marks for bill in bills})
            mark_billed(connection, [line for bill in bills for line in bill.pending])
            settle(connection, _billed_through(bills), [late for bill in bills for late in bill.late])
            settle_states(connection, [bill.key for bill in bills if bill.restated])
            issued = issue(connection, bills, as_of=self.as_of, clock=self.clock)
            save_drawdowns(connection, {bill.key: bill.draft.drawdowns for bill in bills}, issued)
        return issued, tuple(problems.values())


def _billed_through(bills: Sequence[Bill]) -> list[Counted]:
    return [
        Counted(bill.contract.account_id, bill.contract.subscription_id, meter, bill.progress.arrears_through)
        for bill in bills
        for meter in sorted(
            {charge.meter for charge in bill.contract.charges if isinstance(charge, UsageCharge)}
        )
    ]
