"""Which spans of limits a batch touches, and what is asked about each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from contracts.entitlement_rules import LimitEntitlement, LimitPeriod
from contracts.subscriptions import Contract, OrderForm
from metering.limited_spans import Told, limited_spans
from metering.rollups import TouchedDays
from tests.unit.contracts.agreements import ATTRACTION, SALEXOPS, SINCH, signed

#: Ten in the evening of 10 March in Mexico City, where it is the 11th by UTC.
NOW = datetime(2026, 3, 11, 4, tzinfo=UTC)
DAY = date(2026, 3, 10)


def touched(contract: Contract, meter: str, *days: date) -> list[TouchedDays]:
    """Return days that a batch touched."""
    key = contract.account_id, contract.subscription_id
    return [TouchedDays(*key, meter, day, day + timedelta(days=1)) for day in days]


def volume(per: LimitPeriod, thresholds: tuple[int, ...] = (80, 100)) -> Contract:
    """Return a contract for fifty conversations over a time."""
    rule = LimitEntitlement(
        clause="SIN-4.5a",
        feature="conversations",
        meter="conversations",
        limit=Decimal(50),
        per=per,
        thresholds=thresholds,
    )
    return signed(SINCH, order_form=OrderForm(entitlements={"volume": rule}))


@pytest.mark.parametrize(
    ("per", "starts"),
    [
        (LimitPeriod.DAY, [date(2026, 2, 27), date(2026, 3, 1), date(2026, 3, 2)]),
        (LimitPeriod.PERIOD, [date(2026, 2, 1), date(2026, 3, 1)]),
        (LimitPeriod.EVER, [date(2026, 1, 1)]),
    ],
)
def test_days_of_one_span_are_one(per: LimitPeriod, starts: list[date]) -> None:
    """Three days are three limits of a day, two of a month, one for good, each once."""
    contract = volume(per)
    days = touched(contract, "conversations", date(2026, 3, 2), date(2026, 2, 27), date(2026, 3, 1))

    found = limited_spans([contract], [*days, *days], now=NOW)

    assert starts == sorted(each.key.starts_on for each in found)
    assert ["sum"] * len(starts) == [each.want.how for each in found]


@pytest.mark.parametrize(("meter", "thresholds"), [("conversations", ()), ("named_users", (80,))])
def test_what_no_limit_tells_of_is_not_looked_at(meter: str, thresholds: tuple[int, ...]) -> None:
    """A limit without thresholds, and a meter without a limit."""
    contract = volume(LimitPeriod.EVER, thresholds)

    assert [] == limited_spans([contract], touched(contract, meter, DAY), now=NOW)


def test_another_contract_is_not_looked_at() -> None:
    """The same meter of a subscription that the batch does not touch."""
    contract = volume(LimitPeriod.EVER)
    other = [each._replace(account_id=None) for each in touched(contract, "conversations", DAY)]  # type: ignore[arg-type]  # of nobody here

    assert [] == limited_spans([contract], other, now=NOW)


@pytest.mark.parametrize(
    ("day", "until"), [(date(2026, 1, 5), date(2026, 3, 11)), (date(2026, 3, 11), date(2026, 3, 12))]
)
def test_of_a_level_today_counts(day: date, until: date) -> None:
    """Whatever day was touched, the level that stands at the end of today where the contract is issued."""
    contract = signed(SALEXOPS, plan="free", charge=())
    (span,) = limited_spans([contract], touched(contract, "stored_megabytes", day), now=NOW)

    assert ("level", until) == (span.want.how, span.want.end)


def test_values_are_counted_once() -> None:
    """Contacts are different values, over all days of the contract."""
    contract = signed(ATTRACTION, plan="attraction-lite")
    (span,) = limited_spans([contract], touched(contract, "attraction_contacts", DAY), now=NOW)

    assert ("values", date(2026, 1, 1), date.max) == (span.want.how, span.want.start, span.want.end)


@pytest.mark.parametrize(
    ("told", "awaits", "percents"),
    [
        (Told(Decimal(50), 0), True, (80, 100)),
        (Told(Decimal(50), 80), True, (100,)),
        (Told(Decimal(50), 100), False, ()),
        (Told(Decimal(25), 100), True, (80, 100)),
    ],
)
def test_what_was_told_of_another_limit_does_not_count(
    told: Told, percents: tuple[int, ...], *, awaits: bool
) -> None:
    """100 percent of 25 was told: of 50, which is the limit now, nothing was."""
    contract = volume(LimitPeriod.EVER)
    (span,) = limited_spans([contract], touched(contract, "conversations", DAY), now=NOW)

    assert (awaits, percents) == (span.awaits(told), span.reached(Decimal(50), told))
