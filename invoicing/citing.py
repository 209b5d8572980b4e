"""Clauses as an invoice prints them: in the customer's language where the terms have it.  Pure."""

from __future__ import annotations

from contracts.clauses import Clause, DocumentHead, Rule
from contracts.subscriptions import Contract
from contracts.terms import Sourced
from invoicing.documents import Citation


def citation(contract: Contract, clause: Clause, document: DocumentHead | None = None) -> Citation:
    """Return a clause as an invoice prints it, in the customer's language where the terms have it."""
    if document is None:
        document = contract.terms.document_of(clause.id)
    says = {"es": clause.says_es, "pt": clause.says_pt}.get(contract.account.language) or clause.says_en
    return Citation(
        clause=clause.id, place=clause.place, says=says, document=f"{document.id} {document.version}"
    )


def citation_of(contract: Contract, sourced: Sourced[Rule]) -> Citation:
    """Return the clause of a rule in force as an invoice prints it."""
    return citation(contract, sourced.clause, sourced.document)
