"""The states of a service.

A service may be paused and a part of it may end, each state says why and who decided; invoice runs learn of
states that changed; force majeure is kept by its days.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATES = "state IN ('ended', 'partially_suspended', 'paused', 'suspended', 'terminated')"
STATES_BEFORE = "state IN ('partially_suspended', 'suspended', 'terminated')"
PARTS = "(part <> '') = (state IN ('ended', 'partially_suspended'))"
PARTS_BEFORE = "(part <> '') = (state = 'partially_suspended')"
AGREED = "clause <> '' OR state NOT IN ('ended', 'paused')"

#: What an earlier version does not know, and cannot keep.
UNKNOWN_BEFORE = "DELETE FROM service_states WHERE state IN ('ended', 'paused')"

DAYS_ONCE = """
ALTER TABLE force_majeure ADD CONSTRAINT uq_force_majeure_days_once
UNIQUE (account_id, subscription_id, during WITHOUT OVERLAPS)
"""


def upgrade() -> None:
    for name in ("clause", "reason", "decided_by"):
        op.add_column("service_states", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("service_states", name, server_default=None)
    _check("state", STATES)
    _check("part_if_partial", PARTS)
    op.create_check_constraint(op.f("ck_service_states_agreed_by_a_clause"), "service_states", AGREED)
    op.create_table(
        "late_states",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_late_states_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "part", name=op.f("pk_late_states")),
        info={"scope": "account"},
    )
    op.create_table(
        "force_majeure",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.DATERANGE(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT lower_inf(during) AND NOT upper_inf(during)", name=op.f("ck_force_majeure_begins_and_ends")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "subscription_id"],
            ["subscriptions.account_id", "subscriptions.subscription_id"],
            name=op.f("fk_force_majeure_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "during", name=op.f("pk_force_majeure")),
        info={"scope": "account"},
    )
    op.execute(DAYS_ONCE)


def downgrade() -> None:
    op.drop_table("force_majeure")
    op.drop_table("late_states")
    op.execute(UNKNOWN_BEFORE)
    op.drop_constraint(op.f("ck_service_states_agreed_by_a_clause"), "service_states", type_="check")
    _check("part_if_partial", PARTS_BEFORE)
    _check("state", STATES_BEFORE)
    for name in ("decided_by", "reason", "clause"):
        op.drop_column("service_states", name)


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_service_states_{name}"), "service_states", type_="check")
    op.create_check_constraint(op.f(f"ck_service_states_{name}"), "service_states", condition)
