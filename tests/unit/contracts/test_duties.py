"""Each duty of the library falls due on its day, at the boundary, and says why."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from contracts.duties import recordable_events, refuse_unknown_event
from contracts.life_rules import DayKind, Duty, Party
from contracts.obligations import Known, Obligation, ObligationKind, obligations
from contracts.subscriptions import Contract
from kernel.errors import InvalidInput
from kernel.periods import Period
from tests.unit.contracts.agreed import agreed, dues, instant, on_of

YEARS = Period(date(2025, 1, 1), date(2029, 1, 1))


def of_duty(contract: Contract, clause: str, known: Known | None = None) -> list[Obligation]:
    """Return what the contract's calendar holds for a clause."""
    return [each for each in obligations(contract, known or Known(), YEARS) if each.clause == clause]


# --------------------------------------------------------------------------------- days after what happened


@pytest.mark.clause("ZEN-10.3")
def test_the_customer_explains_within_five_business_days() -> None:
    """Told on Friday 13 February 2026 in Brazil: Friday the 20th; Carnival is no public holiday there."""
    contract = agreed("zenvia-general")
    (due,) = dues(contract, "ethics_notice", instant(contract, date(2026, 2, 13)))

    assert (date(2026, 2, 20), Party.CUSTOMER, "ZEN-10.3") == (due.on, due.by, due.clause)


@pytest.mark.clause("ZEN-10.3")
def test_business_days_are_those_of_the_entity() -> None:
    """Told on Friday 30 January 2026 in Mexico, where Monday 2 February is a holiday: Monday the 9th."""
    contract = agreed("zenvia-general", country="MX")
    (due,) = dues(contract, "ethics_notice", instant(contract, date(2026, 1, 30), 23))

    assert date(2026, 2, 9) == due.on


@pytest.mark.clause("ZEN-11.1")
def test_force_majeure_is_told_within_two_days() -> None:
    """Struck on Friday 27 February: told by Sunday 1 March, by whoever was hit."""
    contract = agreed("zenvia-general")
    (due,) = dues(contract, "force_majeure", instant(contract, date(2026, 2, 27)))

    assert (date(2026, 3, 1), Party.EITHER) == (due.on, due.by)
    assert "zenvia-general 2023-11-16" == due.document


@pytest.mark.clause("ZEN-IX-8")
def test_the_platform_is_set_up_within_thirty_days_of_signing() -> None:
    """Signed on 1 March: set up by 31 March."""
    (entry,) = of_duty(agreed("zenvia-general", "zenvia-annex-ix"), "ZEN-IX-8")

    assert (date(2026, 3, 31), Party.VENDOR, ObligationKind.DUTY) == (entry.on, entry.party, entry.kind)
    assert 'set up platform: the vendor, 30 days after "signed" of 2026-03-01' == entry.says


@pytest.mark.clause("ZEN-VIII-6.4")
def test_the_figure_of_a_month_can_be_asked_for_thirty_days() -> None:
    """That of January until 2 March, of February until 30 March; none of a month before the contract."""
    contract = agreed("zenvia-general", "zenvia-annex-viii", starts_on=date(2026, 1, 20))
    days = Period(date(2026, 1, 1), date(2026, 4, 1))
    found = [each for each in obligations(contract, Known(), days) if each.clause == "ZEN-VIII-6.4"]

    assert [date(2026, 3, 2), date(2026, 3, 30)] == [each.on for each in found]
    assert {Party.CUSTOMER} == {each.party for each in found}


# ---------------------------------------------------------------------------------------------------- hours


@pytest.mark.clause("ZEN-III-6.2")
def test_a_new_status_is_passed_on_within_48_hours_by_day_and_by_night() -> None:
    """Changed on Friday at 15:00: told by Sunday at 15:00."""
    contract = agreed("zenvia-general", "zenvia-annex-iii")
    (due,) = dues(contract, "waba_status_changed", instant(contract, date(2026, 3, 6), 15))

    assert (date(2026, 3, 8), instant(contract, date(2026, 3, 8), 15)) == (due.on, due.at)
    assert due.says.endswith("until 2026-03-08 15:00 (America/Sao_Paulo)")


