"""Rules of the library by document and code, and notices about them, for the tests of what they lead to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from contracts.life_rules import Change, Ending, Party
from contracts.notices import Answer, NewPrices, Notice, NoticeKind
from contracts.terms import TermsDocument
from kernel.ids import NoticeId, account_id_of, new_id, subscription_id_of
from tests.parts import library

ACCOUNT = account_id_of("acme")


def document(name: str) -> TermsDocument:
    """Return the newest version of a document."""
    return library(name)[0]


def change_rule(name: str, code: str) -> Change:
    """Return how a document lets something change."""
    return document(name).changes[code]


def ending_rule(name: str, code: str) -> Ending:
    """Return how a document lets a contract end."""
    return document(name).endings[code]


def announced(
    sent_on: date,
    *,
    delivered_on: date | None = None,
    planned_on: date | None = None,
    exception: str = "",
    answer: Answer = Answer.NONE,
    answered_on: date | None = None,
) -> Notice:
    """Return a vendor's announcement of a change."""
    return Notice(
        account_id=ACCOUNT,
        subscription_id=subscription_id_of(ACCOUNT, "main"),
        notice_id=NoticeId(new_id()),
        kind=NoticeKind.CHANGE,
        code="price",
        sender=Party.VENDOR,
        recipient="pay@acme.test",
        clause="T-1",
        document="test 1",
        sent_on=sent_on,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        content=NewPrices(factor=Decimal("1.1")),
        exception=exception,
        planned_on=planned_on,
        delivered_on=delivered_on,
        answer=answer,
        answered_on=answered_on,
    )


def said(
    sender: Party,
    sent_on: date,
    *,
    delivered_on: date | None = None,
    happened_on: date | None = None,
    planned_on: date | None = None,
    part: str = "",
    mended_on: date | None = None,
) -> Notice:
    """Return a side's word that ends a contract."""
    return Notice(
        account_id=ACCOUNT,
        subscription_id=subscription_id_of(ACCOUNT, "main"),
        notice_id=NoticeId(new_id()),
        kind=NoticeKind.ENDING,
        code="ending",
        sender=sender,
        recipient="legal@vendor.test",
        clause="T-1",
        document="test 1",
        sent_on=sent_on,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        happened_on=happened_on,
        planned_on=planned_on,
        part=part,
        delivered_on=delivered_on,
        answer=Answer.MENDED if mended_on else Answer.NONE,
        answered_on=mended_on,
    )
