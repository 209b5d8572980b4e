"""What a service owes for days on which it did not work: nothing, all, or its share, as the terms say.

The line of these tests costs 620.00 a month ahead of its month: 20.00 for each day of a month of 31 days.
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine

from contracts.life_store import begin_state, end_state, states_of
from contracts.service_changes import Decision, end_part, pause, resume
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract
from contracts.tables import late_states
from db.unit_of_work import unit_of_work
from invoicing.documents import InvoiceLine, LineKind
from kernel.ids import account_id_of
from rating.working import lines_of
from tests.integration.invoicing_book import RECEIVED, Office, counted, talks, texts

pytestmark = pytest.mark.integration

SOLIS = account_id_of("solis")
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
JANUARY = "2026-01-01 to 2026-01-31"
FEBRUARY = "2026-02-01 to 2026-02-28"
MARCH = "2026-03-01 to 2026-03-31"

Told = tuple[str, str, str, str]


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book, where solis has signed a plan of which a part may stop, and was billed for January's fees."""
    office = Office.open(engine)
    office.signs("solis", "channels-mx", "zenvia-mx")
    office.bills(JAN)
    return office


def contract(office: Office, code: str = "channels-mx") -> Contract:
    """Return a contract of solis as it stands now."""
    with unit_of_work(office.engine) as connection:
        held = contracts_of(connection, load_catalog(connection), [SOLIS])
    (found,) = [each for each in held if each.subscription.code == code]
    return found


def suspends(office: Office, start: date, end: date | None = None, *, part: str = "whatsapp") -> None:
    """Suspend a part, or the whole, from a day on, and let it work again from another."""
    span = StateSpan(
        account_id=SOLIS,
        subscription_id=contract(office).subscription_id,
        part=part,
        state=ServiceState.PARTIALLY_SUSPENDED if part else ServiceState.SUSPENDED,
        start=start,
        clause="ZEN-IX-11",
        reason="unpaid",
    )
    with unit_of_work(office.engine) as connection:
        assert begin_state(connection, span)
    if end is not None:
        restores(office, end)


def restores(office: Office, on: date) -> None:
    """Let what is suspended work again from a day on."""
    with unit_of_work(office.engine) as connection:
        (span,) = [each for each in states_of(connection, [SOLIS]) if each.end is None]
        end_state(connection, span, on)


def decision(on: date, clause: str = "OF-3") -> Decision:
    """Return Ana's word."""
    return Decision(on=on, clause=clause, why="as agreed", by="ana")


def pauses(office: Office, on: date) -> None:
    """Let the service rest from a day on."""
    with unit_of_work(office.engine) as connection:
        pause(connection, contract(office), decision(on), clock=RECEIVED)


def resumes(office: Office, on: date) -> None:
    """Let it work again from a day on."""
    with unit_of_work(office.engine) as connection:
        resume(connection, contract(office), decision(on), clock=RECEIVED)


def ends_whatsapp(office: Office, on: date) -> None:
    """Let the channel be over for good from a day on."""
    with unit_of_work(office.engine) as connection:
        end_part(connection, contract(office), "whatsapp", decision(on, "ZEN-IX-6.1"), clock=RECEIVED)


def lines(office: Office, on: date) -> list[Told]:
    """Return the lines of the invoice of a day."""
    return [told(each) for each in invoice_lines(office, on)]


def invoice_lines(office: Office, on: date) -> tuple[InvoiceLine, ...]:
    """Return the lines of the invoice of a day, none where there is no invoice."""
    of_day = [each for each in office.invoices if (each.customer.code, each.issued_on) == ("solis", on)]
    found = [each for each in of_day if each.subscription == "channels-mx"]
    return found[0].lines if found else ()


def told(line: InvoiceLine) -> Told:
    """Return charge, period, quantity and net of a line."""
    return line.charge, str(line.period), str(line.quantity), str(line.net)


def fees(period: str) -> list[Told]:
    """Return the fees of a month on which all works."""
    return [
        ("platform", period, "1", "1000.00"),
        ("line", period, "1", "620.00"),
        ("registration", period, "1", "50.00"),
    ]


def set_aside(office: Office) -> list[str]:
    """Return what is set aside, by subject."""
    return [each.subject for each in office.problems]


def test_a_service_that_always_works_owes_its_fees(office: Office) -> None:
    """The measure of what follows: fees ahead, nothing else without use."""
    office.bills(FEB)

    assert fees(JANUARY) == lines(office, JAN)
    assert fees(FEBRUARY) == lines(office, FEB)


