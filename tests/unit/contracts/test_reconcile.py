"""What was signed is never changed by loading a file; what may be corrected is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from contracts.book_checks import Placed
from contracts.reconcile import ACCOUNTS, ENTITIES, PLANS, SUBSCRIPTIONS, difference
from contracts.subscriptions import OrderForm
from contracts.toml_places import Path, dotted
from tests.parts import ACCOUNT
from tests.unit.contracts.own_vendor import ENTITY, PLAN, SUBSCRIPTION


def where(path: Path) -> str:
    """Name a place by its path."""
    return f"file:{dotted(path)}"


def test_a_plan_version_is_never_changed() -> None:
    """Another price under the same version is a conflict that names the price, its place and the mend."""
    dearer = msgspec.structs.replace(PLAN.charge[0], amount=Decimal(2099))
    found = difference(
        PLANS, [Placed(msgspec.structs.replace(PLAN, charge=(dearer,)), where)], {("pro", 1): PLAN}
    )

    assert ([], [], 0, {("pro", 1)}) == (found.new, found.changed, found.known, found.refused)
    assert [("conflict", "plan pro 1", "file:charge[0].amount", "charge[0].amount", "2099")] == [
        (each.code, each.subject, each.place, each.field, each.value) for each in found.problems
    ]
    assert found.problems[0].expected.startswith("1999, as recorded") is True
    assert found.problems[0].expected.endswith("raise the version") is True


def test_a_raised_version_is_new() -> None:
    """The next version stands beside the one before."""
    second = msgspec.structs.replace(PLAN, version=2)

    assert [second] == [
        each.value for each in difference(PLANS, [Placed(second, where)], {("pro", 1): PLAN}).new
    ]


def test_the_same_again_is_known() -> None:
    """A price written with other zeros is the same price."""
    same = msgspec.structs.replace(
        PLAN, charge=(msgspec.structs.replace(PLAN.charge[0], amount=Decimal("1999.00")),)
    )

    assert 1 == difference(PLANS, [Placed(same, where)], {("pro", 1): PLAN}).known


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"ends_on": date(2026, 6, 1)}, "changed"),
        ({"starts_on": date(2025, 7, 1)}, "conflict"),
        ({"signed_on": date(2025, 5, 1)}, "conflict"),
        ({"entity": "own-br"}, "conflict"),
        ({"billing_day": 5}, "conflict"),
        ({"order_form": OrderForm(charges={"platform": {"amount": "1"}})}, "conflict"),
        ({"ends_on": date(2026, 6, 1), "plan_version": 2}, "conflict"),
    ],
)
def test_only_the_end_of_a_signed_contract_changes(change: dict[str, object], outcome: str) -> None:
    """A contract may be ended; anything else is another contract."""
    given = msgspec.structs.replace(SUBSCRIPTION, **change)
    found = difference(SUBSCRIPTIONS, [Placed(given, where)], {SUBSCRIPTIONS.key(SUBSCRIPTION): SUBSCRIPTION})

    assert outcome == ("changed" if found.changed else "".join(each.code for each in found.problems))


def test_a_book_that_names_no_end_undoes_none() -> None:
    """A contract that was terminated stays so when its book is loaded again; another day is a change."""
    ended = msgspec.structs.replace(SUBSCRIPTION, ends_on=date(2026, 6, 1))
    later = msgspec.structs.replace(SUBSCRIPTION, ends_on=date(2026, 7, 1))
    stored = {SUBSCRIPTIONS.key(ended): ended}
    silent = difference(SUBSCRIPTIONS, [Placed(SUBSCRIPTION, where)], stored)
    prolonged = difference(SUBSCRIPTIONS, [Placed(later, where)], stored)

    assert (1, []) == (silent.known, silent.changed)
    assert [later] == [each.value for each in prolonged.changed]


def test_an_account_may_be_corrected() -> None:
    """People move and rename; their code stays."""
    moved = msgspec.structs.replace(ACCOUNT, name="Acme Nueva", email="pagos@acme.example", country="BR")
    found = difference(ACCOUNTS, [Placed(moved, where)], {ACCOUNTS.key(ACCOUNT): ACCOUNT})

    assert [moved] == [each.value for each in found.changed]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"name": "Own Nueva", "bank_account": "CLABE 1"}, ""),
        ({"currency": "USD"}, "conflict"),
        ({"time_zone": "America/Hermosillo"}, "conflict"),
        ({"series": "P"}, "conflict"),
    ],
)
def test_what_issued_invoices_rest_on_stays(change: dict[str, object], outcome: str) -> None:
    """An entity's address may change; its currency, zone and series may not, for invoices rest on them."""
    given = msgspec.structs.replace(ENTITY, **change)
    found = difference(ENTITIES, [Placed(given, where)], {"own-mx": ENTITY})

    assert outcome == "".join(each.code for each in found.problems)
    assert (0 if outcome else 1) == len(found.changed)