@pytest.mark.clause("ZEN-VI-10.1")
def test_an_incident_is_reported_within_48_business_hours() -> None:
    """Found on Friday at 15:00: Friday has 9 hours left, Monday 24, and Tuesday 15 are the last."""
    contract = agreed("zenvia-general", "zenvia-annex-vi")
    (due,) = dues(contract, "security_incident", instant(contract, date(2026, 3, 6), 15))

    assert (date(2026, 3, 10), instant(contract, date(2026, 3, 10), 15)) == (due.on, due.at)
    assert Party.EITHER is due.by


# ------------------------------------------------------------------------------------------- days before it


@pytest.mark.parametrize(
    ("minutes", "duty", "on", "at"),
    [
        (0, "announce_short_interruption", date(2026, 3, 19), 23),
        (299, "announce_short_interruption", date(2026, 3, 19), 23),
        (300, "announce_long_interruption", date(2026, 3, 19), None),
        (301, "announce_long_interruption", date(2026, 3, 19), None),
    ],
)
@pytest.mark.clause("ZEN-VIII-5.1")
def test_an_interruption_is_announced_by_its_length(
    minutes: int, duty: str, on: date, at: int | None
) -> None:
    """Begun at 1:00: up to 299 minutes by 23:00 of the evening before, from 300 on a day before."""
    contract = agreed("zenvia-general", "zenvia-annex-viii")
    begins = instant(contract, date(2026, 3, 20), 1)
    (due,) = dues(contract, "interruption_planned", begins, minutes=minutes)

    assert (duty, on) == (due.duty, due.on)
    assert (None if at is None else instant(contract, on, at)) == due.at


@pytest.mark.parametrize(
    ("hour", "minutes", "outside"),
    [(0, 299, False), (0, 360, False), (0, 361, True), (1, 300, False), (1, 301, True), (6, 1, True)],
)
@pytest.mark.clause("ZEN-VIII-5.1")
def test_work_is_done_between_midnight_and_six(hour: int, minutes: int, *, outside: bool) -> None:
    """The window is GMT-3's, whoever issues: what begins before it or ends after it is remarked upon."""
    contract = agreed("zenvia-general", "zenvia-annex-viii", country="MX")
    begins = datetime(2026, 3, 20, hour + 3, tzinfo=UTC)
    (due,) = dues(contract, "interruption_planned", begins, minutes=minutes)

    assert outside is due.says.endswith("; it lies outside 0:00 to 6:00 (America/Sao_Paulo)")


@pytest.mark.clause("ZEN-VIII-5.2")
def test_work_that_needs_the_customer_is_told_seven_days_before() -> None:
    """For work on 20 March the 13th is the last day in time."""
    contract = agreed("zenvia-general", "zenvia-annex-viii")
    (due,) = dues(contract, "intervention_planned", instant(contract, date(2026, 3, 20)))

    assert date(2026, 3, 13) == due.on


@pytest.mark.clause("SLX-06")
def test_a_purge_is_told_five_days_before() -> None:
    """For a purge on 10 March the 5th is the last day in time: five calendar days."""
    contract = agreed("salexops-general", country="MX")
    (due,) = dues(contract, "purge_planned", instant(contract, date(2026, 3, 10)))

    assert (date(2026, 3, 5), Party.VENDOR, "SLX-06") == (due.on, due.by, due.clause)


@pytest.mark.parametrize(
    "clause",
    [
        "CNV-05",
        pytest.param("SLX-16", marks=pytest.mark.clause("SLX-16")),
    ],
)
def test_a_measure_is_announced_reasonably_early(clause: str) -> None:
    """Neither paper has a number: five calendar days, a parameter with its reading."""
    vendor = {"CNV-05": "conversso", "SLX-16": "salexops"}[clause]
    contract = agreed(f"{vendor}-general", country="MX")
    (due,) = dues(contract, "measure_planned", instant(contract, date(2026, 3, 10)))

    assert (date(2026, 3, 5), clause) == (due.on, due.clause)
    assert "a parameter" in contract.terms.duties["announce_measure"].rule.reading


@pytest.mark.clause("CNV-10")
def test_those_affected_hear_of_new_use_of_their_data_by_the_day_it_begins() -> None:
    """The event asks for an e-mail to each of them, at the latest on its own day."""
    contract = agreed("conversso-general", country="MX")
    (due,) = dues(contract, "personal_data_change", instant(contract, date(2026, 3, 10)))

    assert (date(2026, 3, 10), Party.VENDOR) == (due.on, due.by)
    assert "e-mail" in contract.terms.clause_of(due.clause).says_en


