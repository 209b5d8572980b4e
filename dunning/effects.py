"""What an action does: the state of the service, the letter, and word to those who must act on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from msgspec import structs
from sqlalchemy import Connection

from contracts.book_store import end_contract
from contracts.life_store import begin_state, end_state, states_of
from contracts.rules import DunningAction, DunningRule
from contracts.service_states import ServiceState, StateSpan
from contracts.subscriptions import Contract
from db import outbox
from dunning import store
from dunning.actions import Action, ActionStatus, Case, step_of
from dunning.messages import Letter, step_letter
from dunning.suspensions import STATE_OF_ACTION
from kernel.calendars import first_day_after
from kernel.ids import NoticeId, new_id

MAIL = "mail.dunning"
SERVICE_SUSPENDED = "service.suspended"
SERVICE_RESTORED = "service.restored"
SERVICE_TERMINATED = "service.terminated"
CONNECTORS_DISCONNECT = "connectors.disconnect"
DATA_DELETE = "data.delete"


def take_effect(connection: Connection, case: Case, action: Action) -> None:
    """Do what an action says: stop what it stops and tell whoever has to act on it."""
    if action.action in STATE_OF_ACTION:
        _change_state(connection, case, action)
    if action.action == DunningAction.DELETE_DATA:
        tell(connection, case.contract, action, DATA_DELETE, on=action.decided_on)


def write_letter(connection: Connection, case: Case, action: Action) -> None:
    """Hand the letter about an action to the outbox and keep the notice."""
    now = replace(case, spans=_current(connection, case, action.decided_on))
    letter = step_letter(
        case.contract,
        case.balance,
        step_of(case.rule, action.step),
        as_of=action.decided_on,
        following=now.following(as_of=action.decided_on),
    )
    send(connection, action, case.contract.account.email, letter)


def send(connection: Connection, action: Action, recipient: str, letter: Letter) -> None:
    """Write the message of an action into the outbox, and the notice whose delivery will be confirmed."""
    notice_id = NoticeId(new_id())
    body = {
        "notice_id": str(notice_id),
        "recipient": recipient,
        "subject": letter.subject,
        "body": letter.body,
    }
    message_id = outbox.put(connection, action.account_id, MAIL, body, action.recorded_at)
    store.add_notice(
        connection,
        store.Notice(
            account_id=action.account_id,
            notice_id=notice_id,
            item_id=action.item_id,
            step=action.step,
            recipient=recipient,
            sent_on=action.decided_on,
            message_id=message_id,
        ),
    )


def tell(connection: Connection, contract: Contract, action: Action, kind: str, *, on: date) -> None:
    """Leave word in the outbox for whoever runs the service: what to do, from which day on, and why."""
    body = {
        "subscription": contract.subscription.code,
        "account": contract.account.code,
        "part": action.part,
        "on": on.isoformat(),
        "clause": action.clause,
        "reason": action.reason,
    }
    outbox.put(connection, action.account_id, kind, body, action.recorded_at)


def _change_state(connection: Connection, case: Case, action: Action) -> None:
    state = STATE_OF_ACTION[DunningAction(action.action)]
    if state is ServiceState.TERMINATED:
        for span in _current(connection, case, action.decided_on):
            if span.state is not ServiceState.ENDED:
                end_state(connection, span, action.decided_on)
    span = StateSpan(
        account_id=action.account_id,
        subscription_id=action.subscription_id,
        part=action.part,
        state=state,
        start=action.decided_on,
        clause=action.clause,
        reason=action.reason,
        decided_by=action.decided_by,
    )
    if not begin_state(connection, span):
        return  # another item stopped it before: this one is a further cause of the same suspension
    if state is ServiceState.TERMINATED:
        _end_contract(connection, case.contract, last_day=action.decided_on, clause=action.clause)
        _dismiss_rivals(connection, action)
    for kind in _words_of(case.rule, state):
        tell(connection, case.contract, action, kind, on=action.decided_on)


def _words_of(rule: DunningRule, state: ServiceState) -> tuple[str, ...]:
    if state is ServiceState.TERMINATED:
        return (SERVICE_TERMINATED,)
    if state is ServiceState.SUSPENDED and not rule.connectors_restored:
        return (SERVICE_SUSPENDED, CONNECTORS_DISCONNECT)
    return (SERVICE_SUSPENDED,)


def _end_contract(connection: Connection, contract: Contract, *, last_day: date, clause: str) -> None:
    """Let billing end: the day of termination is the last billed day."""
    ends_on = first_day_after(last_day, 0)
    if contract.subscription.ends_on is None or contract.subscription.ends_on > ends_on:
        end_contract(connection, structs.replace(contract.subscription, ends_on=ends_on), ended_by=clause)


def _dismiss_rivals(connection: Connection, termination: Action) -> None:
    """Dismiss what other items proposed: a contract ends once."""
    for each in store.actions_of(connection, [termination.account_id]):
        rival = each.subscription_id == termination.subscription_id and each.item_id != termination.item_id
        if rival and each.status is ActionStatus.PROPOSED and each.action == DunningAction.TERMINATE:
            reason = f"{each.reason}; dismissed, for the contract has been terminated"
            status, day = ActionStatus.DISMISSED, termination.decided_on
            store.decide(connection, replace(each, status=status, decided_on=day, reason=reason))


def _current(connection: Connection, case: Case, day: date) -> tuple[StateSpan, ...]:
    """Return the states of a service that are not over before a day."""
    states = states_of(connection, [case.contract.account_id], since=day)
    return tuple(span for span in states if span.subscription_id == case.contract.subscription_id)
