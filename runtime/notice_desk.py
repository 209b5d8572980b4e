"""At the desk for notices: a word or its answer is kept, what follows from it today is settled and told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

import typer
from sqlalchemy import Connection

from contracts import notice_store
from contracts.catalog import Catalog
from contracts.notices import Notice
from contracts.outlook import outlook
from contracts.settle import Settlement
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract
from contracts.terms_page import contracts_on
from db.unit_of_work import unit_of_work
from invoicing.refunds import RefundDue
from invoicing.settle_notices import Done, Settled, settle
from kernel.errors import Conflict
from kernel.ids import NoticeId
from kernel.money import Money
from kernel.problems import Problem
from runtime.holders import known_account
from runtime.options import EXIT_WITH_PROBLEMS
from runtime.printing import print_json, print_lines, print_problems
from runtime.workplace import Workplace, workplace

Said = Callable[[Connection, Catalog, Contract, date, Workplace], Notice]


def say(account: str, subscription: str, on: date | None, said: Said, *, json: bool) -> None:
    """Keep a side's word, and settle what follows from it today."""
    with workplace() as place, unit_of_work(place.engine) as connection:
        day = on or place.today
        account_id = known_account(connection, account, locked=True)
        catalog = load_catalog(connection)
        held = contracts_of(connection, catalog, [account_id])
        (contract,) = contracts_on(held, day, code=subscription)
        notice = said(connection, catalog, contract, day, place)
        settled = settle(connection, catalog, [account_id], as_of=day, clock=place.clock)
        refuse_stuck(settled, notice.notice_id)
        told = notice_store.notice(connection, account_id, notice.notice_id)
    print_settled(settled.done, settled.problems.values(), told, _ahead(contract, told, day), json=json)


def follow(
    account: str,
    notice_id: NoticeId,
    on: date | None,
    recorded: Callable[[Connection, Notice, date], None],
    *,
    json: bool,
) -> None:
    """Keep what became of a notice, and settle what follows from it today."""
    with workplace() as place, unit_of_work(place.engine) as connection:
        day = on or place.today
        account_id = known_account(connection, account, locked=True)
        recorded(connection, notice_store.notice(connection, account_id, notice_id), day)
        catalog = load_catalog(connection)
        settled = settle(connection, catalog, [account_id], as_of=day, clock=place.clock)
        told = notice_store.notice(connection, account_id, notice_id)
        held = contracts_of(connection, catalog, [account_id])
    contract = next(each for each in held if each.subscription_id == told.subscription_id)
    print_settled(settled.done, settled.problems.values(), told, _ahead(contract, told, day), json=json)


def refuse_stuck(settled: Settled, notice_id: NoticeId) -> None:
    """Refuse a word that could never lead to anything, instead of keeping it."""
    if notice_id in settled.stuck:
        _, problem = settled.stuck[notice_id]
        raise Conflict(problem.message, field=problem.field, value=problem.value, expected=problem.expected)


def _ahead(contract: Contract, notice: Notice, day: date) -> str:
    """Return what lies ahead of a notice that has led to nothing yet, in a sentence."""
    if notice.outcome:
        return ""
    return outlook(contract, notice, as_of=day).says or "It waits until nothing is owed."


def row_of(notice: Notice, refund: tuple[Money, Money] | None) -> dict[str, str]:
    """Return a notice as a row of a list, with what it gives back and how much of that is paid back."""
    return {
        "notice": str(notice.notice_id),
        "kind": notice.kind.replace("_", " "),
        "code": notice.code,
        "by": notice.sender,
        "said": notice.sent_on.isoformat(),
        "delivered": _told(notice.delivered_on),
        "answer": f"{notice.answer} {_told(notice.answered_on)}".strip(),
        "led to": f"{notice.outcome} {_told(notice.effective_on)}".strip(),
        "gives back": "" if refund is None else f"{refund[0]}, paid {refund[1].amount}",
        "clause": notice.clause,
    }


def _told(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def print_settled(
    done: Sequence[Done],
    problems: Collection[Problem],
    notice: Notice | None = None,
    ahead: str = "",
    *,
    json: bool,
) -> None:
    """Print what was said, what lies ahead of it, what was settled, and what could not be."""
    if json:
        outcomes = [_outcome(*each) for each in done]
        print_json({"notice": notice, "settled": outcomes, "problems": list(problems)})
    else:
        _print(done, problems, notice, ahead)
    if problems:
        raise typer.Exit(EXIT_WITH_PROBLEMS)


def _print(done: Sequence[Done], problems: Collection[Problem], notice: Notice | None, ahead: str) -> None:
    lines = [] if notice is None else [f"{notice.notice_id}: {notice.kind} {notice.code} [{notice.clause}]"]
    lines += [ahead] if ahead else []
    lines += [_line(*each) for each in done]
    print_lines(lines or ([] if problems else ["Nothing was due: nothing changed."]))
    print_problems(list(problems), shown=len(problems))


def _outcome(settlement: Settlement, refund: RefundDue | None) -> dict[str, object]:
    return {
        "account": settlement.contract.account.code,
        "subscription": settlement.contract.subscription.code,
        "notice": settlement.notice.notice_id,
        "outcome": settlement.notice.outcome,
        "effective_on": settlement.notice.effective_on,
        "clause": settlement.notice.clause,
        "refund": None if refund is None else refund.payable,
        "paid_back": None if refund is None else refund.paid_back,
    }


def _line(settlement: Settlement, refund: RefundDue | None) -> str:
    contract, notice = settlement.contract, settlement.notice
    service = f"{contract.account.code}/{contract.subscription.code}"
    about = f"{notice.kind} {notice.code}".replace("_", " ").strip()
    on = "" if notice.effective_on is None else f" on {notice.effective_on}"
    return f"{service}: {about} {notice.outcome}{on}{_back(refund)} [{notice.clause}]"


def _back(refund: RefundDue | None) -> str:
    if refund is None:
        return ""
    parts = [f"{refund.paid_back} to pay back"] if refund.paid_back else []
    parts += [f"{refund.credited} to take off what is unpaid"] if refund.credited else []
    return "; " + ", ".join(parts)
