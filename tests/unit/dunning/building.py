"""Ladders, contracts and balances for the tests of dunning, made of what a test says and nothing else."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from contracts.clauses import Clause
from contracts.rules import DunningAction, DunningAnchor, DunningRule, DunningStep, StepMode
from contracts.subscriptions import Contract
from contracts.terms import Rules, TermsDocument
from kernel.ids import ItemId, account_id_of, subscription_id_of
from kernel.money import Money
from receivables.journal import ItemBalance, OpenItem
from tests.parts import ACCOUNT as ACME
from tests.parts import ENTITY, HEAD, parts
from tests.parts import SUBSCRIPTION as SIGNED

ACCOUNT = account_id_of("acme")
SUBSCRIPTION = subscription_id_of(ACCOUNT, "acme-1")
ITEM = ItemId(account_id_of("an item"))


def step(code: str, action: DunningAction, more_than_days: int, *, clause: str = "T-1") -> DunningStep:
    """Return a rung that counts from the due date."""
    return DunningStep(code=code, action=action, more_than_days=more_than_days, clause=clause)


#: Three thresholds from the due date, as the strictest contracts have them.
FROM_DUE = DunningRule(
    clause="T-1",
    steps=(
        step("reminder", DunningAction.REMIND, 0),
        DunningStep(
            code="part", action=DunningAction.SUSPEND_PART, more_than_days=5, part="campaigns", clause="T-11"
        ),
        step("suspension", DunningAction.SUSPEND, 8, clause="T-6"),
        DunningStep(
            code="termination",
            action=DunningAction.TERMINATE,
            more_than_days=10,
            mode=StepMode.PROPOSAL,
            clause="T-10",
        ),
    ),
)

#: A notice that must arrive before anything else may happen, and data that may go after the suspension.
FROM_NOTICE = DunningRule(
    clause="T-15",
    connectors_restored=False,
    steps=(
        step("notice", DunningAction.NOTIFY, 0, clause="T-15"),
        DunningStep(
            code="suspension",
            action=DunningAction.SUSPEND,
            anchor=DunningAnchor.NOTICE_DELIVERED,
            notice="notice",
            more_than_days=2,
            clause="T-15",
        ),
        DunningStep(
            code="deletion",
            action=DunningAction.DELETE_DATA,
            anchor=DunningAnchor.SUSPENDED,
            more_than_days=30,
            mode=StepMode.PROPOSAL,
            clause="T-153",
        ),
    ),
)


def money(amount: str) -> Money:
    """Return pesos."""
    return Money.of(amount, "MXN")


def terms_document(rule: DunningRule) -> TermsDocument:
    """Return general terms that state a ladder, with a clause for each of its rungs."""
    ids = dict.fromkeys([rule.clause, *(each.clause for each in rule.steps)])
    return TermsDocument(
        document=replace(HEAD, version="2026-01-01", effective_from=date(2026, 1, 1)),
        clause=tuple(
            Clause(
                id=each, place=each, says_en=f"{each} in English.", says_es=f"{each} en español.", says_pt=""
            )
            for each in ids
        ),
        rules=Rules(dunning=rule),
    )


def contract(rule: DunningRule, *, language: str = "en") -> Contract:
    """Return a contract over one monthly fee, under terms with this ladder."""
    return parts(
        (terms_document(rule),),
        account=replace(ACME, email="billing@acme.example", language=language),
        entity=replace(
            ENTITY, code="mx", name="Vendor S.A.", tax_id="AAA010101AAA", email="cobranza@vendor.example"
        ),
        subscription=replace(SIGNED, code="acme-1"),
    ).contract()


def balance(principal: str = "1000.00", *, fine: str = "0.00", interest: str = "0.00") -> ItemBalance:
    """Return what is open on an invoice that was due on 10 March 2026."""
    return ItemBalance(
        item=OpenItem(
            account_id=ACCOUNT,
            item_id=ITEM,
            number="A-7",
            entity="mx",
            subscription_id=SUBSCRIPTION,
            currency="MXN",
            issued_on=date(2026, 2, 18),
            due_on=date(2026, 3, 10),
        ),
        principal=money(principal),
        interest=money(interest),
        fine=money(fine),
        correction=money("0.00"),
    )
