"""Letters: what a customer reads when a step is taken or a service restored, in the account's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.clauses import Clause
from contracts.rules import DunningAction, DunningStep
from contracts.subscriptions import Contract
from dunning.ladder import Rung
from dunning.wording import WORDINGS, Wording, language_of
from kernel.calendars import days_late
from receivables.journal import ItemBalance

#: What no payment takes back.
FINAL_ACTIONS = frozenset({DunningAction.TERMINATE, DunningAction.DELETE_DATA})


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and a body, both plain text."""

    subject: str
    body: str


def step_letter(
    contract: Contract,
    balance: ItemBalance,
    step: DunningStep,
    *,
    as_of: date,
    following: Sequence[Rung] = (),
) -> Letter:
    """Write that a step is taken: what is owed with the late charges to date, why, and what may follow.

    The amounts are those of the balance: 1,000.00 of the invoice and 103.00 of late charges are 1,103.00 due.
    """
    words = WORDINGS[language_of(contract.account.language)]
    filled = {
        "number": balance.item.number,
        "entity": contract.entity.name,
        "due_on": balance.item.due_on,
        "late": words.days_late(days_late(balance.item.due_on, as_of)),
        "today": as_of,
        "part": step.part,
    }
    paragraphs = [
        words.greeting.format(name=contract.account.name),
        words.openings[step.action].format_map(filled),
        _amounts(words, balance, as_of),
        "" if _keeps_connectors(contract, step) else words.connectors,
        _why(words, contract, step.clause),
        _following(words, following),
        "" if step.action in FINAL_ACTIONS else words.how_to_stop,
        _signature(contract),
    ]
    return Letter(words.subjects[step.action].format_map(filled), _body(paragraphs))


def restoration_letter(
    contract: Contract, number: str, *, paid_on: date, restored_on: date, connectors_restored: bool
) -> Letter:
    """Write that an invoice was paid and the service works again, and whether connectors do."""
    words = WORDINGS[language_of(contract.account.language)]
    paragraphs = [
        words.greeting.format(name=contract.account.name),
        words.restored.format(number=number, paid_on=paid_on, restored_on=restored_on),
        "" if connectors_restored else words.connectors,
        _signature(contract),
    ]
    return Letter(words.restored_subject.format(number=number), _body(paragraphs))


def paraphrase(clause: Clause, language: str) -> str:
    """Return what a clause says, in a language, else in English."""
    return {"es": clause.says_es, "pt": clause.says_pt}.get(language) or clause.says_en


def _keeps_connectors(contract: Contract, step: DunningStep) -> bool:
    ladder = contract.terms.dunning
    return step.action is not DunningAction.SUSPEND or ladder is None or ladder.rule.connectors_restored


def _amounts(words: Wording, balance: ItemBalance, as_of: date) -> str:
    lines = [
        words.amount_due.format(amount=words.amount(balance.total)),
        words.invoice_amount.format(amount=words.amount(balance.principal)),
        words.late_charges.format(amount=words.amount(balance.charges), today=as_of),
    ]
    return "\n".join(lines if balance.charges else lines[:1])


def _why(words: Wording, contract: Contract, clause_id: str) -> str:
    clause = contract.terms.clause_of(clause_id)
    says = paraphrase(clause, language_of(contract.account.language))
    return words.clause.format(clause=clause.id, says=says)


def _following(words: Wording, rungs: Sequence[Rung]) -> str:
    lines = [f"- {rung.on}: {words.deeds[rung.step.action]} ({rung.step.clause})" for rung in rungs]
    return "\n".join([words.following, *lines]) if lines else ""


def _signature(contract: Contract) -> str:
    return "\n".join(line for line in (contract.entity.name, contract.entity.email) if line)


def _body(paragraphs: Sequence[str]) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
