"""Contracts under papers of the library, with the days and the rules that a test gives them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from contracts.duties import Due, Event, Occurrence, due_of, dues_of, event_of
from contracts.life_rules import Duty
from contracts.plans import CycleLength
from contracts.subscriptions import Contract, OrderForm
from contracts.terms import Rules
from kernel.ids import occurrence_id_of
from tests.parts import ACCOUNT, ENTITY, PLAN, SUBSCRIPTION, library, parts

STARTS = date(2026, 3, 1)

ZONES = {"MX": ("MXN", "America/Mexico_City"), "BR": ("BRL", "America/Sao_Paulo")}


def agreed(
    *documents: str,
    starts_on: date = STARTS,
    ends_on: date | None = None,
    cycle: CycleLength = CycleLength.MONTHLY,
    country: str = "BR",
    rules: Rules | None = None,
) -> Contract:
    """Return a contract that is signed on the day on which it starts; ``rules`` are its order form's."""
    currency, zone = ZONES[country]
    return parts(
        library(*documents),
        account=msgspec.structs.replace(ACCOUNT, country=country),
        entity=msgspec.structs.replace(ENTITY, country=country, currency=currency, time_zone=zone),
        plan=msgspec.structs.replace(PLAN, cycle=cycle),
        subscription=msgspec.structs.replace(
            SUBSCRIPTION,
            code="acme-1",
            signed_on=starts_on,
            starts_on=starts_on,
            ends_on=ends_on,
            order_form=OrderForm(rules=rules or Rules()),
        ),
    ).contract()


def instant(contract: Contract, day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return an instant by the clock of the contract's legal entity."""
    zone = ZoneInfo(contract.entity.time_zone)
    return datetime.combine(day, time(hour, minute), tzinfo=zone).astimezone(UTC)


def happened(contract: Contract, event: str, at: datetime, *, minutes: int = 0, note: str = "") -> Occurrence:
    """Return a recorded occurrence."""
    return Occurrence(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        occurrence_id=occurrence_id_of(contract.subscription_id, event, at),
        event=event,
        occurred_at=at,
        minutes=minutes,
        note=note,
        recorded_at=at,
    )


def dues(
    contract: Contract, event: str, at: datetime, *, minutes: int = 0, settled: bool = True
) -> tuple[Due, ...]:
    """Return what an occurrence asks for under a contract."""
    occurrence = happened(contract, event, at, minutes=minutes)
    return dues_of(contract, event_of(occurrence, contract.entity), settled=settled)


def on_of(contract: Contract, duty: Duty, day: date) -> date:
    """Return the day on which a duty falls due that counts from a day of which no hour is known."""
    sourced = replace(contract.terms.duties["explain_ethics_breach"], rule=duty)
    return due_of("duty", sourced, Event(name="event", day=day), contract.entity).on
