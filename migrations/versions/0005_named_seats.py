"""Named seats: who holds which, since when; one holder a seat and one seat a person at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONE_HOLDER_A_SEAT = """
ALTER TABLE seat_assignments ADD CONSTRAINT uq_seat_assignments_seat_during
UNIQUE (account_id, subscription_id, seat_no, during WITHOUT OVERLAPS)
"""

ONE_SEAT_A_PERSON = """
ALTER TABLE seat_assignments ADD CONSTRAINT uq_seat_assignments_holder_during
UNIQUE (account_id, subscription_id, holder, during WITHOUT OVERLAPS)
"""


def upgrade() -> None:
    op.create_table(
        "seat_assignments",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("seat_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("affiliate", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seat_no >= 1", name=op.f("ck_seat_assignments_seat_no")),
        sa.CheckConstraint("holder <> ''", name=op.f("ck_seat_assignments_named")),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during)", name=op.f("ck_seat_assignments_begins_and_lasts")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_seat_assignments_subscriptions"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "subscription_id", "seat_no", "during", name=op.f("pk_seat_assignments")
        ),
        info={"scope": "account"},
    )
    op.execute(ONE_HOLDER_A_SEAT)
    op.execute(ONE_SEAT_A_PERSON)


def downgrade() -> None:
    op.drop_table("seat_assignments")
