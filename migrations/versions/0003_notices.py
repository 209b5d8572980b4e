"""Notices, and what they bring: changed prices, held versions of documents, ends by a clause, refunds due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OF_SUBSCRIPTION = (
    ["account_id", "subscription_id"],
    ["subscriptions.account_id", "subscriptions.subscription_id"],
)
OF_NOTICE = (["account_id", "notice_id"], ["contract_notices.account_id", "contract_notices.notice_id"])

#: Contracts that a ladder has ended bear its clause, so that no book revives them.
ENDED_BY_DUNNING = """
UPDATE subscriptions SET ended_by = acted.clause FROM (
    SELECT DISTINCT ON (account_id, subscription_id) account_id, subscription_id, clause
    FROM dunning_actions WHERE action = 'terminate' AND status IN ('done', 'confirmed')
    ORDER BY account_id, subscription_id, decided_on
) AS acted
WHERE subscriptions.account_id = acted.account_id
    AND subscriptions.subscription_id = acted.subscription_id AND NOT upper_inf(subscriptions.during)
"""


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("ended_by", sa.Text(), nullable=False, server_default=""))
    op.alter_column("subscriptions", "ended_by", server_default=None)
    op.add_column("subscriptions", sa.Column("follows", sa.Uuid(), nullable=True))
    op.execute(ENDED_BY_DUNNING)
    op.create_table(
        "contract_notices",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('change', 'ending', 'renewal_refused', 'plan_change')",
            name=op.f("ck_contract_notices_kind"),
        ),
        sa.CheckConstraint("sender IN ('customer', 'vendor')", name=op.f("ck_contract_notices_sender")),
        sa.CheckConstraint(
            "answer IN ('', 'accepted', 'rejected', 'mended')", name=op.f("ck_contract_notices_answer")
        ),
        sa.CheckConstraint(
            "outcome IN ('', 'changed', 'rejected', 'ended', 'mended', 'lapsed', 'withdrawn')",
            name=op.f("ck_contract_notices_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome = '') = (settled_on IS NULL)", name=op.f("ck_contract_notices_settled_on_a_day")
        ),
        sa.CheckConstraint(
            "(answer = '') = (answered_on IS NULL)", name=op.f("ck_contract_notices_answered_on_a_day")
        ),
        sa.CheckConstraint("delivered_on >= sent_on", name=op.f("ck_contract_notices_delivered_once_sent")),
        sa.CheckConstraint("answered_on >= sent_on", name=op.f("ck_contract_notices_answered_once_sent")),
        sa.ForeignKeyConstraint(*OF_SUBSCRIPTION, name=op.f("fk_contract_notices_subscriptions")),
        sa.PrimaryKeyConstraint("account_id", "notice_id", name=op.f("pk_contract_notices")),
        info={"scope": "account"},
    )
    op.create_index(
        "ix_contract_notices_open",
        "contract_notices",
        ["account_id"],
        postgresql_where=sa.text("settled_on IS NULL"),
    )
    op.create_table(
        "price_changes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("factor", sa.Numeric(), nullable=False),
        sa.Column("charges", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("factor > 0", name=op.f("ck_price_changes_factor")),
        sa.ForeignKeyConstraint(*OF_SUBSCRIPTION, name=op.f("fk_price_changes_subscriptions")),
        sa.ForeignKeyConstraint(*OF_NOTICE, name=op.f("fk_price_changes_contract_notices")),
        sa.PrimaryKeyConstraint("account_id", "subscription_id", "notice_id", name=op.f("pk_price_changes")),
        info={"scope": "account"},
    )
    op.create_table(
        "held_versions",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(*OF_SUBSCRIPTION, name=op.f("fk_held_versions_subscriptions")),
        sa.ForeignKeyConstraint(
            ["document_id", "version"],
            ["terms_documents.id", "terms_documents.version"],
            name=op.f("fk_held_versions_terms_documents"),
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "subscription_id",
            "document_id",
            "effective_on",
            name=op.f("pk_held_versions"),
        ),
        info={"scope": "account"},
    )
    op.create_table(
        "refunds_due",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net", sa.Numeric(), nullable=False),
        sa.Column("tax", sa.Numeric(), nullable=False),
        sa.Column("gross", sa.Numeric(), nullable=False),
        sa.Column("paid_back", sa.Numeric(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("net + tax = gross", name=op.f("ck_refunds_due_sums")),
        sa.CheckConstraint("paid_back BETWEEN 0 AND gross", name=op.f("ck_refunds_due_paid_back_within")),
        sa.ForeignKeyConstraint(*OF_NOTICE, name=op.f("fk_refunds_due_contract_notices")),
        sa.PrimaryKeyConstraint("account_id", "notice_id", name=op.f("pk_refunds_due")),
        info={"scope": "account"},
    )


def downgrade() -> None:
    for table in ("refunds_due", "held_versions", "price_changes", "contract_notices"):
        op.drop_table(table)
    op.drop_column("subscriptions", "follows")
    op.drop_column("subscriptions", "ended_by")
