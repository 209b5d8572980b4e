"""What a person decides about a service is kept with its reason, told to who runs it, and left by dunning."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from contracts.service_changes import Decision, end_part, part_ends, pause, resume
from contracts.service_states import ServiceState, ServiceStatus, StateSpan
from db.unit_of_work import unit_of_work
from dunning.confirm import confirm
from kernel.errors import ClausulaError, Conflict, InvalidInput, NotFound, UnknownClause
from tests.integration.dunning_book import SIGNED, Customer, at, contract_of, night, nights, sign

pytestmark = pytest.mark.integration

DUE = date(2026, 3, 10)
ACTIVE = ServiceStatus(ServiceState.ACTIVE)
PAUSED = ServiceStatus(ServiceState.PAUSED)


@pytest.fixture
def customer(engine: Engine) -> Customer:
    """A customer under Annex IX, whose ladder may stop WhatsApp."""
    return sign(engine, "acme", "annex-ix")


def word(on: date, clause: str = "OF-3", why: str = "closed in spring") -> Decision:
    """Return Ana's decision."""
    return Decision(on=on, clause=clause, why=why, by="ana")


def pauses(customer: Customer, decision: Decision, *, today: date | None = None) -> None:
    """Pause the service, on the day itself or on another."""
    with unit_of_work(customer.engine) as connection:
        own = contract_of(customer.engine, "acme")
        pause(connection, own, decision, clock=at(today or decision.on))


def resumes(customer: Customer, decision: Decision) -> None:
    """Let the service go on."""
    with unit_of_work(customer.engine) as connection:
        resume(connection, contract_of(customer.engine, "acme"), decision, clock=at(decision.on))


def ends(customer: Customer, decision: Decision, part: str = "whatsapp") -> None:
    """End a part of the service."""
    with unit_of_work(customer.engine) as connection:
        own = contract_of(customer.engine, "acme")
        end_part(connection, own, part, decision, clock=at(decision.on))


def test_a_pause_lasts_until_it_is_resumed(customer: Customer) -> None:
    """From 2 March to the 8th, by whom, why and by which agreement, both ways."""
    pauses(customer, word(date(2026, 3, 2)))
    resumes(customer, word(date(2026, 3, 9), why="open again"))
    (span,) = customer.spans

    assert [ACTIVE, PAUSED, PAUSED, ACTIVE] == [customer.status(date(2026, 3, day)) for day in (1, 2, 8, 9)]
    assert ("OF-3", "ana") == (span.clause, span.decided_by)
    assert "closed in spring; resumed by ana: open again (OF-3)" == span.reason
    assert [
        ("service.paused", "2026-03-02", "closed in spring"),
        ("service.resumed", "2026-03-09", "open again"),
    ] == [
        (kind, body["on"], body["reason"])
        for kind, body in customer.told("service.paused", "service.resumed")
    ]


def test_a_pause_that_is_resumed_on_its_first_day_never_was(customer: Customer) -> None:
    """No day of it is left."""
    pauses(customer, word(date(2026, 3, 2)))
    resumes(customer, word(date(2026, 3, 2)))

    assert () == customer.spans


@pytest.mark.parametrize(
    "on", [date(2026, 3, 1), date(2026, 3, 9)], ids=["before it began", "when it is over"]
)
def test_only_a_day_of_the_pause_ends_it(customer: Customer, on: date) -> None:
    """Paused from 2 to 8 March: the word of another day is refused, and the pause stands as it was."""
    pauses(customer, word(date(2026, 3, 2)))
    resumes(customer, word(date(2026, 3, 9)))
    before = customer.spans
    with pytest.raises(NotFound) as refused:
        resumes(customer, word(on))

    assert "a day of a pause: paused from 2026-03-02 to 2026-03-09" == refused.value.expected
    assert before == customer.spans


