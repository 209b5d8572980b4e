"""Every query of contracts.  Reads come back as frozen values; nothing here commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    Text,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from contracts.catalog import Catalog, Moved, versions_by_id
from contracts.clauses import Record
from contracts.held_store import held_versions_of, price_changes_of
from contracts.index_store import series_by_code
from contracts.life_store import states_by_subscription
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.rules import Accumulation
from contracts.subscriptions import Contract, OrderForm, PriceAdjustment, Subscription
from contracts.tables import (
    accounts,
    legal_entities,
    plans,
    price_adjustments,
    subscriptions,
    terms_documents,
    vendors,
)
from contracts.terms import TermsDocument
from db.among import among
from db.unit_of_work import reading
from kernel.errors import ClausulaError, Conflict
from kernel.ids import AccountId, SubscriptionKey, subscription_id_of
from kernel.problems import Problem

R = TypeVar("R", bound=Record)


def load_catalog(connection: Connection) -> Catalog:
    """Return what every contract refers to; load it once for a command."""
    all_plans = _documents(connection, plans, Plan)
    return Catalog(
        vendors={each.code: each for each in _records(connection, vendors, Vendor)},
        entities={each.code: each for each in _records(connection, legal_entities, LegalEntity)},
        plans={(plan.code, plan.version): plan for plan in all_plans},
        documents=versions_by_id(_documents(connection, terms_documents, TermsDocument)),
        indices=series_by_code(connection),
    )


def _documents(connection: Connection, table: Table, kind: type[R]) -> list[R]:
    # Read as text and decoded once: as JSONB each body would become a dict first.
    bodies = connection.execute(select(cast(table.c.body, Text))).scalars()
    return [msgspec.json.decode(body, type=kind) for body in bodies]


def _records(connection: Connection, table: Table, kind: type[R]) -> list[R]:
    fields = kind.__struct_fields__
    rows = connection.execute(select(*(table.c[name] for name in fields)))
    return [msgspec.convert(dict(zip(fields, row, strict=True)), kind) for row in rows]


def count_accounts(connection: Connection) -> int:
    """Return how many accounts there are."""
    return connection.execute(select(func.count()).select_from(accounts)).scalar_one()


def account_ids_after(connection: Connection, after: AccountId | None, limit: int) -> tuple[AccountId, ...]:
    """Return the next ids of accounts in their order, to take them chunk by chunk."""
    query = select(accounts.c.account_id).order_by(accounts.c.account_id).limit(limit)
    if after is not None:
        query = query.where(accounts.c.account_id > after)
    return tuple(AccountId(account_id) for account_id in connection.execute(query).scalars())


def account_chunks(engine: Engine, size: int) -> Iterator[tuple[AccountId, ...]]:
    """Yield all accounts in chunks, in the order of their ids; no transaction stays open between two."""
    after: AccountId | None = None
    while True:
        with reading(engine) as connection:
            chunk = account_ids_after(connection, after, size)
        if chunk:
            yield chunk
        if len(chunk) < size:
            return
        after = chunk[-1]


def accounts_of(connection: Connection, account_ids: Sequence[AccountId]) -> dict[AccountId, Account]:
    """Return the accounts that bear these ids; an unknown id is absent."""
    rows = connection.execute(select(accounts).where(among(accounts, account_ids)))
    return {
        row.account_id: Account(
            code=row.code,
            name=row.name,
            country=row.country,
            email=row.email,
            tax_id=row.tax_id,
            address=row.address,
            language=row.language,
            tax_region=row.tax_region,
            tax_exempt=row.tax_exempt,
            withholds=row.withholds,
        )
        for row in rows
    }


def subscriptions_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, Subscription]:
    """Return all subscriptions of these accounts, past and future ones too, by account and id in order."""
    own = subscriptions.c
    rows = connection.execute(
        select(
            own.account_id,
            own.subscription_id,
            own.code,
            accounts.c.code.label("account"),
            own.plan,
            own.plan_version,
            own.entity,
            own.signed_on,
            func.lower(own.during).label("starts_on"),
            func.upper(own.during).label("ends_on"),
            own.billing_day,
            cast(own.order_form, Text).label("order_form"),
        )
        .join(accounts, accounts.c.account_id == own.account_id)
        .where(among(subscriptions, account_ids))
        .order_by(own.account_id, own.subscription_id)
    )
    return {
        (row.account_id, row.subscription_id): Subscription(
            code=row.code,
            account=row.account,
            plan=row.plan,
            plan_version=row.plan_version,
            entity=row.entity,
            signed_on=row.signed_on,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            billing_day=row.billing_day,
            order_form=_order_form(row.order_form),
        )
        for row in rows
    }


@lru_cache(maxsize=4096)
def _order_form(text: str) -> OrderForm:
    return msgspec.json.decode(text, type=OrderForm)


def contracts_of(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId], *, on: date | None = None
) -> tuple[Contract, ...]:
    """Return all contracts of these accounts, in the order of account and subscription, adjusted.

    ``on`` is the day whose versions of documents count; without it, those that hold by now.

    One that does not resolve raises; :func:`sound_contracts_of` sets it aside.
    """
    return tuple(catalog.contract(*signed) for signed in _signed(connection, account_ids, on=on))


def sound_contracts_of(
    connection: Connection, catalog: Catalog, account_ids: Sequence[AccountId]
) -> tuple[tuple[Contract, ...], dict[SubscriptionKey, Problem]]:
    """Return the contracts of these accounts that resolve, and a problem for each that does not."""
    contracts: list[Contract] = []
    problems: dict[SubscriptionKey, Problem] = {}
    for signed in _signed(connection, account_ids):
        try:
            contracts.append(catalog.contract(*signed))
        except ClausulaError as error:
            key = signed.account_id, subscription_id_of(signed.account_id, signed.subscription.code)
            subject = f"{signed.account.code}/{signed.subscription.code}"
            problems[key] = Problem.of(error, subject=subject)
    return tuple(contracts), problems


class _Signed(NamedTuple):
    """What the catalog makes a contract of, in the order in which it takes it."""

    account_id: AccountId
    account: Account
    subscription: Subscription
    moved: Moved


def _signed(
    connection: Connection, account_ids: Sequence[AccountId], *, on: date | None = None
) -> Iterator[_Signed]:
    holders = accounts_of(connection, account_ids)
    adjusted = _adjustments_of(connection, account_ids)
    changed = price_changes_of(connection, account_ids)
    versions = held_versions_of(connection, account_ids, on=on)
    states = states_by_subscription(connection, account_ids)
    for key, subscription in subscriptions_of(connection, account_ids).items():
        moved = Moved(
            tuple(adjusted.get(key, ())),
            changed.get(key, ()),
            versions.get(key, {}),
            tuple(states.get(key, ())),
        )
        yield _Signed(key[0], holders[key[0]], subscription, moved)


def _adjustments_of(
    connection: Connection, account_ids: Sequence[AccountId]
) -> dict[SubscriptionKey, list[PriceAdjustment]]:
    rows = connection.execute(
        select(price_adjustments)
        .where(among(price_adjustments, account_ids))
        .order_by(price_adjustments.c.effective_on)
    )
    found: dict[SubscriptionKey, list[PriceAdjustment]] = defaultdict(list)
    for row in rows:
        found[row.account_id, row.subscription_id].append(_adjustment(row))
    return found


def _adjustment(row: Row[Any]) -> PriceAdjustment:
    return PriceAdjustment(
        effective_on=row.effective_on,
        factor=row.factor,
        index=row.index_code,
        first_month=row.first_month,
        last_month=row.last_month,
        variation_percent=row.variation_percent,
        clause=row.clause,
        accumulation=Accumulation(row.accumulation),
        substitutes=row.substitutes,
        carried=row.carried,
        use_from=row.use_from,
    )


def lock_subscriptions(connection: Connection, account_ids: Sequence[AccountId], *, exclusive: bool) -> None:
    """Lock the subscriptions of these accounts until the transaction ends; nobody locks them elsewhere.

    Always in one order, so that two who want the same ones wait for each other and never in a circle.
    """
    rows = (
        select(literal(1))
        .select_from(subscriptions)
        .where(among(subscriptions, account_ids))
        .order_by(subscriptions.c.account_id, subscriptions.c.subscription_id)
        .with_for_update(read=not exclusive, key_share=exclusive)
        .subquery()
    )
    connection.execute(select(func.count()).select_from(rows))


def save_adjustments(
    connection: Connection, contract: Contract, adjustments: Sequence[PriceAdjustment]
) -> None:
    """Record price changes of a contract; the same ones again change nothing.

    Raises :class:`Conflict` when another change is recorded for the same day: a price in use is never edited.
    """
    rows = [
        {
            "account_id": contract.account_id,
            "subscription_id": contract.subscription_id,
            "effective_on": each.effective_on,
            "factor": each.factor,
            "index_code": each.index,
            "first_month": each.first_month,
            "last_month": each.last_month,
            "variation_percent": each.variation_percent,
            "clause": each.clause,
            "accumulation": each.accumulation,
            "substitutes": each.substitutes,
            "carried": each.carried,
            "use_from": each.use_from,
        }
        for each in adjustments
    ]
    if not rows:
        return
    connection.execute(insert(price_adjustments).on_conflict_do_nothing(), rows)
    key = (contract.account_id, contract.subscription_id)
    recorded = {each.effective_on: each for each in _adjustments_of(connection, [key[0]])[key]}
    for each in adjustments:
        if recorded[each.effective_on] != each:
            raise Conflict(
                "another price change is recorded for this day",
                field="effective_on",
                value=each.effective_on,
                expected=f"the factor {recorded[each.effective_on].factor}, as recorded",
            )
