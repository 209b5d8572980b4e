"""What happened under contracts, from which duties count their days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "occurrences",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("event <> ''", name=op.f("ck_occurrences_has_event")),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_occurrences_minutes")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by = '')", name=op.f("ck_occurrences_done_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_occurrences_subscriptions"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "subscription_id", "occurrence_id", name=op.f("pk_occurrences")
        ),
    )


def downgrade() -> None:
    op.drop_table("occurrences")
