"""Obligations as a calendar file (RFC 5545): the only module that knows the package ``icalendar``.

Each entry is an event of a whole day.  Its id stays the same as long as the obligation does, so that a
calendar which reads the file again changes its entries and adds none twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from icalendar import Calendar
from icalendar import Event as CalendarEvent

from contracts.obligations import Obligation
from kernel.calendars import first_day_after
from kernel.ids import account_id_of, obligation_id_of, subscription_id_of

#: Who wrote the file, in the form that RFC 5545 asks for.
PRODUCT = "-//Clausula//obligations//EN"


def calendar_of(obligations: Sequence[Obligation], *, written_at: datetime) -> bytes:
    """Return obligations as the content of an .ics file, written at an instant."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for each in obligations:
        calendar.add_component(_entry(each, written_at))
    return bytes(calendar.to_ical())


def _entry(obligation: Obligation, written_at: datetime) -> CalendarEvent:
    contract = subscription_id_of(account_id_of(obligation.account), obligation.subscription)
    entry = CalendarEvent()
    entry.add("uid", f"{obligation_id_of(contract, obligation.key)}@clausula")
    entry.add("dtstamp", written_at)
    entry.add("dtstart", obligation.on)
    entry.add("dtend", first_day_after(obligation.on, 0))  # the first day that does not belong
    entry.add("summary", f"{obligation.account}: {obligation.says}")
    entry.add(
        "description",
        f"{obligation.clause} ({obligation.document}), subscription {obligation.subscription}",
    )
    entry.add("categories", [obligation.kind.value])
    entry.add("transp", "TRANSPARENT")
    return entry
