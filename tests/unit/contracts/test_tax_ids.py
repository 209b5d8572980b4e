"""A tax id that its country cannot have given is refused before it stands on an invoice."""

from __future__ import annotations

import pytest

from contracts.tax_ids import check_tax_id
from kernel.errors import InvalidInput


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("FLN120514T42", "MX"),
        ("GODE561231GR8", "MX"),
        ("VACE460910SX6", "MX"),  # in use, although its check digit is not what the rule gives
        ("XAXX010101000", "MX"),
        ("28.761.430/0001-45", "BR"),
        ("28761430000145", "BR"),
        ("390.533.447-05", "BR"),
        ("", "MX"),
        ("36-4780247", "US"),
    ],
)
def test_tax_ids_in_use_are_taken(number: str, country: str) -> None:
    """An RFC, a CNPJ or a CPF passes; an unknown one may be left out; other countries are not judged."""
    check_tax_id(number, country)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("FLN121314T42", "MX"),  # there is no 13th month
        ("FLN120514", "MX"),  # without the last three, which a CFDI needs
        ("28.761.430/0001-46", "BR"),
        ("FLN120514T42", "BR"),
    ],
)
def test_tax_ids_that_cannot_be_are_refused(number: str, country: str) -> None:
    """A typing error is found by the date in an RFC and by the check digits of a CNPJ."""
    with pytest.raises(InvalidInput) as caught:
        check_tax_id(number, country)

    assert ("tax_id", number) == (caught.value.field, caught.value.value)
