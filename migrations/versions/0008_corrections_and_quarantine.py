"""Corrections, and a quarantine to work in.

An event may name the one that it corrects, and then take away.  What waits in quarantine says whether it is
whole; what was discarded stays, with who did it and why.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NOT_NEGATIVE = "quantity >= 0 OR corrects <> ''"
NOT_NEGATIVE_BEFORE = "quantity >= 0"
DISCARDED = "(discarded_at IS NULL) = (discarded_by = '') AND (discarded_by = '') = (discarded_why = '')"

#: An earlier version would list again what was discarded.
DISCARDED_BEFORE = "DELETE FROM quarantine WHERE discarded_at IS NOT NULL"


def upgrade() -> None:
    _add_text("usage_events", "corrects")
    _not_negative(NOT_NEGATIVE)
    op.create_check_constraint(
        op.f("ck_usage_events_corrects_a_sum"), "usage_events", "corrects = '' OR NOT ordered"
    )
    op.create_index(
        "ix_usage_events_corrects",
        "usage_events",
        ["account_id", "source", "corrects"],
        postgresql_where=sa.text("corrects <> ''"),
    )
    op.add_column("quarantine", sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("quarantine", "whole", server_default=None)
    op.add_column("quarantine", sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("discarded_by", "discarded_why"):
        _add_text("quarantine", name)
    op.create_check_constraint(op.f("ck_quarantine_discarded_by_somebody"), "quarantine", DISCARDED)


def downgrade() -> None:
    op.execute(DISCARDED_BEFORE)
    op.drop_constraint(op.f("ck_quarantine_discarded_by_somebody"), "quarantine", type_="check")
    for name in ("discarded_why", "discarded_by", "discarded_at", "whole"):
        op.drop_column("quarantine", name)
    op.drop_index("ix_usage_events_corrects", table_name="usage_events")
    op.drop_constraint(op.f("ck_usage_events_corrects_a_sum"), "usage_events", type_="check")
    _not_negative(
        NOT_NEGATIVE_BEFORE
    )  # fails where something was taken away: an earlier version cannot know it
    op.drop_column("usage_events", "corrects")


def _add_text(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.alter_column(table, name, server_default=None)


def _not_negative(condition: str) -> None:
    op.drop_constraint(op.f("ck_usage_events_quantity_not_negative"), "usage_events", type_="check")
    op.create_check_constraint(op.f("ck_usage_events_quantity_not_negative"), "usage_events", condition)
