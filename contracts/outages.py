"""Outages: when a service, or a part of it, did not work under a contract, and for what cause.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.service_level_rules import OutageCause, OutageStart
from kernel.errors import InvalidInput
from kernel.ids import AccountId, OutageId, SubscriptionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One outage.  Instants are aware; one that is not over has no ``restored_at``.

    ``part`` is empty where the whole service was down; ``reported_at`` is when the customer told it.
    """

    account_id: AccountId
    subscription_id: SubscriptionId
    outage_id: OutageId
    part: str
    began_at: datetime
    cause: OutageCause
    note: str
    recorded_by: str
    recorded_at: datetime
    reported_at: datetime | None = None
    restored_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse an outage that was over, or told, before it began."""
        for name in ("reported_at", "restored_at"):
            instant: datetime | None = getattr(self, name)
            if instant is not None and instant < self.began_at:
                raise InvalidInput(
                    "an outage is told and over after it began",
                    field=name,
                    value=instant,
                    expected=f"{self.began_at} or later",
                )

    def lasted(self, counted_from: OutageStart, until: datetime) -> tuple[datetime, datetime] | None:
        """Return from when to when it counts, as known at an instant; None for what was never told, say."""
        start = self.began_at if counted_from is OutageStart.BEGAN else self.reported_at
        end = min(self.restored_at or until, until)
        return None if start is None or end <= start else (start, end)

    def hits(self, part: str) -> bool:
        """Tell whether a part did not work; the whole service works less with any part of it."""
        return not part or self.part in {"", part}
