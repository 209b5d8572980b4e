"""When a change holds, and how long it may be turned down: by each contract's own clause, at its borders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from contracts.changes import Course, Standing, course
from contracts.life_rules import Change, ChangeException
from contracts.notices import Answer
from kernel.errors import InvalidInput
from tests.unit.contracts.library_rules import announced, change_rule

POSTED = date(2026, 3, 2)
LATER = date(2027, 1, 1)


def day(number: int) -> date:
    """Return the day so many days after the notice."""
    return POSTED + timedelta(days=number)


def posted(rule: Change, *, as_of: int, no_on: int | None = None) -> Course:
    """Return where a change stands that was posted, and turned down on a day, if it was."""
    answer, on = (Answer.NONE, None) if no_on is None else (Answer.REJECTED, day(no_on))
    return course(announced(POSTED, answer=answer, answered_on=on), rule, as_of=day(as_of))


def delivered(rule: Change, *, as_of: int, no_on: int | None = None, exception: str = "") -> Course:
    """Return where a change stands whose notice arrived on the day on which it was sent."""
    answer, on = (Answer.NONE, None) if no_on is None else (Answer.REJECTED, day(no_on))
    notice = announced(POSTED, delivered_on=POSTED, answer=answer, answered_on=on, exception=exception)
    return course(notice, rule, as_of=day(as_of))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("conversso-general", marks=pytest.mark.clause("CNV-07")),
        pytest.param("salexops-general", marks=pytest.mark.clause("SLX-19")),
    ],
)
@pytest.mark.parametrize("code", ["terms", "price"])
def test_of_fifteen_days_before_and_ten_days_after_the_later_counts(name: str, code: str) -> None:
    """Posted on 2 March: open on the 16th, in force on the 17th, not on the 12th."""
    rule = change_rule(name, code)

    assert date(2026, 3, 17) == posted(rule, as_of=0).effective_on
    assert Standing.IN_FORCE is not posted(rule, as_of=14).standing
    assert Standing.IN_FORCE is posted(rule, as_of=15).standing


@pytest.mark.clause("CNV-09")
def test_five_days_without_a_mail_are_a_yes() -> None:
    """Open on the fourth day, accepted by silence on the fifth; a no of the sixth is no more."""
    rule = change_rule("conversso-general", "terms")

    assert Standing.OPEN is posted(rule, as_of=4).standing
    assert (Standing.ACCEPTED, day(5)) == (
        posted(rule, as_of=5).standing,
        posted(rule, as_of=5).accepted_on,
    )
    assert Standing.REJECTED is posted(rule, as_of=5, no_on=5).standing
    assert Standing.ACCEPTED is posted(rule, as_of=6, no_on=6).standing


@pytest.mark.clause("SLX-20")
def test_ten_days_without_a_mail_are_a_yes() -> None:
    """A no on day 9 or 10 counts; without one the tenth day is the yes, and a no of day 11 comes too late."""
    rule = change_rule("salexops-general", "price")

    assert Standing.OPEN is posted(rule, as_of=9).standing
    assert Standing.ACCEPTED is posted(rule, as_of=10).standing
    assert [Standing.REJECTED, Standing.REJECTED, Standing.ACCEPTED] == [
        posted(rule, as_of=12, no_on=on).standing for on in (9, 10, 11)
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("konectus-general", "price", marks=pytest.mark.clause("KON-16a")),
        pytest.param("konectus-general", "terms", marks=pytest.mark.clause("KON-16a")),
        pytest.param("zenvia-general", "burden", marks=pytest.mark.clause("ZEN-4.2")),
        pytest.param("zenvia-general", "channel_price", marks=pytest.mark.clause("ZEN-16.2")),
        pytest.param("zenvia-general", "price", marks=pytest.mark.clause("ZEN-16.5")),
        ("zenvia-general", "free_service"),
        pytest.param("zenvia-annex-ix", "price", marks=pytest.mark.clause("ZEN-IX-12")),
    ],
)
def test_thirty_days_from_the_delivery(name: str, code: str) -> None:
    """Delivered on 2 March: in force on 1 April, and not a day before; undelivered, never."""
    rule = change_rule(name, code)

    assert Standing.IN_FORCE is not delivered(rule, as_of=29).standing
    assert (Standing.IN_FORCE, date(2026, 4, 1)) == (
        delivered(rule, as_of=30).standing,
        delivered(rule, as_of=30).effective_on,
    )
    assert Course(Standing.UNDELIVERED) == course(announced(POSTED), rule, as_of=LATER)


def test_a_notice_that_arrives_late_moves_the_first_day() -> None:
    """Planned for 1 April and delivered on 10 March: from 9 April; delivered early, the plan stands."""
    rule = change_rule("konectus-general", "price")
    late = announced(POSTED, delivered_on=date(2026, 3, 10), planned_on=date(2026, 4, 1))
    early = announced(POSTED, delivered_on=POSTED, planned_on=date(2026, 5, 1))

    assert date(2026, 4, 9) == course(late, rule, as_of=LATER).effective_on
    assert date(2026, 5, 1) == course(early, rule, as_of=LATER).effective_on


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("konectus-general", "price", marks=pytest.mark.clause("KON-16c")),
        pytest.param("zenvia-general", "price", marks=pytest.mark.clause("ZEN-4.4")),
        pytest.param("zenvia-annex-ix", "price", marks=pytest.mark.clause("ZEN-IX-12.2")),
    ],
)
def test_going_on_once_it_holds_is_a_yes(name: str, code: str) -> None:
    """A no counts through the day before the change holds; on the day itself use has accepted it."""
    rule = change_rule(name, code)

    assert Standing.OPEN is delivered(rule, as_of=29).standing
    assert day(30) == delivered(rule, as_of=40).accepted_on
    assert Standing.REJECTED is delivered(rule, as_of=40, no_on=29).standing
    assert Standing.IN_FORCE is delivered(rule, as_of=40, no_on=30).standing


def test_a_change_that_nobody_may_turn_down_takes_no_for_nothing() -> None:
    """Clause 4 lets the vendor change what it told 30 days before, and gives no right to refuse it."""
    assert Standing.IN_FORCE is delivered(change_rule("zenvia-general", "burden"), as_of=30, no_on=1).standing


@pytest.mark.parametrize("why", ["new_law", "court_order", "channel_policy", "emergency", "force_majeure"])
@pytest.mark.clause("ZEN-4.3")
def test_some_reasons_need_no_thirty_days(why: str) -> None:
    """In force from the delivery, where a law, a court, a channel, an emergency or force majeure asks so."""
    rule = change_rule("zenvia-general", "burden")

    assert (Standing.IN_FORCE, POSTED) == (
        delivered(rule, as_of=0, exception=why).standing,
        delivered(rule, as_of=0, exception=why).effective_on,
    )


@pytest.mark.parametrize("why", ["grave_harm", "late_word_of_the_channel"])
@pytest.mark.clause("ZEN-16.3")
def test_a_channels_price_may_follow_sooner(why: str) -> None:
    """Meta tells the vendor twelve days ahead: the price holds on Meta's day, and not before the delivery."""
    rule = change_rule("zenvia-general", "channel_price")
    planned = announced(POSTED, delivered_on=day(2), planned_on=day(12), exception=why)
    hasty = announced(POSTED, delivered_on=day(14), planned_on=day(12), exception=why)

    assert day(12) == course(planned, rule, as_of=LATER).effective_on
    assert day(14) == course(hasty, rule, as_of=LATER).effective_on
    assert date(2026, 4, 3) == course(announced(POSTED, delivered_on=day(2)), rule, as_of=LATER).effective_on


def test_no_counts_only_while_the_change_does_not_hold() -> None:
    """Ten days for a no, and an exception that lets the change hold after two: the last no is of day 1."""
    hasty = Change(
        clause="T-1",
        notice_days=15,
        objection_days=10,
        ending="refused",
        exceptions=(ChangeException(clause="T-1", code="urgent", notice_days=2),),
    )
    late_no = announced(
        POSTED, delivered_on=POSTED, exception="urgent", answer=Answer.REJECTED, answered_on=day(2)
    )

    assert day(1) == course(late_no, hasty, as_of=day(2)).objections_until
    assert Standing.IN_FORCE is course(late_no, hasty, as_of=day(2)).standing


def test_a_reason_that_the_terms_do_not_know_is_refused() -> None:
    """An exception is named by the contract or there is none."""
    notice = announced(POSTED, delivered_on=POSTED, exception="we are in a hurry")

    with pytest.raises(InvalidInput, match="no such reason") as refused:
        course(notice, change_rule("zenvia-general", "channel_price"), as_of=LATER)

    assert "one of grave_harm, late_word_of_the_channel" == refused.value.expected
