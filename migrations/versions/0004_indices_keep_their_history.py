"""Indices keep their history.

A month that is published anew is a new row, and the figures of twelve months stand beside the monthly ones.
A price adjustment says how its months were accumulated, whether a substitute index stood in, what it carried,
and from which day it moves the price of use.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REFUSE_CHANGE_TRIGGER = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON index_values
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

# What earlier versions keep of an index: its monthly variations, each as it was published last.
DROP_HISTORY = """
DELETE FROM index_values AS older WHERE kind <> 'monthly' OR EXISTS (
    SELECT FROM index_values AS newer
    WHERE (newer.index_code, newer.kind, newer.month) = (older.index_code, older.kind, older.month)
    AND newer.revision > older.revision)
"""


def upgrade() -> None:
    for column in (
        sa.Column("kind", sa.Text(), nullable=False, server_default="monthly"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    ):
        op.add_column("index_values", column)
        op.alter_column("index_values", column.name, server_default=None)
    op.drop_constraint(op.f("pk_index_values"), "index_values")
    op.create_primary_key(
        op.f("pk_index_values"), "index_values", ["index_code", "kind", "month", "revision"]
    )
    op.create_check_constraint(
        op.f("ck_index_values_kind"), "index_values", "kind IN ('monthly', 'published_12m')"
    )
    op.create_check_constraint(op.f("ck_index_values_revision"), "index_values", "revision >= 1")
    op.execute(REFUSE_CHANGE_TRIGGER)
    for added in (
        sa.Column("accumulation", sa.Text(), nullable=False, server_default="compound_monthly"),
        sa.Column("substitutes", sa.Text(), nullable=False, server_default=""),
        sa.Column("carried", sa.Numeric(), nullable=False, server_default="1"),
        sa.Column("use_from", sa.Date(), nullable=True),
    ):
        op.add_column("price_adjustments", added)
    for name, check in {
        "accumulation": "accumulation IN ('compound_monthly', 'published_12m')",
        "carried": "carried > 0 AND carried <= 1",
        "use_from": "use_from > effective_on",
    }.items():
        op.create_check_constraint(op.f(f"ck_price_adjustments_{name}"), "price_adjustments", check)


def downgrade() -> None:
    for name in ("accumulation", "carried", "use_from"):
        op.drop_constraint(op.f(f"ck_price_adjustments_{name}"), "price_adjustments")
    for name in ("accumulation", "substitutes", "carried", "use_from"):
        op.drop_column("price_adjustments", name)
    op.execute("DROP TRIGGER refuse_change ON index_values")
    op.execute(DROP_HISTORY)
    for name in ("kind", "revision"):
        op.drop_constraint(op.f(f"ck_index_values_{name}"), "index_values")
    op.drop_constraint(op.f("pk_index_values"), "index_values")
    op.create_primary_key(op.f("pk_index_values"), "index_values", ["index_code", "month"])
    for name in ("kind", "revision", "recorded_at"):
        op.drop_column("index_values", name)
