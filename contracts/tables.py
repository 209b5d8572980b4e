"""Rows of contracts: reference data that every node holds, and the accounts with their subscriptions."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from contracts.service_states import OF_A_PART, ServiceState
from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    day_column,
    instant_column,
    json_column,
    metadata,
    one_of,
    text_column,
    uuid_column,
)

vendors = Table(
    "vendors",
    metadata,
    text_column("code", key=True),
    text_column("name"),
    info=REFERENCE_SCOPE,
)

legal_entities = Table(
    "legal_entities",
    metadata,
    text_column("code", key=True),
    text_column("vendor"),
    text_column("name"),
    text_column("tax_id"),
    text_column("country"),
    text_column("subdivision"),
    text_column("currency"),
    text_column("time_zone"),
    json_column("taxes"),
    text_column("address"),
    text_column("email"),
    text_column("bank_account"),
    text_column("series"),
    ForeignKeyConstraint(["vendor"], ["vendors.code"]),
    UniqueConstraint("series"),  # it begins the invoices' numbers, which name one invoice each
    info=REFERENCE_SCOPE,
)

terms_documents = Table(
    "terms_documents",
    metadata,
    text_column("id", key=True),
    text_column("version", key=True),
    text_column("vendor"),
    day_column("effective_from"),
    json_column("body"),
    ForeignKeyConstraint(["vendor"], ["vendors.code"]),
    info=REFERENCE_SCOPE,
)

plans = Table(
    "plans",
    metadata,
    text_column("code", key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    text_column("vendor"),
    text_column("product"),
    text_column("currency"),
    json_column("body"),
    ForeignKeyConstraint(["vendor"], ["vendors.code"]),
    info=REFERENCE_SCOPE,
)

index_values = Table(
    "index_values",
    metadata,
    text_column("index_code", key=True),
    day_column("month", key=True),
    Column("variation_percent", Numeric, nullable=False),
    CheckConstraint("EXTRACT(DAY FROM month) = 1", name="first_day"),
    info=REFERENCE_SCOPE,
)

#: ``account_id`` is computed from ``code``, so the primary key keeps the code unique too.
accounts = Table(
    "accounts",
    metadata,
    account_key(),
    text_column("code"),
    text_column("name"),
    text_column("country"),
    text_column("email"),
    text_column("tax_id"),
    text_column("address"),
    text_column("language"),
    instant_column("recorded_at"),
    info=ACCOUNT_SCOPE,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("code"),
    text_column("product"),
    text_column("plan"),
    Column("plan_version", Integer, nullable=False),
    text_column("entity"),
    day_column("signed_on"),
    Column("during", DATERANGE, nullable=False),
    Column("billing_day", Integer, nullable=False),
    json_column("order_form"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
    ForeignKeyConstraint(["plan", "plan_version"], ["plans.code", "plans.version"]),
    ForeignKeyConstraint(["entity"], ["legal_entities.code"]),
    CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name="begins_and_lasts"),
    CheckConstraint("billing_day BETWEEN 0 AND 31", name="billing_day"),
    info=ACCOUNT_SCOPE,
)

price_adjustments = Table(
    "price_adjustments",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    day_column("effective_on", key=True),
    Column("factor", Numeric, nullable=False),
    text_column("index_code"),
    day_column("first_month"),
    day_column("last_month"),
    Column("variation_percent", Numeric, nullable=False),
    text_column("clause"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint("factor > 0", name="factor"),
    CheckConstraint("first_month <= last_month", name="months"),
    info=ACCOUNT_SCOPE,
)

_SUBSCRIPTION = (
    ["account_id", "subscription_id"],
    ["subscriptions.account_id", "subscriptions.subscription_id"],
)
_PARTS = ", ".join(f"'{state}'" for state in ServiceState if state in OF_A_PART)

#: A service is in one state at a time, in each of its parts: the database refuses an overlap.
service_states = Table(
    "service_states",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("part", key=True),
    Column("during", DATERANGE, primary_key=True),
    text_column("state"),
    text_column("clause"),
    text_column("reason"),
    text_column("decided_by"),
    ForeignKeyConstraint(*_SUBSCRIPTION),
    one_of("state", [state for state in ServiceState if state is not ServiceState.ACTIVE]),
    CheckConstraint(f"(part <> '') = (state IN ({_PARTS}))", name="part_if_partial"),
    CheckConstraint("NOT lower_inf(during)", name="begins"),
    CheckConstraint("clause <> '' OR state NOT IN ('ended', 'paused')", name="agreed_by_a_clause"),
    info=ACCOUNT_SCOPE,
)

#: From which day on a state changed that no invoice run has looked at.
late_states = Table(
    "late_states",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("part", key=True),
    day_column("since"),
    ForeignKeyConstraint(*_SUBSCRIPTION),
    info=ACCOUNT_SCOPE,
)

#: Days are recorded once: the database refuses an overlap.
force_majeure = Table(
    "force_majeure",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    Column("during", DATERANGE, primary_key=True),
    day_column("reported_on"),
    text_column("reason"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(*_SUBSCRIPTION),
    CheckConstraint("NOT lower_inf(during) AND NOT upper_inf(during)", name="begins_and_ends"),
    info=ACCOUNT_SCOPE,
)

#: A customer holds a product once at a time.
PRODUCT_ONCE_AT_A_TIME = "uq_subscriptions_account_id_product_during"
