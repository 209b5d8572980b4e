"""Limits in real time: the row on which writers of a limit meet, and the threshold of which word was sent."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SPAN = ("account_id", "subscription_id", "meter", "code", "starts_on")


def upgrade() -> None:
    op.create_table(
        "limit_spans",
        *_span_columns(),
        sa.Column("limit_quantity", sa.Numeric(), nullable=False),
        sa.Column("told_percent", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Numeric(), nullable=True),
        sa.CheckConstraint("code <> ''", name=op.f("ck_limit_spans_of_a_rule")),
        sa.CheckConstraint("told_percent >= 0", name=op.f("ck_limit_spans_told_not_negative")),
        sa.CheckConstraint(
            "(told_percent = 0) = (told_at IS NULL)", name=op.f("ck_limit_spans_told_at_an_instant")
        ),
        sa.PrimaryKeyConstraint(*SPAN, name=op.f("pk_limit_spans")),
        info={"scope": "account"},
    )
    op.create_table(
        "limit_values",
        *_span_columns(),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*SPAN, "value", name=op.f("pk_limit_values")),
        info={"scope": "account"},
    )


def downgrade() -> None:
    op.drop_table("limit_values")
    op.drop_table("limit_spans")


def _span_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
    )
