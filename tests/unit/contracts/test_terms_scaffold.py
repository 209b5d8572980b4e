"""The scaffold is valid, and shows every rule, every field of it, every word and every kind of meter."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any, get_args

import msgspec
import pytest

from contracts.clauses import DocumentHead, Layer
from contracts.rules import DunningAction, DunningStep
from contracts.terms import FAMILIES, SINGULAR, Rules, TermsDocument, member_type, stated_rules
from contracts.terms_checks import check_terms
from contracts.terms_scaffold import LINE, scaffold
from tests.unit.contracts.papers import document, toml


def scaffolded(layer: Layer = Layer.GENERAL, vendor: str = "acme") -> str:
    """Return the scaffold of a vendor."""
    return scaffold(
        DocumentHead(
            id=f"{vendor}-own",
            vendor=vendor,
            layer=layer,
            title=f'The "own" terms of {vendor}',
            version="1",
            effective_from=date(2026, 1, 1),
        )
    )


def raw() -> dict[str, Any]:
    """Return what the scaffold's text holds."""
    return tomllib.loads(scaffolded())


@pytest.mark.parametrize("layer", [Layer.GENERAL, Layer.ANNEX])
@pytest.mark.parametrize("vendor", ["acme", 'ac"me', "café-1"])
def test_it_passes_the_check(layer: Layer, vendor: str) -> None:
    """What is handed to a vendor is valid as it stands, whatever the vendor's code."""
    assert () == check_terms(toml(scaffolded(layer, vendor)), ()).problems


def test_it_shows_every_field_of_every_rule() -> None:
    """A rule or a field that is new in the types is in the scaffold the same day."""
    fields = msgspec.structs.fields(Rules)
    kinds = {
        each.name: next(kind for kind in get_args(each.type) if kind is not type(None)) for each in fields
    }

    assert {name: set(kind.__struct_fields__) for name, kind in kinds.items()} == {
        name: set(rule) for name, rule in raw()["rules"].items()
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_it_shows_every_kind_of_a_family_with_its_fields(name: str) -> None:
    """One member of each kind; a field without a value stands there as a remark."""
    kinds = get_args(member_type(name)) or (member_type(name),)
    tagged = {str(kind.__struct_config__.tag or SINGULAR[name]): kind for kind in kinds}
    shown = {str(each.get("kind", SINGULAR[name])): each for each in raw()[name].values()}
    absent = {each.name for kind in kinds for each in msgspec.structs.fields(kind) if each.default is None}

    assert tagged.keys() == shown.keys()
    for code, kind in tagged.items():
        assert set(kind.__struct_fields__) - absent == set(shown[code]) - {"kind"}


def test_its_ladder_has_a_rung_of_every_action() -> None:
    """Each action that a rung may take is there once, with all its fields."""
    steps = raw()["rules"]["dunning"]["steps"]

    assert [action.value for action in DunningAction] == [step["action"] for step in steps]
    assert [set(DunningStep.__struct_fields__)] * len(steps) == [set(step) for step in steps]


def test_it_has_a_clause_for_each_thing_that_it_states() -> None:
    """No two cite the same clause, and none is left over."""
    made = document(scaffolded())
    cited = [rule.clause for _, rule in stated_rules(made)]

    assert sorted(clause.id for clause in made.clause) == sorted(cited)


def test_it_explains_what_it_shows() -> None:
    """What a type promises stands above its table, without another vendor's clauses; words stand beside."""
    text = scaffolded()

    assert "# What a late payment costs: a fine once, interest by the month pro rata die" in text
    assert 'day_basis = "thirty"  # thirty, calendar_month, year_365, started_month' in text
    assert [] == [line for line in text.splitlines() if "Annex" in line or "``" in line]
    assert LINE >= max(len(line) for line in text.splitlines() if line.startswith("#"))


def test_it_is_read_as_what_was_asked() -> None:
    """The head is the one that was given."""
    made: TermsDocument = document(scaffolded(Layer.ANNEX))

    assert ("acme-own", "acme", Layer.ANNEX, 'The "own" terms of acme') == (
        made.document.id,
        made.document.vendor,
        made.document.layer,
        made.document.title,
    )
