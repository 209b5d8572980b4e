"""Events by month, and the keys of all that was ever counted in a table of their own.

What is stored moves over: each event gets the key that its account, source and id come to, and each source is
settled as one whose events are known by their ids.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: Makes the partition of a month where there is none.  Whoever may add events may run it, and nothing else of
#: the schema: it runs with the rights of who owns the table.  Two writers who want one month wait in line.
ADD_MONTH = """
CREATE FUNCTION add_usage_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $body$
DECLARE
    first date := date_trunc('month', month)::date;
    part text := 'usage_events_' || to_char(first, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('add_usage_month'));
    -- Asked of the table, not of to_regclass: what this session has in mind of names may be older than the lock.
    IF EXISTS (
        SELECT FROM pg_class WHERE relname = part
            AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'usage_events'::regclass)
    ) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE usage_events INCLUDING CONSTRAINTS INCLUDING DEFAULTS)', part);
    EXECUTE format(
        'ALTER TABLE usage_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC'
    );
END $body$
"""

COLUMNS = (
    "account_id, source, event_id, subscription_id, meter, occurred_at, day, dimension, quantity, ordered,"
    " direction, contact, dimensions, corrects, received_at"
)
KEY = """
    encode(substr(sha256(
        uuid_send(account_id) || convert_to(source, 'UTF8') || '\\x00'::bytea || convert_to(event_id, 'UTF8')
    ), 1, 16), 'hex')::uuid
"""
KEYS_OF_BEFORE = """
INSERT INTO event_keys (event_key, account_id, digest, occurred_at)
SELECT {key}, account_id, encode(digest, 'hex')::uuid, occurred_at FROM usage_events_before ORDER BY 1
"""
MOVE = "INSERT INTO usage_events ({columns}) SELECT {columns} FROM usage_events_before ORDER BY received_at"
MOVE_BACK = """
INSERT INTO usage_events ({columns}, digest)
SELECT {columns}, coalesce(
    (SELECT uuid_send(k.digest) FROM event_keys k WHERE k.event_key = {key}), substr(sha256(''::bytea), 1, 16)
) FROM usage_events_before
"""
MONTHS = """
SELECT add_usage_month(month) FROM (
    SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'UTC')::date AS month FROM usage_events_before
) AS months
"""


def upgrade() -> None:
    op.create_table(
        "usage_sources",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False, server_default="0"),
        sa.CheckConstraint(
            "identity IN ('text', 'time', 'uuid7', 'sequence')", name=op.f("ck_usage_sources_identity")
        ),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_usage_sources_counts_up")),
        sa.CheckConstraint(
            "last_number = 0 OR identity = 'sequence'", name=op.f("ck_usage_sources_numbered")
        ),
        sa.PrimaryKeyConstraint("account_id", "source", name=op.f("pk_usage_sources")),
        info={"scope": "account"},
    )
    op.create_table(
        "event_keys",
        sa.Column("event_key", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_key", "account_id", name=op.f("pk_event_keys")),
        info={"scope": "account"},
    )
    _rename_away()
    _create_events(key=False)
    op.create_index("ix_usage_events_instant", "usage_events", ["occurred_at"], postgresql_using="brin")
    _create_indexes()
    op.execute(ADD_MONTH)
    op.execute(MONTHS)
    op.execute(
        "INSERT INTO usage_sources (account_id, source, identity)"
        " SELECT DISTINCT account_id, source, 'text' FROM usage_events_before"
    )
    op.execute(KEYS_OF_BEFORE.format(key=KEY))
    op.execute(MOVE.format(columns=COLUMNS))
    op.drop_table("usage_events_before")


def downgrade() -> None:
    """Put all events into one table again; one of a source that is not known by text keeps no digest there."""
    _rename_away()
    _create_events(key=True)
    _create_indexes()
    op.execute(MOVE_BACK.format(columns=COLUMNS, key=KEY))
    op.drop_table("usage_events_before")
    op.execute("DROP FUNCTION add_usage_month(date)")
    op.drop_table("event_keys")
    op.drop_table("usage_sources")


def _rename_away() -> None:
    for name in ("ordered", "corrects"):
        op.drop_index(f"ix_usage_events_{name}", table_name="usage_events")
    op.execute("DROP INDEX IF EXISTS ix_usage_events_instant")
    op.execute("ALTER TABLE usage_events DROP CONSTRAINT IF EXISTS pk_usage_events")
    op.rename_table("usage_events", "usage_events_before")


def _create_events(*, key: bool) -> None:
    kept = (
        (
            sa.Column("digest", sa.LargeBinary(), nullable=False),
            sa.CheckConstraint("octet_length(digest) = 16", name=op.f("ck_usage_events_digest_length")),
            sa.PrimaryKeyConstraint("account_id", "source", "event_id", name=op.f("pk_usage_events")),
        )
        if key
        else ()
    )
    op.create_table(
        "usage_events",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(), nullable=True),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("corrects", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        *kept,
        sa.CheckConstraint("event_id <> ''", name=op.f("ck_usage_events_has_id")),
        sa.CheckConstraint(
            "quantity >= 0 OR corrects <> ''", name=op.f("ck_usage_events_quantity_not_negative")
        ),
        sa.CheckConstraint("corrects = '' OR NOT ordered", name=op.f("ck_usage_events_corrects_a_sum")),
        sa.CheckConstraint(
            "direction IN ('', 'inbound', 'outbound')", name=op.f("ck_usage_events_direction_known")
        ),
        sa.CheckConstraint(
            "quantity IS NOT NULL OR (ordered AND direction <> '' AND contact <> '')",
            name=op.f("ck_usage_events_counts_for_something"),
        ),
        info={"scope": "account"},
        postgresql_partition_by=None if key else "RANGE (occurred_at)",
    )


def _create_indexes() -> None:
    op.create_index(
        "ix_usage_events_ordered",
        "usage_events",
        ["account_id", "subscription_id", "meter", "contact", "occurred_at"],
        postgresql_where=sa.text("ordered"),
    )
    op.create_index(
        "ix_usage_events_corrects",
        "usage_events",
        ["account_id", "source", "corrects"],
        postgresql_where=sa.text("corrects <> ''"),
    )
