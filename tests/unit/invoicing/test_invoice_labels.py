"""Three languages say the same, each in its own way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from string import Formatter

import pytest

from invoicing.invoice_labels import ENGLISH, LABELS, PORTUGUESE, SPANISH, Labels, labels_in
from kernel.money import Money
from kernel.periods import Period
from rating.working import ENGLISH as ENGLISH_WORKING


def fields_of(template: str) -> set[tuple[str, str]]:
    """Return the facts that a template prints, each with how it does."""
    parsed = Formatter().parse(template)
    return {(name, how or "") for _, name, how, _ in parsed if name is not None}


@pytest.mark.parametrize("labels", [SPANISH, PORTUGUESE])
def test_a_language_prints_every_step_of_a_working_with_all_its_facts(labels: Labels) -> None:
    """Who adds a step in English adds it in the others; a translation leaves out no number."""
    templates = labels.working.templates

    assert set(ENGLISH_WORKING.templates) == set(templates)
    assert {code: fields_of(text) for code, text in ENGLISH_WORKING.templates.items()} == {
        code: fields_of(text) for code, text in templates.items()
    }
    same_by_nature = {"units", "factor", "tax", "combination"}
    assert same_by_nature >= {
        code for code, text in ENGLISH_WORKING.templates.items() if templates[code] == text
    }


@pytest.mark.parametrize(
    ("labels", "amount", "money", "number", "day", "period"),
    [
        (ENGLISH, "1,999.00", "1,999.00 MXN", "12,337.5", "Nov 21, 2026", "Oct 15 – Nov 14, 2026"),
        (SPANISH, "1,999.00", "1,999.00 MXN", "12,337.5", "21 nov 2026", "15 de oct – 14 de nov 2026"),
        (
            PORTUGUESE,
            "1.999,00",
            "1.999,00 MXN",
            "12.337,5",
            "21 de nov. de 2026",
            "15 de out. – 14 de nov. de 2026",
        ),
    ],
)
def test_numbers_and_days_follow_the_language(  # noqa: PLR0917 - one column each
    labels: Labels, amount: str, money: str, number: str, day: str, period: str
) -> None:
    """Points and commas, names of months, and the last day of a period, which belongs to it."""
    price = Money.of("1999", "MXN")

    assert (amount, money) == (labels.amount(price), labels.money(price))
    assert number == labels.number(Decimal("12337.50"))
    assert day == labels.day(date(2026, 11, 21))
    written = labels.period(Period(date(2026, 10, 15), date(2026, 11, 15)))
    assert period == written.replace("\u2009", " ")


def test_an_amount_has_the_decimals_of_its_currency() -> None:
    """None in Chile, three in Kuwait, and a credit bears its sign."""
    assert "1,235" == ENGLISH.amount(Money.of(1235, "CLP"))
    assert "0.500" == ENGLISH.amount(Money.of("0.5", "KWD"))
    assert "-999,999,999,999,999.10" == ENGLISH.amount(Money.of("-999999999999999.10", "USD"))


def test_a_number_is_never_rounded() -> None:
    """Twelve places are printed if they are there, zeros that say nothing are not."""
    assert "0.123456789012" == ENGLISH.number(Decimal("0.123456789012"))
    assert "1,000" == ENGLISH.number(Decimal("1E+3"))


def test_a_unit_is_named_by_its_number() -> None:
    """One conversation, two conversations; a unit without a word here is printed as the terms have it."""
    assert "conversación" == SPANISH.unit("conversation", Decimal(1))
    assert "conversaciones" == SPANISH.unit("conversation", Decimal(0))
    assert "orquestación" == SPANISH.unit("orquestación", Decimal(2))
    assert "" == SPANISH.unit("", Decimal(2))


def test_every_language_names_the_same_units() -> None:
    """A unit that has a word in one language has one in each."""
    assert [set(ENGLISH.units)] * len(LABELS) == [set(labels.units) for labels in LABELS.values()]


def test_a_tax_id_bears_the_name_of_its_country() -> None:
    """RFC in Mexico, CNPJ or CPF in Brazil, and the language's word elsewhere."""
    assert "RFC MNO200115AB3" == ENGLISH.tax_id_of("MX", "MNO200115AB3")
    assert "CNPJ/CPF 11.222.333/0001-81" == SPANISH.tax_id_of("BR", "11.222.333/0001-81")
    assert "ID fiscal 12-3456789" == SPANISH.tax_id_of("US", "12-3456789")


@pytest.mark.parametrize(
    ("tag", "labels"),
    [
        ("es", SPANISH),
        ("pt-BR", PORTUGUESE),
        ("pt_PT", PORTUGUESE),
        ("EN", ENGLISH),
        ("de", ENGLISH),
        ("", ENGLISH),
    ],
)
def test_a_tag_finds_its_language(tag: str, labels: Labels) -> None:
    """By its first part; English for one without words here."""
    assert labels is labels_in(tag)
