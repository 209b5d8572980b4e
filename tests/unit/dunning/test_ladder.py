"""The ladder counts from recorded facts and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules import DunningAction, DunningAnchor, DunningRule, DunningStep
from contracts.service_states import ServiceState
from dunning.ladder import Facts, allowed, timeline
from kernel.errors import InvalidTerms
from kernel.periods import Period
from tests.unit.dunning.building import FROM_DUE, FROM_NOTICE, money, step

DUE = date(2026, 3, 10)
UNPAID = Facts(due_on=DUE, open_amount=money("1000.00"))


def codes(rule: DunningRule, facts: Facts, as_of: date) -> list[str]:
    """Return the codes of what is allowed."""
    return [each.step.code for each in allowed(rule, facts, as_of=as_of)]


def test_nothing_is_allowed_on_the_due_date() -> None:
    """Whoever pays on the due date pays in time."""
    assert [] == codes(FROM_DUE, UNPAID, DUE)


def test_more_than_no_days_is_the_day_after() -> None:
    """The first late day is the due date + 1."""
    assert ["reminder"] == codes(FROM_DUE, UNPAID, date(2026, 3, 11))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 15), ["reminder"]),
        (date(2026, 3, 16), ["reminder", "part"]),
        (date(2026, 3, 18), ["reminder", "part"]),
        (date(2026, 3, 19), ["reminder", "part", "suspension"]),
        (date(2026, 3, 20), ["reminder", "part", "suspension"]),
        (date(2026, 3, 21), ["reminder", "part", "suspension", "termination"]),
    ],
)
def test_each_threshold_holds_from_its_first_day(day: date, expected: list[str]) -> None:
    """More than 5, 8 and 10 days late: the 6th, the 9th and the 11th day, and none earlier."""
    assert expected == codes(FROM_DUE, UNPAID, day)


def test_a_step_is_taken_once() -> None:
    """What was done is not allowed again."""
    facts = replace(UNPAID, done=frozenset({"reminder", "part"}))

    assert ["suspension"] == codes(FROM_DUE, facts, date(2026, 3, 19))


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_a_paid_item_allows_nothing(amount: str) -> None:
    """Nothing open, or a credit: no step, and no timeline."""
    facts = replace(UNPAID, open_amount=money(amount))

    assert [] == codes(FROM_DUE, facts, date(2026, 12, 31))
    assert () == timeline(FROM_DUE, facts)


def test_a_cent_is_enough() -> None:
    """Only the full payment ends a debt."""
    facts = replace(UNPAID, open_amount=money("0.01"))

    assert ["reminder"] == codes(FROM_DUE, facts, date(2026, 3, 11))


def test_a_step_waits_for_the_delivery_of_its_notice() -> None:
    """A notice that was sent and never arrived starts no clock, however long ago it was sent."""
    facts = replace(UNPAID, done=frozenset({"notice"}))
    rung = timeline(FROM_NOTICE, facts)[1]

    assert [] == codes(FROM_NOTICE, facts, date(2027, 3, 10))
    assert (None, "waits for the delivery of the notice notice (T-15)") == (rung.on, rung.reason)


def test_the_clock_starts_at_the_delivery() -> None:
    """Delivered on 12 March and more than 2 days: from 15 March."""
    facts = replace(UNPAID, done=frozenset({"notice"}), delivered={"notice": date(2026, 3, 12)})

    assert [] == codes(FROM_NOTICE, facts, date(2026, 3, 14))
    assert ["suspension"] == codes(FROM_NOTICE, facts, date(2026, 3, 15))


def test_data_waits_for_the_suspension() -> None:
    """30 days to export run from the suspension: suspended on 13 March, deletable from 13 April."""
    suspended = replace(UNPAID, done=frozenset({"notice", "suspension"}), suspended_on=date(2026, 3, 13))

    assert "waits for the suspension (T-153)" == timeline(FROM_NOTICE, UNPAID)[2].reason
    assert [] == codes(FROM_NOTICE, suspended, date(2026, 4, 12))
    assert ["deletion"] == codes(FROM_NOTICE, suspended, date(2026, 4, 13))


def test_a_terminated_contract_is_only_reminded() -> None:
    """Debts survive a termination; there is nothing left to suspend or to terminate."""
    facts = replace(UNPAID, terminated=True)
    reasons = [rung.reason for rung in timeline(FROM_DUE, facts)[1:]]

    assert ["reminder"] == codes(FROM_DUE, facts, date(2026, 12, 31))
    assert [f"the contract has been terminated ({clause})" for clause in ("T-11", "T-6", "T-10")] == reasons


def test_the_reason_names_the_fact_the_count_and_the_clause() -> None:
    """An answer to "why" reads without looking anything up."""
    (reminder, part, *_) = allowed(FROM_DUE, UNPAID, as_of=date(2026, 3, 16))

    assert date(2026, 3, 11) == reminder.on
    assert "payment was due on 2026-03-10, and on 2026-03-16 more than 5 days ago (T-11)" == part.reason


def test_the_timeline_shows_what_is_done_and_what_is_ahead() -> None:
    """All rungs with their dates, whatever the day on which somebody asks."""
    rungs = timeline(FROM_DUE, replace(UNPAID, done=frozenset({"reminder"})))
    expected = [
        ("reminder", date(2026, 3, 11), True),
        ("part", date(2026, 3, 16), False),
        ("suspension", date(2026, 3, 19), False),
        ("termination", date(2026, 3, 21), False),
    ]

    assert expected == [(rung.step.code, rung.on, rung.done) for rung in rungs]


def test_a_notice_that_nobody_sends_is_refused() -> None:
    """A step may not wait for ever in silence."""
    orphan = DunningStep(
        code="suspension",
        action=DunningAction.SUSPEND,
        anchor=DunningAnchor.NOTICE_DELIVERED,
        notice="letter",
        more_than_days=2,
        clause="T-1",
    )
    with pytest.raises(InvalidTerms) as refused:
        timeline(DunningRule(clause="T-1", steps=(orphan,)), UNPAID)

    assert ("dunning.suspension.notice", "letter") == (refused.value.field, refused.value.value)


@pytest.mark.parametrize(
    ("stopped", "expected"),
    [
        ({}, ["reminder", "part", "suspension", "termination"]),
        ({"": ServiceState.PAUSED}, ["reminder", "termination"]),
        ({"campaigns": ServiceState.ENDED}, ["reminder", "suspension", "termination"]),
        ({"sms": ServiceState.ENDED}, ["reminder", "part", "suspension", "termination"]),
    ],
)
def test_what_does_not_work_is_not_suspended(stopped: dict[str, ServiceState], expected: list[str]) -> None:
    """A pause leaves nothing to suspend, an ended part not that part; the debt is pursued all the same."""
    assert expected == codes(FROM_DUE, replace(UNPAID, stopped=stopped), date(2026, 3, 21))


def test_a_step_says_what_it_waits_for() -> None:
    """Once the service works again the step is allowed, from the date that it always had."""
    paused = replace(UNPAID, stopped={"": ServiceState.PAUSED})

    assert "waits, for the service is paused (T-6)" == timeline(FROM_DUE, paused)[2].reason
    assert date(2026, 3, 19) == timeline(FROM_DUE, UNPAID)[2].on


def test_a_step_that_force_majeure_moved_says_so() -> None:
    """Three days held after the due date: more than 5 days late from the 19th, by the clause that says so."""
    held = (Period(date(2026, 3, 12), date(2026, 3, 15)),)
    rung = timeline(FROM_DUE, replace(UNPAID, held=held, held_by="T-112"))[1]

    assert date(2026, 3, 19) == rung.on
    assert rung.reason == (
        "payment was due on 2026-03-10, and on 2026-03-19 more than 5 days ago (T-11), "
        "not counting 3 days of force majeure (T-112)"
    )


NIGHTS = 60
skipped_nights = st.sets(st.integers(min_value=0, max_value=NIGHTS), max_size=NIGHTS)


def walk(rule: DunningRule, facts: Facts, nights: list[int]) -> dict[str, date]:
    """Return the date of each step as nights find it, one after the other."""
    found: dict[str, date] = {}
    for night in nights:
        done = replace(facts, done=frozenset(found))
        found |= {each.step.code: each.on for each in allowed(rule, done, as_of=DUE + timedelta(days=night))}
    return found


@given(skipped=skipped_nights, delivered=st.integers(min_value=1, max_value=20))
def test_a_missed_night_changes_no_date(skipped: set[int], delivered: int) -> None:
    """Whatever nights are missed, the last one finds each step with the date that every night would find."""
    facts = replace(UNPAID, delivered={"notice": DUE + timedelta(days=delivered)})
    every_night = list(range(NIGHTS + 1))
    some_nights = [night for night in every_night if night not in skipped] + [NIGHTS]

    for rule in (FROM_DUE, FROM_NOTICE):
        assert walk(rule, facts, every_night) == walk(rule, facts, some_nights)


@given(days=st.integers(min_value=0, max_value=400), late=st.integers(min_value=0, max_value=400))
def test_more_than_n_days_means_that(days: int, late: int) -> None:
    """A step is allowed exactly on the days on which the payment is more than N days late."""
    rule = DunningRule(clause="T-1", steps=(step("reminder", DunningAction.REMIND, days),))

    assert (late > days) == bool(allowed(rule, UNPAID, as_of=DUE + timedelta(days=late)))
