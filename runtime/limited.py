"""What an account has used of its limits, from what ingest keeps by day: two short statements.

One tells whether the contracts that the process knows still hold, one what was used; both look up by an index
that begins with the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from contracts.entitlement_facts import Facts, Stop, Used
from contracts.entitlements import limit_uses
from contracts.known import KnownContracts
from contracts.limits import LimitUse, MeterLimit, limits_of
from contracts.store import accounts_of, contracts_of, load_catalog
from contracts.subscriptions import Contract
from kernel.calendars import first_day_after
from kernel.clock import Clock
from kernel.errors import UnknownAccount
from kernel.ids import AccountId, account_id_of
from metering import store_limits
from metering.limited_spans import use_want
from runtime.asked import Asked, asked_on, of_feature


def limited(
    connection: Connection,
    account: str,
    *,
    clock: Clock,
    known: KnownContracts,
    as_of: date | None = None,
    feature: str = "",
) -> tuple[LimitUse, ...]:
    """Return what is used of each limit as of a day, as :func:`runtime.entitled.entitled` judges it.

    The day is that of the issuing entity's time zone unless one is given; then the contracts are those of
    that day and are resolved anew.  Raises :class:`UnknownAccount`, and ``NotFound`` for a feature that no
    limit is about.
    """
    account_id = account_id_of(account)
    held = _contracts(connection, account_id, known, as_of)
    if not held and account_id not in accounts_of(connection, [account_id]):
        raise UnknownAccount("no account bears this code", field="account", value=account)
    asked = [(each, limits_of(each.contract)) for each in asked_on(held, clock=clock, as_of=as_of)]
    used = iter(_used(connection, asked, counted=as_of is None))
    facts = [(each.contract, _facts(each, [next(used) for _ in limits], limits)) for each, limits in asked]
    return of_feature([use for own in facts for use in limit_uses(*own)], feature)


def _contracts(
    connection: Connection, account_id: AccountId, known: KnownContracts, as_of: date | None
) -> tuple[Contract, ...]:
    if as_of is None:
        return known.contracts_of(connection, account_id)
    return contracts_of(connection, load_catalog(connection), [account_id], on=as_of)


def _used(
    connection: Connection, asked: Sequence[tuple[Asked, Sequence[MeterLimit]]], *, counted: bool
) -> list[Used]:
    """Return what was used of each limit from the first day of its span up to the day in question.

    ``counted`` takes the values that ingest has counted, which are those of now.
    """
    wants = [
        use_want(limit, limit.span(each.day).start, first_day_after(each.day, 0), counted=counted)
        for each, limits in asked
        for limit in limits
    ]
    return [Used(quantity) for quantity in store_limits.used(connection, wants)] if wants else []


def _facts(own: Asked, used: Sequence[Used], limits: Sequence[MeterLimit]) -> Facts:
    return Facts(
        as_of=own.day,
        stops=tuple(
            Stop(part=span.part, since=span.start, clause=span.clause, state=span.state)
            for span in own.contract.states
            if span.holds(own.day)
        ),
        used={limit.count(own.day): each for limit, each in zip(limits, used, strict=True)},
    )
