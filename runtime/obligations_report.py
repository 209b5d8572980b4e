"""The obligations of all contracts, from facts in bulk: a query for each kind and chunk of accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from contracts.duties import Occurrence, watched_meters
from contracts.life_store import states_of
from contracts.notice_store import notices_of
from contracts.notices import Notice
from contracts.obligations import Deletion, Known, Obligation, obligations
from contracts.occurrence_store import occurrences_of
from contracts.rules import DunningAction
from contracts.service_states import WHOLE, ServiceState
from contracts.store import account_chunks, load_catalog, sound_contracts_of
from contracts.subscriptions import Contract
from db.unit_of_work import reading
from dunning.actions import Case
from dunning.cases import load_cases
from dunning.ladder import timeline
from kernel.calendars import first_day_after
from kernel.ids import AccountId, SubscriptionKey
from kernel.periods import Period
from kernel.problems import Problem
from metering.store import last_uses
from receivables.store import debtors

#: Accounts that are read at once.
CHUNK_ACCOUNTS = 500

#: The furthest that the calendar looks ahead: three years and a leap day.
LARGEST_DAYS = 1_096


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationsReport:
    """What falls due from a day to another, both included, by day; and the contracts that do not resolve."""

    as_of: date
    through: date
    obligations: tuple[Obligation, ...]
    problems: tuple[Problem, ...]


def obligations_report(
    engine: Engine, *, as_of: date, days: int, account_id: AccountId | None = None
) -> ObligationsReport:
    """Return what falls due in the days from ``as_of`` to ``as_of + days``, of all accounts or of one."""
    span = Period(as_of, first_day_after(as_of, days))
    with reading(engine) as connection:
        catalog = load_catalog(connection)
    found: list[Obligation] = []
    problems: list[Problem] = []
    for chunk in account_chunks(engine, CHUNK_ACCOUNTS) if account_id is None else ((account_id,),):
        with reading(engine) as connection:
            contracts, unsound = sound_contracts_of(connection, catalog, chunk)
            facts = known_of(connection, contracts, as_of=as_of)
        problems += unsound.values()
        for contract in contracts:
            known = facts[contract.account_id, contract.subscription_id]
            found += obligations(contract, known, span)
    ordered = sorted(found, key=lambda each: (each.on, each.account, each.subscription, each.kind, each.key))
    return ObligationsReport(
        as_of=as_of, through=span.last_day, obligations=tuple(ordered), problems=tuple(problems)
    )


def known_of(
    connection: Connection, contracts: Sequence[Contract], *, as_of: date
) -> dict[SubscriptionKey, Known]:
    """Return what is recorded about contracts as of a day."""
    accounts = sorted({each.account_id for each in contracts})
    happened: dict[SubscriptionKey, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences_of(connection, accounts):
        happened[occurrence.account_id, occurrence.subscription_id].append(occurrence)
    suspended = {
        (span.account_id, span.subscription_id): span.start
        for span in states_of(connection, accounts, since=as_of)
        if span.state is ServiceState.SUSPENDED and span.by_debt and span.part == WHOLE and span.holds(as_of)
    }
    said: dict[SubscriptionKey, list[Notice]] = defaultdict(list)
    for notice in notices_of(connection, accounts, unsettled=True):
        said[notice.account_id, notice.subscription_id].append(notice)
    deletions = _deletions(connection, contracts, as_of=as_of)
    uses = _last_uses(connection, contracts)
    debts = debtors(connection, accounts, as_of=as_of)
    return {
        key: Known(
            occurrences=tuple(happened[key]),
            suspended_on=suspended.get(key),
            deletions=tuple(deletions[key]),
            last_uses=uses[key],
            notices=tuple(said[key]),
            settled=(contract.account_id, contract.entity.code) not in debts,
        )
        for contract in contracts
        for key in [(contract.account_id, contract.subscription_id)]
    }


def _deletions(
    connection: Connection, contracts: Sequence[Contract], *, as_of: date
) -> dict[SubscriptionKey, list[Deletion]]:
    found: dict[SubscriptionKey, list[Deletion]] = defaultdict(list)
    by_key = {(each.account_id, each.subscription_id): each for each in contracts}
    for case in load_cases(connection, by_key, as_of=as_of):
        found[case.account_id, case.contract.subscription_id] += _deletions_of(case)
    return found


def _deletions_of(case: Case) -> list[Deletion]:
    return [
        Deletion(on=rung.on, number=case.balance.item.number, clause=rung.step.clause)
        for rung in timeline(case.rule, case.facts)
        if rung.step.action is DunningAction.DELETE_DATA and rung.on is not None and not rung.done
    ]


def _last_uses(
    connection: Connection, contracts: Sequence[Contract]
) -> dict[SubscriptionKey, dict[str, date]]:
    watched = frozenset[str]().union(*(watched_meters(each.terms) for each in contracts))
    found: dict[SubscriptionKey, dict[str, date]] = defaultdict(dict)
    if watched:
        accounts = {each.account_id for each in contracts}
        for key, day in last_uses(connection, accounts, watched).items():
            found[key.account_id, key.subscription_id][key.meter] = day
    return found
