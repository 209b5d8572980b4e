"""Nights against a real database: once only, in any rhythm, one bad contract apart, restored when paid."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs
from psycopg.errors import ExclusionViolation
from sqlalchemy import Connection, Engine, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import IntegrityError

from contracts.catalog import Catalog
from contracts.rules import StepMode
from contracts.service_states import ServiceState, ServiceStatus
from contracts.subscriptions import Contract, OrderForm
from contracts.tables import service_states, subscriptions
from contracts.terms import Rules
from db.unit_of_work import reading, unit_of_work
from dunning import store
from dunning.actions import ActionStatus
from dunning.chase import ChaseReport, chase, confirm_delivery
from dunning.confirm import confirm, dismiss
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidTerms, NotFound
from kernel.ids import NoticeId, new_id
from kernel.money import Money
from kernel.periods import Period
from payments.debts import Assess
from receivables.journal import OpenItem
from tests.integration.dunning_book import Customer, at, contract_of, night, nights, sign
from tests.unit.dunning.building import FROM_DUE, terms_document

pytestmark = pytest.mark.integration

DUE = date(2026, 3, 10)


def test_a_second_run_of_a_night_changes_nothing(engine: Engine) -> None:
    """The actions are recorded, the letters are written: nothing is left to do."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    first, before = night(engine, date(2026, 3, 21)), customer.timeline
    second = night(engine, date(2026, 3, 21))

    assert (3, 1) == (first.actions, first.proposals)
    assert ChaseReport(as_of=date(2026, 3, 21)) == second
    assert before == customer.timeline
    assert 1 == len(customer.told("mail.dunning"))


def test_missed_nights_change_no_date_and_spare_letters(engine: Engine) -> None:
    """One night on the 25th finds the dates of all nights before it, and writes about the last step."""
    steady, late = sign(engine, "steady", "annex-ix"), sign(engine, "late", "annex-ix")
    steady.owes("Z-1", due_on=DUE)
    nights(engine, [date(2026, 3, day) for day in range(11, 25)])
    late.owes("Z-2", due_on=DUE)
    night(engine, date(2026, 3, 25))

    assert steady.timeline == late.timeline
    assert {date(2026, 3, 25)} == {action.decided_on for action in late.actions}
    assert {date(2026, 3, 25)} == {span.start for span in late.spans}
    assert (3, 1) == (len(steady.told("mail.dunning")), len(late.told("mail.dunning")))


def test_two_runs_at_once_act_once(engine: Engine) -> None:
    """Two operators start the night together: every step is taken and told by one of them."""
    customers = [sign(engine, f"customer-{number}", "annex-ix") for number in range(4)]
    for number, customer in enumerate(customers):
        customer.owes(f"Z-{number}", due_on=DUE)
    with ThreadPoolExecutor(max_workers=2) as pool:
        reports = list(pool.map(lambda _: night(engine, date(2026, 3, 19)), range(2)))

    assert 12 == sum(report.actions for report in reports)
    assert [1] * 4 == [len(customer.told("mail.dunning")) for customer in customers]


def test_chunks_reach_every_account(engine: Engine) -> None:
    """Whatever the size of a chunk, each account is chased once and progress is told."""
    for number in range(5):
        sign(engine, f"customer-{number}", "annex-ix").owes(f"Z-{number}", due_on=DUE)
    told: list[tuple[int, int]] = []
    report = chase(
        engine,
        as_of=date(2026, 3, 11),
        clock=at(date(2026, 3, 11)),
        chunk_accounts=2,
        on_progress=lambda done, total: told.append((done, total)),
    )

    assert 5 == report.actions
    assert [(2, 5), (4, 5), (5, 5)] == told


