"""A service's state is the gravest that holds on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.service_states import WHOLE, ServiceState, ServiceStatus, StateSpan, status_on
from kernel.ids import account_id_of, subscription_id_of

ACCOUNT = account_id_of("acme")
SUSPENDED = StateSpan(
    account_id=ACCOUNT,
    subscription_id=subscription_id_of(ACCOUNT, "acme-1"),
    part=WHOLE,
    state=ServiceState.SUSPENDED,
    start=date(2026, 3, 19),
)
PARTIAL = replace(
    SUSPENDED, part="campaigns", state=ServiceState.PARTIALLY_SUSPENDED, start=date(2026, 3, 16)
)
ENDED = replace(PARTIAL, part="whatsapp", state=ServiceState.ENDED)
PAUSED = replace(SUSPENDED, state=ServiceState.PAUSED)


def test_a_service_without_a_state_is_active() -> None:
    """Active is the absence of anything else."""
    assert ServiceStatus(ServiceState.ACTIVE) == status_on([], date(2026, 3, 19))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 15), ServiceStatus(ServiceState.ACTIVE)),
        (date(2026, 3, 16), ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, ("campaigns",))),
        (date(2026, 3, 18), ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, ("campaigns",))),
        (date(2026, 3, 19), ServiceStatus(ServiceState.SUSPENDED, ("campaigns",))),
        (date(2026, 3, 24), ServiceStatus(ServiceState.SUSPENDED, ("campaigns",))),
        (date(2026, 3, 25), ServiceStatus(ServiceState.ACTIVE)),
    ],
)
def test_the_gravest_state_of_the_day_counts(day: date, expected: ServiceStatus) -> None:
    """Part from the 16th, all from the 19th, nothing any more on the 25th, the end that does not belong."""
    spans = [replace(span, end=date(2026, 3, 25)) for span in (PARTIAL, SUSPENDED)]

    assert expected == status_on(spans, day)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([ENDED], ServiceStatus(ServiceState.ENDED, ("whatsapp",))),
        ([ENDED, PARTIAL], ServiceStatus(ServiceState.PARTIALLY_SUSPENDED, ("campaigns", "whatsapp"))),
        ([ENDED, PARTIAL, PAUSED], ServiceStatus(ServiceState.PAUSED, ("campaigns", "whatsapp"))),
    ],
)
def test_each_part_that_does_not_work_is_named(spans: list[StateSpan], expected: ServiceStatus) -> None:
    """An ended part is the mildest, for the rest works; a pause stops all, whatever its parts are in."""
    assert expected == status_on(spans, date(2026, 3, 19))
