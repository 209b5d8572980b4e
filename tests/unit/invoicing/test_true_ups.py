"""Commitments on invoices: minimums of each bill, terms of a year, and what late use does to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from msgspec.structs import replace as replace_zone

from contracts.charges import Proration
from contracts.promises import Commitment
from contracts.reductions import PercentDiscount
from contracts.subscriptions import PriceAdjustment
from invoicing.compose import Draft, MarkKey
from invoicing.documents import LineKind
from invoicing.use_owed import UsageKey
from kernel.money import Money, total_of
from kernel.periods import Period
from tests.unit.invoicing.agreements import CONVERSATIONS, PLATFORM, contract_of
from tests.unit.invoicing.promising import FEB, JAN, MAR, drafted, promising

JANUARY = Period(JAN, FEB)
APR = date(2026, 4, 1)


def minimum(
    amount: int,
    cycles: int = 1,
    *,
    charges: tuple[str, ...] = (),
    proration: Proration = Proration.DAY,
    indexed: bool = False,
) -> dict[str, Commitment]:
    """A commitment by its code."""
    rule = Commitment(
        clause="T-1",
        name="Minimum",
        amount=Decimal(amount),
        cycles=cycles,
        charges=charges,
        proration=proration,
        indexed=indexed,
    )
    return {"minimum": rule}


def talked(count: int, period: Period = JANUARY) -> Mapping[UsageKey, Decimal]:
    """So many conversations."""
    return {UsageKey("whatsapp", "", period): Decimal(count)}


def true_up(draft: Draft) -> list[str]:
    """What is billed as lacking."""
    return [str(line.net) for line in draft.lines if line.kind is LineKind.TRUE_UP]


def test_what_lacks_to_a_minimum_is_a_line() -> None:
    """132.00 of use of a minimum of 200.00: 68.00 lack, before 16 % of IVA, by clause T-1, over January."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(200))
    line = drafted(contract, FEB, talked(260)).lines[-1]

    assert (Decimal("68.00"), Decimal("10.88"), Decimal("78.88")) == (line.net, line.tax, line.gross)
    assert ("minimum", "Minimum", "T-1", JANUARY) == (line.charge, line.name, line.cites.clause, line.period)
    assert LineKind.TRUE_UP is line.kind


def test_a_minimum_that_is_reached_is_marked_and_not_billed() -> None:
    """132.00 of 132.00: nothing lacks, and the mark keeps that."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(132))
    draft = drafted(contract, FEB, talked(260))

    assert [] == true_up(draft)
    assert Money.zero("MXN") == draft.marks[MarkKey("minimum", JANUARY)].amount


def test_a_term_is_billed_when_it_has_ended() -> None:
    """Three months of 200.00 each are committed to together: nothing in February, what lacks in April."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(600, 3))
    used = {**talked(260), **talked(260, Period(FEB, MAR))}

    assert [] == true_up(drafted(contract, FEB, talked(260)))
    assert ["336.00"] == true_up(drafted(contract, APR, used))


def test_a_commitment_counts_the_charges_that_it_names() -> None:
    """A minimum of use sees 132.00 of use and not the 1,999.00 of the platform."""
    contract = promising(
        contract_of(PLATFORM, CONVERSATIONS), promises=minimum(200, charges=("conversations",))
    )

    assert ["68.00"] == true_up(drafted(contract, FEB, talked(260)))
    assert [] == true_up(
        drafted(promising(contract_of(PLATFORM, CONVERSATIONS), promises=minimum(200)), FEB, talked(260))
    )


def test_what_counts_is_what_discounts_leave() -> None:
    """132.00 less 10 % are 118.80, of 200.00: 81.20 lack."""
    tenth = PercentDiscount(clause="T-1", name="Tenth", percent=Decimal(10))
    contract = promising(contract_of(CONVERSATIONS), reductions={"tenth": tenth}, promises=minimum(200))

    # The discount is for all charges of the plan; the commitment is none.
    assert ["81.20"] == true_up(drafted(contract, FEB, talked(260)))


def test_a_term_that_is_not_filled_commits_to_its_days() -> None:
    """From 15 January: 17 of 31 days of 310.00 are 170.00, or all of it where the paper prorates nothing."""
    signed = contract_of(CONVERSATIONS, starts_on=date(2026, 1, 15), billing_day=1)

    assert ["170.00"] == true_up(drafted(promising(signed, promises=minimum(310)), FEB))
    assert ["310.00"] == true_up(
        drafted(promising(signed, promises=minimum(310, proration=Proration.NONE)), FEB)
    )


def test_a_contract_that_ends_ends_its_term() -> None:
    """Ended after January and 14 days of 365: 45 of 365 days of 3,650.00 are 450.00, on the next bill."""
    signed = contract_of(CONVERSATIONS, ends_on=date(2026, 2, 15))
    contract = promising(signed, promises=minimum(3650, 12))

    assert ["450.00"] == true_up(drafted(contract, date(2026, 2, 15)))


def test_late_use_lowers_what_lacked() -> None:
    """68.00 were billed as lacking; 20 conversations come late: 14.00 of use, 14.00 less are lacking."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(200))
    first = drafted(contract, FEB, talked(260))
    second = drafted(contract, FEB, talked(280), billed=first.marks)

    assert [("conversations", "14.00"), ("minimum", "-14.00")] == [
        (line.charge, str(line.net)) for line in second.lines
    ]
    assert Money.of("54.00", "MXN") == second.marks[MarkKey("minimum", JANUARY)].amount
    assert Money.zero("MXN") == second.total("MXN")


def test_a_second_look_bills_nothing() -> None:
    """With its mark the term is settled."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(200))
    first = drafted(contract, FEB, talked(260))

    assert () == drafted(contract, FEB, talked(260), billed=first.marks).lines


def test_an_indexed_commitment_moves_with_the_index() -> None:
    """200.00 times 1.10 from the first day: 220.00 without use."""
    moved = PriceAdjustment(
        effective_on=JAN,
        factor=Decimal("1.10"),
        index="IGPM",
        first_month=date(2025, 1, 1),
        last_month=date(2025, 12, 1),
        variation_percent=Decimal(10),
        clause="T-1",
    )
    signed = contract_of(CONVERSATIONS, adjustments=(moved,))

    assert ["220.00"] == true_up(drafted(promising(signed, promises=minimum(200, indexed=True)), FEB))
    assert ["200.00"] == true_up(drafted(promising(signed, promises=minimum(200)), FEB))


def test_drawdown_and_true_up_are_the_commitment() -> None:
    """Over a term of three months with some use in each, the lines sum to what was committed."""
    contract = promising(contract_of(CONVERSATIONS), promises=minimum(600, 3))
    used = {**talked(150), **talked(250, Period(FEB, MAR))}
    draft = drafted(contract, APR, used)

    assert Money.of(600, "MXN") == total_of((Money(line.net, "MXN") for line in draft.lines), "MXN")


def test_a_minimum_by_the_second_knows_of_the_lost_hour() -> None:
    """From 16 March 1,382,400 of Tijuana's 2,674,800 seconds: of 267,480 lack 138,240, not all of it."""
    signed = contract_of(CONVERSATIONS, starts_on=date(2026, 3, 16), billing_day=1)
    signed = replace(signed, entity=replace_zone(signed.entity, time_zone="America/Tijuana"))
    contract = promising(signed, promises=minimum(267_480, proration=Proration.SECOND))

    assert ["138240.00"] == true_up(drafted(contract, APR))
