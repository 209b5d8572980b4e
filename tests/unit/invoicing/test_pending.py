"""Lines that wait: a penalty is billed by itself, a credit waits for an invoice that can bear it."""

from __future__ import annotations

from dataclasses import replace as moved
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.charges import OneOff
from contracts.parties import TaxRate
from contracts.rules import TaxMode, TaxRounding, TaxRule
from invoicing.compose import Draft, compose
from invoicing.cycles import Progress, due_parts
from invoicing.documents import Citation, LineKind
from invoicing.pending import PendingLine, with_pending
from kernel.ids import PendingId, new_id
from kernel.money import Money
from kernel.periods import Period
from tests.unit.invoicing.agreements import PLATFORM, TERMS, contract_of

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
CONTRACT = contract_of(PLATFORM, starts_on=MARCH.start)
NOTHING = Draft((), {})
TODAY = date(2026, 4, 1)


def fee_of_march() -> Draft:
    """1,999.00 and 16 % IVA."""
    return compose(CONTRACT, due_parts(CONTRACT, Progress.at_start(CONTRACT), MARCH.start), {}, {})


def waits(amount: str, *, taxed: bool = True) -> PendingLine:
    """Return a penalty, or a credit where the amount is below zero."""
    return PendingLine(
        account_id=CONTRACT.account_id,
        subscription_id=CONTRACT.subscription_id,
        pending_id=PendingId(new_id()),
        kind=LineKind.SLA_CREDIT if Decimal(amount) < 0 else LineKind.PENALTY,
        code="code",
        name="Name",
        amount=Money.of(amount, "MXN"),
        taxed=taxed,
        period=MARCH,
        due_on=TODAY,
        cites=Citation(clause="T-1", place="1", says="A test.", document="test-terms 1"),
        working=(),
        reason="",
        decided_by="",
        recorded_at=datetime(2026, 4, 1, tzinfo=UTC),
    )


def test_a_credit_lowers_the_fee_and_its_tax() -> None:
    """1,999.00 less 199.90 are 1,799.10, and IVA is owed on that."""
    draft, billed = with_pending(CONTRACT, fee_of_march(), [waits("-199.90")], on=TODAY)

    assert [Decimal("1999.00"), Decimal("-199.90")] == [line.net for line in draft.lines]
    assert [1, 2] == [line.number for line in draft.lines]
    assert Money.of("2086.96", "MXN") == draft.total("MXN")
    assert [TODAY] == [each.billed_on for each in billed]


@pytest.mark.clause("SIN-4.2d")
def test_a_credit_alone_makes_no_invoice() -> None:
    """It is applied to a future invoice, and so waits for one."""
    assert (NOTHING, ()) == with_pending(CONTRACT, NOTHING, [waits("-199.90")], on=TODAY)


@pytest.mark.parametrize(("credit", "lines"), [("-1999.00", 2), ("-1999.01", 1)])
def test_no_credit_turns_an_invoice_into_less_than_nothing(credit: str, lines: int) -> None:
    """To the cent: one that takes the whole invoice is billed, a larger one waits."""
    draft, _ = with_pending(CONTRACT, fee_of_march(), [waits(credit)], on=TODAY)

    assert lines == len(draft.lines)


def test_a_penalty_stands_alone_where_nothing_else_is_due() -> None:
    """Without a tax, unless its rule says that it bears one."""
    bare, _ = with_pending(CONTRACT, NOTHING, [waits("100.00", taxed=False)], on=TODAY)
    taxed, _ = with_pending(CONTRACT, NOTHING, [waits("100.00")], on=TODAY)

    assert [Money.of("100.00", "MXN"), Money.of("116.00", "MXN")] == [
        each.total("MXN") for each in (bare, taxed)
    ]


def test_penalties_make_room_for_credits() -> None:
    """They come first, so that a credit finds the whole invoice."""
    draft, billed = with_pending(CONTRACT, NOTHING, [waits("-100.00"), waits("150.00")], on=TODAY)

    assert [Decimal("150.00"), Decimal("-100.00")] == [line.net for line in draft.lines]
    assert 2 == len(billed)


@pytest.mark.parametrize("mode", TaxMode)
def test_a_line_that_waited_shares_the_tax_of_its_document(mode: TaxMode) -> None:
    """A fee of 0.03 owes no 16 %; with a penalty of 0.03 they owe 0.01, where tax is rounded by document."""
    rule = TaxRule(clause="T-1", mode=mode, rounded_per=TaxRounding.DOCUMENT)
    penny = OneOff(code="penny", name="Penny", clause="T-1", amount=Decimal("0.03"))
    contract = contract_of(penny, starts_on=MARCH.start, rules=replace(TERMS.rules, tax=rule))
    fee = compose(contract, due_parts(contract, Progress.at_start(contract), MARCH.start), {}, {})
    draft, _ = with_pending(contract, fee, [waits("0.03"), waits("0.03", taxed=False)], on=TODAY)

    assert [Decimal("0.00"), Decimal("0.01"), Decimal("0.00")] == [line.tax for line in draft.lines]


def test_a_penalty_bears_the_taxes_of_its_day() -> None:
    """A rate from April on is not owed by what concerns March."""
    later = TaxRate(code="IVA", percent=Decimal(18), effective_from=TODAY)
    entity = replace(CONTRACT.entity, taxes=(*CONTRACT.entity.taxes, later))
    draft, _ = with_pending(moved(CONTRACT, entity=entity), NOTHING, [waits("100.00")], on=TODAY)

    assert [Decimal("16.00")] == [line.tax for line in draft.lines]
