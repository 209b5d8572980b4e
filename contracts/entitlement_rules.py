"""Rules about what a customer may use: the closed union of entitlements that terms may state."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from contracts.clauses import THRESHOLDS, Days, Rule, Thresholds


class LimitPeriod(StrEnum):
    """Over which time a limit counts."""

    DAY = "day"
    PERIOD = "period"
    EVER = "ever"


class AtLimit(StrEnum):
    """What happens beyond a limit."""

    BLOCK = "block"
    PURGE = "purge"
    BILL = "bill"


class EntitlementTerms(Rule, frozen=True, kw_only=True, tag_field="kind"):
    """What all entitlements have: the feature that they give or refuse, and the plans that they hold for.

    ``plans`` names codes of plans; empty, it holds for all that stand under the terms.
    """

    feature: str
    plans: tuple[str, ...] = ()

    def holds_for(self, plan: str) -> bool:
        """Tell whether the rule holds for a plan."""
        return not self.plans or plan in self.plans


class LimitEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="limit"):
    """So much of a meter over a time; ``limits`` gives a plan a limit of its own.

    Word is sent when use reaches one of the ``thresholds``, in percent of the limit.
    """

    meter: str
    limit: Decimal | None = None
    limits: dict[str, Decimal] = {}
    per: LimitPeriod = LimitPeriod.PERIOD
    at_limit: AtLimit = AtLimit.BLOCK
    thresholds: Thresholds = THRESHOLDS

    def limit_of(self, plan: str) -> Decimal | None:
        """Return the limit of a plan; None is no limit."""
        return self.limits.get(plan, self.limit)


class PaidUpEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="paid_up"):
    """Only while nothing is overdue for more than so many days."""

    grace_days: Days = 0


class PrepaidEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="prepaid"):
    """Only up to the last day of the time that is paid, and so many days of grace."""

    grace_days: Days = 0


class NeedsEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="needs"):
    """Only together with one of these products of the same vendor."""

    any_of: tuple[str, ...]


class PlacesEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="places"):
    """Not from these countries, by their ISO 3166 codes."""

    refused: tuple[str, ...]


class InForceEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="in_force"):
    """Only while the contract is in force, and so many days after it."""

    days_after_end: Days = 0


class SeatsEntitlement(EntitlementTerms, frozen=True, kw_only=True, tag="seats"):
    """Named seats: how many, and whether a seat may pass to another person or serve an affiliate's."""

    seats: int | None = None
    seats_by_plan: dict[str, int] = {}
    transferable: bool = False
    affiliates: bool = False

    def seats_of(self, plan: str) -> int | None:
        """Return how many seats a plan has; None is no limit."""
        return self.seats_by_plan.get(plan, self.seats)


Entitlement = (
    LimitEntitlement
    | PaidUpEntitlement
    | PrepaidEntitlement
    | NeedsEntitlement
    | PlacesEntitlement
    | InForceEntitlement
    | SeatsEntitlement
)
