"""Telephone numbers: the one way to write each, so that a person who is reached twice is one contact.

Two plans of numbers changed and left old ones in every address book.  Brazil put a 9 before the mobile
numbers of all areas; Mexico dropped the 1 that followed +52 of mobile numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from kernel.errors import InvalidEvent

BRAZIL: Final = 55
MEXICO: Final = 52

#: An area, and a mobile number from before the ninth digit.  Those that begin with 70, 77, 78 or 79 belong to
#: radio services, which kept eight digits.
_OLD_BRAZILIAN_MOBILE: Final = re.compile(r"([1-9][1-9])((?:[689]\d|7[1-6])\d{6})")
_OLD_MEXICAN_MOBILE: Final = re.compile(r"1([2-9]\d{9})")

#: Numbers of one import repeat; each is read once.
REMEMBERED_NUMBERS: Final = 65_536


@lru_cache(maxsize=REMEMBERED_NUMBERS)
def e164(number: str, *, country: str = "") -> str:
    """Return a number as E.164 writes it: ``+55 (11) 8765-4321`` is +5511987654321.

    A number without + or 00 is one of ``country`` (ISO 3166), or, where that has no such number, one whose +
    was left out, as channels write it.  Raises :class:`InvalidEvent` for what is a number of no country.
    """
    for read in _readings(number.strip(), country):
        current = _current(read)
        if phonenumbers.is_valid_number(current):
            return phonenumbers.format_number(current, PhoneNumberFormat.E164)
    raise InvalidEvent(
        "not a telephone number", field="contact", value=number, expected="with its country: +5511987654321"
    )


def _readings(number: str, country: str) -> Iterator[PhoneNumber]:
    international = re.sub(r"^00", "+", number)
    readings = [(international, None)] if international.startswith("+") else [(number, country or None)]
    if not international.startswith("+"):
        readings.append((f"+{number}", None))
    for text, region in readings:
        try:
            yield phonenumbers.parse(text, region)
        except NumberParseException:
            continue  # no number by this reading; the next may know it


def _current(number: PhoneNumber) -> PhoneNumber:
    """Return a number of the plan of today for one of the plan before."""
    national = str(number.national_number)
    if number.country_code == BRAZIL and (old := _OLD_BRAZILIAN_MOBILE.fullmatch(national)):
        return PhoneNumber(country_code=BRAZIL, national_number=int(f"{old[1]}9{old[2]}"))
    if number.country_code == MEXICO and (old := _OLD_MEXICAN_MOBILE.fullmatch(national)):
        return PhoneNumber(country_code=MEXICO, national_number=int(old[1]))
    return number
