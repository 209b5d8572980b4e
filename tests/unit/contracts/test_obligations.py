"""The calendar of a contract: what falls due in a period, once each, with its clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from contracts.life_rules import Party
from contracts.notices import Notice
from contracts.obligations import Deletion, Known, Obligation, ObligationKind, obligations
from contracts.subscriptions import Contract
from kernel.periods import Period
from tests.unit.contracts.agreed import STARTS, agreed, happened, instant
from tests.unit.contracts.library_rules import announced, said

YEAR = Period(STARTS, date(2027, 3, 2))


def kinds(contract: Contract, days: Period, known: Known | None = None) -> list[tuple[date, ObligationKind]]:
    """Return the days and kinds of what falls due."""
    return [(each.on, each.kind) for each in obligations(contract, known or Known(), days)]


def test_a_renewal_and_an_anniversary_fall_on_one_day() -> None:
    """Annex X, signed and begun on 1 March: the price index and the renewal of 1 March 2027."""
    contract = agreed("zenvia-general", "zenvia-annex-x")
    day = date(2027, 3, 1)

    assert [(day, ObligationKind.PRICE_INDEX), (day, ObligationKind.RENEWAL)] == kinds(
        contract, Period(day, date(2027, 3, 2))
    )
    assert [] == kinds(contract, Period(date(2027, 3, 2), date(2027, 3, 3)))


def test_a_contract_that_ends_is_neither_renewed_nor_indexed() -> None:
    """Its last day is in the calendar, and what has to be done with its data."""
    contract = agreed("zenvia-general", "zenvia-annex-x", ends_on=date(2027, 3, 1))
    days = Period(date(2027, 2, 1), date(2027, 5, 1))

    assert [(date(2027, 2, 28), ObligationKind.TERM_END), (date(2027, 3, 31), ObligationKind.DUTY)] == kinds(
        contract, days
    )


def test_a_term_without_renewal_ends_in_the_calendar_once() -> None:
    """A monthly license that nothing renews is over on 31 March, and no other month is."""
    contract = agreed("conversso-general", country="MX")

    assert [(date(2026, 3, 31), ObligationKind.TERM_END)] == kinds(contract, YEAR)


def test_an_index_of_another_country_is_no_obligation() -> None:
    """Annex IX adjusts what an entity in Brazil issues, and nothing else."""
    papers = ("zenvia-general", "zenvia-annex-ix")
    found = {
        country: [
            each.on
            for each in obligations(agreed(*papers, country=country), Known(), YEAR)
            if each.kind is ObligationKind.PRICE_INDEX
        ]
        for country in ("BR", "MX")
    }

    assert {"BR": [date(2027, 3, 1)], "MX": []} == found


def test_what_happened_is_due_until_it_is_done_and_both_borders_count() -> None:
    """An incident of Friday 6 March is due on the 10th: in a period that begins or ends there only."""
    contract = agreed("zenvia-general", "zenvia-annex-vi")
    incident = happened(contract, "security_incident", instant(contract, date(2026, 3, 6), 15), note="log-in")
    known = Known(occurrences=(incident,))
    due = date(2026, 3, 10)

    assert [1, 1, 0, 0] == [
        len(kinds(contract, days, known))
        for days in (
            Period(due, date(2026, 3, 11)),
            Period(date(2026, 3, 1), date(2026, 3, 11)),
            Period(date(2026, 3, 1), due),
            Period(date(2026, 3, 11), date(2026, 3, 12)),
        )
    ]
    (entry,) = obligations(contract, known, Period(due, date(2026, 3, 11)))
    assert (
        'report security incident: either side, 48 business hours after "security incident" of 2026-03-06'
        " (log-in), until 2026-03-10 15:00 (America/Sao_Paulo)"
    ) == entry.says
    assert f"duty:report_security_incident:{incident.occurrence_id}" == entry.key


def test_a_rung_that_lets_data_go_is_in_the_calendar() -> None:
    """The ladder's own date, for the document that is not paid."""
    contract = agreed("konectus-general", country="MX")
    deletion = Deletion(on=date(2026, 4, 14), number="K-1", clause="KON-15.3b")

    (entry,) = obligations(contract, Known(deletions=(deletion,)), YEAR)

    expected = Obligation(
        on=date(2026, 4, 14),
        kind=ObligationKind.DATA_DELETION,
        account="acme",
        subscription="acme-1",
        party=Party.VENDOR,
        says="data may be deleted from this day on, while K-1 is not paid",
        clause="KON-15.3b",
        document="konectus-general undated",
        key="data_deletion:K-1",
    )

    assert expected == entry


def test_an_entry_has_one_key_whenever_it_is_asked_for() -> None:
    """The keys of a year are those of its months, none twice."""
    contract = agreed("zenvia-general", "zenvia-annex-viii", "zenvia-annex-x", ends_on=date(2027, 1, 1))
    months = [Period(date(2026, month, 1), date(2026, month + 1, 1)) for month in range(3, 12)]
    by_month = [each.key for days in months for each in obligations(contract, Known(), days)]
    whole = Period(months[0].start, months[-1].end)

    assert by_month == [each.key for each in obligations(contract, Known(), whole)]
    assert len(set(by_month)) == len(by_month)


def test_a_change_on_its_way_is_in_the_calendar() -> None:
    """Undelivered: the last day for its arrival.  Delivered: the last day for a no, and its first day."""
    contract = agreed("zenvia-general", "zenvia-annex-ix")
    late = replace(announced(date(2026, 3, 5), planned_on=date(2026, 5, 1)), code="price")
    told = replace(late, delivered_on=date(2026, 3, 20))
    days = Period(date(2026, 3, 21), date(2026, 6, 1))

    assert [(date(2026, 4, 1), "notice", "vendor", "ZEN-IX-12")] == told_of(contract, late, days)
    assert [
        (date(2026, 4, 30), "objection", "customer", "ZEN-IX-12"),
        (date(2026, 5, 1), "change", "vendor", "ZEN-IX-12"),
    ] == told_of(contract, told, days)


def test_a_breach_that_may_be_mended_is_in_the_calendar_of_who_broke_it() -> None:
    """Claimed by the vendor on 21 March: the customer has until 20 April."""
    contract = agreed("zenvia-general", "zenvia-annex-x")
    claimed = said(Party.VENDOR, date(2026, 3, 21), delivered_on=date(2026, 3, 21))
    notice = replace(claimed, code="breach", happened_on=date(2026, 3, 21))

    assert [(date(2026, 4, 20), "mend", "customer", "ZEN-X-13")] == told_of(
        contract, notice, Period(date(2026, 3, 22), date(2026, 6, 1))
    )


def told_of(contract: Contract, notice: Notice, days: Period) -> list[tuple[date, str, str, str]]:
    """Return what the calendar holds of a notice."""
    kinds = {ObligationKind.NOTICE, ObligationKind.OBJECTION, ObligationKind.CHANGE, ObligationKind.MEND}
    return [
        (each.on, each.kind.value, each.party.value, each.clause)
        for each in obligations(contract, Known(notices=(notice,)), days)
        if each.kind in kinds
    ]
