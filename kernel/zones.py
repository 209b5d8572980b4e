"""Where a day begins: instants are UTC and aware, business days are local to an IANA time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kernel.errors import InvalidInput
from kernel.periods import Period

#: Names that resolve although they name no place: a bare offset, or whatever this machine is set to.
NO_PLACE = re.compile(r"(Etc/)?GMT[+-]?\d+|localtime|posixrules|Factory|(posix|right)/.*")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER: Final = timedelta(minutes=15)
#: Three years of quarters of an hour are remembered at most.
_MOST_QUARTERS: Final = 100_000


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; an offset such as ``-03:00`` is refused, it forgets the law."""
    try:
        if not NO_PLACE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # OSError: a folder of the database ("America"), or a name longer than a file's may be
    raise InvalidInput(
        "no such time zone", field="time_zone", value=name, expected="an IANA name: America/Sao_Paulo"
    )


class LocalDays:
    """The business days of instants in one zone, each quarter of an hour looked up once.

    Days begin on a quarter of an hour everywhere since Liberia's clocks were set in 1972.
    """

    __slots__ = ("_days", "_zone")

    def __init__(self, zone: ZoneInfo) -> None:
        """Take the zone."""
        self._zone = zone
        self._days: dict[int, date] = {}

    def of(self, instant: datetime) -> date:
        """Return the business day of an aware instant."""
        quarter = (instant - _EPOCH) // _QUARTER
        day = self._days.get(quarter)
        if day is None:
            if len(self._days) >= _MOST_QUARTERS:
                self._days.clear()
            day = self._days[quarter] = instant.astimezone(self._zone).date()
        return day


@lru_cache(maxsize=256)
def days_of(name: str) -> LocalDays:
    """Return the days of a time zone by its IANA name."""
    return LocalDays(zone_of(name))


def local_day(instant: datetime, zone: str) -> date:
    """Return the business day of an instant: 2026-02-01T02:30Z is still 31 January in Sao Paulo."""
    return aware(instant).astimezone(zone_of(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """Return the UTC instant at which a local day begins: Sao Paulo's begin at 03:00Z."""
    return datetime.combine(day, time(), tzinfo=zone_of(zone)).astimezone(UTC)


def instants(period: Period, zone: str) -> tuple[datetime, datetime]:
    """Return the half-open span of UTC instants of a local period, daylight saving included."""
    return start_of_day(period.start, zone), start_of_day(period.end, zone)


def aware(instant: datetime) -> datetime:
    """Return the instant in UTC; one without a zone is refused, it does not say when."""
    if instant.utcoffset() is None:
        raise InvalidInput(
            "an instant needs a time zone", field="instant", value=instant, expected="2026-02-01T02:30:00Z"
        )
    return instant.astimezone(UTC)
