"""Rows of dunning: actions, notices, and the problems of nights.

Each step is taken once per item because the primary key says so.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)

from contracts.rules import DunningAction, StepMode
from db.metadata import (
    ACCOUNT_SCOPE,
    account_key,
    day_column,
    instant_column,
    metadata,
    one_of,
    text_column,
    uuid_column,
)
from dunning.actions import RESTORED, ActionStatus

dunning_actions = Table(
    "dunning_actions",
    metadata,
    account_key(),
    uuid_column("item_id", key=True),
    text_column("step", key=True),
    uuid_column("subscription_id"),
    text_column("action"),
    text_column("part"),
    text_column("mode"),
    text_column("status"),
    day_column("allowed_on"),
    day_column("decided_on"),
    text_column("decided_by"),
    text_column("clause"),
    text_column("reason"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(["account_id", "item_id"], ["open_items.account_id", "open_items.item_id"]),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    one_of("action", (*DunningAction, RESTORED)),
    one_of("mode", StepMode),
    one_of("status", ActionStatus),
    CheckConstraint("allowed_on <= decided_on", name="decided_once_allowed"),
    CheckConstraint("part = '' OR action IN ('suspend_part', 'restored')", name="part_if_partial"),
    Index("ix_dunning_actions_proposed", "account_id", "item_id", postgresql_where="status = 'proposed'"),
    info=ACCOUNT_SCOPE,
)

notices = Table(
    "notices",
    metadata,
    account_key(),
    uuid_column("notice_id", key=True),
    uuid_column("item_id"),
    text_column("step"),
    text_column("recipient"),
    day_column("sent_on"),
    instant_column("delivered_at", null=True),
    uuid_column("message_id"),
    ForeignKeyConstraint(
        ["account_id", "item_id", "step"],
        ["dunning_actions.account_id", "dunning_actions.item_id", "dunning_actions.step"],
    ),
    UniqueConstraint("account_id", "item_id", "step"),
    info=ACCOUNT_SCOPE,
)

chase_problems = Table(
    "chase_problems",
    metadata,
    account_key(),
    day_column("as_of", key=True),
    text_column("subject", key=True),
    text_column("code", key=True),
    text_column("message"),
    text_column("place"),
    text_column("field"),
    text_column("value"),
    text_column("expected"),
    instant_column("recorded_at"),
    info=ACCOUNT_SCOPE,
)
