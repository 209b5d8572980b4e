"""Rows of contracts: reference data that every node holds, and the accounts with their subscriptions."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import DATERANGE

from contracts.indices import Figure
from contracts.life_rules import Party
from contracts.notices import Answer, NoticeKind, Outcome
from contracts.rules import Accumulation
from contracts.service_states import OF_A_PART, ServiceState
from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    amount_column,
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
    text_column("tax_region"),
    text_column("tax_exempt"),
    text_column("withholds"),
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
    text_column("ended_by"),
    uuid_column("follows", null=True),
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

#: What one side told the other; its delivery, its answer and its consequence are written once each.
contract_notices = Table(
    "contract_notices",
    metadata,
    account_key(),
    uuid_column("notice_id", key=True),
    uuid_column("subscription_id"),
    text_column("kind"),
    text_column("code"),
    text_column("sender"),
    text_column("recipient"),
    text_column("clause"),
    text_column("document"),
    day_column("sent_on"),
    json_column("content"),
    text_column("exception"),
    text_column("part"),
    uuid_column("about", null=True),
    day_column("happened_on", null=True),
    day_column("planned_on", null=True),
    day_column("delivered_on", null=True),
    text_column("answer"),
    day_column("answered_on", null=True),
    text_column("answered_by"),
    text_column("reason"),
    text_column("outcome"),
    day_column("settled_on", null=True),
    day_column("effective_on", null=True),
    instant_column("recorded_at"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    one_of("kind", NoticeKind),
    one_of("sender", (Party.CUSTOMER, Party.VENDOR)),
    one_of("answer", Answer),
    one_of("outcome", Outcome),
    CheckConstraint("(outcome = '') = (settled_on IS NULL)", name="settled_on_a_day"),
    CheckConstraint("(answer = '') = (answered_on IS NULL)", name="answered_on_a_day"),
    CheckConstraint("delivered_on >= sent_on", name="delivered_once_sent"),
    CheckConstraint("answered_on >= sent_on", name="answered_once_sent"),
    Index("ix_contract_notices_open", "account_id", postgresql_where="settled_on IS NULL"),
    info=ACCOUNT_SCOPE,
)

price_changes = Table(
    "price_changes",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    uuid_column("notice_id", key=True),
    day_column("effective_on"),
    Column("factor", Numeric, nullable=False),
    json_column("charges"),
    text_column("clause"),
    text_column("document"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    ForeignKeyConstraint(
        ["account_id", "notice_id"], ["contract_notices.account_id", "contract_notices.notice_id"]
    ),
    CheckConstraint("factor > 0", name="factor"),
    info=ACCOUNT_SCOPE,
)

#: The version of a document that a contract stands under from a day on, if not that of its signature.
held_versions = Table(
    "held_versions",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("document_id", key=True),
    day_column("effective_on", key=True),
    text_column("version"),
    text_column("clause"),
    uuid_column("notice_id", null=True),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    ForeignKeyConstraint(["document_id", "version"], ["terms_documents.id", "terms_documents.version"]),
    info=ACCOUNT_SCOPE,
)

#: What happened, or is planned, under a contract.  The id is computed from the contract, the event and the
#: instant, so the primary key keeps a fact from being recorded twice.
occurrences = Table(
    "occurrences",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    uuid_column("occurrence_id", key=True),
    text_column("event"),
    instant_column("occurred_at"),
    Column("minutes", Integer, nullable=False),
    text_column("note"),
    instant_column("done_at", null=True),
    text_column("done_by"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint("event <> ''", name="has_event"),
    CheckConstraint("minutes >= 0", name="minutes"),
    CheckConstraint("(done_at IS NULL) = (done_by = '')", name="done_by_somebody"),
    info=ACCOUNT_SCOPE,
)

outages = Table(
    "outages",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    uuid_column("outage_id", key=True),
    text_column("part"),
    instant_column("began_at"),
    instant_column("reported_at", null=True),
    instant_column("restored_at", null=True),
    text_column("cause"),
    text_column("note"),
    text_column("recorded_by"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint(
        "cause IN ('fault', 'maintenance', 'requested_change', 'force_majeure', 'third_party', 'customer',"
        " 'network')",
        name="cause_known",
    ),
    CheckConstraint("reported_at >= began_at", name="reported_after_it_began"),
    CheckConstraint("restored_at >= began_at", name="restored_after_it_began"),
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
    text_column("code"),
    ForeignKeyConstraint(*_SUBSCRIPTION),
    one_of("state", [state for state in ServiceState if state is not ServiceState.ACTIVE]),
    CheckConstraint(f"(part <> '') = (state IN ({_PARTS}))", name="part_if_partial"),
    CheckConstraint("NOT lower_inf(during)", name="begins"),
    CheckConstraint("clause <> '' OR state NOT IN ('ended', 'paused')", name="agreed_by_a_clause"),
    CheckConstraint(
        "code = '' OR (state IN ('suspended', 'partially_suspended') AND clause <> '' AND decided_by <> '')",
        name="named_suspension",
    ),
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

#: Credits that a person granted under a contract; what is used of them stands on invoices.
credit_grants = Table(
    "credit_grants",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("code", key=True),
    text_column("name"),
    text_column("clause"),
    amount_column("amount"),
    text_column("currency"),
    day_column("given_on"),
    day_column("expires_on", null=True),
    Column("priority", Integer, nullable=False),
    json_column("charges"),
    text_column("given_by"),
    text_column("reason"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(*_SUBSCRIPTION),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("expires_on > given_on", name="expires_later"),
    info=ACCOUNT_SCOPE,
)

#: Who holds which named seat, and since when.
seat_assignments = Table(
    "seat_assignments",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    Column("seat_no", Integer, primary_key=True, autoincrement=False),
    Column("during", DATERANGE, primary_key=True),
    text_column("holder"),
    text_column("affiliate"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint("seat_no >= 1", name="seat_no"),
    CheckConstraint("holder <> ''", name="named"),
    CheckConstraint("NOT isempty(during) AND NOT lower_inf(during)", name="begins_and_lasts"),
    info=ACCOUNT_SCOPE,
)

#: A seat has one holder at a time, and a person holds one seat at a time.
SEAT_ONCE_AT_A_TIME = "uq_seat_assignments_seat_during"
HOLDER_ONCE_AT_A_TIME = "uq_seat_assignments_holder_during"
