"""Loading a book: what is new goes in, what is known stays, what contradicts a record is a problem.

Loading the same book again changes nothing and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from msgspec import structs
from sqlalchemy import Connection, Engine

from contracts import book_store, held_store, index_store, store
from contracts.book import read_book
from contracts.book_checks import (
    Book,
    Placed,
    document_name,
    entity_name,
    subscription_name,
)
from contracts.catalog import Catalog
from contracts.clauses import Record
from contracts.index_changes import Revised, change_of
from contracts.indices import Figure, IndexSeries
from contracts.parties import Account, LegalEntity
from contracts.plans import Plan
from contracts.reconcile import (
    ACCOUNTS,
    DOCUMENTS,
    ENTITIES,
    PLANS,
    SUBSCRIPTIONS,
    VENDORS,
    Custom,
    Difference,
    difference,
)
from contracts.subscriptions import Subscription
from contracts.term import agreed_end
from db.unit_of_work import unit_of_work
from kernel.clock import Clock
from kernel.errors import ClausulaError, Conflict, SubscriptionOverlap
from kernel.ids import SubscriptionKey, account_id_of
from kernel.problems import Problem

T = TypeVar("T", bound=Record)
K = TypeVar("K", bound=Hashable)

#: Accounts that one transaction takes, with all their subscriptions.
CHUNK_ACCOUNTS = 2_000

#: Under which name the figures of indices are counted.
_INDEX_COUNTS = {Figure.MONTHLY: "index_months", Figure.PUBLISHED_12M: "index_twelve_months"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things of a kind were new, corrected, or known already."""

    new: int = 0
    changed: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What loading a book did, by kind of thing, and what it set aside."""

    counts: Mapping[str, Counts]
    problems: tuple[Problem, ...]

    @property
    def changed_nothing(self) -> bool:
        """Tell whether the database was as the book says before."""
        return all(not each.new and not each.changed for each in self.counts.values())

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        if self.changed_nothing and self.problems:
            return ("What is good in the book was known; nothing changed.",)
        if self.changed_nothing:
            return ("Everything in the book was known; nothing changed.",)
        return tuple(
            f"{kind}: {each.new} new, {each.changed} changed, {each.known} known"
            for kind, each in self.counts.items()
        )


def load_book(engine: Engine, folder: Path, *, clock: Clock) -> LoadReport:
    """Bring the database to what a book says, without ever changing what was signed; report what was done."""
    book, problems = read_book(folder)
    loading = _Loading(clock, problems=list(problems))
    with unit_of_work(engine) as connection:
        book_store.lock_loading(connection)
        catalog = loading.reference(connection, book)
    for chunk in _chunks(book):
        with unit_of_work(engine) as connection:
            book_store.lock_loading(connection)
            loading.customers(connection, chunk, catalog)
    return LoadReport(counts=dict(loading.counts), problems=tuple(loading.problems))


@dataclass(frozen=True, slots=True)
class _Chunk:
    accounts: list[Placed[Account]]
    subscriptions: list[Placed[Subscription]]


def _chunks(book: Book) -> Iterator[_Chunk]:
    held: dict[str, list[Placed[Subscription]]] = defaultdict(list)
    for each in book.subscriptions:
        held[each.value.account].append(each)
    holders = sorted(book.accounts, key=lambda each: account_id_of(each.value.code))
    for start in range(0, len(holders), CHUNK_ACCOUNTS):
        chunk = holders[start : start + CHUNK_ACCOUNTS]
        yield _Chunk(chunk, [each for holder in chunk for each in held[holder.value.code]])


@dataclass(slots=True)
class _Loading:
    """One load on its way: what was counted so far, what was set aside, and what contradicts a record."""

    clock: Clock
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    refused: set[Hashable] = field(default_factory=set)

    def reference(self, connection: Connection, book: Book) -> Catalog:
        """Load what all contracts refer to, and return the catalog as it stands then."""
        stored = store.load_catalog(connection)
        vendors = self._compared("vendors", VENDORS, book.vendors, stored.vendors)
        book_store.save_vendors(connection, _values(vendors))
        entities = self._compared("entities", ENTITIES, book.entities, stored.entities)
        self._set_aside_taken_series(entities, stored)
        book_store.save_entities(connection, _values(entities))
        versions = {DOCUMENTS.key(each): each for all_of in stored.documents.values() for each in all_of}
        documents = self._compared("documents", DOCUMENTS, book.documents, versions)
        book_store.add_documents(connection, _values(documents))
        plans = self._compared("plans", PLANS, book.plans, stored.plans)
        book_store.add_plans(connection, _values(plans))
        for series in book.indices:
            self._index(connection, series, stored.indices.get(series.code, IndexSeries(series.code, {})))
        return store.load_catalog(connection)

    def customers(self, connection: Connection, chunk: _Chunk, catalog: Catalog) -> None:
        """Load some accounts with their subscriptions."""
        ids = [account_id_of(each.value.code) for each in chunk.accounts]
        store.lock_subscriptions(connection, ids, exclusive=True)
        accounts = self._compared("accounts", ACCOUNTS, chunk.accounts, store.accounts_of(connection, ids))
        book_store.save_accounts(connection, _values(accounts), self.clock.now())
        given = _as_ended(chunk.subscriptions, held_store.ends_of(connection, ids))
        signed = self._compared(
            "subscriptions", SUBSCRIPTIONS, given, store.subscriptions_of(connection, ids)
        )
        self._change_ends(connection, signed.changed)
        self._sign(connection, signed.new, catalog)

    def _compared(
        self, kind: str, custom: Custom[T, K], given: Iterable[Placed[T]], stored: Mapping[K, T]
    ) -> Difference[T]:
        found = difference(custom, given, stored)
        self.problems += found.problems
        self.refused |= {(kind, key) for key in found.refused}
        self._count(kind, new=len(found.new), changed=len(found.changed), known=found.known)
        return found

    def _count(self, kind: str, *, new: int = 0, changed: int = 0, known: int = 0) -> None:
        before = self.counts[kind]
        self.counts[kind] = Counts(before.new + new, before.changed + changed, before.known + known)

    def _set_aside_taken_series(self, entities: Difference[LegalEntity], stored: Catalog) -> None:
        taken = {each.series: each.code for each in stored.entities.values()}
        for each in [each for each in entities.new if each.value.series in taken]:
            entities.new.remove(each)
            self._count("entities", new=-1)
            self.refused.add(("entities", each.value.code))
            holder = taken[each.value.series]
            error = Conflict(
                "another legal entity numbers its invoices by this series",
                field="series",
                value=each.value.series,
                expected=f"a series that is free; {holder} has this one",
            )
            self._set_aside(each, entity_name(each.value), error)

    def _index(self, connection: Connection, series: IndexSeries, stored: IndexSeries) -> None:
        for kind, counted in _INDEX_COUNTS.items():
            change = change_of(stored.figures(kind), series.figures(kind))
            recorded = self._recorded(connection, series.code) if change.revised else set()
            for month, figure in change.revised.items():
                if (kind, month, figure.now) not in recorded:
                    self.problems.append(_published_already(series.code, month, figure))
            book_store.add_index_months(connection, series.code, change.new, self.clock.now(), kind=kind)
            self._count(counted, new=len(change.new), known=change.known + len(change.revised))

    def _recorded(self, connection: Connection, code: str) -> set[tuple[Figure, date, Decimal]]:
        """Return all figures that ever counted: a book may hold what was revised since."""
        return {(each.kind, each.month, each.percent) for each in index_store.figures_of(connection, code)}

    def _change_ends(self, connection: Connection, changed: list[Placed[Subscription]]) -> None:
        # Those that end first go first, for they make room for the others.
        for each in sorted(changed, key=lambda each: each.value.ends_on or date.max):
            try:
                book_store.change_end(connection, each.value)
            except SubscriptionOverlap as error:
                self._count("subscriptions", changed=-1)
                self._set_aside(each, subscription_name(each.value), error)

    def _sign(self, connection: Connection, new: list[Placed[Subscription]], catalog: Catalog) -> None:
        good = [each for each in new if self._stands(each, catalog)]
        ends = {SUBSCRIPTIONS.key(each.value): _agreed_end(each.value, catalog) for each in good}
        good = list(_as_ended(good, {key: end[0] for key, end in ends.items() if end}))
        products = [catalog.plan(each.value.plan, each.value.plan_version).product for each in good]
        added = book_store.add_subscriptions(
            connection, zip((each.value for each in good), products, strict=True), self.clock.now()
        )
        for each in good:
            end = ends[SUBSCRIPTIONS.key(each.value)]
            if SUBSCRIPTIONS.key(each.value) not in added:
                self._set_aside(each, subscription_name(each.value), book_store.overlap(each.value))
            elif end is not None:
                book_store.change_end(connection, each.value, ended_by=end[1])
        self._count("subscriptions", new=len(added) - len(new))

    def _stands(self, each: Placed[Subscription], catalog: Catalog) -> bool:
        """Tell whether a contract stands on what is recorded; if not, set it aside."""
        try:
            plan = catalog.plan(each.value.plan, each.value.plan_version)
            self._refuse_contradicted(each.value, plan, catalog)
            catalog.terms(each.value)
        except ClausulaError as error:
            self._set_aside(each, subscription_name(each.value), error)
            return False
        return True

    def _refuse_contradicted(self, subscription: Subscription, plan: Plan, catalog: Catalog) -> None:
        versions = catalog.documents_in_force(plan, subscription.signed_on)
        stands_on: dict[str, Hashable] = {
            f"plan {plan.code} {plan.version}": ("plans", PLANS.key(plan)),
            f"entity {subscription.entity}": ("entities", subscription.entity),
            **{document_name(each): ("documents", DOCUMENTS.key(each)) for each in versions},
        }
        for name, key in stands_on.items():
            if key in self.refused:
                raise Conflict(
                    "it stands on what contradicts a record", value=name, expected=f"the mend of {name} first"
                )

    def _set_aside(self, each: Placed[T], subject: str, error: ClausulaError) -> None:
        self.problems.append(Problem.of(error, subject=subject, place=each.place()))


def _agreed_end(signed: Subscription, catalog: Catalog) -> tuple[date, str] | None:
    plan = catalog.plan(signed.plan, signed.plan_version)
    return agreed_end(catalog.terms(signed), plan, signed)


def _as_ended(
    given: Iterable[Placed[Subscription]], ends: Mapping[SubscriptionKey, date]
) -> Iterator[Placed[Subscription]]:
    """Yield what a book gives; an end that a clause has set stands against a later one of the book."""
    for each in given:
        end, said = ends.get(SUBSCRIPTIONS.key(each.value)), each.value.ends_on
        if end is not None and (said is None or said > end):
            yield Placed(structs.replace(each.value, ends_on=end), each.place)
        else:
            yield each


def _values(found: Difference[T]) -> list[T]:
    return [each.value for each in (*found.new, *found.changed)]


def _published_already(code: str, month: date, figure: Revised) -> Problem:
    error = Conflict(
        "the month is published already, with another figure",
        field=f"{month:%Y-%m}",
        value=figure.now,
        expected=f"{figure.was}, as recorded; to revise it: clausula index import FILE --index {code}",
    )
    return Problem.of(error, subject=f"index {code}")
