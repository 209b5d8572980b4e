"""Annex X 12: a year's term renews on 1 March 2027, unless it is refused in writing in time."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from contracts.life_rules import RefusalTime, TermRule
from contracts.obligations import Known, ObligationKind, obligations
from contracts.subscriptions import Contract
from contracts.term import refusal_window, renews, term_of
from contracts.terms import Rules
from kernel.calendars import days_between
from kernel.periods import Period
from tests.unit.contracts.agreed import STARTS, agreed

pytestmark = pytest.mark.scenario

RENEWS = date(2027, 3, 1)


def docs(refusal: RefusalTime) -> Contract:
    """Return a contract under Annex X, by its own words or as an order form settles them."""
    library = agreed("zenvia-general", "zenvia-annex-x")
    assert library.terms.term is not None
    if refusal is library.terms.term.rule.refusal:
        return library
    rule = replace(library.terms.term.rule, refusal=refusal)
    return agreed("zenvia-general", "zenvia-annex-x", rules=Rules(term=rule))


def first_term(contract: Contract) -> tuple[TermRule, Period]:
    """Return the rule of a contract and its first term."""
    assert contract.terms.term is not None
    rule = contract.terms.term.rule
    term = term_of(rule, contract, STARTS)
    assert term is not None
    return rule, term


@pytest.mark.parametrize(
    ("refused_on", "days_before", "within", "at_least"),
    [
        (date(2026, 11, 30), 91, True, False),
        (date(2026, 12, 1), 90, False, False),
        (date(2026, 12, 2), 89, False, True),
        (date(2027, 2, 28), 1, False, True),
        (RENEWS, 0, True, True),
    ],
)
@pytest.mark.clause("ZEN-X-12")
def test_a_renewal_is_refused_91_90_and_89_days_before(
    refused_on: date, days_before: int, *, within: bool, at_least: bool
) -> None:
    """Within the 90 days: 91 is too early.  At least 90 days: 89 is too late.  On the 90th day both hold."""
    assert days_before == days_between(refused_on, RENEWS)
    assert within is renews(*first_term(docs(RefusalTime.WITHIN)), refused_on)
    assert at_least is renews(*first_term(docs(RefusalTime.AT_LEAST)), refused_on)


@pytest.mark.clause("ZEN-X-12")
def test_nobody_refuses_and_the_term_renews() -> None:
    """Silence renews under both readings, for a term of the same length."""
    for refusal in RefusalTime:
        contract = docs(refusal)
        rule, term = first_term(contract)

        assert renews(rule, term)
        assert Period(RENEWS, date(2028, 3, 1)) == term_of(rule, contract, RENEWS)


@pytest.mark.parametrize(
    ("refusal", "first", "last"),
    [
        (RefusalTime.WITHIN, date(2026, 12, 1), date(2027, 2, 28)),
        (RefusalTime.AT_LEAST, STARTS, date(2026, 12, 1)),
    ],
)
@pytest.mark.clause("ZEN-X-12")
def test_the_calendar_shows_when_it_may_be_refused(refusal: RefusalTime, first: date, last: date) -> None:
    """The window's last day and, where it opens late, its first stand in the calendar with the renewal."""
    contract = docs(refusal)
    window = refusal_window(*first_term(contract))
    year = Period(STARTS, date(2027, 3, 2))
    entries = [each for each in obligations(contract, Known(), year) if each.clause == "ZEN-X-12"]
    opens = [(first, ObligationKind.REFUSAL)] if refusal is RefusalTime.WITHIN else []

    assert window is not None
    assert (first, last) == (window.start, window.last_day)
    # At least 90 days before the next renewal is a day of the next term: it is not of this year.
    assert [*opens, (last, ObligationKind.REFUSAL), (RENEWS, ObligationKind.RENEWAL)] == [
        (each.on, each.kind) for each in entries
    ]
