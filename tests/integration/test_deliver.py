"""Deliveries: what fails waits and comes again under the same id; nothing holds up the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from contracts.book_store import save_accounts
from contracts.parties import Account
from db.outbox import BATCH_MESSAGES, OutboxMessage, put_all
from db.unit_of_work import unit_of_work
from kernel.clock import FixedClock
from kernel.ids import MessageId, account_id_of, new_id
from runtime.deliver import Folder, deliver

pytestmark = pytest.mark.integration

ACCOUNT = Account(code="acme", name="Acme", country="MX", email="ap@acme.example")
ACCOUNT_ID = account_id_of(ACCOUNT.code)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = FixedClock.on(date(2026, 3, 2))


@dataclass
class Receiver:
    """A receiver that is down for some messages: it takes the others and remembers them."""

    down_for: set[MessageId] = field(default_factory=set)
    taken: list[MessageId] = field(default_factory=list)

    def receive(self, message: OutboxMessage, attachment: bytes | None) -> None:
        """Take a message, or refuse it as a network does."""
        assert attachment is None
        if message.message_id in self.down_for:
            raise ConnectionRefusedError(111, "nobody listens")
        self.taken.append(message.message_id)


@pytest.fixture(name="messages")
def _messages(engine: Engine) -> tuple[OutboxMessage, ...]:
    return waiting(engine, 3)


def waiting(engine: Engine, count: int, *, recipient: str = "ap@acme.example") -> tuple[OutboxMessage, ...]:
    """Put so many letters into the outbox, in the order of their ids."""
    messages = tuple(
        OutboxMessage(
            account_id=ACCOUNT_ID,
            message_id=MessageId(new_id()),
            kind="mail.dunning",
            body={"recipient": recipient, "subject": f"Letter\n {number}", "body": "Please pay.\n"},
            recorded_at=AT,
        )
        for number in range(count)
    )
    with unit_of_work(engine) as connection:
        save_accounts(connection, [ACCOUNT], AT)
        put_all(connection, messages)
    return messages


def ids(messages: Sequence[OutboxMessage]) -> list[MessageId]:
    """Return the ids of messages."""
    return [each.message_id for each in messages]


def test_what_fails_waits_and_is_delivered_once_later(
    engine: Engine, messages: tuple[OutboxMessage, ...]
) -> None:
    """The receiver is down, then up: each message reaches it once, under the id that it always had."""
    receiver = Receiver(down_for=set(ids(messages)))

    down = deliver(engine, receiver, clock=CLOCK)
    receiver.down_for.clear()
    up = deliver(engine, receiver, clock=CLOCK)
    after = deliver(engine, receiver, clock=CLOCK)

    assert (0, 3, 0) == (down.delivered, len(down.problems), up.delivered - 3)
    assert {("not_delivered", "[Errno 111] nobody listens")} == {
        (each.code, each.value) for each in down.problems
    }
    assert [str(each) in problem.subject for each, problem in zip(ids(messages), down.problems, strict=True)]
    assert ids(messages) == receiver.taken
    assert (0, ()) == (after.delivered, after.problems)
    assert ("3 delivered.",) == up.lines()
    assert ("0 delivered, 3 could not be and wait.",) == down.lines()


def test_one_that_fails_holds_up_no_other(engine: Engine) -> None:
    """The oldest cannot be delivered; more than a batch behind it can, in one go."""
    messages = waiting(engine, BATCH_MESSAGES + 5)
    receiver = Receiver(down_for={messages[0].message_id})

    report = deliver(engine, receiver, clock=CLOCK)

    assert (BATCH_MESSAGES + 4, 1) == (report.delivered, len(report.problems))
    assert ids(messages[1:]) == receiver.taken


def test_a_mail_is_one_file_however_often_it_comes(
    engine: Engine, messages: tuple[OutboxMessage, ...], tmp_path: Path
) -> None:
    """Whoever was killed after the write and before the commit writes the same file again."""
    folder = Folder(tmp_path / "mails")
    folder.receive(messages[0], None)
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}

    deliver(engine, folder, clock=CLOCK)

    files = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    assert 3 == len(files)
    assert before.items() <= files.items()
    mails = [message_from_bytes(each, policy=policy.default) for each in files.values()]
    assert {f"<{each}@clausula.invalid>" for each in ids(messages)} == {mail["Message-ID"] for mail in mails}
    assert {"Letter 0", "Letter 1", "Letter 2"} == {mail["Subject"] for mail in mails}


@pytest.mark.parametrize(
    "recipient",
    ["", "nobody", "a@acme.example\nBcc: b@evil.example", "a@acme.example, b@evil.example", "a <"],
)
def test_a_mail_to_no_address_waits_and_says_why(engine: Engine, tmp_path: Path, recipient: str) -> None:
    """It goes nowhere and to nobody else, and the good ones go out."""
    waiting(engine, 1, recipient=recipient)
    waiting(engine, 1)

    report = deliver(engine, Folder(tmp_path), clock=CLOCK)

    assert (1, 1) == (report.delivered, len(list(tmp_path.iterdir())))
    assert [("invalid_input", "recipient", recipient)] == [
        (each.code, each.field, each.value) for each in report.problems
    ]
