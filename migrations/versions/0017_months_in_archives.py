"""Months of events that lie in files: which, what they hold, and who put them there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NOTHING_LIES_IN_FILES = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM archived_months) THEN
        RAISE EXCEPTION 'months lie in archives: clausula meter restore them first';
    END IF;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "archived_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_by", sa.Text(), nullable=False),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name=op.f("ck_archived_months_month_by_first_day")),
        sa.CheckConstraint("part > 0", name=op.f("ck_archived_months_part_counts_from_one")),
        sa.CheckConstraint("events > 0", name=op.f("ck_archived_months_not_empty")),
        sa.CheckConstraint("octet_length(digest) = 32", name=op.f("ck_archived_months_digest_length")),
        sa.PrimaryKeyConstraint("month", "part", name=op.f("pk_archived_months")),
        sa.UniqueConstraint("digest", name=op.f("uq_archived_months_digest")),
        info={"scope": "reference"},
    )


def downgrade() -> None:
    """Refuse while events lie in files: without its record no file could be put back."""
    op.execute(NOTHING_LIES_IN_FILES)
    op.drop_table("archived_months")
