"""Ids with types, so that an invoice's id is never passed for an account's.

New ids are uuidv7: they sort by time, which keeps indexes dense.  An account's and a party's id is computed
from the code that people know it by, so that the primary key itself keeps the code unique, on every node of
a cluster, and ingest needs no look-up to find it (docs/decisions/0002).
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType
from uuid import UUID, uuid5

from uuid6 import uuid7

from kernel.zones import aware

AccountId = NewType("AccountId", UUID)
SubscriptionId = NewType("SubscriptionId", UUID)
InvoiceId = NewType("InvoiceId", UUID)
RunId = NewType("RunId", UUID)
EntryId = NewType("EntryId", UUID)
ItemId = NewType("ItemId", UUID)
ReceiptId = NewType("ReceiptId", UUID)
NoticeId = NewType("NoticeId", UUID)
MessageId = NewType("MessageId", UUID)
ProblemId = NewType("ProblemId", UUID)
OccurrenceId = NewType("OccurrenceId", UUID)
PendingId = NewType("PendingId", UUID)
OutageId = NewType("OutageId", UUID)

#: What names a subscription in every map of them.
SubscriptionKey = tuple[AccountId, SubscriptionId]

#: The name space of Clausula's computed ids; drawn once, never to be changed.
_NAMESPACE = UUID("6f2d3c58-57c1-4f1e-9d0b-2a4c7f6be7a1")


def new_id() -> UUID:
    """Return a new uuidv7."""
    return uuid7()


def account_id_of(code: str) -> AccountId:
    """Return the id of the account that bears a code; the same code gives the same id for ever."""
    return AccountId(uuid5(_NAMESPACE, f"account:{code}"))


def subscription_id_of(account: AccountId, code: str) -> SubscriptionId:
    """Return the id of an account's subscription by its code."""
    return SubscriptionId(uuid5(account, f"subscription:{code}"))


def occurrence_id_of(subscription: SubscriptionId, event: str, instant: datetime) -> OccurrenceId:
    """Return the id of what happened to a contract at an instant; the same fact has it for ever."""
    return OccurrenceId(uuid5(subscription, f"occurrence:{event}:{aware(instant).isoformat()}"))


def obligation_id_of(subscription: SubscriptionId, key: str) -> UUID:
    """Return the id of an entry in a contract's calendar; the same entry has it for ever."""
    return uuid5(subscription, f"obligation:{key}")


def pending_id_of(subscription: SubscriptionId, key: str) -> PendingId:
    """Return the id of a line that waits for an invoice; the same penalty or credit has it for ever."""
    return PendingId(uuid5(subscription, f"pending:{key}"))


def outage_id_of(subscription: SubscriptionId, part: str, instant: datetime) -> OutageId:
    """Return the id of an outage of a part that began at an instant; the same one has it for ever."""
    return OutageId(uuid5(subscription, f"outage:{part}:{aware(instant).isoformat()}"))