# ---------------------------------------------------------------------------------------- the end, and data

#: The last day of these contracts is 31 May.
ENDS = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("document", "clause", "on"),
    [
        pytest.param("zenvia-annex-x", "ZEN-X-3.1", date(2026, 7, 1), marks=pytest.mark.clause("ZEN-X-3.1")),
        pytest.param(
            "konectus-general", "KON-15.3b", date(2026, 7, 1), marks=pytest.mark.clause("KON-15.3b")
        ),
        pytest.param(
            "zenvia-annex-vi", "ZEN-VI-11.1", date(2026, 6, 30), marks=pytest.mark.clause("ZEN-VI-11.1")
        ),
        pytest.param("sinch-contact-pro-general", "SIN-4.6b", ENDS, marks=pytest.mark.clause("SIN-4.6b")),
    ],
)
def test_data_go_after_the_end(document: str, clause: str, on: date) -> None:
    """After 31 May: once 30 days have passed, the 31st day; within 30 days; or at once, on 1 June."""
    (entry,) = of_duty(agreed(document, ends_on=ENDS), clause)

    assert (on, Party.VENDOR) == (entry.on, entry.party)
    assert [] == of_duty(agreed(document), clause)


@pytest.mark.parametrize("event", ["erasure_requested", "purpose_ended"])
@pytest.mark.clause("ZEN-VI-11.1")
def test_data_go_on_request_and_without_a_purpose(event: str) -> None:
    """Within 30 days of 1 March, the 31st; what the law needs stays, as the reading says."""
    contract = agreed("zenvia-general", "zenvia-annex-vi")
    (due,) = dues(contract, event, instant(contract, date(2026, 3, 1)))

    assert date(2026, 3, 31) == due.on
    assert "as long as the law asks" in contract.terms.duties[due.duty].rule.reading


@pytest.mark.clause("SIN-3.3a")
def test_a_backup_is_asked_for_thirty_days_before_the_end() -> None:
    """For a contract whose last day is 31 May the 1st of May is the last day to ask."""
    (entry,) = of_duty(agreed("sinch-contact-pro-general", ends_on=ENDS), "SIN-3.3a")

    assert (date(2026, 5, 1), Party.CUSTOMER) == (entry.on, entry.party)


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.clause("SIN-3.3b")
def test_a_backup_comes_within_thirty_days_once_all_is_paid(*, settled: bool) -> None:
    """Asked for on 1 May: by 31 May; while anything is open it is held."""
    contract = agreed("sinch-contact-pro-general", ends_on=ENDS)
    (due,) = dues(contract, "backup_requested", instant(contract, date(2026, 5, 1)), settled=settled)

    assert (date(2026, 5, 31), not settled) == (due.on, due.held)
    assert settled is not due.says.endswith("; held until all is paid")


@pytest.mark.clause("SLX-09")
def test_an_export_is_offered_before_the_end() -> None:
    """Offered by 26 May, five days before the last day; fetched on 31 May at the latest."""
    found = of_duty(agreed("salexops-general", country="MX", ends_on=ENDS), "SLX-09")

    assert [(date(2026, 5, 26), Party.VENDOR), (date(2026, 5, 31), Party.CUSTOMER)] == [
        (each.on, each.party) for each in found
    ]


@pytest.mark.clause("KON-14.2b")
def test_the_end_of_a_trial_is_warned_of() -> None:
    """A trial that ends on 20 March: the customer is told to export by the 13th; the same before an end."""
    contract = agreed("konectus-general", country="MX", ends_on=ENDS)
    (due,) = dues(contract, "trial_end", instant(contract, date(2026, 3, 20)))
    (entry,) = of_duty(contract, "KON-14.2b")

    assert [date(2026, 3, 13), date(2026, 5, 24)] == [due.on, entry.on]
    assert {Party.VENDOR} == {due.by, entry.party}


def test_both_sides_talk_for_thirty_days_before_a_court() -> None:
    """Written on 1 March: 31 March is the thirtieth day of talks, and a court may be asked from 1 April."""
    contract = agreed("konectus-general", country="MX")
    (due,) = dues(contract, "dispute_notice", instant(contract, date(2026, 3, 1)))

    assert (date(2026, 4, 1), True, Party.EITHER) == (due.on, due.waits, due.by)
    assert due.says.startswith("begin legal proceedings from this day on: either side, 30 days after")


