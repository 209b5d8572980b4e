"""Force majeure is told in time or late, and holds what the terms let it hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from contracts.force_majeure import ForceMajeure, days_held, days_without_service
from contracts.library import library_documents
from contracts.life_rules import ForceMajeureRule
from contracts.terms import resolve
from kernel.ids import account_id_of, subscription_id_of
from kernel.periods import Period

ACCOUNT = account_id_of("acme")
FLOOD = ForceMajeure(
    account_id=ACCOUNT,
    subscription_id=subscription_id_of(ACCOUNT, "acme-1"),
    days=Period(date(2026, 3, 10), date(2026, 3, 15)),
    reported_on=date(2026, 3, 12),
    reason="flood",
    recorded_at=datetime(2026, 3, 12, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("reported_on", "in_time"),
    [(date(2026, 3, 10), True), (date(2026, 3, 12), True), (date(2026, 3, 13), False)],
)
def test_two_days_to_tell(reported_on: date, *, in_time: bool) -> None:
    """It begins on the 10th: told on the 12th it is in time, on the 13th late."""
    rule = ForceMajeureRule(clause="T-11", report_days=2)

    assert in_time is replace(FLOOD, reported_on=reported_on).in_time(rule)


def test_a_late_report_holds_time_limits_too() -> None:
    """The terms of Annex IX tie no loss to it; terms without a rule hold nothing."""
    late = replace(FLOOD, reported_on=date(2026, 4, 1))
    annex_ix, konectus = (
        resolve([library_documents()[each][0] for each in documents])
        for documents in (("zenvia-general", "zenvia-annex-ix"), ("konectus-general",))
    )

    assert (FLOOD.days,) == days_held(annex_ix, [late])
    assert () == days_held(konectus, [late])


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 3, 9), 0),
        (date(2026, 3, 10), 1),
        (date(2026, 3, 14), 5),
        (date(2026, 3, 15), 6),
        (date(2026, 3, 25), 16),
        (date(2026, 3, 26), 0),
        (date(2026, 4, 2), 1),
    ],
)
def test_how_long_a_service_has_been_interrupted(on: date, expected: int) -> None:
    """Days that follow on are one event, a gap ends it, and what is over counts no longer."""
    goes_on = replace(FLOOD, days=Period(date(2026, 3, 15), date(2026, 3, 26)))
    another = replace(FLOOD, days=Period(date(2026, 4, 2), date(2026, 4, 4)))

    assert expected == days_without_service([another, goes_on, FLOOD], on)


def test_without_force_majeure_nothing_is_interrupted() -> None:
    """No days, none counted."""
    assert 0 == days_without_service([], date(2026, 3, 10))
