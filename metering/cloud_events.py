"""CloudEvents 1.0 as usage: an envelope that others write, and how its attributes become an event's fields.

``type`` ends with the code of the meter, after any prefix and a dot (``com.example.usage.sms``); ``subject``
is the account, or ``account/subscription``; ``time`` is when it occurred; ``source`` and ``id`` are those of
the event, unchanged.  ``data`` holds the rest.  Other attributes of the envelope are extensions, which
anybody may add: they are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec

from metering.events import EXPECTED, UsageEvent

#: The attribute that every CloudEvent has and no event of the house.
MARK: Final = "specversion"


class Used(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The data of a CloudEvent: what was used."""

    quantity: Decimal | None = None
    direction: str = ""
    contact: str = ""
    text: str | None = None
    dimensions: dict[str, str] = {}
    corrects: str = ""


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The attributes of a CloudEvent that say whose use of what it tells, and when."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: Used
    datacontenttype: Literal["application/json"] = "application/json"


#: What the attributes hold, in words.
ATTRIBUTES: Final = {
    MARK: '"1.0"',
    "id": "a text, unique for ever within the account and source",
    "source": "where the event comes from, a text or a URI",
    "type": "the code of a meter, after a prefix and a dot if there is one",
    "subject": "the code of an account, or account/subscription",
    "time": EXPECTED["occurred_at"],
    "data": "an object with one of " + ", ".join(Used.__struct_fields__),
    "datacontenttype": "application/json",
    **{f"data.{name}": EXPECTED[name] for name in ("quantity", "dimensions", "corrects")},
}


def is_cloud_event(fields: Mapping[str, object]) -> bool:
    """Tell whether what was read from JSON says that it is a CloudEvent."""
    return MARK in fields


def holder_of(subject: str) -> tuple[str, str]:
    """Return the codes of account and subscription; the latter is empty where the subject names none."""
    account, _, subscription = subject.partition("/")
    return account, subscription


def event_of(cloud: CloudEvent) -> UsageEvent:
    """Return the event that a CloudEvent tells."""
    account, subscription = holder_of(cloud.subject)
    return UsageEvent(
        id=cloud.id,
        account=account,
        meter=cloud.type.rpartition(".")[2],
        occurred_at=cloud.time,
        source=cloud.source,
        subscription=subscription,
        **msgspec.structs.asdict(cloud.data),
    )