@pytest.mark.parametrize(
    ("on", "today", "error"),
    [
        (date(2026, 3, 3), date(2026, 3, 2), InvalidInput),
        (date(2025, 12, 31), date(2026, 3, 2), InvalidInput),
    ],
    ids=["ahead", "before the contract"],
)
def test_a_pause_begins_on_a_day_that_has_come(
    customer: Customer, on: date, today: date, error: type[ClausulaError]
) -> None:
    """Not tomorrow, for much may happen until then; nor before the contract began."""
    assert SIGNED > date(2025, 12, 31)
    with pytest.raises(error) as refused:
        pauses(customer, word(on), today=today)

    assert ("on", str(on)) == (refused.value.field, refused.value.value)


def test_a_service_that_rests_is_not_paused_again(customer: Customer) -> None:
    """Nor is one resumed that works."""
    with pytest.raises(NotFound):
        resumes(customer, word(date(2026, 3, 2)))
    pauses(customer, word(date(2026, 3, 2)))
    with pytest.raises(Conflict) as refused:
        pauses(customer, word(date(2026, 3, 4)))

    assert "days that do not meet: paused from 2026-03-02 to open" == refused.value.expected


@pytest.mark.parametrize(
    ("part", "clause", "error"),
    [("whatsap", "ZEN-IX-11", NotFound), ("whatsapp", "ZEN-IX-99", UnknownClause)],
)
def test_an_end_names_a_part_and_a_clause_of_the_contract(
    customer: Customer, part: str, clause: str, error: type[ClausulaError]
) -> None:
    """What is mistyped is refused."""
    with pytest.raises(error):
        ends(customer, word(date(2026, 3, 2), clause), part)

    assert () == customer.spans


def test_a_part_that_has_ended_is_over_for_good(customer: Customer) -> None:
    """Banned on 12 March: it does not end a second time."""
    ends(customer, word(date(2026, 3, 12), "ZEN-IX-11", "banned by its owner"))
    with pytest.raises(Conflict) as refused:
        ends(customer, word(date(2026, 3, 20), "ZEN-IX-11"))
    assert "a part that works: whatsapp is over since 2026-03-12 (ZEN-IX-11)" == refused.value.expected
    ((_, body),) = customer.told("service.part_ended")

    assert ServiceStatus(ServiceState.ENDED, ("whatsapp",)) == customer.status(date(2027, 3, 12))
    assert ("whatsapp", "2026-03-12", "ZEN-IX-11", "banned by its owner", "ana") == tuple(
        body[key] for key in ("part", "on", "clause", "reason", "by")
    )


def test_payment_restores_no_part_that_has_ended(customer: Customer) -> None:
    """Suspended for a debt on the 16th, banned on the 17th, paid on the 20th: WhatsApp stays off."""
    customer.owes("Z-1", due_on=DUE)
    night(customer.engine, date(2026, 3, 16))
    ends(customer, word(date(2026, 3, 17), "ZEN-IX-11"))
    night(customer.engine, date(2026, 3, 19))
    customer.pays("2000.00", on=date(2026, 3, 20))
    night(customer.engine, date(2026, 3, 21))

    assert [
        ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, ("whatsapp",)),
        ServiceStatus(ServiceState.ENDED, ("whatsapp",)),
        ServiceStatus(ServiceState.SUSPENDED, ("whatsapp",)),
        ServiceStatus(ServiceState.ENDED, ("whatsapp",)),
        ServiceStatus(ServiceState.ENDED, ("whatsapp",)),
    ] == [customer.status(date(2026, 3, day)) for day in (16, 17, 19, 20, 31)]


def notice_ends(customer: Customer, on: date, why: str, *, today: date) -> StateSpan:
    """Let a notice end WhatsApp on a day that may lie ahead."""
    decision = Decision(on=on, clause="ZEN-IX-11", why=why, by="vendor")
    with unit_of_work(customer.engine) as connection:
        own = contract_of(customer.engine, "acme")
        return part_ends(connection, own, "whatsapp", decision, clock=at(today))


