"""Rows of the database's own packages: the outbox and the idempotency keys."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    instant_column,
    json_column,
    metadata,
    text_column,
    uuid_column,
)

outbox = Table(
    "outbox",
    metadata,
    account_key(),
    uuid_column("message_id", key=True),
    text_column("kind"),
    json_column("body"),
    instant_column("recorded_at"),
    instant_column("delivered_at", null=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    Index("ix_outbox_undelivered", "account_id", "message_id", postgresql_where="delivered_at IS NULL"),
    info=ACCOUNT_SCOPE,
)

#: Keys belong to the caller who sent them: ``account_id`` is computed from its API key (see db.idempotency).
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    account_key(),
    text_column("key", key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=True),
    Column("response", Text, nullable=True),
    instant_column("recorded_at"),
    CheckConstraint("length(key) BETWEEN 1 AND 255", name="key_length"),
    CheckConstraint("(status IS NULL) = (response IS NULL)", name="answered_whole"),
    info=ACCOUNT_SCOPE,
)

#: Who may call the API.  A key is shown once; the row keeps the SHA-256 of its secret half.
api_keys = Table(
    "api_keys",
    metadata,
    text_column("key_id", key=True),
    text_column("name"),
    Column("secret_digest", LargeBinary, nullable=False),
    json_column("scopes"),
    instant_column("created_at"),
    instant_column("revoked_at", null=True),
    info=REFERENCE_SCOPE,
)
