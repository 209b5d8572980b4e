"""Credits that are granted, and what coupons and credits gave to the lines of invoices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = "kind IN ('fee', 'usage', 'late_usage', 'true_up', 'estimate')"
KINDS_BEFORE = "kind IN ('fee', 'usage', 'late_usage')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", type_="check")
    op.create_check_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", KINDS)
    op.create_table(
        "credit_grants",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("charges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_credit_grants_amount_positive")),
        sa.CheckConstraint("expires_on > given_on", name=op.f("ck_credit_grants_expires_later")),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_credit_grants_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "code", name=op.f("pk_credit_grants")),
        info={"scope": "account"},
    )
    op.create_table(
        "drawdowns",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_drawdowns_amount_not_zero")),
        sa.CheckConstraint("source IN ('coupon', 'credits')", name=op.f("ck_drawdowns_source_known")),
        sa.ForeignKeyConstraint(
            ["account_id", "invoice_id"],
            ["invoices.account_id", "invoices.invoice_id"],
            name=op.f("fk_drawdowns_invoices"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "subscription_id",
            "source",
            "code",
            "given_on",
            "invoice_id",
            "line_no",
            name=op.f("pk_drawdowns"),
        ),
        info={"scope": "account"},
    )


def downgrade() -> None:
    op.drop_table("drawdowns")
    op.drop_table("credit_grants")
    op.drop_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", type_="check")
    op.create_check_constraint(op.f("ck_invoice_lines_kind_known"), "invoice_lines", KINDS_BEFORE)
