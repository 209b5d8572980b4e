"""Meters of every kind: the different values of a day, and levels with the time for which they held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Levels of before are weighed by the day as if the closing one had held; the next event of their meter, or a
#: recount, weighs the days from its own on exactly.
LEVELS_ONLY = "level_seconds IS NULL OR closing IS NOT NULL"


def upgrade() -> None:
    op.add_column("usage_daily", sa.Column("level_seconds", sa.Numeric(), nullable=True))
    op.create_check_constraint(op.f("ck_usage_daily_levels_only"), "usage_daily", LEVELS_ONLY)
    op.create_table(
        "usage_values",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("value <> ''", name=op.f("ck_usage_values_says_something")),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id", "meter"],
            ["usage_counted.account_id", "usage_counted.subscription_id", "usage_counted.meter"],
            name=op.f("fk_usage_values_usage_counted"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "subscription_id",
            "meter",
            "day",
            "dimension",
            "value",
            name=op.f("pk_usage_values"),
        ),
        info={"scope": "account"},
    )


def downgrade() -> None:
    op.drop_table("usage_values")
    op.drop_constraint(op.f("ck_usage_daily_levels_only"), "usage_daily", type_="check")
    op.drop_column("usage_daily", "level_seconds")
