"""Rows of payments: receipts and their allocations, which are only added to; payers; attempts to collect."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Integer, Table, UniqueConstraint

from db.metadata import (
    ACCOUNT_SCOPE,
    account_key,
    amount_column,
    day_column,
    instant_column,
    metadata,
    one_of,
    text_column,
    uuid_column,
)
from payments.allocation import COMPONENT_ORDER
from payments.attempts import AttemptStatus

receipts = Table(
    "receipts",
    metadata,
    account_key(),
    uuid_column("receipt_id", key=True),
    text_column("reference"),
    day_column("received_on"),
    text_column("currency"),
    amount_column("amount"),
    text_column("invoice"),
    instant_column("recorded_at"),
    UniqueConstraint("account_id", "reference"),
    CheckConstraint("amount > 0", name="brings_money"),
    info=ACCOUNT_SCOPE,
)

allocations = Table(
    "allocations",
    metadata,
    account_key(),
    uuid_column("receipt_id", key=True),
    uuid_column("entry_id", key=True),
    uuid_column("item_id", key=True),
    text_column("component", key=True),
    text_column("currency"),
    amount_column("amount"),
    ForeignKeyConstraint(["account_id", "receipt_id"], ["receipts.account_id", "receipts.receipt_id"]),
    ForeignKeyConstraint(["account_id", "item_id"], ["open_items.account_id", "open_items.item_id"]),
    one_of("component", COMPONENT_ORDER),
    CheckConstraint("amount > 0", name="settles_something"),
    info=ACCOUNT_SCOPE,
)

#: The means of payment that an account put on file with the gateway.
payers = Table(
    "payers",
    metadata,
    account_key(),
    text_column("customer"),
    text_column("payment_method"),
    instant_column("recorded_at"),
    info=ACCOUNT_SCOPE,
)

payment_attempts = Table(
    "payment_attempts",
    metadata,
    account_key(),
    uuid_column("item_id", key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text_column("currency"),
    amount_column("amount"),
    text_column("customer"),
    text_column("payment_method"),
    day_column("asked_on"),
    text_column("status"),
    text_column("reference"),
    text_column("failure_code"),
    instant_column("started_at"),
    instant_column("ended_at", null=True),
    ForeignKeyConstraint(["account_id", "item_id"], ["open_items.account_id", "open_items.item_id"]),
    one_of("status", AttemptStatus),
    CheckConstraint("(status = 'started') = (ended_at IS NULL)", name="ended_once_known"),
    CheckConstraint("amount > 0", name="asks_for_money"),
    info=ACCOUNT_SCOPE,
)
