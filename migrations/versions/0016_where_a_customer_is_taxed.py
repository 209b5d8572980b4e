"""Customers have a tax region, a reason of exemption and taxes that they withhold; lines say what is withheld."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OF_ACCOUNTS = ("tax_region", "tax_exempt", "withholds")

BEFORE = "'receivable', 'revenue', 'tax_payable', 'late_charge_income', 'cash', 'unapplied_cash'"


def upgrade() -> None:
    for name in OF_ACCOUNTS:
        op.add_column("accounts", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("accounts", name, server_default=None)
    op.add_column(
        "invoice_lines",
        sa.Column(
            "withheld",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default=sa.text("'[]'"),
        ),
    )
    op.alter_column("invoice_lines", "withheld", server_default=None)
    _ledgers(f"{BEFORE}, 'tax_withheld'")


def downgrade() -> None:
    _ledgers(BEFORE)
    op.drop_column("invoice_lines", "withheld")
    for name in reversed(OF_ACCOUNTS):
        op.drop_column("accounts", name)


def _ledgers(known: str) -> None:
    op.drop_constraint(op.f("ck_journal_postings_ledger"), "journal_postings", type_="check")
    op.create_check_constraint(op.f("ck_journal_postings_ledger"), "journal_postings", f"ledger IN ({known})")
