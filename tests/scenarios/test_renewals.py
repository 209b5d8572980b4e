"""Annex X 12: a year's term renews on 1 March 2027, unless it is refused in writing in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from contracts.give_notice import Word
from contracts.life_rules import Party, RefusalTime, TermRule
from contracts.notices import Outcome
from contracts.obligations import Known, ObligationKind, obligations
from contracts.subscriptions import Contract
from contracts.term import refusal_window, renews, term_of
from contracts.terms import Rules
from kernel.calendars import days_between
from kernel.errors import Conflict
from kernel.periods import Period
from tests.integration.contract_desk import Desk
from tests.integration.invoicing_book import Office
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


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book of invoicing's tests: Colégio Ipê has stood under Annex X since 1 January 2026."""
    return Office.open(engine)


@pytest.mark.integration
@pytest.mark.clause("ZEN-X-12")
@pytest.mark.parametrize(("days_before", "counts"), [(91, False), (90, True), (89, True)])
def test_a_written_refusal_ends_the_contract_with_its_term(
    office: Office, days_before: int, *, counts: bool
) -> None:
    """The term of 2026 renews on 1 January 2027; a word that comes too early is refused."""
    desk = Desk(office.engine, "ipe", "docs")
    said_on = date(2027, 1, 1) - timedelta(days=days_before)
    if not counts:
        with pytest.raises(Conflict) as refused:
            desk.refuses_renewal(Party.CUSTOMER, Word(said_on=said_on))
        assert "2026-10-03 to 2026-12-31" == refused.value.expected
        assert () == desk.notices
        assert desk.contract.subscription.ends_on is None
        return
    desk.refuses_renewal(Party.CUSTOMER, Word(said_on=said_on))
    ((ended, refund),) = desk.settles(said_on)

    assert (Outcome.ENDED, date(2026, 12, 31), "ZEN-X-12", None) == (
        ended.notice.outcome,
        ended.notice.effective_on,
        ended.notice.clause,
        refund,
    )
    assert date(2027, 1, 1) == desk.contract.subscription.ends_on
    assert () == desk.settles(date(2027, 2, 1))
