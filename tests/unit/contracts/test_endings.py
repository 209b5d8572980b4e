"""The last day of a contract that a side has ended: by each contract's own clause, at its borders."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from contracts.endings import Ended, ended, refuse_untimely
from contracts.life_rules import Ending, Party, Refund
from contracts.notices import Notice
from kernel.calendars import BusinessCalendar
from kernel.errors import Conflict, InvalidInput
from kernel.periods import Cycle
from tests.unit.contracts.library_rules import document, ending_rule, said

SAID = date(2026, 3, 10)
LATER = date(2027, 1, 1)
MEXICO = BusinessCalendar("MX")
BRAZIL = BusinessCalendar("BR")
MONTHS = Cycle(date(2026, 1, 1), 1)


def ends(
    notice: Notice,
    rule: Ending,
    *,
    as_of: date = LATER,
    calendar: BusinessCalendar = MEXICO,
    changes_on: date | None = None,
) -> Ended:
    """Return how a contract of calendar months ends."""
    return ended(notice, rule, calendar=calendar, cycle=MONTHS, as_of=as_of, changes_on=changes_on)


def by_vendor(
    on: date = SAID, *, delivered_on: date | None = SAID, happened_on: date | None = None
) -> Notice:
    """Return a vendor's word."""
    return said(Party.VENDOR, on, delivered_on=delivered_on, happened_on=happened_on)


def by_customer(on: date = SAID, *, happened_on: date | None = None) -> Notice:
    """Return a customer's word."""
    return said(Party.CUSTOMER, on, happened_on=happened_on)


@pytest.mark.clause("ZEN-IX-10")
def test_either_side_leaves_with_thirty_days() -> None:
    """The customer's notice of 10 March ends it on 9 April; the vendor's counts from its delivery."""
    rule = ending_rule("zenvia-annex-ix", "convenience")
    late = by_vendor(delivered_on=date(2026, 3, 15))

    assert date(2026, 4, 9) == ends(by_customer(), rule).last_day
    assert date(2026, 4, 14) == ends(late, rule).last_day
    assert "the delivery of the notice" == ends(by_vendor(delivered_on=None), rule).waits_for
    assert Refund.NONE is rule.refund


@pytest.mark.clause("KON-15.2b")
def test_the_vendor_leaves_with_thirty_days_and_the_customer_does_not_by_this_clause() -> None:
    """Thirty calendar days from the delivery; at once for a breach that nothing mends."""
    rule = ending_rule("konectus-general", "convenience")
    breach = ending_rule("konectus-general", "incurable_breach")

    assert date(2026, 4, 9) == ends(by_vendor(), rule).last_day
    assert SAID == ends(by_vendor(delivered_on=None, happened_on=SAID), breach).last_day
    with pytest.raises(Conflict, match="does not let this side"):
        refuse_untimely(by_customer(), rule)


@pytest.mark.clause("KON-15.2a")
def test_a_cancellation_runs_to_the_end_of_the_paid_period() -> None:
    """Cancelled on 10 March, or on the 31st: March was paid and is the last month."""
    rule = ending_rule("konectus-general", "cancellation")

    assert [date(2026, 3, 31)] * 2 == [
        ends(by_customer(on), rule).last_day for on in (SAID, date(2026, 3, 31))
    ]


@pytest.mark.clause("SLX-11")
def test_a_user_cancels_on_any_day_and_at_once() -> None:
    """The day of the mail is the last one."""
    assert SAID == ends(by_customer(), ending_rule("salexops-general", "cancellation")).last_day


@pytest.mark.clause("SLX-17")
def test_thirty_business_days_to_mend() -> None:
    """From 10 March 2026 in Mexico, where Monday the 16th is a holiday: until 22 April."""
    rule = ending_rule("salexops-general", "vendor_breach")
    word = by_customer(happened_on=SAID)
    until = MEXICO.add_business_days(SAID, 30)

    assert date(2026, 4, 22) == until
    assert Ended(mend_until=until, waits_for="the mend, until 2026-04-22") == ends(word, rule, as_of=until)
    assert date(2026, 4, 23) == ends(word, rule, as_of=date(2026, 4, 23)).last_day


@pytest.mark.clause("ZEN-X-13")
@pytest.mark.parametrize(
    ("mended_on", "last_day"),
    [(date(2026, 4, 9), None), (date(2026, 4, 10), date(2026, 4, 10)), (None, date(2026, 4, 10))],
)
def test_a_breach_is_mended_within_thirty_days_or_ends_the_contract(
    mended_on: date | None, last_day: date | None
) -> None:
    """Delivered on 10 March: a mend of 9 April ends nothing, one of the 10th comes too late."""
    word = said(Party.VENDOR, SAID, delivered_on=SAID, happened_on=SAID, mended_on=mended_on)

    assert last_day == ends(word, ending_rule("zenvia-annex-x", "breach")).last_day


@pytest.mark.clause("ZEN-12.1-v")
def test_five_business_days_for_what_was_claimed_in_writing() -> None:
    """Delivered on Wednesday 1 April 2026, before Good Friday: Brazil counts 2, 6, 7, 8 and 9 April."""
    word = by_vendor(date(2026, 4, 1), delivered_on=date(2026, 4, 1))
    rule = ending_rule("zenvia-general", "unmet_obligation")

    assert date(2026, 4, 9) == ends(word, rule, as_of=date(2026, 4, 9), calendar=BRAZIL).mend_until
    assert date(2026, 4, 10) == ends(word, rule, calendar=BRAZIL).last_day