@pytest.mark.clause("ZEN-IX-6.1")
def test_a_partial_suspension_bills_only_what_works(office: Office) -> None:
    """WhatsApp stops from 10 to 14 January: its use of these days, its share of fee and seats are not owed.

    The fee was billed ahead, so the next invoice gives five days of 20.00 back; SMS, another part, all count.
    """
    office.gets(counted("solis", "users", 3, JAN))
    suspends(office, date(2026, 1, 10), date(2026, 1, 15))
    office.gets(
        [
            *talks("solis", 20, date(2026, 1, 9)),
            *talks("solis", 5, date(2026, 1, 10)),
            *talks("solis", 15, date(2026, 1, 14)),
            *talks("solis", 20, date(2026, 1, 15)),
            *texts("solis", "Hola", 4, date(2026, 1, 12)),
        ]
    )
    office.bills(FEB)

    assert [
        *fees(FEBRUARY),
        ("agents", JANUARY, "3", "78.00"),  # 3 x 31.00 for 26 of 31 days
        ("talks", JANUARY, "40", "60.00"),  # 40 of 60, of which 10 are included, at 2.00
        ("sms", JANUARY, "4", "2.00"),
        ("line", JANUARY, "0", "-100.00"),
    ] == lines(office, FEB)


@pytest.mark.clause("ZEN-IX-6.1")
def test_the_working_says_what_was_stopped_by_which_clause(office: Office) -> None:
    """A reader sees the days that are not billed, why, and what was used on them."""
    suspends(office, date(2026, 1, 10), date(2026, 1, 15))
    office.gets([*talks("solis", 12, date(2026, 1, 9)), *talks("solis", 7, date(2026, 1, 14))])
    office.bills(FEB)
    workings = {each.charge: lines_of(each.working) for each in invoice_lines(office, FEB)[3:]}

    assert {
        "talks": (
            "stopped: 5 of 31 days [ZEN-IX-6.1]",
            "used on stopped days and not counted: 7",
            "quantity: 12",
            "allowance: 10 of 12 included",
            "2 x 2.00 MXN = 4.00 MXN",
            "amount: 4.00 MXN",
            "IVA 16 % of 4.00 MXN = 0.64 MXN",
        ),
        "line": (
            "stopped: 5 of 31 days [ZEN-IX-6.1]",
            "1 x 620.00 MXN = 620.00 MXN",
            "26/31 of the period: 520.00 MXN",
            "amount: 520.00 MXN",
            "already billed: 1 for 620.00 MXN; the rest is -100.00 MXN",
            "IVA 16 % of -100.00 MXN = -16.00 MXN",
        ),
    } == workings


def test_a_second_run_bills_nothing(office: Office) -> None:
    """What was given back is given back once: a second run of the day, and the next month's, know it."""
    suspends(office, date(2026, 1, 10), date(2026, 1, 15))
    office.bills(FEB)
    again = office.bills(FEB)
    office.bills(MAR)

    assert 0 == again.invoices
    assert fees(MARCH) == lines(office, MAR)
    assert 0 == office.count(late_states)


@pytest.mark.clause("ZEN-IX-6.1")
def test_a_part_that_is_still_stopped_is_not_billed_ahead(office: Office) -> None:
    """Stopped since 22 January and on 1 February: nothing for February; back on the 15th, half of it."""
    suspends(office, date(2026, 1, 22))
    office.bills(FEB)
    restores(office, date(2026, 2, 15))
    office.bills(MAR)

    assert [("platform", FEBRUARY, "1", "1000.00"), ("line", JANUARY, "0", "-200.00")] == lines(office, FEB)
    assert [
        *fees(MARCH),
        ("line", FEBRUARY, "1", "310.00"),  # 14 of 28 days
        ("registration", FEBRUARY, "1", "50.00"),  # not by days: owed whole unless no day worked
    ] == lines(office, MAR)


@pytest.mark.clause("ZEN-IX-6.1")
def test_a_suspension_over_the_end_of_a_month_counts_in_both(office: Office) -> None:
    """From 30 January to 2 February: two days of January, and two of February, each of its own month."""
    suspends(office, date(2026, 1, 30))
    office.bills(FEB)
    restores(office, date(2026, 2, 3))
    office.bills(MAR)

    assert ("line", JANUARY, "0", "-40.00") in lines(office, FEB)
    assert ("line", FEBRUARY, "1", "575.71") in lines(office, MAR)  # 26 of 28 days


def test_late_use_of_a_stopped_day_costs_nothing(office: Office) -> None:
    """It comes after its invoice, and of what came only the day that worked counts."""
    suspends(office, date(2026, 1, 10), date(2026, 1, 15))
    office.gets(talks("solis", 10, date(2026, 1, 20)))
    office.bills(FEB)
    office.gets([*talks("solis", 3, date(2026, 1, 12)), *talks("solis", 2, date(2026, 1, 20))])
    office.bills(MAR)

    assert [*fees(MARCH), ("talks", JANUARY, "2", "4.00")] == lines(office, MAR)


