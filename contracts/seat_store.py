"""Every query of named seats.  Nothing here commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import Range, insert

from contracts.seats import Seat
from contracts.tables import seat_assignments
from kernel.ids import AccountId, SubscriptionId


def seats_of(
    connection: Connection, account_id: AccountId, subscription_id: SubscriptionId
) -> tuple[Seat, ...]:
    """Return who holds and who held the seats of a subscription, by seat and day."""
    s = seat_assignments.c
    rows = connection.execute(
        select(seat_assignments)
        .where(s.account_id == account_id, s.subscription_id == subscription_id)
        .order_by(s.seat_no, s.during)
    )
    return tuple(
        Seat(
            account_id=AccountId(row.account_id),
            subscription_id=SubscriptionId(row.subscription_id),
            seat_no=row.seat_no,
            holder=row.holder,
            affiliate=row.affiliate,
            start=row.during.lower,
            end=row.during.upper,
        )
        for row in rows
    )


def begin_seat(connection: Connection, seat: Seat, at: datetime) -> None:
    """Keep that a person holds a seat from a day on."""
    connection.execute(
        insert(seat_assignments).values(
            account_id=seat.account_id,
            subscription_id=seat.subscription_id,
            seat_no=seat.seat_no,
            during=Range(seat.start, seat.end),
            holder=seat.holder,
            affiliate=seat.affiliate,
            recorded_at=at,
        )
    )


def end_seat(connection: Connection, seat: Seat) -> None:
    """Keep on which day a person's seat ended; one that held no day is taken away."""
    if seat.end == seat.start:
        connection.execute(delete(seat_assignments).where(*_lasting(seat)))
        return
    connection.execute(
        update(seat_assignments).where(*_lasting(seat)).values(during=Range(seat.start, seat.end))
    )


def _lasting(seat: Seat) -> tuple[ColumnElement[Any], ...]:
    s = seat_assignments.c
    return (
        s.account_id == seat.account_id,
        s.subscription_id == seat.subscription_id,
        s.seat_no == seat.seat_no,
        s.holder == seat.holder,
        func.upper_inf(s.during),
    )
