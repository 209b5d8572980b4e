"""A month of messages over every channel: what each meter of the contract counts, and what it leaves out."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from db.unit_of_work import unit_of_work
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook
from tests.integration.invoicing_book import RECEIVED, Office

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

BOOK = Path(__file__).parents[1] / "books" / "messages"
ACCOUNT = "grupo-agave"
NOON = datetime(2026, 1, 10, 18, tzinfo=UTC)
BILLED = date(2026, 2, 1)


@pytest.fixture
def office(engine: Engine) -> Office:
    """Grupo Agave uses messages of every kind since 1 January."""
    return Office.open(engine, BOOK)


def event(number: int, meter: str, **body: object) -> UsageEvent:
    """Return an event of the account, some minutes after the one before."""
    return replace(
        UsageEvent(
            id=f"{meter}-{number}", account=ACCOUNT, meter=meter, occurred_at=NOON + timedelta(minutes=number)
        ),
        **body,
    )


def lines(office: Office) -> dict[str, tuple[Decimal, str]]:
    """Bill January; return quantity and clause of each line by its charge."""
    office.bills(BILLED)
    invoice = office.of(ACCOUNT, BILLED)
    return {line.charge: (line.quantity, line.cites.clause) for line in invoice.lines}


@pytest.mark.clause("ZEN-VII-TRANSACCION")
def test_each_message_is_a_transaction(office: Office) -> None:
    """Sent or received, over SMS or WhatsApp, long or short: each is one."""
    ways = [("outbound", "sms"), ("inbound", "sms"), ("outbound", "whatsapp"), ("inbound", "whatsapp")]

    office.gets(
        event(number, "message_transactions", direction=way, contact="ana", dimensions={"channel": channel})
        for number, (way, channel) in enumerate(ways)
    )

    assert {"transactions": (Decimal(4), "ZEN-VII-TRANSACCION")} == lines(office)


@pytest.mark.clause("ZEN-VII-SMS-TRANSFERIDOS")
def test_transferred_sms_are_those_sent_and_those_received(office: Office) -> None:
    """Two sent, one of them in two parts, and one received are four."""
    sent = [("outbound", "hola"), ("outbound", "a" * 161), ("inbound", "sí")]

    office.gets(
        event(number, "transferred_sms", direction=way, text=text) for number, (way, text) in enumerate(sent)
    )

    assert {"transferred": (Decimal(4), "ZEN-VII-SMS-TRANSFERIDOS")} == lines(office)


@pytest.mark.clause("ZEN-I-B")
def test_no_delivery_takes_an_sms_back(office: Office) -> None:
    """Undelivered ones count, received ones too, and a status that comes later changes nothing."""
    sent = event(1, "sms", direction="outbound", text="hola", dimensions={"status": "sent"})
    failed = event(2, "sms", direction="outbound", text="hola", dimensions={"status": "undelivered"})
    received = event(3, "sms", direction="inbound", text="hola")
    office.gets([sent, failed, received])
    told_later = replace(sent, dimensions={"status": "undelivered"})

    with unit_of_work(office.engine) as connection:
        result = ingest(connection, MeterBook(), [told_later], clock=RECEIVED)

    assert ["event_conflict"] == [each.problem.code for each in result.problems]
    assert {"sms": (Decimal(3), "ZEN-I-A")} == lines(office)


@pytest.mark.clause("ZEN-I-TS-10")
@pytest.mark.clause("ZEN-I-TS-11")
def test_verification_is_a_line_beside_the_sms(office: Office) -> None:
    """Of three trusted SMS two were verified: three SMS are owed, and two verifications on top."""
    verified = ["yes", "no", "yes"]

    office.gets(
        event(number, "trusted_messages", text="su código es 4711", dimensions={"verified": told})
        for number, told in enumerate(verified)
    )

    assert {
        "trusted": (Decimal(3), "ZEN-I-A"),
        "verification": (Decimal(2), "ZEN-I-TS-11"),
    } == lines(office)


@pytest.mark.clause("ZEN-I-TS-10")
def test_what_was_not_verified_pays_no_verification(office: Office) -> None:
    """A month without a verified message has no line for verification."""
    office.gets([event(1, "trusted_messages", text="su código", dimensions={"verified": "no"})])

    assert {"trusted": (Decimal(1), "ZEN-I-A")} == lines(office)


@pytest.mark.parametrize(
    ("characters", "connect", "engage"), [(140, 1, 1), (141, 1, 2), (160, 1, 2), (161, 2, 2), (287, 2, 3)]
)
@pytest.mark.clause("ZEN-IV-2-3")
def test_the_platform_decides_price_and_size(
    office: Office, characters: int, connect: int, engage: int
) -> None:
    """The same text is an item of its own on each platform, and Engage has 20 characters less."""
    office.gets(
        event(number, "platform_sms", text="a" * characters, dimensions={"platform": platform})
        for number, platform in enumerate(["connect", "engage"])
    )

    assert {
        "connect": (Decimal(connect), "ZEN-IV-2-3"),
        "engage": (Decimal(engage), "ZEN-IV-2-3"),
    } == lines(office)


@pytest.mark.clause("ZEN-VII-TIEMPO")
def test_voice_is_billed_by_the_second_that_was_used(office: Office) -> None:
    """61 seconds and a quarter are not two minutes: nothing is rounded up."""
    office.gets(
        event(number, "voice_seconds", quantity=Decimal(used)) for number, used in enumerate(["61.25", "0.5"])
    )

    assert {"voice": (Decimal("61.75"), "ZEN-VII-TIEMPO")} == lines(office)


@pytest.mark.clause("ZEN-VII-PA")
def test_who_is_able_to_enter_is_a_pa(office: Office) -> None:
    """Five users, eight for a day, then six: eight are owed, whether they came or not."""
    levels = [5, 8, 6]

    office.gets(
        event(number, "platform_users", quantity=Decimal(level), occurred_at=NOON + timedelta(days=number))
        for number, level in enumerate(levels)
    )

    assert {"users": (Decimal(8), "ZEN-VII-PA")} == lines(office)


def said(number: int, meter: str, contact: str, direction: str = "inbound", minutes: int = 0) -> UsageEvent:
    """Return a message with a contact, so many minutes after noon."""
    instant = NOON + timedelta(minutes=minutes)
    return event(number, meter, contact=contact, direction=direction, occurred_at=instant)


@pytest.mark.clause("ZEN-VII-NOTIFICACION-TRANSBORD")
def test_a_notification_opens_no_conversation(office: Office) -> None:
    """It is counted by itself, before and within a conversation, which it neither opens nor lengthens."""
    day = 24 * 60
    office.gets(
        [
            event(1, "notifications", contact="ana", direction="outbound"),
            said(2, "waba_conversations", "ana", minutes=60),
            event(3, "notifications", contact="ana", direction="outbound"),
            said(4, "waba_conversations", "ana", minutes=60 + day - 1),
        ]
    )

    assert {
        "notifications": (Decimal(2), "ZEN-VII-NOTIFICACION-TRANSBORD"),
        "whatsapp": (Decimal(1), "ZEN-III-1.6"),
    } == lines(office)


@pytest.mark.clause("ZEN-VII-NOTIFICACION-TRANSBORD")
def test_a_transfer_may_open_a_second_conversation(office: Office) -> None:
    """Moved from Instagram to WhatsApp, a talk is one conversation of each; moved back, it opens no third."""
    office.gets(
        [
            said(1, "instagram_conversations", "ana"),
            said(2, "waba_conversations", "ana", "outbound", minutes=10),
            said(3, "instagram_conversations", "ana", minutes=20),
        ]
    )

    assert {
        "instagram": (Decimal(1), "ZEN-V-3.1"),
        "whatsapp": (Decimal(1), "ZEN-III-1.6"),
    } == lines(office)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.clause("ZEN-V-2")
def test_a_rush_on_instagram_comes_late_and_in_no_order(office: Office, seed: int) -> None:
    """300 messages of 5 minutes and those of a day later, in any order: two conversations for each user."""
    users = [f"user-{number}" for number in range(50)]
    rush = [
        said(number, "instagram_conversations", users[number % 50], minutes=number // 60)
        for number in range(300)
    ]
    next_day = [
        said(1_000 + number, "instagram_conversations", user, minutes=24 * 60 + 5)
        for number, user in enumerate(users)
    ]
    delayed = [*rush, *next_day]
    random.Random(seed).shuffle(delayed)  # noqa: S311 the same for the same seed

    for first in range(0, len(delayed), 70):
        office.gets(delayed[first : first + 70])

    assert {"instagram": (Decimal(100), "ZEN-V-3.1")} == lines(office)


@pytest.mark.clause("ZEN-8.3-8.4")
def test_what_affiliates_use_is_on_the_contracting_accounts_invoice(office: Office) -> None:
    """Each event says which affiliate it was; the account that signed owes the sum of all."""
    affiliates = ["", "agave-norte", "agave-brasil"]

    office.gets(
        event(number, "sms", text="hola", dimensions={"affiliate": name} if name else {})
        for number, name in enumerate(affiliates)
    )

    assert {"sms": (Decimal(3), "ZEN-I-A")} == lines(office)
    assert {(ACCOUNT, "messages")} == {(each.customer.code, each.subscription) for each in office.invoices}


@pytest.mark.clause("ZEN-II-4.5")
def test_each_registered_number_is_one_contact(office: Office) -> None:
    """Six registrations of two numbers, as address books write them, and a third number: three contacts."""
    numbers = [
        "+55 11 98765-4321", "+551187654321", "5511987654321",
        "+5215512345678", "55 1234 5678", "525512345678",
        "+525587654321",
    ]  # fmt: skip

    office.gets(
        event(number, "attraction_contacts", contact=contact) for number, contact in enumerate(numbers)
    )

    assert {"contacts": (Decimal(3), "ZEN-II-4.5")} == lines(office)
