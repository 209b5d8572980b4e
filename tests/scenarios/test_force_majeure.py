"""An invoice of 1 January is due on 10 March 2026 under Annex IX, and force majeure hits the contract."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.occur import record_occurrence
from contracts.occurrence_store import occurrences_of
from contracts.service_changes import record_force_majeure
from db.unit_of_work import unit_of_work
from kernel.calendars import first_day_after
from kernel.clock import FixedClock
from kernel.errors import Conflict, InvalidInput
from kernel.money import Money
from kernel.periods import Period
from kernel.zones import local_day
from tests.integration.contract_desk import Desk
from tests.integration.dunning_book import Customer, at, night, sign
from tests.integration.invoicing_book import Office, talks

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

DUE = date(2026, 3, 10)
MUCH_LATER = date(2026, 5, 31)


def hit(customer: Customer, first: date, last: date, *, told: date | None = None) -> None:
    """Record force majeure from a day to another, told on its first day."""
    with unit_of_work(customer.engine) as connection:
        record_force_majeure(
            connection,
            customer.contract,
            Period(first, first_day_after(last, 0)),
            reported_on=told or first,
            why="flood",
            by="ana",
            clock=at(last),
        )


def steps(customer: Customer) -> list[tuple[str, str]]:
    """Return what a night long after finds, and from when each was allowed."""
    night(customer.engine, MUCH_LATER)
    return [(each.step, f"{each.allowed_on:%m-%d}") for each in customer.actions]


def ladder(*days: str) -> list[tuple[str, str]]:
    """Return the ladder of Annex IX with the days of its rungs."""
    return list(zip(("reminder", "partial_suspension", "suspension", "termination"), days, strict=True))


@pytest.mark.clause("ZEN-11.2")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((), ("03-11", "03-16", "03-19", "03-21")),
        (("2025-12-28", "2026-01-01"), ("03-11", "03-16", "03-19", "03-21")),
        (("2026-01-02", "2026-01-03"), ("03-13", "03-18", "03-21", "03-23")),
        (("2026-03-09", "2026-03-10"), ("03-13", "03-18", "03-21", "03-23")),
        (("2026-03-12", "2026-03-14"), ("03-11", "03-19", "03-22", "03-24")),
        (("2026-03-17", "2026-03-18"), ("03-11", "03-16", "03-21", "03-23")),
        (("2026-03-20", "2026-03-20"), ("03-11", "03-16", "03-19", "03-22")),
        (("2026-03-21", "2026-03-25"), ("03-11", "03-16", "03-19", "03-21")),
        (("2026-03-09", "2026-03-12"), ("03-15", "03-20", "03-23", "03-25")),
    ],
    ids=[
        "none",
        "before the invoice",
        "after the invoice",
        "up to the due date",
        "across the first threshold",
        "between two thresholds",
        "the last day before the last threshold",
        "after the last threshold",
        "across the due date",
    ],
)
def test_each_limit_that_it_hits_grows_by_its_days(
    engine: Engine, days: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """The due date and each threshold move by the days that they meet, and by no other."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    if days:
        first, last = map(date.fromisoformat, days)
        hit(customer, first, last)

    assert ladder(*expected) == steps(customer)


@pytest.mark.clause("ZEN-11.2")
def test_an_action_says_which_days_were_not_counted(engine: Engine) -> None:
    """Whoever reads why a service was stopped finds the force majeure and its clause."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    hit(customer, date(2026, 3, 12), date(2026, 3, 14))
    steps(customer)
    (reason,) = [each.reason for each in customer.actions if each.step == "partial_suspension"]

    assert reason == (
        "payment was due on 2026-03-10, and on 2026-03-19 more than 5 days ago (ZEN-IX-11), "
        "not counting 3 days of force majeure (ZEN-11.2)"
    )


@pytest.mark.clause("ZEN-11.2")
def test_a_late_debt_is_late_from_the_moved_due_date(engine: Engine) -> None:
    """Hit on the 9th and 10th it is due on the 12th: no fine on that day, fine and interest on the 13th."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    hit(customer, date(2026, 3, 9), DUE)
    night(engine, date(2026, 3, 12))
    in_time = customer.open_amount(date(2026, 3, 12))
    night(engine, date(2026, 3, 13))

    assert Money.of("1000.00", "MXN") == in_time
    assert Money.of("1100.33", "MXN") == customer.open_amount(date(2026, 3, 13))


