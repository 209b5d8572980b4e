"""An invoice is a tree of reasons, told as text and as data, in three languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter
from uuid import UUID

import msgspec
import pytest

from invoicing.citing import citation
from invoicing.compose import compose
from invoicing.cycles import Progress, due_parts
from invoicing.documents import Citation, Invoice, LateChargeRecord, Party, TaxPart
from invoicing.explain import explain, explanation, explanation_of_line, text_of
from invoicing.explanation_labels import CATALOGS, Language
from invoicing.invoice_labels import labels_in
from kernel.errors import NotFound
from kernel.ids import AccountId, EntryId, InvoiceId, ItemId, SubscriptionId
from kernel.money import Money
from rating.reasons import Reason, ReasonTold, data_of
from rating.working import Step, step
from tests.architecture.house import PACKAGES, modules, tree_of
from tests.unit.invoicing.agreements import PLATFORM, SUPPORT, contract_of

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
ID = UUID(int=1)
CLAUSE = Citation(clause="T-1", place="1", says="A test.", document="test-terms 1")


def invoice_of(*, withheld: bool = False, tax_id: str = "TES010101AAA") -> Invoice:
    """Return an invoice of February over January's support and February's platform."""
    contract = contract_of(PLATFORM, SUPPORT)
    lines = compose(contract, due_parts(contract, Progress(FEB, JAN), FEB), {}, {}).lines
    if withheld:
        kept = TaxPart(code="ISR", percent=Decimal("1.25"), amount=Decimal("24.99"))
        lines = (msgspec.structs.replace(lines[0], withheld=(kept,)), *lines[1:])
    customer = msgspec.structs.replace(contract.account, tax_id=tax_id)
    return Invoice(
        account_id=AccountId(ID),
        invoice_id=InvoiceId(ID),
        subscription_id=SubscriptionId(ID),
        number="T-000001",
        subscription="main",
        plan="plan v1",
        currency="MXN",
        issued_on=FEB,
        due_on=date(2026, 2, 21),
        issuer=Party.of_entity(contract.entity),
        customer=Party.of_account(customer),
        documents=("test-terms 1", "order-form 1"),
        lines=lines,
        payment_clause=citation(contract, contract.terms.clause_of("T-1")),
        issued_at=datetime(2026, 2, 1, 12, tzinfo=UTC),
    )


LATE = LateChargeRecord(
    account_id=AccountId(ID),
    item_id=ItemId(ID),
    through=date(2026, 3, 31),
    entry_id=EntryId(ID),
    fine=Money.of("1.00", "MXN"),
    interest=Money.of("0.50", "MXN"),
    correction=Money.zero("MXN"),
    cites=CLAUSE,
    working=(step("fine", 1, percent=10, base=10, currency="MXN", clause="T-1"),),
)


def test_an_invoice_reads_from_its_head_to_its_late_charges() -> None:
    """Who, when, by which papers; each line with its steps and clause; the sums; what being late cost."""
    invoice = invoice_of()

    assert (
        "Invoice T-000001",
        "  from Test MX (TES010101AAA)",
        "  to   Acme (TES010101AAA)",
        "  subscription main, plan plan v1, in MXN",
        "  issued 2026-02-01, due 2026-02-21 [T-1]",
        "       A test.",
        "  terms: test-terms 1, order-form 1",
        "",
        "  1. Platform, 2026-02-01 to 2026-02-28 (fee)",
        "       1 x 1,999.00 MXN = 1,999.00 MXN",
        "       amount: 1,999.00 MXN",
        "       IVA 16 % of 1,999.00 MXN = 319.84 MXN",
        "       net 1,999.00 MXN, tax 319.84 MXN, to pay 2,318.84 MXN",
        "       [T-1] 1: A test. (test-terms 1)",
        "",
        "  2. Support, 2026-01-01 to 2026-01-31 (fee)",
        "       1 x 310.00 MXN = 310.00 MXN",
        "       amount: 310.00 MXN",
        "       IVA 16 % of 310.00 MXN = 49.60 MXN",
        "       net 310.00 MXN, tax 49.60 MXN, to pay 359.60 MXN",
        "       [T-1] 1: A test. (test-terms 1)",
        "",
        "Net    2,309.00 MXN",
        "IVA 16 %  369.44 MXN",
        "Total  2,678.44 MXN",
        f"Content SHA-256 {invoice.digest}",
        "",
        "Late charges through 2026-03-31: 1.50 MXN",
        "       fine 10 % of 10.00 MXN = 1.00 MXN (T-1)",
        "       fine 1.00 MXN, interest 0.50 MXN, correction 0.00 MXN",
        "       [T-1] 1: A test.",
    ) == explain(invoice, [LATE])


def test_what_is_withheld_follows_the_total() -> None:
    """And what is left to pay follows that."""
    lines = explain(invoice_of(withheld=True))

    assert ("Total  2,678.44 MXN", "ISR 1.25 % withheld  -24.99 MXN", "To pay 2,653.45 MXN") == lines[-4:-1]


def test_a_customer_without_a_tax_id_is_told_as_such() -> None:
    """No empty brackets stand behind its name."""
    assert "  to   Acme (no tax id)" in explain(invoice_of(tax_id=""))


def test_it_is_told_in_the_language_asked_for() -> None:
    """Portuguese has its own words, points and commas; the clause stays as it was sent."""
    lines = explain(invoice_of(), language=Language.PORTUGUESE)

    assert "Fatura T-000001" == lines[0]
    assert "  1. Platform, 2026-02-01 a 2026-02-28 (taxa fixa)" in lines
    assert "       líquido 1.999,00 MXN, imposto 319,84 MXN, a pagar 2.318,84 MXN" in lines
    assert "       [T-1] 1: A test. (test-terms 1)" in lines


def test_one_line_is_explained_alone() -> None:
    """With its steps and without head and sums; a line that is not there is refused."""
    lines = text_of(explanation_of_line(invoice_of(), 2), Language.SPANISH)

    assert "  2. Support, 2026-01-01 a 2026-01-31 (cuota)" == lines[0]
    assert 6 == len(lines)
    with pytest.raises(NotFound, match="no such line") as refused:
        explanation_of_line(invoice_of(), 3)
    assert ("line", "1 to 2") == (refused.value.field, refused.value.expected)


def walk(told: Sequence[ReasonTold]) -> Iterator[ReasonTold]:
    """Yield every reason of a tree."""
    for each in told:
        yield each
        yield from walk(each["because"])


@pytest.mark.parametrize("language", Language)
def test_text_and_data_are_one_tree(language: Language) -> None:
    """Every line of the text is a reason of the data, in the same order; the facts know no language."""
    reasons = explanation(invoice_of(withheld=True), [LATE])
    told = list(walk(data_of(reasons, CATALOGS[language])))

    assert [each["text"].strip() for each in told] == [
        line.strip() for line in text_of(reasons, language) if line
    ]
    assert [(each["code"], each["facts"], each["result"]) for each in told] == [
        (each["code"], each["facts"], each["result"]) for each in walk(data_of(reasons))
    ]


def test_the_data_survives_json() -> None:
    """A tree of strings and lists, whose numbers are exact."""
    told = data_of(explanation_of_line(invoice_of(), 1))
    (line,) = msgspec.json.decode(msgspec.json.encode(told))

    assert {"name": "Platform", "first": "2026-02-01", "last": "2026-02-28"} == line["facts"]
    assert ["units", "amount", "tax", "line_sums", "cited"] == [each["code"] for each in line["because"]]


@pytest.mark.parametrize("language", Language)
def test_the_pdf_prints_steps_in_the_same_words(language: Language) -> None:
    """What a page and a screen say of a step is one template."""
    printed = labels_in(language).working.templates

    assert printed == {code: CATALOGS[language].templates[code] for code in printed}


def fields_of(template: str) -> set[tuple[str, str]]:
    """Return the facts that a template prints, each with how it does."""
    return {(name, how or "") for _, name, how, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", [Language.SPANISH, Language.PORTUGUESE])
def test_every_label_is_there_in_every_language(language: Language) -> None:
    """Each says the same facts in words of its own; only what is all facts may read alike."""
    english, other = CATALOGS[Language.ENGLISH].templates, CATALOGS[language].templates

    assert {code: fields_of(text) for code, text in english.items()} == {
        code: fields_of(text) for code, text in other.items()
    }
    alike = {code for code, text in english.items() if other[code] == text}
    assert {"units", "factor", "tax", "combination", "clause_says", "cited", "late_cited"} >= alike


def codes_in_code() -> set[str]:
    """Return the code of every step that the source makes with a code written out."""
    calls = (
        node
        for name, path in modules(*PACKAGES).items()
        if name.startswith(("rating.", "invoicing."))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "step"
    )
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


def test_every_step_that_is_made_has_its_label() -> None:
    """Whoever adds a step adds its words: none is printed fact by fact."""
    found = codes_in_code()

    assert {"units", "tax_withheld", "mean_level", "line_sums"} <= found
    assert set() == found - set(CATALOGS[Language.ENGLISH].templates)


def test_a_step_of_an_unknown_code_is_told_fact_by_fact() -> None:
    """A stored code that this version no longer writes is left out nowhere."""
    reason = Reason(Step("of_old", {"fact": "1"}, "2"))

    assert ("of_old: fact 1 = 2",) == text_of([reason])
    assert "of_old: fact 1 = 2" == data_of([reason])[0]["text"]