def test_a_level_that_only_a_stopped_day_saw_is_not_owed(office: Office) -> None:
    """Nine agents on 12 January, when WhatsApp was stopped; two before, and two after."""
    suspends(office, date(2026, 1, 10), date(2026, 1, 15))
    office.gets(
        [
            *counted("solis", "users", 2, JAN),
            *counted("solis", "users", 9, date(2026, 1, 12)),
            *counted("solis", "users", 2, date(2026, 1, 13)),
        ]
    )
    office.bills(FEB)

    assert ("agents", JANUARY, "2", "52.00") in lines(office, FEB)


@pytest.mark.clause("ZEN-13.3")
def test_a_total_suspension_is_billed_on(office: Office) -> None:
    """All is stopped from 10 January, for the customer did not pay: fees and use are owed as ever."""
    suspends(office, date(2026, 1, 10), part=WHOLE)
    office.gets(talks("solis", 15, date(2026, 1, 12)))
    office.bills(FEB)

    assert [*fees(FEBRUARY), ("talks", JANUARY, "15", "10.00")] == lines(office, FEB)


@pytest.mark.clause("ZEN-13.3")
def test_terms_that_bill_in_full_bill_a_stopped_part(office: Office) -> None:
    """Under the general terms alone a suspension, here of a part, takes nothing from a price."""
    office.signs("solis", "docs-nlu", "zenvia-br", order_form="docs-in-parts")
    own = contract(office, "docs-nlu")
    span = StateSpan(
        account_id=SOLIS,
        subscription_id=own.subscription_id,
        part="docs",
        state=ServiceState.PARTIALLY_SUSPENDED,
        start=date(2026, 1, 10),
    )
    with unit_of_work(office.engine) as connection:
        begin_state(connection, span)
    office.gets(counted("solis", "docs_transactions", 1010, date(2026, 1, 20)))
    office.bills(FEB)

    assert [
        ("subscription", "1190.48"),
        ("package", "847.62"),
        ("subscription", "1190.48"),
        ("package", "847.62"),
        ("overage", "10.67"),
    ] == [(each.charge, str(each.net)) for each in office.of("solis", FEB, subscription="docs").lines]


def test_a_pause_bills_nothing(office: Office) -> None:
    """Agreed from 22 January on: ten days are given back, and February is not billed until it resumes."""
    pauses(office, date(2026, 1, 22))
    resumes(office, date(2026, 2, 15))
    office.gets([*talks("solis", 12, date(2026, 1, 21)), *talks("solis", 9, date(2026, 1, 22))])
    office.bills(FEB)

    assert [
        ("platform", FEBRUARY, "1", "500.00"),
        ("line", FEBRUARY, "1", "310.00"),
        ("registration", FEBRUARY, "1", "50.00"),
        ("talks", JANUARY, "12", "4.00"),
        ("platform", JANUARY, "0", "-322.58"),
        ("line", JANUARY, "0", "-200.00"),
    ] == lines(office, FEB)
    stop = "stopped: 10 of 31 days [OF-3]"
    assert {stop} == {lines_of(each.working)[0] for each in invoice_lines(office, FEB)[3:]}


def test_a_pause_of_whole_months_sends_no_invoice(office: Office) -> None:
    """Paused from 1 February to 31 March: the invoice of April is the next, and holds April alone."""
    pauses(office, FEB)
    office.bills(FEB)
    office.bills(MAR)
    resumes(office, APR)
    office.bills(APR)

    assert ([], []) == (lines(office, FEB), lines(office, MAR))
    assert fees("2026-04-01 to 2026-04-30") == lines(office, APR)


def test_a_pause_that_gives_back_more_than_is_due_waits(office: Office) -> None:
    """Paused since 10 January: an invoice below zero is none; it is set aside until a month can bear it."""
    pauses(office, date(2026, 1, 22))
    office.bills(FEB)
    waiting = set_aside(office)
    resumes(office, MAR)
    office.bills(MAR)

    assert ["solis/channels-mx"] == waiting
    assert [] == set_aside(office)
    assert [
        *fees(MARCH),
        ("platform", JANUARY, "0", "-322.58"),
        ("line", JANUARY, "0", "-200.00"),
    ] == lines(office, MAR)


def test_a_pause_that_never_was_leaves_all_as_it_was(office: Office) -> None:
    """Told on the same day to go on, after a run that saw the pause: what it did not bill is billed."""
    pauses(office, FEB)
    office.bills(FEB)
    resumes(office, FEB)
    office.bills(MAR)

    assert [] == lines(office, FEB)
    assert sorted([*fees(FEBRUARY), *fees(MARCH)]) == sorted(lines(office, MAR))


