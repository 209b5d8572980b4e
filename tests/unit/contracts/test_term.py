"""Terms follow each other from the day on which a contract starts, as long as it goes on."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from contracts.life_rules import RefusalTime, Renewal, TermRule
from contracts.plans import CycleLength
from contracts.subscriptions import Contract
from contracts.term import agreed_end, refusal_window, renews, term_of, terms_from
from contracts.terms import Rules
from kernel.calendars import first_day_after
from kernel.periods import Period
from tests.unit.contracts.agreed import STARTS, agreed

YEARLY = TermRule(
    clause="T-1", months=12, renewal=Renewal.SAME_TERM, refusal_days=90, refusal=RefusalTime.WITHIN
)
MONTHLY = TermRule(clause="T-1", months=1, renewal=Renewal.SAME_TERM, refusal_days=90)


def rule_of(contract: Contract) -> TermRule:
    """Return the rule that a contract must have."""
    assert contract.terms.term is not None
    return contract.terms.term.rule


@pytest.mark.parametrize(
    ("day", "term"),
    [
        (date(2026, 2, 28), None),
        (STARTS, Period(STARTS, date(2027, 3, 1))),
        (date(2027, 2, 28), Period(STARTS, date(2027, 3, 1))),
        (date(2027, 3, 1), Period(date(2027, 3, 1), date(2028, 3, 1))),
    ],
)
@pytest.mark.clause("ZEN-X-12")
def test_a_term_of_a_year_is_followed_by_another(day: date, term: Period | None) -> None:
    """Annex X renews for equal successive terms; before the start there is none."""
    contract = agreed("zenvia-general", "zenvia-annex-x")

    assert term == term_of(rule_of(contract), contract, day)


@pytest.mark.parametrize(
    ("cycle", "last_day"),
    [(CycleLength.MONTHLY, date(2026, 3, 31)), (CycleLength.ANNUAL, date(2027, 2, 28))],
)
@pytest.mark.clause("CNV-02")
def test_a_license_lives_for_the_time_that_was_bought(cycle: CycleLength, last_day: date) -> None:
    """The plan's own cycle, from its first day to its last; the day after there is no term."""
    contract = agreed("conversso-general", country="MX", cycle=cycle)
    rule = rule_of(contract)
    term = Period(STARTS, first_day_after(last_day, 0))

    assert [term, term, None] == [
        term_of(rule, contract, day) for day in (STARTS, last_day, first_day_after(last_day, 0))
    ]
    assert None is refusal_window(rule, term)
    assert not renews(rule, term)


@pytest.mark.clause("CNV-02")
def test_a_renewal_is_agreed_in_the_order_form() -> None:
    """Off by default, it can be switched on: then the next month begins a new term."""
    renewing = Rules(term=TermRule(clause="CNV-02", renewal=Renewal.SAME_TERM))
    contract = agreed("conversso-general", country="MX", rules=renewing)
    april = Period(date(2026, 4, 1), date(2026, 5, 1))

    assert april == term_of(rule_of(contract), contract, date(2026, 4, 1))
    assert april == refusal_window(rule_of(contract), april)
    assert renews(rule_of(contract), april)


def test_terms_end_with_the_contract() -> None:
    """One that ends inside its second year has no third."""
    contract = agreed("zenvia-general", "zenvia-annex-x", ends_on=date(2027, 6, 1))

    assert [date(2026, 3, 1), date(2027, 3, 1)] == [
        term.start for term in terms_from(YEARLY, contract, STARTS)
    ]
    assert [] == list(terms_from(YEARLY, contract, date(2027, 6, 1)))


def test_a_term_from_the_31st_comes_back_to_it() -> None:
    """Terms of a month from 31 January: 28 February, 31 March."""
    contract = agreed("zenvia-general", "zenvia-annex-x", starts_on=date(2026, 1, 31))
    first = islice(terms_from(MONTHLY, contract, date(2026, 1, 31)), 3)

    assert [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)] == [term.end for term in first]


def test_a_term_shorter_than_its_notice() -> None:
    """Within 90 days of a monthly renewal is all the month; at least 90 before it is before the month."""
    april = Period(date(2026, 4, 1), date(2026, 5, 1))
    at_least = TermRule(
        clause="T-1",
        months=1,
        renewal=Renewal.SAME_TERM,
        refusal_days=90,
        refusal=RefusalTime.AT_LEAST,
    )

    assert april == refusal_window(MONTHLY, april)
    assert Period(date(2026, 1, 31), date(2026, 2, 1)) == refusal_window(at_least, april)


@pytest.mark.clause("CNV-02")
@pytest.mark.parametrize(
    ("cycle", "ends_on"),
    [
        (CycleLength.MONTHLY, date(2026, 4, 1)),
        (CycleLength.QUARTERLY, date(2026, 6, 1)),
        (CycleLength.SEMI_ANNUAL, date(2026, 9, 1)),
        (CycleLength.ANNUAL, date(2027, 3, 1)),
    ],
)
def test_a_licence_without_an_end_bears_that_of_its_one_term(cycle: CycleLength, ends_on: date) -> None:
    """Signed on 1 March for 1, 3, 6 or 12 months; one that bears its own end, or renews, gets none."""
    licence = agreed("conversso-general", cycle=cycle)
    bounded = agreed("conversso-general", cycle=cycle, ends_on=date(2026, 3, 15))
    renewing = agreed("zenvia-general", "zenvia-annex-x", cycle=cycle)

    assert (ends_on, "CNV-02") == agreed_end(licence.terms, licence.plan, licence.subscription)
    assert agreed_end(bounded.terms, bounded.plan, bounded.subscription) is None
    assert agreed_end(renewing.terms, renewing.plan, renewing.subscription) is None
