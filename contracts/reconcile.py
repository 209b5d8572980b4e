"""What loading a book would do: what is new, what is known, what may be corrected, what may not.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from contracts.book_checks import (
    Placed,
    account_name,
    document_name,
    entity_name,
    plan_name,
    subscription_name,
    vendor_name,
)
from contracts.clauses import Record
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.subscriptions import Subscription
from contracts.terms import TermsDocument
from contracts.toml_places import Path, dotted
from kernel.errors import Conflict
from kernel.ids import AccountId, SubscriptionKey, account_id_of, subscription_id_of
from kernel.problems import Problem

T = TypeVar("T", bound=Record)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom(Generic[T, K]):
    """How a kind of thing is kept: its key, its name, the fields that may be corrected, and the mend.

    A field that ``may_be_silent`` states nothing where the book leaves it empty: what is recorded stays.
    """

    key: Callable[[T], K]
    name: Callable[[T], str]
    correctable: frozenset[str] = frozenset()
    may_be_silent: frozenset[str] = frozenset()
    mend: str


def _subscription_key(subscription: Subscription) -> SubscriptionKey:
    account_id = account_id_of(subscription.account)
    return account_id, subscription_id_of(account_id, subscription.code)


VENDORS: Custom[Vendor, str] = Custom(
    key=lambda each: each.code, name=vendor_name, correctable=frozenset({"name"}), mend="keep it"
)
ENTITIES: Custom[LegalEntity, str] = Custom(
    key=lambda each: each.code,
    name=entity_name,
    correctable=frozenset({"name", "tax_id", "subdivision", "taxes", "address", "email", "bank_account"}),
    mend="another vendor, country, currency, time zone or series is another entity with a code of its own",
)
DOCUMENTS: Custom[TermsDocument, tuple[str, str]] = Custom(
    key=lambda each: (each.document.id, each.document.version),
    name=document_name,
    mend="a version is never changed: raise the version",
)
PLANS: Custom[Plan, tuple[str, int]] = Custom(
    key=lambda each: (each.code, each.version),
    name=plan_name,
    mend="a version is never changed: raise the version",
)
ACCOUNTS: Custom[Account, AccountId] = Custom(
    key=lambda each: account_id_of(each.code),
    name=account_name,
    correctable=frozenset(Account.__struct_fields__) - {"code"},
    mend="keep it",
)
SUBSCRIPTIONS: Custom[Subscription, SubscriptionKey] = Custom(
    key=_subscription_key,
    name=subscription_name,
    correctable=frozenset({"ends_on"}),
    # The book that was signed names no end; a termination since is recorded, and the book does not undo it.
    may_be_silent=frozenset({"ends_on"}),
    mend="only ends_on of a signed contract changes: end it, and sign another",
)


@dataclass(slots=True)
class Difference(Generic[T]):
    """What a book says beyond what is stored; ``refused`` are the keys of what contradicts it."""

    new: list[Placed[T]] = field(default_factory=list)
    changed: list[Placed[T]] = field(default_factory=list)
    known: int = 0
    refused: set[Hashable] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def difference(custom: Custom[T, K], given: Iterable[Placed[T]], stored: Mapping[K, T]) -> Difference[T]:
    """Compare what a book gives with what is stored under the same keys.

    A change of a field that may not be corrected is a problem of code ``conflict``; what is stored stays.
    """
    found: Difference[T] = Difference()
    for each in given:
        key = custom.key(each.value)
        before = stored.get(key)
        if before is None:
            found.new.append(each)
            continue
        changed = [name for name in before.__struct_fields__ if _differs(custom, before, each.value, name)]
        fixed = [name for name in changed if name not in custom.correctable]
        if fixed:
            found.refused.add(key)
            found.problems.append(_conflict(custom, each, before, fixed[0]))
        elif changed:
            found.changed.append(each)
        else:
            found.known += 1
    return found


def _differs(custom: Custom[T, K], before: T, given: T, name: str) -> bool:
    now = getattr(given, name)
    silent = now is None and name in custom.may_be_silent
    return not silent and bool(getattr(before, name) != now)


def _conflict(custom: Custom[T, K], each: Placed[T], before: T, name: str) -> Problem:
    path, was, now = _first_change(getattr(before, name), getattr(each.value, name), (name,))
    error = Conflict(
        "it is recorded already, and not so",
        field=dotted(path),
        value=now,
        expected=f"{was}, as recorded; {custom.mend}",
    )
    return Problem.of(error, subject=custom.name(each.value), place=each.place(path))


def _first_change(was: object, now: object, path: Path) -> tuple[Path, object, object]:
    """Descend to the first leaf that is not the same: ``charge[2].amount``, 1999 then, 2099 now."""
    steps: Iterable[str | int] = ()
    inside: Callable[[object, str | int], object] = _item
    if isinstance(was, msgspec.Struct) and type(was) is type(now):
        steps, inside = was.__struct_fields__, _attribute
    elif isinstance(was, tuple) and isinstance(now, tuple) and len(was) == len(now):
        steps = range(len(was))
    elif isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        steps = was.keys()
    for step in steps:
        before, after = inside(was, step), inside(now, step)
        if bool(before != after):
            return _first_change(before, after, (*path, step))
    return path, was, now


def _attribute(value: object, step: str | int) -> object:
    return getattr(value, str(step))


def _item(value: object, step: str | int) -> object:
    return value[step]  # type: ignore[index]  # only tuples and tables come here, with steps of their own
