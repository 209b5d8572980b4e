"""A business day begins at local midnight, and daylight saving makes some days shorter or longer."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from kernel.periods import Cycle, Period
from kernel.zones import aware, instants, local_day, start_of_day, zone_of

SAO_PAULO = "America/Sao_Paulo"
MEXICO_CITY = "America/Mexico_City"
HERMOSILLO = "America/Hermosillo"
TIJUANA = "America/Tijuana"
ZONES = (SAO_PAULO, MEXICO_CITY, HERMOSILLO, TIJUANA, "Europe/Paris", "Asia/Tokyo", "America/Havana", "UTC")


@pytest.mark.parametrize(
    ("zone", "month", "begins"),
    [
        (SAO_PAULO, date(2026, 2, 1), "2026-02-01T03:00:00+00:00"),
        (SAO_PAULO, date(2019, 1, 1), "2019-01-01T02:00:00+00:00"),
        (MEXICO_CITY, date(2026, 7, 1), "2026-07-01T06:00:00+00:00"),
        (MEXICO_CITY, date(2022, 7, 1), "2022-07-01T05:00:00+00:00"),
        (HERMOSILLO, date(2026, 1, 1), "2026-01-01T07:00:00+00:00"),
        (HERMOSILLO, date(2026, 7, 1), "2026-07-01T07:00:00+00:00"),
        (TIJUANA, date(2026, 1, 1), "2026-01-01T08:00:00+00:00"),
        (TIJUANA, date(2026, 7, 1), "2026-07-01T07:00:00+00:00"),
        ("UTC", date(2026, 7, 1), "2026-07-01T00:00:00+00:00"),
    ],
)
def test_a_month_of_usage_begins_at_local_midnight(zone: str, month: date, begins: str) -> None:
    """Brazil and most of Mexico gave daylight saving up, Sonora never had it, Tijuana still does."""
    assert begins == start_of_day(month, zone).isoformat()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (TIJUANA, date(2026, 3, 8), 23),
        (TIJUANA, date(2026, 11, 1), 25),
        (TIJUANA, date(2026, 11, 2), 24),
        (SAO_PAULO, date(2018, 11, 4), 23),
        (SAO_PAULO, date(2018, 2, 17), 25),
        (SAO_PAULO, date(2026, 11, 4), 24),
    ],
)
def test_a_day_lasts_23_24_or_25_hours(zone: str, day: date, hours: int) -> None:
    """Sao Paulo's clocks changed at midnight itself, so its day began at one, or had its last hour twice."""
    begin, end = instants(Period(day, day + timedelta(days=1)), zone)

    assert timedelta(hours=hours) == end - begin


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-02-01T02:59:59.999999+00:00", SAO_PAULO, date(2026, 1, 31)),
        ("2026-02-01T03:00:00+00:00", SAO_PAULO, date(2026, 2, 1)),
        ("2026-02-01T06:59:59+00:00", HERMOSILLO, date(2026, 1, 31)),
        ("2026-02-01T05:30:00+00:00", MEXICO_CITY, date(2026, 1, 31)),
        ("2026-01-31T21:30:00-06:00", SAO_PAULO, date(2026, 2, 1)),
    ],
)
def test_an_instant_belongs_to_its_local_day(instant: str, zone: str, day: date) -> None:
    """Usage one microsecond before local midnight is the old month's, whatever offset it was sent with."""
    assert day == local_day(datetime.fromisoformat(instant), zone)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_a_days_first_instant_is_the_first(zone: str, day: date) -> None:
    """At the start of a day it is that day, and a microsecond earlier it is the day before."""
    begin = start_of_day(day, zone)

    assert [day, day - timedelta(days=1)] == [
        local_day(begin, zone),
        local_day(begin - timedelta(microseconds=1), zone),
    ]


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_months_tile_the_instants(zone: str, day: date) -> None:
    """No message falls between two months or into both, across daylight saving."""
    month = Cycle(date(2015, 1, 1), 1)
    number = month.number_of(day)

    assert instants(month.period(number), zone)[1] == instants(month.period(number + 1), zone)[0]


@pytest.mark.parametrize(
    "name",
    [
        "-03:00",
        "+03:00",
        "UTC-3",
        "Etc/GMT+3",
        "GMT0",
        "localtime",
        "Factory",
        "posix/America/Sao_Paulo",
        "America/Nowhere",
        "America",
        "../zoneinfo/UTC",
        "A" * 5000,
        "",
    ],
)
def test_only_places_are_time_zones(name: str) -> None:
    """An offset forgets the law of the place, and what names no place at all is refused the same way."""
    with pytest.raises(InvalidInput) as caught:
        zone_of(name)

    assert ("time_zone", name) == (caught.value.field, caught.value.value)


@pytest.mark.parametrize("name", ["America", "A" * 5000])
def test_a_folder_of_the_zone_database_is_no_zone_either_without_a_system_database(name: str) -> None:
    """On a machine that has only the packaged zone database the refusal is the same."""
    zoneinfo.reset_tzpath(to=())
    try:
        with pytest.raises(InvalidInput):
            zone_of(name)
    finally:
        zoneinfo.reset_tzpath()


def test_an_instant_is_brought_to_utc() -> None:
    """The same instant told with another offset becomes the same UTC time."""
    told = datetime(2026, 1, 31, 23, 30, tzinfo=timezone(timedelta(hours=-3)))

    assert "2026-02-01T02:30:00+00:00" == aware(told).isoformat()


def test_a_naive_instant_is_refused() -> None:
    """A time without a zone does not say when, so it is never guessed to be UTC."""
    naive = datetime(2026, 2, 1, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(InvalidInput) as caught:
        local_day(naive, SAO_PAULO)
    assert "instant" == caught.value.field