def test_what_is_not_overdue_is_left_alone(engine: Engine) -> None:
    """On the due date nothing happens, not even an assessment of charges."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    report = night(engine, DUE)

    assert ChaseReport(as_of=DUE) == report
    assert "1,000.00 MXN" == str(customer.open_amount(on=DUE))


def fails_for(number: str) -> Assess:
    """Return an assessment that cannot be made for one invoice."""

    def assess(
        connection: Connection,
        catalog: Catalog,
        contract: Contract,
        item: OpenItem,
        *,
        through: date,
        clock: Clock,
        held: Sequence[Period],
    ) -> Money:
        del connection, catalog, contract, through, clock, held
        if item.number == number:
            raise InvalidTerms("no such index", field="correction_index", value="NONE", expected="IGPM")
        return Money.zero(item.currency)

    return assess


def test_a_debt_that_cannot_be_assessed_is_set_aside(engine: Engine) -> None:
    """It is returned and stored with its invoice and its reason; the others are chased."""
    bad, good = sign(engine, "bad", "annex-ix"), sign(engine, "good", "annex-ix")
    bad.owes("Z-1", due_on=DUE)
    good.owes("Z-2", due_on=DUE)
    day = date(2026, 3, 11)
    reports = [chase(engine, as_of=day, clock=at(day), assess=fails_for("Z-1")) for _ in range(2)]
    with reading(engine) as connection:
        stored = store.problems_of(connection, as_of=day)

    assert [(1, 1), (0, 1)] == [(report.actions, len(report.problems)) for report in reports]
    assert reports[0].problems == stored
    assert [("Z-1", "invalid_terms", "NONE")] == [(each.subject, each.code, each.value) for each in stored]
    assert ([], 1) == (bad.timeline, len(good.timeline))


def break_order_form(engine: Engine, customer: Customer) -> None:
    """Let a customer's order form cite a clause that no document holds."""
    with unit_of_work(engine) as connection:
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.account_id == customer.contract.account_id)
            .values(order_form={"rules": {"tax": {"clause": "NO-1", "mode": "exclusive"}}})
        )


def test_a_contract_that_cannot_be_resolved_stops_nobody_else(engine: Engine) -> None:
    """An order form that cites a clause of no document makes its account a problem, not the run."""
    bad, good = sign(engine, "bad", "annex-ix"), sign(engine, "good", "annex-ix")
    bad.owes("Z-1", due_on=DUE)
    good.owes("Z-2", due_on=DUE)
    break_order_form(engine, bad)
    report = night(engine, date(2026, 3, 11))

    assert ["unknown_clause"] == [problem.code for problem in report.problems]
    assert 1 == len(good.timeline)


def suspended(engine: Engine, account: str = "acme") -> Customer:
    """Return a customer of Annex IX whose service is suspended since 19 March."""
    customer = sign(engine, account, "annex-ix")
    customer.owes(f"Z-{account}", due_on=DUE)
    nights(engine, [date(2026, 3, 16), date(2026, 3, 19)])
    return customer


def test_the_payment_ends_a_suspension_not_the_night(engine: Engine) -> None:
    """Paid on the 22nd and noticed on the 25th: service from the 22nd."""
    customer = suspended(engine)
    customer.pays("2000.00", on=date(2026, 3, 22))
    night(engine, date(2026, 3, 25))

    assert {date(2026, 3, 22)} == {span.end for span in customer.spans}


def test_a_payment_of_before_the_suspension_leaves_its_first_day(engine: Engine) -> None:
    """Received on the 17th and booked on the 20th: the 19th did pass without service, the 20th does not."""
    customer = suspended(engine)
    customer.pays("2000.00", on=date(2026, 3, 17), booked_on=date(2026, 3, 20))
    night(engine, date(2026, 3, 20))
    ends = {span.state: span.end for span in customer.spans}

    assert {
        ServiceState.PARTIALLY_SUSPENDED: date(2026, 3, 17),
        ServiceState.SUSPENDED: date(2026, 3, 20),
    } == ends


def test_a_night_of_the_past_undoes_nothing(engine: Engine) -> None:
    """Before the invoice was issued nothing was owed; looking from there does not restore what came later."""
    customer = suspended(engine)
    before = (customer.timeline, customer.spans)
    report = night(engine, date(2025, 12, 31))

    assert ChaseReport(as_of=date(2025, 12, 31)) == report
    assert before == (customer.timeline, customer.spans)


def test_a_paid_contract_that_cannot_be_resolved_stops_nobody_else(engine: Engine) -> None:
    """Its service stays as it is, a problem says why, and the others are restored."""
    bad, good = suspended(engine, "bad"), suspended(engine, "good")
    for customer in (bad, good):
        customer.pays("2000.00", on=date(2026, 3, 20))
    break_order_form(engine, bad)
    report = night(engine, date(2026, 3, 20))

    assert (1, ["account bad"]) == (report.restored, [problem.subject for problem in report.problems])
    assert ServiceState.ACTIVE == good.status(date(2026, 3, 20)).state
    assert ServiceState.SUSPENDED == bad.status(date(2026, 3, 20)).state


def test_all_that_suspended_must_be_paid(engine: Engine) -> None:
    """Two invoices suspended a service: the first paid changes nothing, the second restores it."""
    customer = suspended(engine)
    customer.owes("Z-2", due_on=date(2026, 3, 12))
    night(engine, date(2026, 3, 21))
    customer.pays("1103.67", on=date(2026, 3, 21), invoice="Z-acme")
    first = night(engine, date(2026, 3, 22))
    customer.pays("2000.00", on=date(2026, 3, 23))
    second = night(engine, date(2026, 3, 23))

    assert (0, 1) == (first.restored, second.restored)
    assert {date(2026, 3, 23)} == {span.end for span in customer.spans}


