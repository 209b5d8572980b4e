"""From what is due and used to the lines of an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from contracts.subscriptions import Contract, PriceAdjustment
from contracts.terms import Rules
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import Progress, due_parts
from invoicing.documents import LineKind
from invoicing.use_owed import UsageKey, usage_needed
from kernel.errors import InvalidTerms
from kernel.money import Money
from kernel.periods import Period
from tests.unit.invoicing.agreements import (
    CONVERSATIONS,
    PLATFORM,
    SEATS,
    TERMS,
    contract_of,
)

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
JANUARY = Period(JAN, FEB)


def draft_of(
    contract: Contract,
    as_of: date,
    used: Mapping[UsageKey, Decimal] | None = None,
    billed: Mapping[MarkKey, Mark] | None = None,
) -> Draft:
    """Compose what is due."""
    due = due_parts(contract, Progress.at_start(contract), as_of)
    quantities = {**dict.fromkeys(usage_needed(contract, due), Decimal(0)), **(used or {})}
    return compose(contract, due, quantities, billed or {})


def mxn(amount: int | str) -> Money:
    """Pesos."""
    return Money.of(amount, "MXN")


def test_a_line_adds_up_and_names_its_clause() -> None:
    """1,999.00 before 16 % IVA: 319.84 tax, 2,318.84 to pay, by clause T-1 of the document in force."""
    (line,) = draft_of(contract_of(PLATFORM), JAN).lines

    assert (Decimal("1999.00"), Decimal("319.84"), Decimal("2318.84")) == (line.net, line.tax, line.gross)
    assert ("T-1", "test-terms 1") == (line.cites.clause, line.cites.document)


def test_the_clause_is_told_in_the_customers_language() -> None:
    """A customer who reads Spanish gets the Spanish paraphrase, and English where there is no other."""
    (spanish,) = draft_of(contract_of(PLATFORM, language="es"), JAN).lines
    (portuguese,) = draft_of(contract_of(PLATFORM, language="pt"), JAN).lines

    assert "Una prueba." == spanish.cites.says
    assert "A test." == portuguese.cites.says


def test_use_beyond_the_allowance_is_billed_by_tiers() -> None:
    """260 conversations, 100 included: 100 at 0.90 and 60 at 0.70 are 132.00."""
    contract = contract_of(CONVERSATIONS)
    used = {UsageKey("whatsapp", "", JANUARY): Decimal(260)}

    (line,) = draft_of(contract, FEB, used).lines

    assert (Decimal(260), Decimal("132.00")) == (line.quantity, line.net)
    assert LineKind.USAGE is line.kind


def test_no_use_leaves_a_mark_and_no_line() -> None:
    """A month without use is marked as billed, so that what comes late is a difference."""
    draft = draft_of(contract_of(CONVERSATIONS), FEB)

    assert () == draft.lines
    assert {MarkKey("conversations", JANUARY): Mark(Decimal(0), mxn("0.00"))} == draft.marks


def test_what_was_billed_is_not_billed_again() -> None:
    """With the mark of the same quantity and amount there is no line."""
    contract = contract_of(PLATFORM)
    first = draft_of(contract, JAN)

    assert () == draft_of(contract, JAN, billed=first.marks).lines


def test_late_use_bills_only_its_difference() -> None:
    """20 more conversations after 260 were billed: 20 at 0.70, citing the month they belong to."""
    contract = contract_of(CONVERSATIONS)
    key = UsageKey("whatsapp", "", JANUARY)
    first = draft_of(contract, FEB, {key: Decimal(260)})

    (line,) = draft_of(contract, FEB, {key: Decimal(280)}, first.marks).lines

    assert (Decimal(20), Decimal("14.00")) == (line.quantity, line.net)
    assert (LineKind.LATE_USAGE, JANUARY) == (line.kind, line.period)


def test_a_stub_owes_its_share_of_the_days() -> None:
    """17 of 31 days of 1,999.00 are 1,096.23."""
    contract = contract_of(PLATFORM, starts_on=date(2026, 1, 15), billing_day=1)

    (line,) = draft_of(contract, date(2026, 1, 15)).lines

    assert Decimal("1096.23") == line.net


def test_seats_of_a_stub_owe_their_share() -> None:
    """Three seats at 100.00 for 17 of 31 days are 164.52."""
    contract = contract_of(SEATS, starts_on=date(2026, 1, 15), billing_day=1)
    used = {UsageKey("seats", "", Period(date(2026, 1, 15), FEB)): Decimal(3)}

    (line,) = draft_of(contract, FEB, used).lines

    assert Decimal("164.52") == line.net


def adjusted_on(day: date, factor: str = "1.10") -> PriceAdjustment:
    """A ten percent adjustment on a day."""
    return PriceAdjustment(
        effective_on=day,
        factor=Decimal(factor),
        index="IGPM",
        first_month=date(2025, 1, 1),
        last_month=date(2025, 12, 1),
        variation_percent=Decimal(10),
        clause="T-1",
    )


def test_use_takes_the_price_of_its_day() -> None:
    """Cut at the adjustment: 150 before (50 at 0.90), 100 after (50 at 0.99, 50 at 0.77); tiers run on."""
    contract = contract_of(CONVERSATIONS, adjustments=(adjusted_on(date(2026, 1, 16)),))
    used = {
        UsageKey("whatsapp", "", Period(JAN, date(2026, 1, 16))): Decimal(150),
        UsageKey("whatsapp", "", Period(date(2026, 1, 16), FEB)): Decimal(100),
    }

    lines = draft_of(contract, FEB, used).lines

    assert [Decimal("45.00"), Decimal("88.00")] == [line.net for line in lines]
    assert "index" not in [step.code for step in lines[0].working]
    assert "index" in [step.code for step in lines[1].working]


def test_a_fee_takes_the_price_of_its_first_day() -> None:
    """An adjustment inside January leaves January's fee; one on its first day moves it."""
    inside = contract_of(PLATFORM, adjustments=(adjusted_on(date(2026, 1, 16)),))
    first_day = contract_of(PLATFORM, adjustments=(adjusted_on(JAN),))

    assert Decimal("1999.00") == draft_of(inside, JAN).lines[0].net
    assert Decimal("2198.90") == draft_of(first_day, JAN).lines[0].net


def test_a_contract_without_a_tax_rule_is_refused() -> None:
    """Nothing says whether prices hold their taxes, so no line can be made."""
    contract = contract_of(PLATFORM, rules=Rules(payment=TERMS.rules.payment))

    with pytest.raises(InvalidTerms) as refused:
        draft_of(contract, JAN)
    assert "rules.tax" == refused.value.field
