"""A person stops a service for another cause than a debt: by a code of the terms, and no payment lifts it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from contracts.occur import record_occurrence
from contracts.service_changes import Decision, part_ends
from contracts.service_states import ServiceState, ServiceStatus
from contracts.suspend import announce, restore, suspend
from contracts.suspending import Cause
from db.unit_of_work import unit_of_work
from kernel.errors import Conflict, InvalidInput, NotFound
from tests.integration.dunning_book import Customer, at, contract_of, night, nights, sign

pytestmark = pytest.mark.integration

DUE = date(2026, 3, 10)
ACTIVE = ServiceStatus(ServiceState.ACTIVE)
SUSPENDED = ServiceStatus(ServiceState.SUSPENDED)


@pytest.fixture
def customer(engine: Engine) -> Customer:
    """A customer under Annex IX."""
    return sign(engine, "acme", "annex-ix")


def march(day: int) -> date:
    """Return a day of March 2026."""
    return date(2026, 3, day)


def cause(code: str, day: int, *, part: str = "", harm: str = "") -> Cause:
    """Return Ana's word of a day in March."""
    return Cause(code=code, on=march(day), why="spam", by="ana", part=part, harm=harm)


def warns(customer: Customer, word: Cause, *, today: int) -> None:
    """Announce a suspension on a day of March."""
    with unit_of_work(customer.engine) as connection:
        announce(connection, contract_of(customer.engine, "acme"), word, clock=at(march(today)))


def stops(customer: Customer, word: Cause, *, today: int = 0) -> None:
    """Suspend, on the day itself or on another."""
    with unit_of_work(customer.engine) as connection:
        clock = at(march(today) if today else word.on)
        suspend(connection, contract_of(customer.engine, "acme"), word, clock=clock)


def goes_on(customer: Customer, word: Cause) -> None:
    """Restore."""
    with unit_of_work(customer.engine) as connection:
        restore(connection, contract_of(customer.engine, "acme"), word, clock=at(word.on))


def statuses(customer: Customer, *days: int) -> list[ServiceStatus]:
    """Return how the service stood on days of March."""
    return [customer.status(march(day)) for day in days]


@pytest.mark.clause("ZEN-13.2")
@pytest.mark.parametrize(
    ("code", "clause"),
    [
        pytest.param("unlawful_content", "ZEN-13.1-i-ii-ix", marks=pytest.mark.clause("ZEN-13.1-i-ii-ix")),
        pytest.param("official_order", "ZEN-13.1-i-ii-ix", marks=pytest.mark.clause("ZEN-13.1-i-ii-ix")),
        pytest.param("harm", "ZEN-13.1-i-ii-ix", marks=pytest.mark.clause("ZEN-13.1-i-ii-ix")),
        pytest.param("misuse", "ZEN-3.1", marks=pytest.mark.clause("ZEN-3.1")),
    ],
)
def test_zenvia_announces_a_suspension_the_day_before(customer: Customer, code: str, clause: str) -> None:
    """Announced on the 9th for the 10th it begins on the 10th, not on the 9th; the customer reads both."""
    with pytest.raises(Conflict) as too_near:
        warns(customer, cause(code, 9), today=9)
    warns(customer, cause(code, 10), today=9)
    with pytest.raises(Conflict) as too_early:
        stops(customer, cause(code, 9))
    stops(customer, cause(code, 10))
    goes_on(customer, cause(code, 12))

    assert "2026-03-10 or later" == too_near.value.expected
    assert "an announcement for 2026-03-09 or before (ZEN-13.2)" == too_early.value.expected
    assert [ACTIVE, SUSPENDED, SUSPENDED, ACTIVE] == statuses(customer, 9, 10, 11, 12)
    (span,) = customer.spans
    assert (code, clause, "ana") == (span.code, span.clause, span.decided_by)
    assert f"{code.replace('_', ' ')}: spam; restored by ana: spam" == span.reason
    letters = [body["body"] for _, body in customer.told("mail.notice")]
    assert [True, False] == ["ZEN-13.2" in each for each in letters]
    assert [False, True] == [clause in each for each in letters]


