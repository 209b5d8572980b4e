"""Penalties and credits wait for an invoice and stand on it as lines of their own kind; outages are recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('fee', 'usage', 'late_usage', 'true_up', 'estimate')"
KINDS = "kind IN ('fee', 'usage', 'late_usage', 'true_up', 'estimate', 'penalty', 'sla_credit')"


def upgrade() -> None:
    _let_lines_be(KINDS)
    op.create_table(
        "pending_lines",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("pending_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("taxed", sa.Boolean(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("cites", postgresql.JSONB(), nullable=False),
        sa.Column("working", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('penalty', 'sla_credit')", name=op.f("ck_pending_lines_kind_known")),
        sa.CheckConstraint("period_start < period_end", name=op.f("ck_pending_lines_period_not_empty")),
        sa.CheckConstraint(
            "(kind = 'penalty' AND amount > 0) OR (kind = 'sla_credit' AND amount < 0)",
            name=op.f("ck_pending_lines_sign"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_pending_lines_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "pending_id", name=op.f("pk_pending_lines")),
    )
    op.create_index(
        "ix_pending_lines_waiting",
        "pending_lines",
        ["account_id", "due_on"],
        postgresql_where=sa.text("billed_on IS NULL"),
    )

    op.create_table(
        "outages",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("outage_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cause IN ('fault', 'maintenance', 'requested_change', 'force_majeure', 'third_party', 'customer',"
            " 'network')",
            name=op.f("ck_outages_cause_known"),
        ),
        sa.CheckConstraint("reported_at >= began_at", name=op.f("ck_outages_reported_after_it_began")),
        sa.CheckConstraint("restored_at >= began_at", name=op.f("ck_outages_restored_after_it_began")),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_outages_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "outage_id", name=op.f("pk_outages")),
    )


def downgrade() -> None:
    op.drop_table("outages")
    op.drop_table("pending_lines")
    _let_lines_be(BEFORE)


def _let_lines_be(kinds: str) -> None:
    op.drop_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", type_="check")
    op.create_check_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", kinds)
