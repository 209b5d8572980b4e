"""The nightly run: for each unpaid item take what the terms allow, once; restore what is paid.

Each night decides from recorded facts alone.  A second run of the same night finds every action recorded and
changes nothing; after missed nights the next one finds the same dates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from contracts.catalog import Catalog
from contracts.store import account_chunks, count_accounts, load_catalog, lock_subscriptions
from contracts.subscriptions import Contract
from db.unit_of_work import reading, unit_of_work
from dunning import store
from dunning.actions import Action, ActionStatus, Case, recorded, worth_a_letter
from dunning.cases import assessed, load_cases, load_contracts, overdue
from dunning.effects import take_effect, write_letter
from dunning.ladder import allowed
from dunning.restore import restore_paid
from invoicing.assess import assess as assess_late_charges
from kernel.clock import Clock
from kernel.errors import ClausulaError, NotFound
from kernel.ids import AccountId, NoticeId
from kernel.problems import Problem
from kernel.words import counted
from kernel.zones import aware
from payments.debts import Assess

#: Accounts that one transaction looks at.
CHUNK_ACCOUNTS = 500

#: Actions that a report prints one by one; all of them are recorded.
SHOWN_REASONS = 50

#: Told after each chunk: accounts done, accounts in all.
Progressed = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseReport:
    """What a night did: actions taken, proposals made, services restored, and what was set aside."""

    as_of: date
    actions: int = 0
    proposals: int = 0
    restored: int = 0
    problems: tuple[Problem, ...] = ()
    reasons: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it: the counts, then what was done and why."""
        taken, restored = counted(self.actions, "action"), counted(self.restored, "service")
        done = f"{taken} taken, {self.proposals} proposed, {restored} restored"
        head = f"Dunning run as of {self.as_of}: {done}; {len(self.problems)} set aside."
        left = len(self.reasons) - SHOWN_REASONS
        more = (f"  and {left:,} more",) if left > 0 else ()
        return (head, *(f"  {reason}" for reason in self.reasons[:SHOWN_REASONS]), *more)

    def __add__(self, other: ChaseReport) -> ChaseReport:
        return replace(
            self,
            actions=self.actions + other.actions,
            proposals=self.proposals + other.proposals,
            restored=self.restored + other.restored,
            problems=self.problems + other.problems,
            reasons=self.reasons + other.reasons,
        )


def chase(
    engine: Engine,
    *,
    as_of: date,
    clock: Clock,
    chunk_accounts: int = CHUNK_ACCOUNTS,
    on_progress: Progressed | None = None,
    assess: Assess = assess_late_charges,
) -> ChaseReport:
    """Take what the terms allow as of a day against all that is overdue, and restore what is paid.

    Each chunk of accounts is one transaction.  A contract that cannot be chased is set aside as a problem,
    stored and returned, and stops nothing.
    """
    with reading(engine) as connection:
        catalog, accounts = load_catalog(connection), count_accounts(connection)
    night = _Night(catalog, as_of, clock, assess)
    report, done = ChaseReport(as_of=as_of), 0
    for chunk in account_chunks(engine, chunk_accounts):
        with unit_of_work(engine) as connection:
            report += night.chase_accounts(connection, chunk)
        done += len(chunk)
        if on_progress is not None:
            on_progress(done, accounts)
    return report


def confirm_delivery(
    connection: Connection, account_id: AccountId, notice_id: NoticeId, *, delivered_at: datetime
) -> store.Notice:
    """Record that a notice arrived, which starts the clock of the steps that wait for it.

    The first confirmation counts, a later one changes nothing.  Raises :class:`NotFound` for no such notice.
    """
    notice = store.confirm_notice(connection, account_id, notice_id, aware(delivered_at))
    if notice is None:
        raise NotFound("no such notice", field="notice_id", value=notice_id)
    return notice


@dataclass(frozen=True, slots=True)
class _Night:
    """What all chunks of one run share."""

    catalog: Catalog
    as_of: date
    clock: Clock
    assess: Assess

    def chase_accounts(self, connection: Connection, account_ids: Sequence[AccountId]) -> ChaseReport:
        """Chase a chunk of accounts in the running transaction."""
        watched = self._watched(connection, account_ids)
        lock_subscriptions(connection, watched, exclusive=True)
        contracts, set_aside = load_contracts(connection, self.catalog, watched)
        new: list[Action] = []
        reasons: list[str] = []
        problems = list(set_aside)
        for case in load_cases(connection, contracts, as_of=self.as_of):
            try:
                with connection.begin_nested():
                    taken = self._pursue(connection, case)
            except ClausulaError as error:
                problems.append((case.account_id, Problem.of(error, subject=case.balance.item.number)))
            else:
                new += taken
                reasons += (_reason(case.contract, action) for action in taken)
        sound = sorted({account_id for account_id, _ in contracts})
        restored = restore_paid(connection, self.catalog, sound, as_of=self.as_of, clock=self.clock)
        store.add_problems(connection, problems, as_of=self.as_of, at=self.clock.now())
        return ChaseReport(
            as_of=self.as_of,
            actions=sum(action.status is ActionStatus.DONE for action in new),
            proposals=sum(action.status is ActionStatus.PROPOSED for action in new),
            restored=len({action.subscription_id for action in restored}),
            problems=tuple(problem for _, problem in problems),
            reasons=(
                *reasons,
                *(_reason(contracts[each.account_id, each.subscription_id], each) for each in restored),
            ),
        )

    def _watched(self, connection: Connection, account_ids: Sequence[AccountId]) -> tuple[AccountId, ...]:
        """Return the accounts with anything overdue, suspended or proposed; the others take no lock."""
        late = {each.item.account_id for each in overdue(connection, account_ids, as_of=self.as_of)}
        return tuple(sorted(late | store.accounts_at_work(connection, account_ids, as_of=self.as_of)))

    def _pursue(self, connection: Connection, case: Case) -> tuple[Action, ...]:
        """Take the steps that a case allows, and return those that were not taken before."""
        steps, at = allowed(case.rule, case.facts, as_of=self.as_of), self.clock.now()
        new = store.record(connection, [recorded(case, step, as_of=self.as_of, at=at) for step in steps])
        taken = [action for action in new if action.status is ActionStatus.DONE]
        if taken:
            case = self._assessed(connection, replace(case, actions=(*case.actions, *new)))
        told = worth_a_letter(taken)
        for action in taken:
            take_effect(connection, case, action)
            if action.step in told:
                write_letter(connection, case, action)
        return new

    def _assessed(self, connection: Connection, case: Case) -> Case:
        return assessed(
            connection, self.catalog, case, through=self.as_of, clock=self.clock, assess=self.assess
        )


def _reason(contract: Contract, action: Action) -> str:
    """Return an action as the operator reads it: whose service, which step, why, by which clause."""
    step = action.step.replace("_", " ")
    proposed = " is proposed" if action.status is ActionStatus.PROPOSED else ""
    service = f"{contract.account.code}/{contract.subscription.code}"
    return f"{service}: {step}{proposed}: {action.reason} [{action.clause}]"
