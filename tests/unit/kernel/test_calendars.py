"""Days are counted in one place, at their boundaries, and business days follow the place's holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendars import (
    LARGEST_BUSINESS_DAY_COUNT,
    LARGEST_BUSINESS_HOUR_COUNT,
    BusinessCalendar,
    day_before,
    days_between,
    days_late,
    first_day_after,
    instant_after,
    last_day_before,
    last_day_within,
    moved_by,
)
from kernel.errors import InvalidInput
from kernel.periods import Period

DUE = date(2026, 3, 10)
MEXICO = BusinessCalendar("MX")
BRAZIL = BusinessCalendar("BR")
SAO_PAULO = BusinessCalendar("BR", "SP")
BRAZILIAN_BANKS = BusinessCalendar("BR", banks=True)
CALENDARS = st.sampled_from((MEXICO, BRAZIL, SAO_PAULO, BRAZILIAN_BANKS))
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def holidays_of(calendar: BusinessCalendar, year: int) -> list[str]:
    """Return the holidays of a year as MM-DD, weekends included."""
    days = (date(year, 1, 1) + timedelta(days=ahead) for ahead in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and calendar.is_holiday(day)]


@pytest.mark.parametrize(
    ("on", "late"),
    [(date(2026, 3, 9), 0), (DUE, 0), (date(2026, 3, 11), 1), (date(2026, 4, 10), 31)],
)
def test_a_payment_is_late_from_the_day_after_it_was_due(on: date, late: int) -> None:
    """Paying on the due date or before is on time; each calendar day after it counts one."""
    assert late == days_late(DUE, on)


@pytest.mark.parametrize(("days", "last"), [(0, DUE), (1, date(2026, 3, 11)), (20, date(2026, 3, 30))])
def test_a_time_limit_ends_on_its_last_day(days: int, last: date) -> None:
    """Within 20 days of 10 March one may act on 30 March, and no longer."""
    assert last == last_day_within(DUE, days)


@pytest.mark.parametrize(
    ("anchor", "days", "first"),
    [
        (DUE, 0, date(2026, 3, 11)),
        (DUE, 10, date(2026, 3, 21)),
        (DUE, 90, date(2026, 6, 9)),
        (date(2024, 2, 28), 1, date(2024, 3, 1)),
        (date(2026, 2, 28), 1, date(2026, 3, 2)),
    ],
)
def test_more_than_n_days_holds_first_on_the_day_after_n(anchor: date, days: int, first: date) -> None:
    """More than 10 days late starts on the due date + 11, across month ends and leap days."""
    assert first == first_day_after(anchor, days)


@given(due=DAYS, days=st.integers(0, 400))
def test_the_two_ways_of_counting_agree(due: date, days: int) -> None:
    """The first day after N is N + 1 days late, and the last day within N is N days late."""
    assert [days + 1, days] == [
        days_late(due, first_day_after(due, days)),
        days_late(due, last_day_within(due, days)),
    ]


def march(first: int, last: int) -> Period:
    """Return days of March, both included."""
    return Period(date(2026, 3, first), date(2026, 3, last + 1))


@pytest.mark.parametrize(
    ("held", "last"),
    [
        ((), 15),
        ((march(1, 10),), 15),  # over on the anchor, whose limit begins the day after
        ((march(10, 11),), 16),
        ((march(12, 14),), 18),
        ((march(15, 15),), 16),  # its last day
        ((march(15, 20),), 21),  # its last day, and what the limit then runs into
        ((march(12, 12), march(16, 17)), 18),
        ((march(16, 20),), 15),  # after it
        ((march(12, 14), march(13, 15)), 19),  # two reports of one event count once
        ((march(16, 16), march(12, 12)), 17),
    ],
)
def test_a_limit_does_not_run_on_held_days(held: tuple[Period, ...], last: int) -> None:
    """Five days from 10 March: each held day that the limit meets moves its end by one."""
    assert date(2026, 3, last) == last_day_within(DUE, 5, held)
    assert date(2026, 3, last + 1) == first_day_after(DUE, 5, held)
    assert date(2026, 3, last) == moved_by(DUE, date(2026, 3, 15), held)


def test_a_limit_of_no_days_is_not_moved() -> None:
    """More than no days late is the day after the anchor: there is no day that could be held."""
    assert date(2026, 3, 11) == first_day_after(DUE, 0, (march(11, 20),))


@given(days=st.integers(0, 60), start=st.integers(-30, 90), length=st.integers(1, 30))
def test_so_many_days_run_as_the_limit_has(days: int, start: int, length: int) -> None:
    """Whatever is held, the days from the anchor to the end that are not held are as many as ever."""
    first = DUE + timedelta(days=start)
    held = Period(first, first + timedelta(days=length))
    last = last_day_within(DUE, days, (held,))
    running = [DUE + timedelta(days=ahead) for ahead in range(1, days_between(DUE, last) + 1)]

    assert days == sum(day not in held for day in running)


def test_days_between_two_days_carry_their_sign() -> None:
    """From February's last day to 1 March is one day in a common year, two from the 28th of a leap year."""
    assert [1, 2, -1, 0] == [
        days_between(date(2026, 2, 28), date(2026, 3, 1)),
        days_between(date(2024, 2, 28), date(2024, 3, 1)),
        days_between(date(2026, 3, 1), date(2026, 2, 28)),
        days_between(DUE, DUE),
    ]


