"""Who sits where: one person, one seat; what passes on and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from contracts.entitlement_facts import Facts
from contracts.entitlement_rules import SeatsEntitlement
from contracts.entitlements import verdicts
from contracts.seats import (
    LONGEST_NAME,
    Seat,
    assigned,
    contract_with_seats,
    person,
    released,
    seats_rule,
    taken,
    transferred,
)
from contracts.subscriptions import Contract, OrderForm
from kernel.errors import (
    AffiliateNotCovered,
    ClausulaError,
    InvalidInput,
    NotFound,
    SeatNotTransferable,
    SeatsExhausted,
    SeatTaken,
)
from tests.unit.contracts.agreements import CONVERSION, CONVERSSO, KONECTUS, SALEXOPS, SINCH, signed

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def with_seats(documents: tuple[str, ...], seats: int) -> Contract:
    """Return a contract whose order form names a number of seats and leaves the rest as it is."""
    rule = seats_rule(signed(documents)).rule
    own = SeatsEntitlement(
        clause=rule.clause,
        feature=rule.feature,
        seats=seats,
        transferable=rule.transferable,
        affiliates=rule.affiliates,
    )
    return signed(documents, order_form=OrderForm(entitlements={"seats": own}))


def filled(contract: Contract, *holders: str, on: date = MARCH) -> list[Seat]:
    """Return the seats of persons who took one, one after the other."""
    held: list[Seat] = []
    for holder in holders:
        held.append(assigned(contract, held, holder=holder, on=on))
    return held


def left(held: Sequence[Seat], holder: str, on: date) -> list[Seat]:
    """Return the seats after a person has left."""
    ended = released(held, holder=holder, on=on)
    return [ended if each.holder == ended.holder else each for each in held]


def refused(error: ClausulaError) -> tuple[str, str]:
    """Return the field and the value of a refusal."""
    return error.field, error.value


@pytest.mark.clause("KON-5.2")
def test_the_last_seat_of_the_plan_is_the_last() -> None:
    """Three users are paid for: the third sits, the fourth does not."""
    contract = with_seats(KONECTUS, 3)
    held = filled(contract, "ana", "beto", "caro")

    assert [("ana", 1), ("beto", 2), ("caro", 3)] == [(each.holder, each.seat_no) for each in held]
    with pytest.raises(SeatsExhausted) as error:
        assigned(contract, held, holder="dana", on=MARCH)
    assert ("holder", "dana") == refused(error.value)
    assert "at most 3, by KON-5.2 (order-form 2026-01-01)" in error.value.expected


@pytest.mark.parametrize(("count", "allowed"), [(0, True), (2, True), (3, False)])
@pytest.mark.clause("KON-5.2")
def test_the_verdict_on_one_more_seat(count: int, *, allowed: bool) -> None:
    """One more user may be let in as long as the plan pays for one more."""
    known = Facts(as_of=MARCH, seats_taken=count)
    (found,) = [each for each in verdicts(with_seats(KONECTUS, 3), known) if each.feature == "seats"]

    assert (allowed, "KON-5.2", *map(Decimal, (3, count, 3 - count))) == (
        found.allowed,
        found.clause,
        found.limit,
        found.used,
        found.left,
    )


def test_without_a_number_there_is_no_limit() -> None:
    """The paper names none, and none is guessed."""
    contract = signed(KONECTUS)

    assert 40 == len(filled(contract, *map(str, range(40))))


@pytest.mark.parametrize("name", ["ana@acme.mx", "Ana@Acme.MX", "  ana@acme.mx "])
@pytest.mark.clause("SLX-13")
@pytest.mark.clause("KON-5.2")
def test_one_person_takes_one_seat(name: str) -> None:
    """However the name is written, a second login for one person is refused."""
    for documents in (KONECTUS, SALEXOPS):
        contract = with_seats(documents, 3)
        with pytest.raises(SeatTaken) as error:
            assigned(contract, filled(contract, "ana@acme.mx"), holder=name, on=MARCH)
        assert ("holder", "ana@acme.mx") == refused(error.value)


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1)])
def test_a_seat_has_a_name(name: str) -> None:
    """Nobody is no person."""
    with pytest.raises(InvalidInput):
        person(name)


@pytest.mark.parametrize(("documents", "clause"), [(CONVERSSO, "CNV-03"), (SALEXOPS, "SLX-14")])
@pytest.mark.clause("CNV-03")
@pytest.mark.clause("SLX-14")
def test_a_personal_license_passes_to_nobody(documents: tuple[str, ...], clause: str) -> None:
    """A transfer is refused, and so is the way around it: released, the license stays its holder's."""
    contract = with_seats(documents, 2)
    held = filled(contract, "ana", "beto")
    with pytest.raises(SeatNotTransferable) as error:
        transferred(contract, held, holder="ana", to="caro", on=APRIL)
    assert f"by {clause} (" in error.value.expected

    gone = left(held, "ana", APRIL)
    with pytest.raises(SeatsExhausted):
        assigned(contract, gone, holder="caro", on=APRIL)
    assert 1 == assigned(contract, gone, holder="ana", on=MAY).seat_no
    assert {1, 2} == taken(seats_rule(contract).rule, gone, MAY)


