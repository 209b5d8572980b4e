"""A book is sound when all that it names is there and fits together.  Pure: read in, good out.

Each thing that is not good is a problem with its place; whatever refers to it is a problem in turn, so that
nothing is ever loaded that could not be billed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from contracts.catalog import Catalog, check_charges, check_entitlements, own_papers, versions_by_id
from contracts.indices import IndexSeries
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.promise_checks import check_promises
from contracts.shapes import one_of
from contracts.subscriptions import Subscription
from contracts.tax_ids import check_tax_id
from contracts.taxes import check_region
from contracts.terms import Terms, TermsDocument, resolve
from contracts.toml_places import Path, path_of
from kernel.errors import (
    ClausulaError,
    Conflict,
    InvalidInput,
    InvalidPlan,
    InvalidTerms,
    NotFound,
    SubscriptionOverlap,
    UnknownAccount,
)
from kernel.money import minor_unit_digits
from kernel.problems import Problem
from kernel.zones import zone_of

T = TypeVar("T")

#: Characters of a code, by which people and files name a thing.
LONGEST_CODE = 100

#: The languages in which invoices and notices are written.
LANGUAGES = ("en", "es", "pt")

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CODE = re.compile(r"\S(.*\S)?")


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A thing of a book, and where each part of it stands."""

    value: T
    where: Callable[[Path], str] = field(compare=False, repr=False)

    def place(self, path: Path = ()) -> str:
        """Return the place of the thing or of a part of it: ``plans/pro.toml:12``."""
        return self.where(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All that a folder of contracts holds, each thing with its place."""

    vendors: tuple[Placed[Vendor], ...] = ()
    entities: tuple[Placed[LegalEntity], ...] = ()
    documents: tuple[Placed[TermsDocument], ...] = ()
    plans: tuple[Placed[Plan], ...] = ()
    indices: tuple[IndexSeries, ...] = ()
    accounts: tuple[Placed[Account], ...] = ()
    subscriptions: tuple[Placed[Subscription], ...] = ()

    @property
    def catalog(self) -> Catalog:
        """What the contracts of this book refer to."""
        plans = [each.value for each in self.plans]
        return Catalog(
            vendors={each.value.code: each.value for each in self.vendors},
            entities={each.value.code: each.value for each in self.entities},
            plans={(plan.code, plan.version): plan for plan in plans},
            documents=versions_by_id(each.value for each in self.documents),
            indices={series.code: series for series in self.indices},
        )


def sound(read: Book) -> tuple[Book, tuple[Problem, ...]]:
    """Return what is good of a book, and a problem for each thing that is not."""
    sieve = _Sieve()
    vendors = sieve.keep(read.vendors, vendor_name, lambda _: None)
    codes = {each.value.code for each in vendors}
    entities = sieve.keep(read.entities, entity_name, lambda each: _check_entity(each, codes))
    entities = sieve.keep(entities, lambda each: f"series {each.series}", lambda _: None)
    documents = sieve.keep(read.documents, document_name, lambda each: _check_document(each, codes))
    book = Book(vendors=vendors, entities=entities, documents=documents, indices=read.indices)
    catalog = book.catalog
    plans = sieve.keep(read.plans, plan_name, lambda each: _check_plan(each, catalog))
    withheld = {rate.code for each in entities for rate in each.value.taxes if rate.withheld}
    accounts = sieve.keep(read.accounts, account_name, lambda each: _check_account(each, withheld))
    book = replace(book, plans=plans, accounts=accounts)
    return _with_subscriptions(book, read.subscriptions, sieve), tuple(sieve.problems)


def _with_subscriptions(book: Book, read: Sequence[Placed[Subscription]], sieve: _Sieve) -> Book:
    catalog = book.catalog
    accounts = {each.value.code: each.value for each in book.accounts}
    kept = sieve.keep(read, subscription_name, lambda each: _check_subscription(each, accounts, catalog))
    kept = tuple(sorted(kept, key=lambda each: each.value.starts_on))
    held: dict[tuple[str, str], Subscription] = {}

    def check(each: Subscription) -> None:
        key = (each.account, catalog.plan(each.plan, each.plan_version).product)
        _refuse_overlap(held.get(key), each)
        held[key] = each

    return replace(book, subscriptions=sieve.keep(kept, subscription_name, check))


@dataclass(slots=True)
class _Sieve:
    """Keeps what passes its check and comes once; what does not becomes a problem."""

    problems: list[Problem] = field(default_factory=list)

    def keep(
        self, things: Iterable[Placed[T]], name: Callable[[T], str], check: Callable[[T], None]
    ) -> tuple[Placed[T], ...]:
        """Return the things that pass; the first of two that bear one name stays."""
        kept: dict[str, Placed[T]] = {}
        for each in things:
            subject = name(each.value)
            try:
                if subject in kept:
                    _refuse_twin(subject, kept[subject])
                check(each.value)
            except ClausulaError as error:
                place = each.place(path_of(error.field))
                self.problems.append(Problem.of(error, subject=subject, place=place))
            else:
                kept[subject] = each
        return tuple(kept.values())


def vendor_name(vendor: Vendor) -> str:
    """Return how problems call a vendor."""
    return f"vendor {vendor.code}"


def entity_name(entity: LegalEntity) -> str:
    """Return how problems call a legal entity."""
    return f"entity {entity.code}"


def document_name(document: TermsDocument) -> str:
    """Return how problems call a version of a terms document."""
    return f"terms {document.document.id} {document.document.version}"


def plan_name(plan: Plan) -> str:
    """Return how problems call a version of a plan."""
    return f"plan {plan.code} {plan.version}"


def account_name(account: Account) -> str:
    """Return how problems call an account."""
    return f"account {account.code}"


def subscription_name(subscription: Subscription) -> str:
    """Return how problems call a subscription."""
    return f"subscription {subscription.account} {subscription.code}"


def _check_entity(entity: LegalEntity, vendors: Container[str]) -> None:
    _check_code(entity.code, "code")
    _check_code(entity.series, "series")
    _check_vendor(entity.vendor, vendors)
    minor_unit_digits(entity.currency)
    zone_of(entity.time_zone)
    check_tax_id(entity.tax_id, entity.country)
    _ = entity.calendar  # refuses a country or a subdivision whose holidays are not known


def _check_document(document: TermsDocument, vendors: Container[str]) -> None:
    _check_code(document.document.id, "document.id")
    _check_vendor(document.document.vendor, vendors, "document.vendor")


def _check_plan(plan: Plan, catalog: Catalog) -> None:
    _check_code(plan.code, "code")
    _check_vendor(plan.vendor, catalog.vendors)
    documents = catalog.documents_in_force(plan, plan.effective_from)
    for position, each in enumerate(documents):
        if each.document.vendor != plan.vendor:
            raise InvalidPlan(
                "a plan stands under its own vendor's terms",
                field=f"documents[{position}]",
                value=each.document.id,
                expected=f"a document of {plan.vendor}",
            )
    terms = resolve((*documents, *own_papers(plan)))
    check_charges(plan.charge, terms)
    check_entitlements(plan, terms)
    check_promises(plan, plan.charge, terms)


def _check_account(account: Account, withheld: Collection[str]) -> None:
    _check_code(account.code, "code")
    if not _EMAIL.fullmatch(account.email):
        raise InvalidInput(
            "invoices and notices go to an e-mail address",
            field="email",
            value=account.email,
            expected="an address such as cuentas@example.com",
        )
    if not _COUNTRY.fullmatch(account.country):
        raise InvalidInput(
            "no such country", field="country", value=account.country, expected="an ISO code such as MX"
        )
    if account.language not in LANGUAGES:
        raise InvalidInput(
            "not a language of our messages",
            field="language",
            value=account.language,
            expected=one_of(LANGUAGES, account.language),
        )
    check_tax_id(account.tax_id, account.country)
    for code in account.withholds.split():
        if code not in withheld:
            raise InvalidInput(
                "no legal entity has such a tax to withhold",
                field="withholds",
                value=code,
                expected=one_of(withheld, code),
            )


def _check_subscription(
    subscription: Subscription, accounts: Mapping[str, Account], catalog: Catalog
) -> None:
    _check_code(subscription.code, "code")
    if subscription.account not in accounts:
        raise UnknownAccount(
            "no such account in this book",
            field="account",
            value=subscription.account,
            expected="the code of a good row of accounts.csv",
        )
    _check_billable(catalog.terms(subscription), catalog)
    check_region(catalog.entities[subscription.entity], accounts[subscription.account])


def _check_billable(terms: Terms, catalog: Catalog) -> None:
    """Refuse what no invoice run could bill: no due date, no tax rule, an index that nobody publishes."""
    if terms.payment is None:
        raise InvalidTerms(
            "no rule says when an invoice is due",
            field="rules.payment",
            expected="a payment rule in the terms or in the order form",
        )
    if terms.tax is None:
        raise InvalidTerms(
            "no rule says whether prices hold their taxes",
            field="rules.tax",
            expected="a tax rule in the terms or in the order form",
        )
    named = {
        "rules.indexation.index": terms.indexation.rule.index if terms.indexation else "",
        "rules.indexation.substitute": terms.indexation.rule.substitute if terms.indexation else "",
        "rules.late_charges.correction_index": (
            terms.late_charges.rule.correction_index if terms.late_charges else ""
        ),
    }
    for where, index in named.items():
        if index and index not in catalog.indices:
            raise InvalidTerms(
                "the terms name an index that is not loaded",
                field=where,
                value=index,
                expected=one_of(catalog.indices, index),
            )


def _check_code(code: str, where: str) -> None:
    if not _CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        raise InvalidInput(
            "not a code",
            field=where,
            value=code,
            expected=f"1 to {LONGEST_CODE} characters on one line, no space at either end",
        )


def _check_vendor(vendor: str, vendors: Container[str], where: str = "vendor") -> None:
    if vendor not in vendors:
        raise NotFound(
            "no such vendor", field=where, value=vendor, expected="the code of a [[vendor]] of vendors.toml"
        )


def _refuse_twin(subject: str, first: Placed[T]) -> None:
    raise Conflict("it stands in the book twice", value=subject, expected=f"once: {first.place()} is kept")


def _refuse_overlap(earlier: Subscription | None, later: Subscription) -> None:
    if earlier is not None and (earlier.ends_on is None or later.starts_on < earlier.ends_on):
        raise SubscriptionOverlap(
            "the account has this product already in these days",
            field="starts_on",
            value=later.starts_on,
            expected=f"{earlier.code} to end on or before {later.starts_on}, or a later start",
        )
