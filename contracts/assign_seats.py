"""Who sits where: assign a named seat, release it, pass it on.  Each is one transaction of the caller."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from contracts import seats
from contracts.seat_store import begin_seat, end_seat, seats_of
from contracts.seats import Seat
from contracts.store import lock_subscriptions
from contracts.subscriptions import Contract
from kernel.clock import Clock


def assign(
    connection: Connection, contract: Contract, holder: str, *, affiliate: str = "", on: date, clock: Clock
) -> Seat:
    """Give a person a seat from a day on.  Raises as :func:`contracts.seats.assigned` does."""
    seat = seats.assigned(contract, _locked(connection, contract), holder=holder, affiliate=affiliate, on=on)
    begin_seat(connection, seat, clock.now())
    return seat


def release(connection: Connection, contract: Contract, holder: str, *, on: date) -> Seat:
    """End a person's seat; ``on`` is the first day without it.  Raises as :func:`seats.released` does."""
    seat = seats.released(_locked(connection, contract), holder=holder, on=on)
    end_seat(connection, seat)
    return seat


def transfer(
    connection: Connection,
    contract: Contract,
    holder: str,
    to: str,
    *,
    affiliate: str = "",
    on: date,
    clock: Clock,
) -> Seat:
    """Pass a seat from who leaves it to another person.  Raises as :func:`seats.transferred` does."""
    known = _locked(connection, contract)
    ended, begun = seats.transferred(contract, known, holder=holder, to=to, affiliate=affiliate, on=on)
    end_seat(connection, ended)
    begin_seat(connection, begun, clock.now())
    return begun


def _locked(connection: Connection, contract: Contract) -> tuple[Seat, ...]:
    """Return a contract's seats, which nobody else changes until the transaction ends."""
    lock_subscriptions(connection, [contract.account_id], exclusive=True)
    return seats_of(connection, contract.account_id, contract.subscription_id)
