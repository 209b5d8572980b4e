"""When an event may have been: as its contract says, and five minutes and 35 days where it says nothing."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from contracts.clauses import Clause
from contracts.rules import UsageTimesRule
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from metering.batches import KnownAccount, SortedBatch, sort_batch
from metering.usage_times import AHEAD, BEHIND, UsageTimes, times_of
from tests.unit.metering.book import CLAUSE, TERMS, at, contract, ids, subscription, used

NOW = at("2026-06-30T12:00:00Z")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def stating(rule: UsageTimesRule | None) -> Contract:
    """Return a contract whose terms state a rule, or none."""
    signed = contract(subscription())
    clause = Clause(id=CLAUSE, place="1", says_en="Use.")
    sourced = Sourced(rule, clause, TERMS.document) if rule is not None else None
    return dataclasses.replace(signed, terms=dataclasses.replace(signed.terms, usage_times=sourced))


def sorted_at(
    occurred_at: datetime, rule: UsageTimesRule | None = None, *, corrects: str = "", backfill: bool = False
) -> SortedBatch:
    """Return the batch of an event of an instant, under terms with a rule or none."""
    event = replace(used(1, occurred_at, 1), corrects=corrects)
    return sort_batch([event], {"acme": KnownAccount(ids()[0], [stating(rule)])}, now=NOW, backfill=backfill)


def code_of(batch: SortedBatch) -> str:
    """Return why the event is refused; nothing where it is not."""
    errors = [
        *(each.problem.code for each in batch.problems),
        *(each.code for each in batch.too_old.values()),
    ]
    return ", ".join(errors)


@pytest.mark.parametrize(
    ("occurred_at", "expected"),
    [
        (NOW + AHEAD, ""),
        (NOW + AHEAD + MINUTE, "event_in_future"),
        (NOW - BEHIND, ""),
        (NOW - BEHIND - MINUTE, "event_too_old"),
    ],
)
def test_where_no_paper_says_anything(occurred_at: datetime, expected: str) -> None:
    """Five minutes ahead and 35 days behind are the last that are taken."""
    assert expected == code_of(sorted_at(occurred_at))


@pytest.mark.parametrize(
    ("occurred_at", "expected"),
    [
        (NOW, ""),
        (NOW + MINUTE, "event_in_future"),
        (NOW - 2 * DAY, ""),
        (NOW - 2 * DAY - MINUTE, "event_too_old"),
    ],
)
def test_the_terms_say_otherwise(occurred_at: datetime, expected: str) -> None:
    """A contract may allow no minute ahead, and two days behind."""
    rule = UsageTimesRule(clause=CLAUSE, future_minutes=0, past_days=2)

    assert expected == code_of(sorted_at(occurred_at, rule))


def test_the_rule_and_the_default_are_one() -> None:
    """A rule that says nothing but its clause allows what no rule allows."""
    stated = times_of(stating(UsageTimesRule(clause=CLAUSE)).terms)

    assert UsageTimes(cites=stated.cites) == stated
    assert UsageTimes() == times_of(stating(None).terms)


def test_a_refusal_cites_the_clause() -> None:
    """Whoever is refused reads by which clause of which paper, and what would be taken."""
    (error,) = sorted_at(NOW - 3 * DAY, UsageTimesRule(clause=CLAUSE, past_days=2)).too_old.values()

    assert "2026-06-28T12:00:00+00:00 or later, by T-1 (terms 1); or a backfill" == error.expected


def test_a_backfill_takes_any_age_and_no_future() -> None:
    """What is filled in was long ago; a date that lies ahead is wrong all the same."""
    assert "" == code_of(sorted_at(NOW - 900 * DAY, backfill=True))
    assert "event_in_future" == code_of(sorted_at(NOW + DAY, backfill=True))


def test_a_correction_may_be_of_any_age() -> None:
    """The time of what it corrects was judged when that came in."""
    assert "" == code_of(sorted_at(NOW - 90 * DAY, corrects="0"))
