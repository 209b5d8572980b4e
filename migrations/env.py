"""How Alembic reaches the database: over the connection that it is handed, or the configured one."""

from __future__ import annotations

import re

from alembic import context
from sqlalchemy import Connection

from db.engine import database
from db.schema import whole_schema

#: What SQLAlchemy cannot declare and the migrations write as SQL.
TEMPORAL_KEYS = (
    "uq_subscriptions_account_id_product_during",
    "uq_service_states_one_at_a_time",
    "uq_seat_assignments_seat_during",
    "uq_seat_assignments_holder_during",
    "uq_force_majeure_days_once",
)

#: A partition: ``usage_events_2026_02``.
MONTH = re.compile(r"[a-z_]+_\d{4}_\d{2}")


def is_compared(_entity: object, name: str | None, kind: str, reflected: object, other: object) -> bool:
    """Leave out of the comparison what only the migrations know, and the months of a table of months."""
    is_month = kind == "table" and reflected and other is None and MONTH.fullmatch(name or "") is not None
    return name not in TEMPORAL_KEYS and not is_month


def migrate(connection: Connection) -> None:
    """Run what Alembic was asked for, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=whole_schema(),
        include_object=is_compared,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    migrate(handed)
else:
    with database() as engine, engine.connect() as opened:
        migrate(opened)
        opened.commit()
