"""What was recorded under contracts and what it asks for, chunk by chunk of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine

from contracts.catalog import Catalog
from contracts.duties import Due, Occurrence, dues_of, event_of
from contracts.occurrence_store import occurrences_of
from contracts.store import account_chunks, load_catalog, sound_contracts_of
from db.unit_of_work import reading
from kernel.ids import AccountId
from kernel.problems import Problem
from receivables.store import debtors
from runtime.obligations_report import CHUNK_ACCOUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDuties:
    """An occurrence under a contract, and the duties that hang on it; some start none, only an ending."""

    account: str
    subscription: str
    occurrence: Occurrence
    dues: tuple[Due, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DutiesReport:
    """All occurrences that are listed, by account and instant, and the contracts that do not resolve."""

    as_of: date
    recorded: tuple[RecordedDuties, ...]
    problems: tuple[Problem, ...]


def duties_report(
    engine: Engine, *, as_of: date, account_id: AccountId | None = None, done: bool = False
) -> DutiesReport:
    """Return what was recorded and is not done (``done``: all), of all accounts or of one."""
    with reading(engine) as connection:
        catalog = load_catalog(connection)
    recorded: list[RecordedDuties] = []
    problems: list[Problem] = []
    for chunk in account_chunks(engine, CHUNK_ACCOUNTS) if account_id is None else ((account_id,),):
        with reading(engine) as connection:
            found, unsound = _of_chunk(connection, catalog, chunk, as_of=as_of, done=done)
        recorded += found
        problems += unsound
    return DutiesReport(as_of=as_of, recorded=tuple(recorded), problems=tuple(problems))


def _of_chunk(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, as_of: date, done: bool
) -> tuple[list[RecordedDuties], list[Problem]]:
    happened = occurrences_of(connection, account_ids, done=done)
    concerned = sorted({each.account_id for each in happened})
    contracts, unsound = sound_contracts_of(connection, catalog, concerned)
    by_key = {(each.account_id, each.subscription_id): each for each in contracts}
    debts = debtors(connection, concerned, as_of=as_of)
    found = []
    for occurrence in happened:
        contract = by_key.get((occurrence.account_id, occurrence.subscription_id))
        if contract is not None:
            settled = (contract.account_id, contract.entity.code) not in debts
            recorded = RecordedDuties(
                account=contract.account.code,
                subscription=contract.subscription.code,
                occurrence=occurrence,
                dues=dues_of(contract, event_of(occurrence, contract.entity), settled=settled),
            )
            found.append(recorded)
    return found, list(unsound.values())