@pytest.mark.clause("SIN-4.5b")
def test_a_login_passes_on_when_its_holder_leaves() -> None:
    """Ana's right ends on the day on which Beto's begins: no day has two, none has nobody."""
    contract = with_seats(SINCH, 1)
    ended, begun = transferred(contract, filled(contract, "ana"), holder="ana", to="beto", on=APRIL)

    assert [("ana", 1, MARCH, APRIL), ("beto", 1, APRIL, None)] == [
        (each.holder, each.seat_no, each.start, each.end) for each in (ended, begun)
    ]
    assert [(True, False), (False, True)] == [
        (ended.holds(day), begun.holds(day)) for day in (date(2026, 3, 31), APRIL)
    ]


@pytest.mark.clause("SIN-4.5b")
def test_a_released_seat_is_free_from_the_day_it_ended() -> None:
    """Users at one time count, not all that ever were: the day before the end is too early for the next."""
    contract = with_seats(SINCH, 1)
    gone = left(filled(contract, "ana"), "ana", APRIL)
    with pytest.raises(SeatsExhausted):
        assigned(contract, gone, holder="beto", on=date(2026, 3, 31))

    seat = assigned(contract, gone, holder="beto", on=APRIL)

    assert ("beto", 1, APRIL) == (seat.holder, seat.seat_no, seat.start)


@pytest.mark.clause("SIN-4.5b")
def test_a_login_is_not_passed_to_who_has_one() -> None:
    """One person never holds two."""
    contract = with_seats(SINCH, 2)
    with pytest.raises(SeatTaken):
        transferred(contract, filled(contract, "ana", "beto"), holder="ana", to="beto", on=APRIL)


@pytest.mark.clause("SIN-G1.5")
def test_affiliates_draw_on_one_pool() -> None:
    """Two seats under one order: one for the customer's Ana, one for the affiliate's Beto, none for Caro."""
    contract = with_seats(SINCH, 2)
    held = filled(contract, "ana")
    held.append(assigned(contract, held, holder="beto", affiliate="Acme Chile", on=MARCH))

    assert [(1, ""), (2, "Acme Chile")] == [(each.seat_no, each.affiliate) for each in held]
    with pytest.raises(SeatsExhausted):
        assigned(contract, held, holder="caro", affiliate="Acme Peru", on=MARCH)


@pytest.mark.parametrize("is_its_trade", [False, True])
@pytest.mark.clause("SLX-14")
def test_a_license_is_sublet_only_as_a_trade(*, is_its_trade: bool) -> None:
    """Another company's person gets none, unless the order form says that subletting is the trade."""
    rule = SeatsEntitlement(clause="SLX-14", feature="seats", affiliates=is_its_trade)
    contract = signed(SALEXOPS, order_form=OrderForm(entitlements={"seats": rule}))

    if is_its_trade:
        assert "A Client" == assigned(contract, [], holder="ana", affiliate="A Client", on=MARCH).affiliate
    else:
        with pytest.raises(AffiliateNotCovered):
            assigned(contract, [], holder="ana", affiliate="A Client", on=MARCH)


def test_without_such_a_clause_affiliates_have_no_seat() -> None:
    """Neither by an assignment nor by a transfer."""
    contract = with_seats(KONECTUS, 2)
    with pytest.raises(AffiliateNotCovered) as error:
        assigned(contract, [], holder="beto", affiliate="Acme Chile", on=MARCH)
    with pytest.raises(AffiliateNotCovered):
        transferred(
            contract, filled(contract, "ana"), holder="ana", to="beto", affiliate="Acme Chile", on=MARCH
        )

    assert ("affiliate", "Acme Chile") == refused(error.value)


def test_a_seat_is_of_days_of_the_contract() -> None:
    """Neither before it begins nor once it has ended."""
    contract = signed(KONECTUS, ends_on=APRIL)
    for day in (date(2025, 12, 31), APRIL):
        with pytest.raises(InvalidInput):
            assigned(contract, [], holder="ana", on=day)

    assert MARCH == assigned(contract, [], holder="ana", on=MARCH).start


def test_who_holds_no_seat_leaves_none() -> None:
    """Nor does who has left already; and nobody leaves before having come."""
    contract = signed(KONECTUS)
    held = filled(contract, "ana", on=APRIL)
    for holder, seats in (("beto", held), ("ana", [replace(each, end=MAY) for each in held])):
        with pytest.raises(NotFound):
            released(seats, holder=holder, on=MAY)
    with pytest.raises(InvalidInput):
        released(held, holder="ana", on=MARCH)

    assert APRIL == released(held, holder="ana", on=APRIL).end


def test_seats_need_a_rule() -> None:
    """Under terms that know no named seats nobody takes one."""
    contract = signed(CONVERSION)
    with pytest.raises(NotFound):
        assigned(contract, [], holder="ana", on=MARCH)

    assert contract == contract_with_seats([contract], MARCH)


def test_of_several_subscriptions_one_is_named() -> None:
    """Two have seats: which one is meant must be said."""
    seated = signed(KONECTUS)
    with pytest.raises(InvalidInput) as error:
        contract_with_seats([seated, seated], MARCH)

    assert "subscription" == error.value.field
    assert seated == contract_with_seats([signed(CONVERSION), seated], MARCH)
