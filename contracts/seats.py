"""Named seats: one person each.  Who may take one, pass one on, and who may not.

A seat that passes on is free once its holder has left it.  One that does not stays its first holder's for as
long as the contract lasts: somebody else needs a seat of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from contracts.entitlement_facts import entitlements_of
from contracts.entitlement_rules import Entitlement, SeatsEntitlement
from contracts.shapes import one_of
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from contracts.terms_page import contracts_on
from kernel.errors import (
    AffiliateNotCovered,
    InvalidInput,
    NotFound,
    SeatNotTransferable,
    SeatsExhausted,
    SeatTaken,
)
from kernel.ids import AccountId, SubscriptionId

#: Characters of a holder's or an affiliate's name.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat in a person's hands for the days ``[start, end)``; ``end`` is None as long as they hold it.

    ``affiliate`` names the company of the customer's group that the person works for; empty, its own.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    seat_no: int
    holder: str
    affiliate: str
    start: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the person holds the seat on a day."""
        return self.start <= day and (self.end is None or day < self.end)


def person(name: str) -> str:
    """Return a person's name as it is kept: ``Ana@Acme.MX`` and ``ana@acme.mx`` are one person."""
    known = " ".join(name.split()).casefold()
    if not 0 < len(known) <= LONGEST_NAME:
        raise InvalidInput(
            "a seat needs a named person",
            field="holder",
            value=name,
            expected=f"1 to {LONGEST_NAME} characters, such as an e-mail address",
        )
    return known


def seats_rule(contract: Contract) -> Sourced[SeatsEntitlement]:
    """Return the rule of a contract's named seats, or say that its terms know none."""
    for sourced in entitlements_of(contract):
        rule = sourced.rule
        if isinstance(rule, SeatsEntitlement):
            return Sourced(rule, sourced.clause, sourced.document)
    raise NotFound(
        "the terms of this contract know no named seats",
        field="subscription",
        value=contract.subscription.code,
        expected="an [entitlements] rule of kind seats in its papers",
    )


def contract_with_seats(contracts: Sequence[Contract], day: date, *, code: str = "") -> Contract:
    """Return the contract of an account whose terms know named seats on a day, or the one that bears a code.

    Raises :class:`NotFound` where there is none, :class:`InvalidInput` where there are several.
    """
    own = contracts_on(contracts, day, code=code)
    seated = [each for each in own if any(map(_is_of_seats, entitlements_of(each)))]
    if len(seated) > 1:
        raise InvalidInput(
            "more than one subscription has named seats",
            field="subscription",
            expected=one_of((each.subscription.code for each in seated), code),
        )
    return seated[0] if seated else own[0]


def taken(rule: SeatsEntitlement, seats: Sequence[Seat], day: date) -> frozenset[int]:
    """Return the seats that nobody else can take on a day.

    Three people have held a seat and one of them left: two are taken where seats pass on, three where not.
    """
    return frozenset(
        each.seat_no for each in seats if each.end is None or day < each.end or not rule.transferable
    )


def assigned(
    contract: Contract, seats: Sequence[Seat], *, holder: str, affiliate: str = "", on: date
) -> Seat:
    """Return the seat that a person takes from a day on.

    Raises :class:`SeatTaken` for who holds one already, :class:`AffiliateNotCovered` for another company's
    person where seats are the customer's own, :class:`SeatsExhausted` where none is left, and
    :class:`InvalidInput` for a day on which the contract is not in force.
    """
    sourced, name = seats_rule(contract), person(holder)
    _refuse_day(contract, on)
    _refuse_second(seats, name, on)
    _refuse_stranger(sourced, affiliate)
    return Seat(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        seat_no=_free_number(contract, sourced, seats, name, on),
        holder=name,
        affiliate=affiliate.strip(),
        start=on,
    )


def released(seats: Sequence[Seat], *, holder: str, on: date) -> Seat:
    """Return a person's seat as it ends: ``on`` is the first day without it.

    Raises :class:`NotFound` for who holds none, :class:`InvalidInput` for a day before the seat began.
    """
    held = _held(seats, person(holder))
    if on < held.start:
        raise InvalidInput(
            "the seat was not held yet", field="on", value=on, expected=f"{held.start} or later"
        )
    return replace(held, end=on)


def transferred(
    contract: Contract, seats: Sequence[Seat], *, holder: str, to: str, affiliate: str = "", on: date
) -> tuple[Seat, Seat]:
    """Return a person's seat as it ends, and as it begins for another, on the same day.

    The former holder has left from that day on, so that no two persons ever share it.  Raises
    :class:`SeatNotTransferable` where the terms let no seat pass on, :class:`SeatTaken` where the other holds
    one already, and what :func:`assigned` and :func:`released` raise besides.
    """
    sourced, name = seats_rule(contract), person(to)
    if not sourced.rule.transferable:
        raise SeatNotTransferable(
            "a seat does not pass to another person",
            field="holder",
            value=person(holder),
            expected=f"a seat of their own for {name}, by {sourced.cites}",
        )
    _refuse_day(contract, on)
    _refuse_second(seats, name, on)
    _refuse_stranger(sourced, affiliate)
    ended = released(seats, holder=holder, on=on)
    return ended, replace(ended, holder=name, affiliate=affiliate.strip(), start=on, end=None)


def _is_of_seats(sourced: Sourced[Entitlement]) -> bool:
    return isinstance(sourced.rule, SeatsEntitlement)


def _held(seats: Sequence[Seat], name: str) -> Seat:
    for each in seats:
        if each.holder == name and each.end is None:
            return each
    raise NotFound("this person holds no seat", field="holder", value=name, expected="who is listed with one")


def _refuse_second(seats: Sequence[Seat], name: str, on: date) -> None:
    for each in seats:
        if each.holder == name and (each.end is None or on < each.end):
            raise SeatTaken(
                "one person takes one seat",
                field="holder",
                value=name,
                expected=f"another person; this one has seat {each.seat_no} since {each.start}",
            )


def _refuse_stranger(sourced: Sourced[SeatsEntitlement], affiliate: str) -> None:
    if affiliate and not sourced.rule.affiliates:
        raise AffiliateNotCovered(
            "the seats are for the customer's own people",
            field="affiliate",
            value=affiliate,
            expected=f"none, by {sourced.cites}",
        )


def _refuse_day(contract: Contract, on: date) -> None:
    signed = contract.subscription
    if not signed.holds(on):
        raise InvalidInput(
            "the contract is not in force on this day",
            field="on",
            value=on,
            expected=f"{signed.starts_on} or later, before {signed.ends_on or 'its end'}",
        )


def _free_number(
    contract: Contract, sourced: Sourced[SeatsEntitlement], seats: Sequence[Seat], name: str, on: date
) -> int:
    """Return the lowest free seat; where seats do not pass on, a person's own former one."""
    rule = sourced.rule
    if not rule.transferable:
        for each in seats:
            if each.holder == name:
                return each.seat_no
    gone = taken(rule, seats, on)
    limit = rule.seats_of(contract.plan.code)
    if limit is not None and len(gone) >= limit:
        raise SeatsExhausted(
            "every seat of the contract is taken",
            field="holder",
            value=name,
            expected=f"at most {limit}, by {sourced.cites}; a released seat, or more in the order form",
        )
    return next(number for number in range(1, len(gone) + 2) if number not in gone)