def test_a_younger_debt_does_not_hold_the_service(engine: Engine) -> None:
    """What suspended nothing yet keeps nothing suspended."""
    customer = suspended(engine)
    customer.owes("Z-2", due_on=date(2026, 3, 20))
    customer.pays("1103.67", on=date(2026, 3, 21), invoice="Z-acme")
    night(engine, date(2026, 3, 21))

    assert ServiceStatus(ServiceState.ACTIVE) == customer.status(date(2026, 3, 21))


def test_a_service_suspended_by_one_debt_is_not_suspended_again_by_another(engine: Engine) -> None:
    """The second is recorded as a further cause; the platform is told once."""
    customer = suspended(engine)
    customer.owes("Z-2", due_on=date(2026, 3, 12))
    night(engine, date(2026, 3, 21))

    assert 2 == sum(action.action == "suspend" for action in customer.actions)
    assert 2 == len(customer.told("service.suspended"))  # the part on the 16th, all of it on the 19th


def test_the_database_holds_one_state_at_a_time(engine: Engine) -> None:
    """No caller can put a second state over the same days of a service."""
    customer = suspended(engine)
    (whole,) = [span for span in customer.spans if span.part == ""]
    overlapping = insert(service_states).values(
        account_id=whole.account_id,
        subscription_id=whole.subscription_id,
        part="",
        during=Range(date(2026, 3, 25), date(2026, 3, 26)),
        state=ServiceState.SUSPENDED.value,
        clause="",
        reason="",
        decided_by="",
        code="",
    )
    with pytest.raises(IntegrityError) as refused, unit_of_work(engine) as connection:
        connection.execute(overlapping)

    assert isinstance(refused.value.orig, ExclusionViolation)


def test_the_first_confirmation_of_a_delivery_counts(engine: Engine) -> None:
    """A provider that reports twice does not move the clock."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    customer.gets_delivered("payment_notice", datetime(2026, 3, 11, 18, tzinfo=UTC))
    customer.gets_delivered("payment_notice", datetime(2026, 3, 13, 18, tzinfo=UTC))
    night(engine, date(2026, 3, 14))

    assert "2026-03-14 suspend done KON-15.1a" == customer.timeline[-1]


def test_an_unknown_notice_is_refused(engine: Engine) -> None:
    """A confirmation for nothing is an error of whoever sends it."""
    customer = sign(engine, "acme", "annex-ix")
    with pytest.raises(NotFound) as refused, unit_of_work(engine) as connection:
        confirm_delivery(
            connection,
            customer.contract.account_id,
            NoticeId(new_id()),
            delivered_at=datetime(2026, 3, 12, tzinfo=UTC),
        )

    assert "notice_id" == refused.value.field


def proposed(engine: Engine) -> Customer:
    """Return a customer whose termination is proposed since 21 March."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    night(engine, date(2026, 3, 21))
    return customer


def test_a_proposal_waits_in_the_list_until_somebody_decides(engine: Engine) -> None:
    """Dismissed with a name and a reason, it is never proposed again."""
    customer = proposed(engine)
    with reading(engine) as connection:
        (waiting,) = store.proposals(connection)
        after = store.proposals(connection, after=(waiting.account_id, waiting.item_id, waiting.step))
    clock = at(date(2026, 3, 22))
    key = (waiting.account_id, waiting.item_id, waiting.step)
    dismissed = dismiss(engine, *key, by="ana", why="pays on Friday", clock=clock)
    night(engine, date(2026, 3, 23))

    assert ("termination", ()) == (waiting.step, after)
    assert dismissed == customer.actions[-1]
    assert ("ana", date(2026, 3, 22)) == (dismissed.decided_by, dismissed.decided_on)
    assert dismissed.reason.endswith("; dismissed: pays on Friday")


def test_a_proposal_is_decided_once(engine: Engine) -> None:
    """The second person is told that the first has decided."""
    action = proposed(engine).actions[-1]
    confirm(engine, action.account_id, action.item_id, action.step, by="ana", clock=at(date(2026, 3, 22)))
    with pytest.raises(Conflict) as refused:
        confirm(engine, action.account_id, action.item_id, action.step, by="leo", clock=at(date(2026, 3, 22)))

    assert ("status", "confirmed") == (refused.value.field, refused.value.value)