def test_the_day_before_the_first_of_march_is_the_last_of_february() -> None:
    """The day before crosses months and leap days."""
    assert [date(2024, 2, 29), date(2026, 2, 28)] == [
        day_before(date(2024, 3, 1)),
        day_before(date(2026, 3, 1)),
    ]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2025, ["01-01", "02-03", "03-17", "05-01", "09-16", "11-17", "12-25"]),
        (2026, ["01-01", "02-02", "03-16", "05-01", "09-16", "11-16", "12-25"]),
    ],
)
def test_mexicos_public_holidays(year: int, days: list[str]) -> None:
    """The seven statutory days of Mexico, three of them moved to a Monday."""
    assert days == holidays_of(MEXICO, year)


def test_sao_paulo_adds_its_own_holiday_to_brazils() -> None:
    """9 July is a holiday in the state of Sao Paulo and in no other."""
    assert {"07-09"} == set(holidays_of(SAO_PAULO, 2026)) - set(holidays_of(BRAZIL, 2026))


def test_brazils_public_holidays_know_no_carnival() -> None:
    """Ten public holidays: Carnival and Corpus Christi are working days outside the banks."""
    assert ["01-01", "04-03", "04-21", "05-01", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25"] == (
        holidays_of(BRAZIL, 2026)
    )


def test_brazilian_banks_are_closed_on_thirteen_days_of_2026() -> None:
    """The banks add Carnival Monday and Tuesday and Corpus Christi, which follow Easter."""
    public = {"01-01", "04-03", "04-21", "05-01", "09-07", "10-12", "11-02", "11-15", "11-20", "12-25"}
    only_banks = {"02-16", "02-17", "06-04"}

    assert sorted(public | only_banks) == holidays_of(BRAZILIAN_BANKS, 2026)


@pytest.mark.parametrize(
    ("calendar", "day", "works"),
    [
        (MEXICO, date(2026, 1, 30), True),  # Friday
        (MEXICO, date(2026, 1, 31), False),  # Saturday
        (MEXICO, date(2026, 2, 1), False),  # Sunday
        (MEXICO, date(2026, 2, 2), False),  # Monday, Constitution Day
        (MEXICO, date(2026, 2, 3), True),  # Tuesday
        (SAO_PAULO, date(2026, 7, 9), False),
        (BRAZIL, date(2026, 7, 9), True),
        (BRAZIL, date(2026, 2, 16), True),
        (BRAZILIAN_BANKS, date(2026, 2, 16), False),
        (BRAZILIAN_BANKS, date(2026, 2, 18), True),
    ],
)
def test_people_work_from_monday_to_friday_except_on_holidays(
    calendar: BusinessCalendar,
    day: date,
    *,
    works: bool,
) -> None:
    """A weekend, a holiday of the country, of the state or of the banks is no business day."""
    assert works is calendar.is_business_day(day)


