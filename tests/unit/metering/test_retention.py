"""How long contracts keep single events, and what else keeps a month in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from contracts.meters import ConversationMeter
from contracts.rules import UsageRetentionRule
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from metering.retention import KEPT_MONTHS, Kept, MeterUse, MonthPlan, in_order, kept_by, plan_month
from metering.usage import MeterKey
from tests.unit.metering.book import CLAUSE, METERS, TERMS, contract, ids, subscription

MARCH = date(2025, 3, 1)

#: The first day on which March may go where no paper says anything.
FREE = date(2026, 5, 1)

ACME = contract(subscription())


def keeping(months: int, account: str = "acme") -> Contract:
    """Return a contract whose terms keep events for so many months."""
    signed = contract(subscription(account))
    rule = UsageRetentionRule(clause=CLAUSE, months=months)
    stated = Sourced(rule, signed.terms.clause_of(CLAUSE), TERMS.document)
    return replace(signed, terms=replace(signed.terms, usage_retention=stated))


def march_use(
    meter: str = "documents", *, account: str = "acme", through: date | None = date(2025, 4, 1)
) -> MeterUse:
    """Return what March holds of a meter, up to its last day."""
    return MeterUse(MeterKey(*ids(account), meter), 10, date(2025, 3, 31), through, changed=False)


def planned(*uses: MeterUse, contracts: tuple[Contract, ...] = (ACME,), today: date = FREE) -> MonthPlan:
    """Return what becomes of March."""
    by_id = {(each.account_id, each.subscription_id): each for each in contracts}
    return plan_month(MARCH, uses, by_id, today=today)


@pytest.mark.parametrize(("today", "goes"), [(date(2026, 4, 30), False), (FREE, True)])
def test_thirteen_whole_months_where_no_paper_says_anything(today: date, *, goes: bool) -> None:
    """March 2025 stays through April 2026."""
    assert goes == planned(march_use(), today=today).goes


@pytest.mark.parametrize(("today", "goes"), [(date(2025, 5, 31), False), (date(2025, 6, 1), True)])
def test_a_rule_keeps_for_so_many_months(today: date, *, goes: bool) -> None:
    """Two months after March are April and May."""
    assert goes == planned(march_use(), contracts=(keeping(2),), today=today).goes


def test_the_longest_retention_counts() -> None:
    """Of two contracts with events in the month the one that keeps longer is named, with its clause."""
    contracts = (ACME, keeping(24, "globex"))
    plan = planned(march_use(), march_use(account="globex"), contracts=contracts)

    assert (
        f"kept until 2027-04-01 for globex/main, by {CLAUSE} (terms {TERMS.document.version})",
    ) == plan.stays


def test_a_conversation_is_kept_as_long_as_it_may_last() -> None:
    """A window of 60 days, and events kept for a month: they stay for three."""
    short = keeping(1)
    long = with_fields(METERS["whatsapp"], hours=60 * 24)
    assert isinstance(long, ConversationMeter)
    meters = {**short.terms.meters, "whatsapp": replace(short.terms.meters["whatsapp"], rule=long)}
    talking = replace(short, terms=replace(short.terms, meters=meters))

    assert (1, 3) == (kept_by(short).months, kept_by(talking).months)


@pytest.mark.parametrize(
    ("through", "goes"), [(None, False), (date(2025, 3, 31), False), (date(2025, 4, 1), True)]
)
def test_what_is_not_billed_stays(through: date | None, *, goes: bool) -> None:
    """The last day of use has to lie before the first that no run has billed."""
    plan = planned(march_use(through=through))

    assert goes == plan.goes
    assert plan.stays == (() if goes else ("not billed: documents of acme/main",))


def test_what_nothing_prices_needs_no_bill() -> None:
    """A meter without a charge is never billed, and keeps nothing."""
    unpriced = replace(ACME, charges=())

    assert planned(march_use(through=None), contracts=(unpriced,)).goes


def test_late_usage_is_billed_first() -> None:
    """A day that changed after its bill keeps its month until the next run has looked at it."""
    changed = replace(march_use(), changed=True)

    assert ("late usage is not billed: documents of acme/main",) == planned(changed).stays


def test_events_of_an_unknown_contract_stay() -> None:
    """Where no contract resolves nobody knows how long it wants its events."""
    plan = planned(march_use(account="globex"), march_use("calls", account="globex"))

    assert (f"no contract tells how long: subscription {ids('globex')[1]} and 1 more",) == plan.stays


def test_no_month_is_skipped() -> None:
    """After one that stays no later one goes, and it names the one for which it waits."""
    plans = [MonthPlan(date(2025, 1, 1), 1), MonthPlan(date(2025, 2, 1), 1, ("x",)), MonthPlan(MARCH, 1)]

    assert [(), ("x",), ("an earlier month stays: 2025-02",)] == [each.stays for each in in_order(plans)]


@given(months=st.integers(1, 1_200), month=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_month_is_kept_for_whole_months(months: int, month: date) -> None:
    """It goes on the first of a month, so many months and its own after its first day."""
    first = month.replace(day=1)
    until = Kept(months).until(first)

    assert 1 == until.day
    assert months + 1 == (until.year - first.year) * 12 + until.month - first.month
    assert Kept().until(first) == Kept(KEPT_MONTHS).until(first)
