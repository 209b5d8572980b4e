"""Rows of invoicing: invoices and their lines, marks, progress, late charges, runs, problems, numbers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.metadata import (
    ACCOUNT_SCOPE,
    REFERENCE_SCOPE,
    account_key,
    amount_column,
    day_column,
    instant_column,
    json_column,
    metadata,
    text_column,
    uuid_column,
)

#: The next number of each legal entity's series; locked last in a transaction and for as short as can be.
invoice_series = Table(
    "invoice_series",
    metadata,
    text_column("entity", key=True),
    text_column("series", key=True),
    Column("next_number", BigInteger, nullable=False),
    CheckConstraint("next_number >= 1", name="next_number_positive"),
    info=REFERENCE_SCOPE,
)

invoices = Table(
    "invoices",
    metadata,
    account_key(),
    uuid_column("invoice_id", key=True),
    uuid_column("subscription_id"),
    text_column("entity"),
    text_column("number"),
    text_column("subscription"),
    text_column("plan"),
    text_column("currency"),
    day_column("issued_on"),
    day_column("due_on"),
    amount_column("net"),
    amount_column("tax"),
    amount_column("total"),
    json_column("issuer"),
    json_column("customer"),
    json_column("documents"),
    json_column("payment_clause"),
    text_column("digest"),
    instant_column("issued_at"),
    UniqueConstraint("account_id", "number"),
    CheckConstraint("net + tax = total", name="adds_up"),
    CheckConstraint("total >= 0", name="total_not_negative"),
    CheckConstraint("due_on >= issued_on", name="due_after_issue"),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    Index("ix_invoices_number", "number"),
    Index("ix_invoices_issued_on_number", "issued_on", "number"),
    Index("ix_invoices_account_id_subscription_id", "account_id", "subscription_id"),
    info=ACCOUNT_SCOPE,
)

invoice_lines = Table(
    "invoice_lines",
    metadata,
    account_key(),
    uuid_column("invoice_id", key=True),
    Column("line_no", Integer, primary_key=True),
    text_column("kind"),
    text_column("charge"),
    text_column("name"),
    text_column("meter"),
    text_column("unit"),
    day_column("period_start"),
    day_column("period_end"),
    amount_column("quantity"),
    amount_column("net"),
    amount_column("tax"),
    amount_column("gross"),
    json_column("taxes"),
    text_column("clause"),
    json_column("cites"),
    json_column("working"),
    json_column("withheld"),
    CheckConstraint("net + tax = gross", name="adds_up"),
    CheckConstraint("period_start < period_end", name="period_not_empty"),
    CheckConstraint(
        "kind IN ('fee', 'usage', 'late_usage', 'true_up', 'estimate', 'penalty', 'sla_credit')",
        name="kind_known",
    ),
    ForeignKeyConstraint(["account_id", "invoice_id"], ["invoices.account_id", "invoices.invoice_id"]),
    info=ACCOUNT_SCOPE,
)

#: What coupons and credits gave to lines; less than nothing where a line gave something back.
drawdowns = Table(
    "drawdowns",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("source", key=True),
    text_column("code", key=True),
    day_column("given_on", key=True),
    uuid_column("invoice_id", key=True),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    text_column("charge"),
    day_column("period_start"),
    day_column("period_end"),
    amount_column("amount"),
    text_column("currency"),
    CheckConstraint("source IN ('coupon', 'credits')", name="source_known"),
    CheckConstraint("amount <> 0", name="amount_not_zero"),
    ForeignKeyConstraint(["account_id", "invoice_id"], ["invoices.account_id", "invoices.invoice_id"]),
    info=ACCOUNT_SCOPE,
)

billing_marks = Table(
    "billing_marks",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("charge", key=True),
    day_column("period_start", key=True),
    day_column("period_end"),
    amount_column("quantity"),
    amount_column("amount"),
    text_column("currency"),
    CheckConstraint("period_start < period_end", name="period_not_empty"),
    info=ACCOUNT_SCOPE,
)

billing_progress = Table(
    "billing_progress",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    day_column("advance_through"),
    day_column("arrears_through"),
    info=ACCOUNT_SCOPE,
)

#: What late payment of an item cost, each assessment with its working; the journal holds the amounts too.
late_charges = Table(
    "late_charges",
    metadata,
    account_key(),
    uuid_column("item_id", key=True),
    day_column("through", key=True),
    uuid_column("entry_id"),
    text_column("currency"),
    amount_column("fine"),
    amount_column("interest"),
    amount_column("correction"),
    json_column("cites"),
    json_column("working"),
    info=ACCOUNT_SCOPE,
)

#: One run of one day; it spans all accounts, and one row is written a run.
invoice_runs = Table(
    "invoice_runs",
    metadata,
    uuid_column("run_id", key=True),
    day_column("as_of"),
    instant_column("started_at"),
    instant_column("finished_at", null=True),
    Column("invoices", Integer, nullable=False, server_default="0"),
    Column("problems", Integer, nullable=False, server_default="0"),
    info=REFERENCE_SCOPE,
)

billing_problems = Table(
    "billing_problems",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    text_column("code", key=True),
    uuid_column("run_id"),
    Column("as_of", Date, nullable=False),
    text_column("subject"),
    text_column("message"),
    text_column("field"),
    text_column("value"),
    text_column("expected"),
    Column("place", Text, nullable=False, server_default=""),
    instant_column("recorded_at"),
    info=ACCOUNT_SCOPE,
)

#: What a contract that ended gives back of prepaid fees: ``paid_back`` of it, the rest lowers what is unpaid.
refunds_due = Table(
    "refunds_due",
    metadata,
    account_key(),
    uuid_column("notice_id", key=True),
    uuid_column("subscription_id"),
    text_column("currency"),
    amount_column("net"),
    amount_column("tax"),
    amount_column("gross"),
    amount_column("paid_back"),
    json_column("lines"),
    text_column("clause"),
    text_column("document"),
    instant_column("recorded_at"),
    ForeignKeyConstraint(
        ["account_id", "notice_id"], ["contract_notices.account_id", "contract_notices.notice_id"]
    ),
    CheckConstraint("net + tax = gross", name="sums"),
    CheckConstraint("paid_back BETWEEN 0 AND gross", name="paid_back_within"),
    info=ACCOUNT_SCOPE,
)

#: What pays for no period and waits for an invoice: a penalty, or a credit, which is less than nothing.
pending_lines = Table(
    "pending_lines",
    metadata,
    account_key(),
    uuid_column("subscription_id", key=True),
    uuid_column("pending_id", key=True),
    text_column("kind"),
    text_column("code"),
    text_column("name"),
    text_column("currency"),
    amount_column("amount"),
    Column("taxed", Boolean, nullable=False),
    day_column("period_start"),
    day_column("period_end"),
    day_column("due_on"),
    json_column("cites"),
    json_column("working"),
    text_column("reason"),
    text_column("decided_by"),
    instant_column("recorded_at"),
    day_column("billed_on", null=True),
    ForeignKeyConstraint(
        ["account_id", "subscription_id"], ["subscriptions.account_id", "subscriptions.subscription_id"]
    ),
    CheckConstraint("kind IN ('penalty', 'sla_credit')", name="kind_known"),
    CheckConstraint("period_start < period_end", name="period_not_empty"),
    CheckConstraint("(kind = 'penalty' AND amount > 0) OR (kind = 'sla_credit' AND amount < 0)", name="sign"),
    Index("ix_pending_lines_waiting", "account_id", "due_on", postgresql_where=text("billed_on IS NULL")),
    info=ACCOUNT_SCOPE,
)