@pytest.mark.parametrize(
    ("last_use", "on"),
    [
        (date(2026, 1, 15), date(2026, 4, 16)),
        (date(2025, 11, 30), date(2026, 3, 1)),
        (date(2027, 11, 29), date(2028, 3, 1)),
    ],
)
@pytest.mark.clause("ZEN-I-TS-7")
def test_a_short_code_goes_back_after_three_months_without_use(last_use: date, on: date) -> None:
    """Last used on 15 January: 15 April ends the three months, from the 16th it may go back."""
    contract = agreed("zenvia-general", "zenvia-annex-i", starts_on=date(2025, 6, 1))
    (entry,) = of_duty(contract, "ZEN-I-TS-7", Known(last_uses={"trusted_sms": last_use}))

    assert (on, ObligationKind.RECLAIM) == (entry.on, entry.kind)
    assert [] == of_duty(contract, "ZEN-I-TS-7", Known(last_uses={"sms": last_use}))


# ------------------------------------------------------------------------------------------ what is refused


def test_an_unknown_event_is_refused_with_those_that_are_known() -> None:
    """The nearest comes first; facts of the contract are not recorded."""
    terms = agreed("zenvia-general", "zenvia-annex-viii").terms

    assert {"ethics_notice", "force_majeure", "interruption_planned", "intervention_planned"} <= set(
        recordable_events(terms)
    )
    for wrong in ("interuption_planned", "month_end", ""):
        with pytest.raises(InvalidInput) as caught:
            refuse_unknown_event(wrong, terms)
        assert ("event", wrong) == (caught.value.field, caught.value.value)
        assert "interruption_planned" in caught.value.expected
    refuse_unknown_event("force_majeure", terms)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"event": "ended", "unused_meter": "sms"}, "unused_meter"),
        ({"hours": 2, "days": 1}, "hours"),
        ({"hours": 2, "months": 1}, "hours"),
        ({"waits": True, "before": True}, "waits"),
        ({"waits": True, "hours": 2}, "waits"),
        ({"from_minutes": 2, "to_minutes": 1}, "to_minutes"),
        ({"window_from_hour": 6, "window_to_hour": 6}, "window_to_hour"),
    ],
)
def test_a_time_limit_that_reads_two_ways_is_refused(fields: dict[str, object], named: str) -> None:
    """The file that states it is told which field is wrong."""
    with pytest.raises(msgspec.ValidationError, match=named):
        msgspec.convert({"clause": "T-1", "by": "vendor", **fields}, Duty)


def test_a_duty_that_waits_for_business_days_falls_due_on_one() -> None:
    """Five business days from 6 March pass with Friday the 13th, and Monday the 16th is a holiday."""
    contract = agreed("zenvia-general", country="MX")
    sourced = contract.terms.duties["explain_ethics_breach"]
    waiting = msgspec.structs.replace(sourced.rule, waits=True)

    assert (DayKind.BUSINESS, 5) == (waiting.day_kind, waiting.days)
    assert date(2026, 3, 17) == on_of(contract, waiting, date(2026, 3, 6))


@pytest.mark.parametrize(
    ("fields", "on"),
    [
        ({"months": 1, "before": True}, date(2026, 2, 28)),
        ({"months": 1, "days": 1, "before": True}, date(2026, 2, 27)),
        ({"months": 1}, date(2026, 4, 30)),
        ({"days": 5, "before": True, "day_kind": "business"}, date(2026, 3, 24)),
        ({"hours": 12}, date(2026, 3, 31)),
        ({"hours": 12, "before": True, "day_kind": "business"}, date(2026, 3, 30)),
        ({}, date(2026, 3, 31)),
    ],
)
def test_months_days_and_hours_count_in_both_directions(fields: dict[str, object], on: date) -> None:
    """From 31 March a month leads to 30 April or back to 28 February; hours begin with the day's midnight."""
    duty = msgspec.convert({"clause": "ZEN-10.3", "by": "vendor", **fields}, Duty)

    assert on == on_of(agreed("zenvia-general"), duty, date(2026, 3, 31))
