"""A service may be suspended for another cause than a debt: the code under which the terms allow it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMED = "code = '' OR (state IN ('suspended', 'partially_suspended') AND clause <> '' AND decided_by <> '')"


def upgrade() -> None:
    op.add_column("service_states", sa.Column("code", sa.Text(), nullable=False, server_default=""))
    op.alter_column("service_states", "code", server_default=None)
    op.create_check_constraint(op.f("ck_service_states_named_suspension"), "service_states", NAMED)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_service_states_named_suspension"), "service_states", type_="check")
    op.drop_column("service_states", "code")