def test_a_paid_debt_terminates_nothing(engine: Engine) -> None:
    """Between two nights the customer pays: the proposal can no longer be confirmed."""
    customer = proposed(engine)
    action = customer.actions[-1]
    customer.pays("2000.00", on=date(2026, 3, 22))
    with pytest.raises(Conflict) as refused:
        confirm(engine, action.account_id, action.item_id, action.step, by="ana", clock=at(date(2026, 3, 22)))

    assert "an unpaid item" == refused.value.expected


def test_nobody_terminates_before_the_terms_allow_it(engine: Engine) -> None:
    """A night that was run ahead of the calendar lets nobody act ahead of it."""
    action = proposed(engine).actions[-1]
    with pytest.raises(Conflict) as refused:
        confirm(engine, action.account_id, action.item_id, action.step, by="ana", clock=at(date(2026, 3, 20)))

    assert "2026-03-21 or later" == refused.value.expected


def test_a_contract_is_terminated_once(engine: Engine) -> None:
    """Two invoices propose the end: one word of a person decides it, and the other proposal waits no more."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    customer.owes("Z-2", due_on=DUE)
    night(engine, date(2026, 3, 21))
    first, second = (each for each in customer.actions if each.status is ActionStatus.PROPOSED)
    clock = at(date(2026, 3, 23))
    confirm(engine, first.account_id, first.item_id, first.step, by="ana", clock=clock)
    with pytest.raises(Conflict) as refused:
        confirm(engine, second.account_id, second.item_id, second.step, by="ana", clock=clock)

    assert "dismissed" == refused.value.value
    assert 1 == len(customer.told("service.terminated"))


def test_what_was_never_proposed_cannot_be_confirmed(engine: Engine) -> None:
    """A step without a row is unknown; a step that was done needs nobody's word."""
    action = proposed(engine).actions[0]
    clock = at(date(2026, 3, 22))
    with pytest.raises(NotFound):
        confirm(engine, action.account_id, action.item_id, "eviction", by="ana", clock=clock)
    with pytest.raises(Conflict) as refused:
        confirm(engine, action.account_id, action.item_id, action.step, by="ana", clock=clock)

    assert "done" == refused.value.value


def test_terms_may_terminate_by_themselves(engine: Engine) -> None:
    """Where the order form says automatic, a late night suspends and ends the contract, and tells the end."""
    ladder = FROM_DUE.steps[2], structs.replace(FROM_DUE.steps[3], mode=StepMode.AUTOMATIC)
    rule = structs.replace(FROM_DUE, steps=ladder)
    form = OrderForm(id="strict", clause=terms_document(rule).clause, rules=Rules(dunning=rule))
    customer = sign(engine, "acme", "annex-ix", order_form=form)
    customer.owes("Z-1", due_on=DUE)
    report = night(engine, date(2026, 3, 25))
    ((_, letter),) = customer.told("mail.dunning")

    assert (2, 0) == (report.actions, report.proposals)
    assert [ServiceState.TERMINATED] == [span.state for span in customer.spans]
    assert "Your contract is terminated: invoice Z-1" == letter["subject"]
    assert 1 == len(customer.told("service.terminated"))
    assert date(2026, 3, 26) == contract_of(engine, "acme").subscription.ends_on


def test_a_person_orders_the_deletion_of_data(engine: Engine) -> None:
    """Confirmed, the platform is told to delete; until then nothing is."""
    customer = sign(engine, "tienda", "konectus")
    customer.owes("K-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    customer.gets_delivered("payment_notice", datetime(2026, 3, 11, 18, tzinfo=UTC))
    nights(engine, [date(2026, 3, 14), date(2026, 4, 14)])
    before, action = customer.told("data.delete"), customer.actions[-1]
    confirm(engine, action.account_id, action.item_id, action.step, by="ana", clock=at(date(2026, 4, 15)))
    ((_, told),) = customer.told("data.delete")

    assert [] == before
    assert ("tienda-1", "2026-04-15", "KON-15.3b") == (told["subscription"], told["on"], told["clause"])


def test_every_letter_is_a_notice_of_its_message(engine: Engine) -> None:
    """Whoever delivers the message can confirm the notice by the id that it carries."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=DUE)
    night(engine, date(2026, 3, 11))
    with reading(engine) as connection:
        (notice,) = store.notices_of(connection, customer.contract.account_id)
    ((_, body),) = customer.told("mail.dunning")

    assert ("acme@example.com", str(notice.notice_id)) == (body["recipient"], body["notice_id"])
    assert ("reminder", date(2026, 3, 11), None) == (notice.step, notice.sent_on, notice.delivered_at)
    assert replace(notice, recipient=body["recipient"]) == notice
