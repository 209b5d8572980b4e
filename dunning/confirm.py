"""A person's word on a proposal: confirm, and it takes effect; dismiss, and it never will."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Engine

from contracts.catalog import Catalog
from contracts.store import contracts_of, load_catalog, lock_subscriptions
from db.unit_of_work import unit_of_work
from dunning import store
from dunning.actions import Action, ActionStatus, Case
from dunning.cases import assessed, load_cases
from dunning.effects import take_effect, write_letter
from invoicing.assess import assess as assess_late_charges
from kernel.clock import Clock
from kernel.errors import Conflict, NotFound
from kernel.ids import AccountId, ItemId
from kernel.zones import local_day
from payments.debts import Assess


def confirm(
    engine: Engine,
    account_id: AccountId,
    item_id: ItemId,
    step: str,
    *,
    by: str,
    clock: Clock,
    assess: Assess = assess_late_charges,
) -> Action:
    """Take a proposed step in a person's name, from today on, and tell the customer.

    Raises :class:`NotFound` for a step that was never proposed; :class:`Conflict` for one that was decided
    already, that is not allowed yet, or whose item has been paid since.
    """
    with unit_of_work(engine) as connection:
        lock_subscriptions(connection, [account_id], exclusive=True)
        proposed = _waiting(connection, account_id, item_id, step)
        catalog = load_catalog(connection)
        case = _unpaid(connection, catalog, proposed, clock=clock)
        today = local_day(clock.now(), case.contract.entity.time_zone)
        if today < proposed.allowed_on:
            raise Conflict(
                "the terms do not allow this step yet",
                field="step",
                value=step,
                expected=f"{proposed.allowed_on} or later",
            )
        confirmed = replace(
            proposed, status=ActionStatus.CONFIRMED, decided_on=today, decided_by=by, recorded_at=clock.now()
        )
        store.decide(connection, confirmed)
        case = replace(case, actions=(*case.actions, confirmed))
        case = assessed(connection, catalog, case, through=today, clock=clock, assess=assess)
        take_effect(connection, case, confirmed)
        write_letter(connection, case, confirmed)
    return confirmed


def dismiss(
    engine: Engine, account_id: AccountId, item_id: ItemId, step: str, *, by: str, why: str, clock: Clock
) -> Action:
    """Decline a proposed step for good, and keep why.  Raises as :func:`confirm` does."""
    with unit_of_work(engine) as connection:
        lock_subscriptions(connection, [account_id], exclusive=True)
        proposed = _waiting(connection, account_id, item_id, step)
        dismissed = replace(
            proposed,
            status=ActionStatus.DISMISSED,
            decided_on=max(clock.now().date(), proposed.decided_on),
            decided_by=by,
            reason=f"{proposed.reason}; dismissed: {why}",
        )
        store.decide(connection, dismissed)
    return dismissed


def _waiting(connection: Connection, account_id: AccountId, item_id: ItemId, step: str) -> Action:
    action = store.action(connection, account_id, item_id, step)
    if action is None:
        raise NotFound("no such proposal", field="step", value=step, expected="a step that was proposed")
    if action.status is not ActionStatus.PROPOSED:
        raise Conflict(
            "the proposal was decided already",
            field="status",
            value=action.status,
            expected=ActionStatus.PROPOSED,
        )
    return action


def _unpaid(connection: Connection, catalog: Catalog, proposed: Action, *, clock: Clock) -> Case:
    contracts = contracts_of(connection, catalog, [proposed.account_id])
    own = {(each.account_id, each.subscription_id): each for each in contracts}
    for case in load_cases(connection, own, as_of=clock.now().date()):
        if case.balance.item.item_id == proposed.item_id:
            return case
    raise Conflict(
        "nothing is open any more", field="item_id", value=proposed.item_id, expected="an unpaid item"
    )