@pytest.mark.parametrize(
    ("day", "reached"),
    [(date(2026, 1, 30), date(2026, 1, 30)), (date(2026, 1, 31), date(2026, 2, 3))],
)
def test_the_next_business_day_is_the_day_itself_if_people_work(day: date, reached: date) -> None:
    """A Friday stays; the Saturday before a holiday Monday moves to Tuesday."""
    assert reached == MEXICO.next_business_day(day)


@pytest.mark.parametrize(
    ("calendar", "day", "count", "reached"),
    [
        (MEXICO, date(2026, 1, 30), 0, date(2026, 1, 30)),
        (MEXICO, date(2026, 1, 31), 0, date(2026, 1, 31)),
        (MEXICO, date(2026, 1, 30), 1, date(2026, 2, 3)),
        (MEXICO, date(2026, 1, 31), 1, date(2026, 2, 3)),
        (MEXICO, date(2026, 1, 30), 30, date(2026, 3, 17)),
        (BRAZIL, date(2026, 2, 13), 5, date(2026, 2, 20)),
        (BRAZILIAN_BANKS, date(2026, 2, 13), 5, date(2026, 2, 24)),
        (SAO_PAULO, date(2026, 7, 8), 5, date(2026, 7, 16)),
        (BRAZIL, date(2026, 7, 8), 5, date(2026, 7, 15)),
    ],
)
def test_business_days_are_counted_across_weekends_and_holidays(
    calendar: BusinessCalendar, day: date, count: int, reached: date
) -> None:
    """The day of the event never counts; 30 days from 30 January 2026 in Mexico skip two holidays."""
    assert reached == calendar.add_business_days(day, count)


@given(calendar=CALENDARS, day=DAYS, count=st.integers(1, 40))
def test_as_many_business_days_lie_behind_as_were_added(
    calendar: BusinessCalendar, day: date, count: int
) -> None:
    """The day reached is a business day, and exactly that many of them came after the start."""
    reached = calendar.add_business_days(day, count)
    passed = [day + timedelta(days=ahead + 1) for ahead in range(days_between(day, reached))]

    assert count == sum(calendar.is_business_day(each) for each in passed)
    assert calendar.is_business_day(reached)


@pytest.mark.parametrize("count", [-1, LARGEST_BUSINESS_DAY_COUNT + 1])
def test_business_days_count_forward_and_not_for_ever(count: int) -> None:
    """A negative or an endless count is a mistake in the terms, named as such."""
    with pytest.raises(InvalidInput) as caught:
        MEXICO.add_business_days(DUE, count)

    assert ("count", str(count)) == (caught.value.field, caught.value.value)


@pytest.mark.parametrize(
    ("country", "subdivision", "banks", "field"),
    [("XX", "", False, "country"), ("BR", "ZZ", False, "subdivision"), ("MX", "", True, "banks")],
)
def test_a_calendar_of_an_unknown_place_is_refused(
    country: str,
    subdivision: str,
    *,
    banks: bool,
    field: str,
) -> None:
    """A country, a state or banks whose holidays nobody listed cannot be counted with, so it is refused."""
    with pytest.raises(InvalidInput) as caught:
        BusinessCalendar(country, subdivision, banks=banks)

    assert field == caught.value.field


@pytest.mark.parametrize(
    ("days", "last"), [(0, DUE), (7, date(2026, 3, 3)), (10, date(2026, 2, 28)), (90, date(2025, 12, 10))]
)
def test_a_notice_of_n_days_before_is_kept_up_to_the_anchor_less_n(days: int, last: date) -> None:
    """Seven days before 10 March one may still tell it on 3 March, and not on the 4th."""
    assert last == last_day_before(DUE, days)


