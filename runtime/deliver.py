"""Delivering the outbox: mails become files of a folder, other effects lines of a journal beside them.

A delivery happens at least once and bears the message's id: a second one overwrites the first.  An SMTP
server or a webhook is another :class:`Receiver`; the loop does not change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine

from contracts import give_notice
from db.outbox import OutboxMessage, mark_delivered, mark_failed, take
from db.unit_of_work import unit_of_work
from dunning.chase import confirm_delivery
from invoicing.archive import invoice_by_number
from invoicing.render_pdf import render_pdf
from kernel.clock import Clock
from kernel.errors import ClausulaError, InvalidInput, NotDelivered
from kernel.ids import MessageId, NoticeId
from kernel.problems import Problem

SENDER = "billing@clausula.invalid"
MAIL_KINDS = ("mail.invoice", "mail.dunning", give_notice.MAIL)

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


class Receiver(Protocol):
    """Whoever takes an effect outside."""

    def receive(self, message: OutboxMessage, attachment: bytes | None) -> None:
        """Take a message; raise OSError when it could not be taken, and it will come again."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A receiver that writes mails as ``.eml`` files, and all else as JSON files, by the message's id."""

    path: Path

    def receive(self, message: OutboxMessage, attachment: bytes | None) -> None:
        """Write one message."""
        self.path.mkdir(parents=True, exist_ok=True)
        day = message.recorded_at.date().isoformat()
        name = f"{day}-{message.kind}-{message.message_id.hex[-12:]}"
        if message.kind in MAIL_KINDS:
            (self.path / f"{name}.eml").write_bytes(_mail(message, attachment).as_bytes())
        else:
            (self.path / f"{name}.json").write_bytes(msgspec.json.encode(message.body))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """How many messages were delivered, and which could not be and wait, with the reason."""

    delivered: int
    problems: tuple[Problem, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        if not self.delivered and not self.problems:
            return ("Nothing waits for delivery.",)
        waiting = f", {len(self.problems):,} could not be and wait" if self.problems else ""
        return (f"{self.delivered:,} delivered{waiting}.",)


def deliver(engine: Engine, receiver: Receiver, *, clock: Clock) -> DeliveryReport:
    """Deliver what waits, a batch in one transaction, until a batch brings nothing more out.

    A message that fails is kept with its reason, does not hold up the others, and is tried again with the
    next batch or the next time.
    """
    delivered = 0
    failed: dict[MessageId, Problem] = {}
    while True:
        with unit_of_work(engine) as connection:
            batch = take(connection)
            problems = {
                message.message_id: _delivered(connection, receiver, message, clock.now())
                for message in batch
            }
        done = [message_id for message_id, problem in problems.items() if problem is None]
        delivered += len(done)
        failed.update((key, problem) for key, problem in problems.items() if problem is not None)
        for message_id in done:
            failed.pop(message_id, None)
        if not done:
            return DeliveryReport(delivered=delivered, problems=tuple(failed.values()))


def _delivered(
    connection: Connection, receiver: Receiver, message: OutboxMessage, at: datetime
) -> Problem | None:
    """Deliver one message; return what kept it back, or None."""
    try:
        _hand_over(receiver, message, _attachment(connection, message))
    except ClausulaError as error:
        mark_failed(connection, message, str(error))
        return Problem.of(error, subject=f"{message.kind} {message.message_id}")
    mark_delivered(connection, message, at)
    notice_id = message.body.get("notice_id")
    if notice_id is not None:
        _confirm(connection, message, NoticeId(UUID(str(notice_id))), at)
    return None


def _confirm(connection: Connection, message: OutboxMessage, notice_id: NoticeId, at: datetime) -> None:
    if message.kind == give_notice.MAIL:
        zone = str(message.body["time_zone"])
        give_notice.confirm_delivery(connection, message.account_id, notice_id, delivered_at=at, zone=zone)
    else:
        confirm_delivery(connection, message.account_id, notice_id, delivered_at=at)


def _hand_over(receiver: Receiver, message: OutboxMessage, attachment: bytes | None) -> None:
    try:
        receiver.receive(message, attachment)
    except OSError as error:
        raise NotDelivered("the receiver did not take it", value=error) from error


def _attachment(connection: Connection, message: OutboxMessage) -> bytes | None:
    number = message.body.get("invoice")
    if message.kind != "mail.invoice" or number is None:
        return None
    return render_pdf(invoice_by_number(connection, str(number)))


def _mail(message: OutboxMessage, attachment: bytes | None) -> EmailMessage:
    body: Mapping[str, object] = message.body
    mail = EmailMessage()
    mail["From"] = SENDER
    mail["To"] = _address(str(body["recipient"]))
    mail["Subject"] = " ".join(str(body["subject"]).split())
    mail["Date"] = format_datetime(message.recorded_at)
    mail["Message-ID"] = f"<{message.message_id}@clausula.invalid>"
    mail.set_content(str(body["body"]))
    if attachment is not None:
        mail.add_attachment(
            attachment, maintype="application", subtype="pdf", filename=f"{body['invoice']}.pdf"
        )
    return mail


def _address(text: str) -> str:
    """Return a recipient if mail can go there; a line break or a second address would go elsewhere too."""
    if not _ADDRESS.fullmatch(text):
        raise InvalidInput(
            "no mail can go to this address",
            field="recipient",
            value=text,
            expected="one address such as billing@customer.example",
        )
    return text
