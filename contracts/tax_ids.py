"""Tax ids: an RFC in Mexico, a CNPJ or a CPF in Brazil; other countries' are taken as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stdnum.br import cnpj, cpf
from stdnum.mx import rfc

from kernel.errors import InvalidInput

#: Letters and digits of an RFC with its last three, which a CFDI needs: 12 of a company, 13 of a person.
RFC_LENGTHS = (12, 13)


def _is_rfc(number: str) -> bool:
    # The check digit is not asked for: some 1.5 % of the RFCs in use do not obey it (python-stdnum, mx.rfc).
    return rfc.is_valid(number) and len(rfc.compact(number)) in RFC_LENGTHS


def _is_brazilian(number: str) -> bool:
    return cnpj.is_valid(number) or cpf.is_valid(number)


_RULES: Mapping[str, tuple[Callable[[str], bool], str]] = MappingProxyType(
    {
        "MX": (_is_rfc, "an RFC of 12 or 13 characters"),
        "BR": (_is_brazilian, "a CNPJ or a CPF with its check digits"),
    }
)


def check_tax_id(number: str, country: str) -> None:
    """Refuse a tax id that its country cannot have given; an empty one is not known yet, and fine."""
    if not number or country not in _RULES:
        return
    holds, expected = _RULES[country]
    if not holds(number):
        raise InvalidInput("not a tax id of this country", field="tax_id", value=number, expected=expected)