def test_terms_that_say_nothing_move_nothing(engine: Engine) -> None:
    """Konectus has no clause on force majeure: its notice goes out on the first late day."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    hit(customer, date(2026, 3, 9), date(2026, 3, 20))
    night(engine, date(2026, 3, 11))

    assert ["2026-03-11 notify done KON-15.1a"] == customer.timeline


def test_days_are_recorded_once(engine: Engine) -> None:
    """What overlaps is refused; what follows on is another record of the same event."""
    customer = sign(engine, "acme", "annex-ix")
    hit(customer, date(2026, 3, 12), date(2026, 3, 14))
    hit(customer, date(2026, 3, 15), date(2026, 3, 15))

    with pytest.raises(Conflict):
        hit(customer, date(2026, 3, 14), date(2026, 3, 16))


def test_nobody_tells_before_it_begins(engine: Engine) -> None:
    """A report of the day before is a mistyped date."""
    with pytest.raises(InvalidInput) as refused:
        hit(sign(engine, "acme", "annex-ix"), date(2026, 3, 12), date(2026, 3, 14), told=date(2026, 3, 11))

    assert ("reported_on", "2026-03-12 or later") == (refused.value.field, refused.value.expected)


def told(customer: Customer) -> list[tuple[str, str]]:
    """Return what of force majeure stands among what happened: its day, and who recorded the report."""
    with unit_of_work(customer.engine) as connection:
        found = occurrences_of(connection, [customer.contract.account_id], done=True)
    zone = customer.contract.entity.time_zone
    return [(str(local_day(each.occurred_at, zone)), each.done_by) for each in found]


@pytest.mark.clause("ZEN-11.1")
def test_recording_the_days_is_the_report(engine: Engine) -> None:
    """The duty to tell is done with it, once for an event of two records and again for another event."""
    customer = sign(engine, "acme", "annex-ix")
    hit(customer, date(2026, 3, 12), date(2026, 3, 14))
    hit(customer, date(2026, 3, 15), date(2026, 3, 15))
    hit(customer, date(2026, 4, 2), date(2026, 4, 2))

    assert [("2026-03-12", "ana"), ("2026-04-02", "ana")] == told(customer)


@pytest.mark.clause("ZEN-11.1")
def test_what_was_recorded_as_happened_is_done_with_the_days(engine: Engine) -> None:
    """Noted on the 12th at noon: the record of the days finishes that, and adds nothing."""
    customer = sign(engine, "acme", "annex-ix")
    noon = at(date(2026, 3, 12))
    with unit_of_work(engine) as connection:
        record_occurrence(
            connection, customer.contract, "force_majeure", occurred_at=noon.now(), note="flood", clock=noon
        )
    waiting = told(customer)
    hit(customer, date(2026, 3, 12), date(2026, 3, 14))

    assert ([("2026-03-12", "")], [("2026-03-12", "ana")]) == (waiting, told(customer))


def test_terms_without_the_duty_have_nothing_to_do(engine: Engine) -> None:
    """Konectus has no clause on it: the days are kept, and no duty."""
    customer = sign(engine, "tienda", "konectus")
    hit(customer, date(2026, 3, 9), date(2026, 3, 20))

    assert [] == told(customer)


@pytest.mark.clause("ZEN-11.3")
def test_only_force_majeure_that_lasts_frees_a_side(engine: Engine) -> None:
    """Hit from 1 to 31 March: nobody may leave on the 16th, either side on the 17th, and nobody in April."""
    office = Office.open(engine)
    desk = Desk(engine, "flores", "conversion")
    with unit_of_work(engine) as connection:
        record_force_majeure(
            connection,
            desk.contract,
            Period(date(2026, 3, 1), date(2026, 4, 1)),
            reported_on=date(2026, 3, 2),
            why="flood",
            by="ana",
            clock=FixedClock.on(date(2026, 3, 2)),
        )
    for too_soon_or_late in (date(2026, 3, 16), date(2026, 4, 1)):
        with pytest.raises(Conflict):
            desk.ends("force_majeure", Party.CUSTOMER, Word(said_on=too_soon_or_late))
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    desk.ends("force_majeure", Party.CUSTOMER, Word(said_on=date(2026, 3, 17)))
    ((ended, refund),) = desk.settles(date(2026, 3, 17))

    assert (date(2026, 3, 17), "ZEN-11.3", None) == (
        ended.notice.effective_on,
        ended.notice.clause,
        refund,
    )
    office.gets(talks("flores", 120, date(2026, 3, 10)))
    office.bills(date(2026, 4, 1))
    assert {"whatsapp_mx"} == {line.charge for line in office.of("flores", date(2026, 4, 1)).lines}