@pytest.mark.clause("ZEN-13.2")
def test_zenvia_a_warning_that_might_do_harm_is_left_out(customer: Customer) -> None:
    """The harm is kept with the state; the customer is told at once."""
    with pytest.raises(Conflict):
        stops(customer, cause("misuse", 9))
    stops(customer, cause("misuse", 9, harm="more spam"))

    assert "misuse: spam; not announced: more spam" == customer.spans[0].reason
    assert 1 == len(customer.told("mail.notice"))


def test_an_announcement_is_followed_once(customer: Customer) -> None:
    """A second suspension needs another; the same one said twice is sent once."""
    for _ in range(2):
        warns(customer, cause("misuse", 10), today=9)
    sent = customer.told("mail.notice")
    stops(customer, cause("misuse", 10))
    goes_on(customer, cause("misuse", 11))

    assert 1 == len(sent)
    with pytest.raises(Conflict):
        stops(customer, cause("misuse", 12))
    with pytest.raises(Conflict):
        warns(customer, cause("misuse", 10), today=9)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("unauthorized_assignment", marks=pytest.mark.clause("ZEN-8.2")),
        pytest.param("chargeback", marks=pytest.mark.clause("ZEN-IX-5-card-iv")),
    ],
)
def test_zenvia_some_causes_need_no_warning(customer: Customer, code: str) -> None:
    """At once and as a whole: a part alone is not what the clause stops, and harm changes nothing."""
    with pytest.raises(InvalidInput):
        stops(customer, cause(code, 9, part="whatsapp"))
    with pytest.raises(InvalidInput):
        stops(customer, cause(code, 9, harm="spam"))
    stops(customer, cause(code, 9))

    assert [ACTIVE, SUSPENDED] == statuses(customer, 8, 9)


@pytest.mark.clause("ZEN-10.3.1")
def test_zenvia_an_inquiry_waits_for_an_answer(customer: Customer) -> None:
    """Asked on Thursday 5 March, the five working days end on the 12th: the 13th is the first day."""
    with pytest.raises(Conflict) as unasked:
        stops(customer, cause("ethics_breach", 12))
    with unit_of_work(customer.engine) as connection:
        asked = at(march(5))
        record_occurrence(
            connection, customer.contract, "ethics_notice", occurred_at=asked.now(), clock=asked
        )
    with pytest.raises(Conflict) as early:
        stops(customer, cause("ethics_breach", 12))
    stops(customer, cause("ethics_breach", 13))
    goes_on(customer, cause("ethics_breach", 20))

    assert "a recorded ethics notice, and its time over" == unasked.value.expected
    assert "2026-03-13 or later" == early.value.expected
    assert [ACTIVE, SUSPENDED, SUSPENDED, ACTIVE] == statuses(customer, 12, 13, 19, 20)


@pytest.mark.clause("ZEN-10.3.1")
def test_zenvia_a_risk_of_harm_waits_for_nothing(customer: Customer) -> None:
    """Without the five days."""
    stops(customer, cause("ethics_breach", 5, harm="bribes go on"))

    assert [SUSPENDED] == statuses(customer, 5)


@pytest.mark.clause("KON-15.1b")
@pytest.mark.parametrize("code", ["forbidden_use", "legal_order", "security_risk"])
def test_konectus_stops_at_once(engine: Engine, code: str) -> None:
    """Without any notice; connectors are unplugged as in every suspension."""
    customer = sign(engine, "acme", "konectus")
    stops(customer, cause(code, 9))

    assert [ACTIVE, SUSPENDED] == statuses(customer, 8, 9)
    assert ["service.suspended", "connectors.disconnect"] == [
        kind for kind, _ in customer.told("service.suspended", "connectors.disconnect")
    ]


