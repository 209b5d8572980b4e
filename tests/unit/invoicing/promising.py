"""Contracts with discounts, coupons, commitments and credits, and what is drafted of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from contracts.promises import Promise
from contracts.reductions import Reduction
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import Progress, due_parts
from invoicing.drawdowns import NOTHING_GIVEN, Given
from invoicing.promised import promised_due
from invoicing.use_owed import UsageKey, usage_needed
from tests.unit.invoicing.agreements import TERMS

JAN, FEB, MAR = (date(2026, month, 1) for month in (1, 2, 3))


def promising(
    contract: Contract,
    *,
    reductions: Mapping[str, Reduction] | None = None,
    promises: Mapping[str, Promise] | None = None,
) -> Contract:
    """Return a contract whose papers state these too."""
    clause, head = TERMS.clause[0], TERMS.document
    return replace(
        contract,
        terms=replace(
            contract.terms,
            reductions={code: Sourced(each, clause, head) for code, each in (reductions or {}).items()},
            promises={code: Sourced(each, clause, head) for code, each in (promises or {}).items()},
        ),
    )


def drafted(
    contract: Contract,
    as_of: date,
    used: Mapping[UsageKey, Decimal] | None = None,
    *,
    since: date | None = None,
    billed: Mapping[MarkKey, Mark] | None = None,
    given: Given = NOTHING_GIVEN,
) -> Draft:
    """Compose what is due of a contract, from its start or from a day on."""
    progress = Progress(since, since) if since else Progress.at_start(contract)
    due = due_parts(contract, progress, as_of)
    promised = promised_due(contract, progress, as_of, (part.part.start for part in due))
    quantities = {**dict.fromkeys(usage_needed(contract, due), Decimal(0)), **(used or {})}
    return compose(contract, due, quantities, billed or {}, given, promised=promised)


def nets(draft: Draft) -> dict[str, str]:
    """Return what each line owes before taxes, by its charge."""
    return {line.charge: str(line.net) for line in draft.lines}