@pytest.mark.parametrize(
    ("name", "code", "by"),
    [
        pytest.param("zenvia-general", "competitor", "vendor", marks=pytest.mark.clause("ZEN-8.5")),
        pytest.param("zenvia-general", "ethics", "vendor", marks=pytest.mark.clause("ZEN-10.4-12.2")),
        pytest.param("zenvia-general", "protests", "vendor", marks=pytest.mark.clause("ZEN-12.1-iii")),
        pytest.param(
            "zenvia-general", "price_refused_vendor", "vendor", marks=pytest.mark.clause("ZEN-12.1-vii")
        ),
        pytest.param("zenvia-general", "channel_ban", "vendor", marks=pytest.mark.clause("ZEN-12.1-vi")),
        pytest.param("zenvia-annex-iii", "account_ban", "vendor", marks=pytest.mark.clause("ZEN-III-6.4")),
        pytest.param("zenvia-annex-ix", "chargeback", "vendor", marks=pytest.mark.clause("ZEN-IX-5-card-iv")),
        pytest.param("zenvia-annex-x", "warranty", "customer", marks=pytest.mark.clause("ZEN-X-17")),
        pytest.param("salexops-general", "breach", "vendor", marks=pytest.mark.clause("SLX-15")),
        pytest.param("conversso-general", "breach", "vendor", marks=pytest.mark.clause("CNV-04")),
    ],
)
def test_an_event_ends_the_contract_at_once_for_one_side(name: str, code: str, by: str) -> None:
    """The side that the clause names, over the event that it names, on the day of the word; nobody else."""
    rule, side = ending_rule(name, code), Party(by)
    word = said(side, SAID, happened_on=SAID)
    other = Party.VENDOR if side is Party.CUSTOMER else Party.CUSTOMER

    refuse_untimely(word, rule)
    assert SAID == ends(word, rule).last_day
    with pytest.raises(InvalidInput, match="say when it happened"):
        refuse_untimely(said(side, SAID), rule)
    with pytest.raises(Conflict, match="does not let this side"):
        refuse_untimely(said(other, SAID, happened_on=SAID), rule)


@pytest.mark.clause("ZEN-11.3")
def test_force_majeure_frees_both_on_the_sixteenth_day() -> None:
    """Interrupted on 10 March: not yet on the 25th, the fifteenth day after; on the 26th either may leave."""
    rule = ending_rule("zenvia-general", "force_majeure")

    for side in (Party.CUSTOMER, Party.VENDOR):
        refuse_untimely(said(side, date(2026, 3, 26), happened_on=SAID), rule)
        with pytest.raises(Conflict) as refused:
            refuse_untimely(said(side, date(2026, 3, 25), happened_on=SAID), rule)
        assert "2026-03-26 or later" == refused.value.expected


@pytest.mark.clause("KON-18")
def test_a_contract_that_goes_to_a_competitor_may_be_left_for_thirty_days() -> None:
    """Told on 10 March: the word of 9 April counts and brings a refund, that of the 10th comes too late."""
    rule = ending_rule("konectus-general", "competitor")

    refuse_untimely(by_customer(date(2026, 4, 9), happened_on=SAID), rule)
    with pytest.raises(Conflict) as refused:
        refuse_untimely(by_customer(date(2026, 4, 10), happened_on=SAID), rule)
    assert "a day up to 2026-04-09" == refused.value.expected
    assert Refund.PRO_RATA is rule.refund


@pytest.mark.parametrize(
    ("name", "last_day"),
    [
        pytest.param("zenvia-general", date(2026, 3, 31), marks=pytest.mark.clause("ZEN-16.4")),
        pytest.param("zenvia-annex-ix", date(2026, 3, 31), marks=pytest.mark.clause("ZEN-IX-12.1")),
    ],
)
def test_a_refused_price_ends_the_contract_with_the_old_one(name: str, last_day: date) -> None:
    """Turned down on 10 March, a price of 1 April: the contract ends on 31 March, with no penalty."""
    rule = ending_rule(name, "price_refused")

    assert last_day == ends(by_customer(happened_on=SAID), rule, changes_on=date(2026, 4, 1)).last_day


@pytest.mark.clause("KON-16b")
def test_a_refused_change_ends_the_contract_on_the_day_of_the_no() -> None:
    """Before the change holds, without penalty, and the unused days come back."""
    rule = ending_rule("konectus-general", "change_refused")

    assert SAID == ends(by_customer(happened_on=SAID), rule, changes_on=date(2026, 4, 1)).last_day
    assert Refund.PRO_RATA is rule.refund


@pytest.mark.clause("ZEN-X-17")
def test_a_warranty_that_fails_brings_back_what_is_left_of_the_fee() -> None:
    """The unused days of what was prepaid; no other ending of the annex gives anything back."""
    endings = document("zenvia-annex-x").endings

    assert {"warranty": Refund.PRO_RATA, "breach": Refund.NONE, "without_cause": Refund.NONE} == {
        code: rule.refund for code, rule in endings.items()
    }


def test_a_part_ends_alone_only_where_the_clause_says_so() -> None:
    """A channel's ban may end the channel; a breach of ethics ends all or nothing."""
    part = said(Party.VENDOR, SAID, happened_on=SAID, part="whatsapp")

    refuse_untimely(part, ending_rule("zenvia-general", "channel_ban"))
    with pytest.raises(InvalidInput, match="whole contract"):
        refuse_untimely(part, ending_rule("zenvia-general", "ethics"))


def test_an_event_lies_before_the_word_about_it() -> None:
    """Nobody leaves over what is still to come."""
    word = said(Party.VENDOR, SAID, happened_on=SAID + timedelta(days=1))

    with pytest.raises(Conflict) as refused:
        refuse_untimely(word, ending_rule("zenvia-general", "ethics"))

    assert "2026-03-11 or later" == refused.value.expected