def test_a_cause_is_one_of_the_terms(customer: Customer) -> None:
    """A mistyped code is answered with those that there are; so are a part and a day to come."""
    with pytest.raises(NotFound) as refused:
        stops(customer, cause("missuse", 9))
    with pytest.raises(InvalidInput):
        stops(customer, cause("chargeback", 10), today=9)
    with pytest.raises(NotFound):
        goes_on(customer, cause("chargeback", 9))

    assert "misuse" in str(refused.value.expected)


def test_no_payment_ends_what_a_person_suspended(customer: Customer) -> None:
    """The debt would suspend from the 16th on: it finds nothing to suspend; paid, the service stays off."""
    customer.owes("Z-1", due_on=DUE)
    stops(customer, cause("chargeback", 12))
    nights(customer.engine, [march(16), march(19)])
    timeline = customer.timeline
    customer.pays("2000.00", on=march(20))
    night(customer.engine, march(20))

    assert ["2026-03-11 remind done ZEN-IX-9.1"] == timeline
    assert [SUSPENDED, SUSPENDED] == statuses(customer, 19, 20)


def test_a_debt_suspends_once_the_other_cause_is_over(customer: Customer) -> None:
    """Restored on the 20th while nine days late, the ladder goes on that night, until it is paid."""
    customer.owes("Z-1", due_on=DUE)
    stops(customer, cause("chargeback", 12))
    night(customer.engine, march(19))
    goes_on(customer, cause("chargeback", 20))
    night(customer.engine, march(20))
    suspended = customer.status(march(20))
    customer.pays("2000.00", on=march(24))
    night(customer.engine, march(24))

    assert ServiceStatus(ServiceState.SUSPENDED, ("whatsapp",)) == suspended
    assert [ACTIVE] == statuses(customer, 24)


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [(26, [True, True, True, False]), (23, [True, True, False, False]), (22, [True, True, False, False])],
    ids=["after it", "on its last day", "within it"],
)
def test_a_suspension_for_a_debt_gives_way_and_goes_on(
    customer: Customer, paid_on: int, expected: list[bool]
) -> None:
    """A debt stops it on the 19th, a chargeback from the 20th to the 23rd, then the debt until it is paid."""
    customer.owes("Z-1", due_on=DUE)
    nights(customer.engine, [march(16), march(19)])
    stops(customer, cause("chargeback", 19))
    if paid_on < 24:
        customer.pays("2000.00", on=march(paid_on))
        night(customer.engine, march(23))
    goes_on(customer, cause("chargeback", 24))
    if paid_on >= 24:
        customer.pays("2000.00", on=march(paid_on))
    nights(customer.engine, [march(26), march(26)])

    assert expected == [each.state is ServiceState.SUSPENDED for each in statuses(customer, 20, 23, 25, 26)]
    assert ["chargeback"] == [each.code for each in customer.spans if each.code]


def test_a_part_is_suspended_until_it_ends(customer: Customer) -> None:
    """WhatsApp ends on the 20th: misuse stops it until then, and the rest works."""
    with unit_of_work(customer.engine) as connection:
        word = Decision(on=march(20), clause="ZEN-IX-11", why="banned", by="meta")
        part_ends(connection, contract_of(customer.engine, "acme"), "whatsapp", word, clock=at(march(2)))
    stops(customer, cause("misuse", 9, part="whatsapp", harm="more spam"))

    assert [
        ACTIVE if day == 8 else ServiceStatus(state, ("whatsapp",))
        for day, state in (
            (8, ServiceState.ACTIVE),
            (9, ServiceState.PARTIALLY_SUSPENDED),
            (19, ServiceState.PARTIALLY_SUSPENDED),
            (20, ServiceState.ENDED),
        )
    ] == [
        ServiceStatus(each.state, each.stopped_parts if each.state is not ServiceState.ACTIVE else ())
        for each in statuses(customer, 8, 9, 19, 20)
    ]
