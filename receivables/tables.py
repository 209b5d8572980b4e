"""Rows of receivables: open items, the journal's postings, closed months; and what the database itself keeps.

The database refuses an entry that does not balance, a posting into a closed month, and any change of what was
posted: no caller can forget it, and COPY fires it too.  The triggers stand in migration 0002.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    amount_column,
    day_column,
    instant_column,
    metadata,
    one_of,
    text_column,
    uuid_column,
)
from receivables.journal import Component, EntryKind, ItemKind, Ledger

#: What the triggers raise; ``store.post`` turns them into errors of the tree.
UNBALANCED_STATE = "CL001"
CLOSED_STATE = "CL002"
APPEND_ONLY_STATE = "CL003"

open_items = Table(
    "open_items",
    metadata,
    account_key(),
    uuid_column("item_id", key=True),
    text_column("kind"),
    text_column("number"),
    text_column("entity"),
    uuid_column("subscription_id", null=True),
    text_column("currency"),
    day_column("issued_on"),
    day_column("due_on"),
    UniqueConstraint("account_id", "number"),
    one_of("kind", ItemKind),
    CheckConstraint("due_on >= issued_on", name="due_after_issue"),
    info=ACCOUNT_SCOPE,
)

journal_postings = Table(
    "journal_postings",
    metadata,
    account_key(),
    uuid_column("entry_id", key=True),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    text_column("kind"),
    text_column("ledger"),
    text_column("component"),
    uuid_column("item_id", null=True),
    text_column("currency"),
    amount_column("amount"),
    day_column("effective_on"),
    instant_column("recorded_at"),
    text_column("source"),
    ForeignKeyConstraint(["account_id", "item_id"], ["open_items.account_id", "open_items.item_id"]),
    one_of("kind", EntryKind),
    one_of("ledger", Ledger),
    one_of("component", Component),
    CheckConstraint("amount <> 0", name="moves_something"),
    CheckConstraint(
        "(ledger = 'receivable') = (item_id IS NOT NULL) AND (ledger = 'receivable') = (component <> 'none')",
        name="item_on_receivables",
    ),
    Index(
        "ix_journal_postings_item",
        "account_id",
        "item_id",
        postgresql_include=["component", "amount", "effective_on", "recorded_at"],
        postgresql_where="item_id IS NOT NULL",
    ),
    Index(
        "ix_journal_postings_unapplied",
        "account_id",
        "currency",
        postgresql_where="ledger = 'unapplied_cash'",
    ),
    info=ACCOUNT_SCOPE,
)

#: Months that take no posting any more, for the whole installation; named by their first day.
closed_months = Table(
    "closed_months",
    metadata,
    day_column("month", key=True),
    instant_column("closed_at"),
    text_column("closed_by"),
    CheckConstraint("EXTRACT(DAY FROM month) = 1", name="first_day"),
    info=REFERENCE_SCOPE,
)

#: A posting holds this lock shared until it commits, closing a month takes it alone: so no posting slips into
#: a month while it is being closed.
CLOSING_LOCK = 0x636C6F7365