@pytest.mark.parametrize(
    ("calendar", "day", "count", "reached"),
    [
        (MEXICO, date(2026, 2, 3), 0, date(2026, 2, 3)),
        (MEXICO, date(2026, 2, 3), 1, date(2026, 1, 30)),
        (MEXICO, date(2026, 2, 1), 1, date(2026, 1, 30)),
        (MEXICO, date(2026, 2, 9), 5, date(2026, 1, 30)),
        (BRAZILIAN_BANKS, date(2026, 2, 18), 1, date(2026, 2, 13)),
    ],
)
def test_business_days_are_counted_backwards_too(
    calendar: BusinessCalendar, day: date, count: int, reached: date
) -> None:
    """Back from Tuesday 3 February over a holiday Monday and a weekend, the first is Friday."""
    assert reached == calendar.subtract_business_days(day, count)


@given(calendar=CALENDARS, day=DAYS, count=st.integers(1, 40))
def test_counting_back_undoes_counting_on_from_a_business_day(
    calendar: BusinessCalendar, day: date, count: int
) -> None:
    """From a business day, so many on and as many back is where it began."""
    begun = calendar.next_business_day(day)

    assert begun == calendar.subtract_business_days(calendar.add_business_days(begun, count), count)


def in_mexico(day: date, hour: int) -> datetime:
    """Return an instant by the clock of Mexico City, six hours behind UTC."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo("America/Mexico_City")).astimezone(UTC)


FRIDAY, SATURDAY, TUESDAY = date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 3)


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ((FRIDAY, 15), 0, (FRIDAY, 15)),
        ((FRIDAY, 15), 8, (FRIDAY, 23)),
        ((FRIDAY, 15), 9, (SATURDAY, 0)),
        ((FRIDAY, 15), 10, (TUESDAY, 1)),
        ((FRIDAY, 15), 48, (date(2026, 2, 4), 15)),
        ((SATURDAY, 12), 48, (date(2026, 2, 5), 0)),
    ],
)
def test_a_business_day_has_all_its_hours(
    since: tuple[date, int], hours: int, until: tuple[date, int]
) -> None:
    """The ninth hour after Friday 15:00 ends that day; the tenth is Tuesday's first after a holiday."""
    assert in_mexico(*until) == MEXICO.add_business_hours(in_mexico(*since), hours, "America/Mexico_City")


@pytest.mark.parametrize(
    ("until", "hours", "since"),
    [
        ((TUESDAY, 1), 0, (TUESDAY, 1)),
        ((TUESDAY, 1), 1, (TUESDAY, 0)),
        ((TUESDAY, 1), 2, (FRIDAY, 23)),
        ((date(2026, 2, 4), 15), 48, (FRIDAY, 15)),
        ((SATURDAY, 12), 24, (FRIDAY, 0)),
    ],
)
def test_business_hours_are_counted_backwards_too(
    until: tuple[date, int], hours: int, since: tuple[date, int]
) -> None:
    """Two business hours before Tuesday 1:00, after a holiday Monday, it is Friday 23:00."""
    assert in_mexico(*since) == MEXICO.subtract_business_hours(
        in_mexico(*until), hours, "America/Mexico_City"
    )


def test_a_long_sunday_gives_nothing_and_takes_nothing() -> None:
    """Clocks go back on a Sunday of 25 hours: the 24 business hours are Monday's, by its own midnights."""
    sunday = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight in New York

    reached = BusinessCalendar("US").add_business_hours(sunday, 24, "America/New_York")

    assert datetime(2026, 11, 3, 5, tzinfo=UTC) == reached
    assert datetime(2026, 11, 2, 5, tzinfo=UTC) == instant_after(sunday, hours=25)


@pytest.mark.parametrize("count", [-1, LARGEST_BUSINESS_HOUR_COUNT + 1])
def test_business_hours_are_not_counted_for_ever(count: int) -> None:
    """A negative or an endless count is a mistake in the terms, in both directions."""
    zone = "America/Mexico_City"
    for step in (MEXICO.add_business_hours, MEXICO.subtract_business_hours):
        with pytest.raises(InvalidInput) as caught:
            step(in_mexico(FRIDAY, 12), count, zone)

        assert ("count", str(count)) == (caught.value.field, caught.value.value)
