"""Rows of contracts: reference data that every node holds, and the accounts with their subscriptions."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from contracts.indices import Figure
from contracts.rules import Accumulation
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

#: What was published of an index, and what was published anew: the highest revision of a month counts.
index_values = Table(
    "index_values",
    metadata,
    text_column("index_code", key=True),
    text_column("kind", key=True),
    day_column("month", key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("variation_percent", Numeric, nullable=False),
    instant_column("recorded_at"),
    one_of("kind", Figure),
    CheckConstraint("EXTRACT(DAY FROM month) = 1", name="first_day"),
    CheckConstraint("revision >= 1", name="revision"),
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
    Column("accumulation", Text, nullable=False, server_default=Accumulation.COMPOUND_MONTHLY),
    Column("substitutes", Text, nullable=False, server_default=""),
    Column("carried", Numeric, nullable=False, server_default="1"),
    day_column("use_from", null=True),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint("factor > 0", name="factor"),
    CheckConstraint("first_month <= last_month", name="months"),
    CheckConstraint("carried > 0 AND carried <= 1", name="carried"),
    CheckConstraint("use_from > effective_on", name="use_from"),
    one_of("accumulation", Accumulation),
    info=ACCOUNT_SCOPE,
)

#: A customer holds a product once at a time.
PRODUCT_ONCE_AT_A_TIME = "uq_subscriptions_account_id_product_during"
