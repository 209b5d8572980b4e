"""Letters say what is owed, why, and what may follow, in the customer's language."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.rules import DunningAction, DunningRule
from dunning.actions import Case, step_of
from dunning.messages import restoration_letter, step_letter
from dunning.wording import ENGLISH, PORTUGUESE, SPANISH, WORDINGS, Wording, language_of
from kernel.money import Money
from tests.unit.dunning.building import FROM_DUE, FROM_NOTICE, balance, contract

REMINDER = """\
Dear Acme,

Invoice A-7 of Vendor S.A. was due on 2026-03-10 and is 1 day late.

Amount due: 1,103.33 MXN
  of the invoice: 1,000.00 MXN
  late charges to 2026-03-11: 103.33 MXN

Why: clause T-1. T-1 in English.

If it stays unpaid, the contract allows:
- 2026-03-16: suspension of part of the service (T-11)
- 2026-03-19: suspension of the service (T-6)
- 2026-03-21: termination of the contract (T-10)

Payment of the whole amount ends this.

Vendor S.A.
cobranza@vendor.example
"""

SUSPENSION_IN_SPANISH = """\
Estimado cliente Acme:

Desde el 2026-03-19 su servicio queda suspendido. \
La factura A-7 de Vendor S.A. venció el 2026-03-10 y tiene 9 días de atraso.

Importe por pagar: 1,000.00 MXN

Motivo: cláusula T-6. T-6 en español.

El pago del importe total pone fin a esta situación.

Vendor S.A.
cobranza@vendor.example
"""

RESTORATION_IN_PORTUGUESE = """\
Prezado cliente Acme,

Obrigado: a fatura A-7 foi paga em 2026-03-25 e o seu serviço está restabelecido a partir de 2026-03-25.

Os conectores foram desconectados e precisam ser configurados novamente, um a um.

Vendor S.A.
cobranza@vendor.example
"""


def test_a_reminder_says_what_is_owed_why_and_what_follows() -> None:
    """The amount holds the late charges to date; each date ahead bears its clause."""
    agreed, owed, today = contract(FROM_DUE), balance(fine="100.00", interest="3.33"), date(2026, 3, 11)
    following = Case(contract=agreed, rule=FROM_DUE, balance=owed).following(as_of=today)
    letter = step_letter(agreed, owed, step_of(FROM_DUE, "reminder"), as_of=today, following=following)

    assert "Reminder: invoice A-7 is late" == letter.subject
    assert REMINDER == letter.body


def test_a_suspension_is_announced_in_the_language_of_the_account() -> None:
    """Spanish words, and the clause in Spanish; without late charges the sum stands alone."""
    agreed = contract(FROM_DUE, language="es-MX")
    letter = step_letter(agreed, balance(), step_of(FROM_DUE, "suspension"), as_of=date(2026, 3, 19))

    assert "Su servicio está suspendido: factura A-7" == letter.subject
    assert SUSPENSION_IN_SPANISH == letter.body


def test_a_partial_suspension_names_the_part() -> None:
    """The customer reads what stops and what goes on."""
    letter = step_letter(contract(FROM_DUE), balance(), step_of(FROM_DUE, "part"), as_of=date(2026, 3, 16))

    assert "From 2026-03-16 this part of your service is suspended: campaigns." in letter.body


def test_a_clause_without_a_translation_is_said_in_english() -> None:
    """A missing translation hides no reason."""
    agreed = contract(FROM_DUE, language="pt")
    letter = step_letter(agreed, balance(), step_of(FROM_DUE, "reminder"), as_of=date(2026, 3, 11))

    assert "Motivo: cláusula T-1. T-1 in English." in letter.body


def test_a_restoration_says_that_connectors_must_be_reconfigured() -> None:
    """Where the terms say so; where they do not, the letter is silent about connectors."""
    agreed, paid_on = contract(FROM_NOTICE, language="pt"), date(2026, 3, 25)
    letter = restoration_letter(
        agreed, "A-7", paid_on=paid_on, restored_on=paid_on, connectors_restored=False
    )
    restored = restoration_letter(
        agreed, "A-7", paid_on=paid_on, restored_on=paid_on, connectors_restored=True
    )

    assert RESTORATION_IN_PORTUGUESE == letter.body
    assert PORTUGUESE.connectors not in restored.body


@pytest.mark.parametrize(("rule", "told"), [(FROM_DUE, False), (FROM_NOTICE, True)])
def test_a_suspension_says_what_becomes_of_connectors(rule: DunningRule, told: bool) -> None:  # noqa: FBT001 a parameter
    """Whoever loses connectors reads it on the day, not when they fail to come back."""
    letter = step_letter(contract(rule), balance(), step_of(rule, "suspension"), as_of=date(2026, 3, 19))

    assert told is (ENGLISH.connectors in letter.body)


@pytest.mark.parametrize("action", [DunningAction.TERMINATE, DunningAction.DELETE_DATA])
def test_a_final_letter_promises_nothing(action: DunningAction) -> None:
    """Payment does not undo a termination, so the letter does not say that it would."""
    rule = FROM_DUE if action is DunningAction.TERMINATE else FROM_NOTICE
    step = next(each for each in rule.steps if each.action is action)
    letter = step_letter(contract(rule), balance(), step, as_of=date(2026, 4, 13))

    assert ENGLISH.how_to_stop not in letter.body


@pytest.mark.parametrize("words", WORDINGS.values(), ids=WORDINGS.keys())
def test_every_language_has_words_for_every_action(words: Wording) -> None:
    """No step can be taken that a customer could not be told about."""
    every_action = set(DunningAction)

    assert [every_action] * 3 == [set(words.subjects), set(words.openings), set(words.deeds)]


@pytest.mark.parametrize(
    ("tag", "expected"), [("pt-BR", "pt"), ("es_MX", "es"), ("EN", "en"), ("fr", "en"), ("", "en")]
)
def test_a_language_is_found_by_its_tag(tag: str, expected: str) -> None:
    """Regions share words; a language without words is written to in English."""
    assert expected == language_of(tag)


def test_amounts_are_written_as_the_language_writes_them() -> None:
    """Brazil's comma is Mexico's point."""
    amount = Money.of("1234567.89", "BRL")

    assert "1.234.567,89 BRL" == PORTUGUESE.amount(amount)
    assert "1,234,567.89 BRL" == SPANISH.amount(amount)


def test_one_day_is_not_days() -> None:
    """Singular and plural, in each language."""
    assert ["1 day late", "2 days late"] == [ENGLISH.days_late(1), ENGLISH.days_late(2)]
    assert ["1 dia de atraso", "2 dias de atraso"] == [PORTUGUESE.days_late(1), PORTUGUESE.days_late(2)]
