"""What the database itself guards.

Temporal keys (a product once at a time, a service in one state at a time), entries that balance, months that
are closed, and tables that are only ever added to.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONLY_ADDED_TO = (
    "open_items",
    "journal_postings",
    "receipts",
    "allocations",
    "invoices",
    "invoice_lines",
)

PRODUCT_ONCE_AT_A_TIME = """
ALTER TABLE subscriptions ADD CONSTRAINT uq_subscriptions_account_id_product_during
UNIQUE (account_id, product, during WITHOUT OVERLAPS)
"""

ONE_STATE_AT_A_TIME = """
ALTER TABLE service_states ADD CONSTRAINT uq_service_states_one_at_a_time
UNIQUE (account_id, subscription_id, part, during WITHOUT OVERLAPS)
"""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION '% takes no %: it is only ever added to', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'CL003';
END $body$
"""

CHECK_ENTRIES = """
CREATE OR REPLACE FUNCTION check_journal_entries() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    refused record;
BEGIN
    SELECT entry_id, source, rest INTO refused FROM (
        SELECT entry_id, min(source) AS source, sum(amount) AS rest,
               min(currency) <> max(currency) OR min(effective_on) <> max(effective_on)
               OR min(recorded_at) <> max(recorded_at) AS torn
        FROM inserted GROUP BY account_id, entry_id
    ) AS entries WHERE rest <> 0 OR torn LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % of % does not balance: %', refused.entry_id, refused.source, refused.rest
            USING ERRCODE = 'CL001';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(427021005669);
    SELECT month INTO refused FROM closed_months
        WHERE month IN (SELECT date_trunc('month', effective_on)::date FROM inserted) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', refused.month USING ERRCODE = 'CL002';
    END IF;
    RETURN NULL;
END $body$
"""

CHECK_ENTRIES_TRIGGER = """
CREATE TRIGGER check_journal_entries AFTER INSERT ON journal_postings
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION check_journal_entries()
"""

REFUSE_CHANGE_TRIGGER = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in (
        PRODUCT_ONCE_AT_A_TIME,
        ONE_STATE_AT_A_TIME,
        REFUSE_CHANGE,
        CHECK_ENTRIES,
        CHECK_ENTRIES_TRIGGER,
    ):
        op.execute(statement)
    for table in ONLY_ADDED_TO:
        op.execute(REFUSE_CHANGE_TRIGGER.format(table=table))


def downgrade() -> None:
    for table in ONLY_ADDED_TO:
        op.execute(f"DROP TRIGGER refuse_change ON {table}")
    op.execute("DROP TRIGGER check_journal_entries ON journal_postings")
    op.execute("DROP FUNCTION check_journal_entries()")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("ALTER TABLE service_states DROP CONSTRAINT uq_service_states_one_at_a_time")
    op.execute("ALTER TABLE subscriptions DROP CONSTRAINT uq_subscriptions_account_id_product_during")