def test_of_two_ends_of_a_part_the_earlier_stands(customer: Customer) -> None:
    """Ending on 1 April, a word for the 10th changes nothing; one for 25 March brings the end forward."""
    today = date(2026, 3, 12)
    first = notice_ends(customer, date(2026, 4, 1), "banned", today=today)
    again = notice_ends(customer, date(2026, 4, 10), "banned again", today=today)
    unchanged = customer.spans
    notice_ends(customer, date(2026, 3, 25), "at once", today=today)
    (span,) = customer.spans

    assert ((first,), first) == (unchanged, again)
    assert (date(2026, 3, 25), "at once; it was to end on 2026-04-01: banned (ZEN-IX-11)") == (
        span.start,
        span.reason,
    )
    assert ["2026-04-01", "2026-03-25"] == [body["on"] for _, body in customer.told("service.part_ended")]


@pytest.mark.parametrize(
    ("paid_on", "works"),
    [(date(2026, 3, 20), [False, True, True, False]), (date(2026, 3, 25), [False, False, False, False])],
    ids=["before it ends", "on the day on which it is over"],
)
def test_a_payment_restores_a_part_until_it_ends(
    customer: Customer, paid_on: date, works: list[bool]
) -> None:
    """Suspended on the 16th, ending on the 25th: paid on the 20th it works from then to the 24th."""
    customer.owes("Z-1", due_on=DUE)
    night(customer.engine, date(2026, 3, 16))
    notice_ends(customer, date(2026, 3, 25), "banned", today=date(2026, 3, 17))
    customer.pays("2000.00", on=paid_on)
    nights(customer.engine, [paid_on, paid_on])

    assert works == [
        "whatsapp" not in customer.status(date(2026, 3, day)).stopped_parts for day in (19, 20, 24, 25)
    ]
    assert ["2026-03-20"][: sum(works)] == [body["on"] for _, body in customer.told("service.restored")]


def test_dunning_finds_nothing_to_suspend_in_a_pause(customer: Customer) -> None:
    """The reminder goes out, the suspensions wait until the service works again, and are made then."""
    customer.owes("Z-1", due_on=DUE)
    pauses(customer, word(date(2026, 3, 2)))
    nights(customer.engine, [date(2026, 3, 11), date(2026, 3, 20)])
    paused = customer.timeline
    resumes(customer, word(date(2026, 3, 21)))
    night(customer.engine, date(2026, 3, 20))
    night(customer.engine, date(2026, 3, 21))

    assert ["2026-03-11 remind done ZEN-IX-9.1"] == paused
    assert PAUSED == customer.status(date(2026, 3, 20))
    assert ServiceStatus(ServiceState.SUSPENDED, ("whatsapp",)) == customer.status(date(2026, 3, 21))


def test_payment_ends_no_pause(customer: Customer) -> None:
    """A debt that is paid while the service rests leaves it at rest."""
    customer.owes("Z-1", due_on=DUE)
    pauses(customer, word(date(2026, 3, 2)))
    night(customer.engine, date(2026, 3, 11))
    customer.pays("2000.00", on=date(2026, 3, 12))
    night(customer.engine, date(2026, 3, 13))

    assert PAUSED == customer.status(date(2026, 3, 13))


def test_a_termination_ends_a_pause_and_leaves_what_has_ended(customer: Customer) -> None:
    """The contract is over: nothing rests any more."""
    item = customer.owes("Z-1", due_on=DUE)
    ends(customer, word(date(2026, 3, 3), "ZEN-IX-11"))
    pauses(customer, word(date(2026, 3, 2)))
    night(customer.engine, date(2026, 3, 21))
    confirm(
        customer.engine,
        customer.contract.account_id,
        item,
        "termination",
        by="ana",
        clock=at(date(2026, 3, 23)),
    )

    assert ServiceStatus(ServiceState.PAUSED, ("whatsapp",)) == customer.status(date(2026, 3, 22))
    assert ServiceStatus(ServiceState.TERMINATED, ("whatsapp",)) == customer.status(date(2026, 3, 23))


def test_a_suspension_says_by_which_clause_and_why(customer: Customer) -> None:
    """The state bears the reason of the action that began it."""
    customer.owes("Z-1", due_on=DUE)
    night(customer.engine, date(2026, 3, 16))
    (span,) = customer.spans

    assert ("ZEN-IX-11", "") == (span.clause, span.decided_by)
    assert span.reason.startswith("payment was due on 2026-03-10")