def test_an_ended_part_owes_nothing_from_its_end_on(office: Office) -> None:
    """Banned on 11 January: use of ten days is owed, the fee that was billed stands, and nothing follows."""
    ends_whatsapp(office, date(2026, 1, 11))
    office.gets(counted("solis", "users", 2, JAN))
    office.gets([*talks("solis", 14, date(2026, 1, 10)), *talks("solis", 8, date(2026, 1, 11))])
    office.bills(FEB)
    office.bills(MAR)
    ten_days = "2026-01-01 to 2026-01-10"

    assert [
        ("platform", FEBRUARY, "1", "1000.00"),
        ("agents", ten_days, "2", "20.00"),  # 2 x 31.00 for 10 of 31 days
        ("talks", ten_days, "14", "8.00"),
    ] == lines(office, FEB)
    assert [("platform", MARCH, "1", "1000.00")] == lines(office, MAR)


def test_late_use_after_the_end_of_a_part_costs_nothing(office: Office) -> None:
    """Of what comes late, only what was used before the end counts; in billed months and in later ones."""
    ends_whatsapp(office, date(2026, 1, 11))
    office.gets(talks("solis", 10, date(2026, 1, 5)))
    office.bills(FEB)
    office.bills(MAR)
    office.gets(
        [
            *talks("solis", 3, date(2026, 1, 6)),
            *talks("solis", 4, date(2026, 1, 11)),
            *talks("solis", 5, date(2026, 2, 3)),
        ]
    )
    office.bills(APR)

    assert [
        ("platform", "2026-04-01 to 2026-04-30", "1", "1000.00"),
        ("talks", "2026-01-01 to 2026-01-10", "3", "6.00"),
    ] == lines(office, APR)


def test_an_end_that_is_recorded_late_gives_nothing_back(office: Office) -> None:
    """January's use was billed when the end of the 11th was told: it stands, and late use adds nothing."""
    office.gets([*talks("solis", 12, date(2026, 1, 5)), *talks("solis", 10, date(2026, 1, 20))])
    office.bills(FEB)
    ends_whatsapp(office, date(2026, 1, 11))
    office.gets(talks("solis", 6, date(2026, 1, 21)))
    office.bills(MAR)

    assert [("platform", MARCH, "1", "1000.00")] == lines(office, MAR)


def test_what_was_stopped_before_its_end_is_given_back(office: Office) -> None:
    """Suspended on 6 January and banned on the 11th: five days are given back, the rest of the fee stands."""
    suspends(office, date(2026, 1, 6))
    ends_whatsapp(office, date(2026, 1, 11))
    office.bills(FEB)

    assert [("platform", FEBRUARY, "1", "1000.00"), ("line", JANUARY, "0", "-100.00")] == lines(office, FEB)


def test_what_was_not_billed_for_a_stop_is_owed_up_to_the_end(office: Office) -> None:
    """Stopped over 1 February, back on the 8th, banned on the 15th: of February a quarter is owed."""
    suspends(office, date(2026, 1, 30))
    office.bills(FEB)
    restores(office, date(2026, 2, 8))
    ends_whatsapp(office, date(2026, 2, 15))
    office.bills(MAR)

    assert [
        ("platform", MARCH, "1", "1000.00"),
        ("line", FEBRUARY, "1", "155.00"),  # 7 of 28 days
        ("registration", FEBRUARY, "1", "50.00"),
    ] == lines(office, MAR)


def test_what_an_ended_contract_is_owed_is_not_forgotten(office: Office) -> None:
    """Nothing more falls due of it: days that were stopped are set aside, for a credit note to give back."""
    office.bills(FEB)
    office.ends("solis", "channels-mx", MAR)
    office.bills(MAR)
    settled = set_aside(office)
    suspends(office, date(2026, 2, 10), date(2026, 2, 20))
    office.bills(APR)

    assert ([], ["solis/channels-mx"]) == (settled, set_aside(office))


def test_a_stop_that_was_told_after_its_invoice(office: Office) -> None:
    """Use and fee of January were billed when the pause of the 22nd is told: both are given back."""
    office.gets([*talks("solis", 12, date(2026, 1, 5)), *talks("solis", 10, date(2026, 1, 25))])
    office.bills(FEB)
    pauses(office, date(2026, 1, 22))
    resumes(office, FEB)
    office.bills(MAR)

    assert [
        *fees(MARCH),
        ("platform", JANUARY, "0", "-322.58"),
        ("line", JANUARY, "0", "-200.00"),
        ("talks", JANUARY, "-10", "-20.00"),
    ] == lines(office, MAR)
    assert LineKind.LATE_USAGE is invoice_lines(office, MAR)[-1].kind
