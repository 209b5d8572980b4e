"""Limits: how long it takes to tell what an account has used, over rollups of a million events and more.

``python -m bench.limits --size 1000000`` starts a database of its own in a temporary folder and removes it.
Each account has four limits: messages of a day, documents of a month, contacts for good and megabytes stored;
one account in a hundred has as many contacts as the largest plan.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Engine, event, text

from bench.report import NANOSECONDS, figures, per_second, show
from bench.stage import run
from contracts import book_store
from contracts.charges import Flat
from contracts.clauses import Clause, DocumentHead, Layer
from contracts.entitlement_rules import Entitlement, LimitEntitlement, LimitPeriod
from contracts.known import KnownContracts
from contracts.meters import LatestMeter, Meter, SumMeter, UniqueMeter
from contracts.parties import Account, LegalEntity, Vendor
from contracts.plans import Plan
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Subscription
from contracts.terms import TermsDocument
from db.unit_of_work import reading, rehearsal, unit_of_work
from kernel.calendars import first_day_after
from kernel.clock import FixedClock
from kernel.ids import account_id_of
from metering.rollups import TouchedDays
from metering.thresholds import tell_thresholds
from runtime.limited import limited

DEFAULT_SIZE: Final = 1_000_000
QUESTIONS: Final = 3_000
SEED: Final = 20_261_001

#: Days of each account's use, its contacts, and those of one account in a hundred.
DAYS: Final = 60
CONTACTS: Final = 80
MOST_CONTACTS: Final = 10_000
EVENTS_PER_ACCOUNT: Final = 2 * DAYS + CONTACTS

#: So few accounts have one among them with the contacts of the largest plan.
FEWEST_ACCOUNTS: Final = 200

#: Accounts whose limits one batch touches.
TOUCHED_ACCOUNTS: Final = 1_000

FIRST_DAY: Final = date(2026, 9, 1)
TODAY: Final = date(2026, 10, 30)
CLOCK: Final = FixedClock(datetime(2026, 10, 30, 15, tzinfo=UTC))

CLAUSE: Final = "BENCH-1"
METERS: Final[dict[str, Meter]] = {
    "messages": SumMeter(clause=CLAUSE, unit="message"),
    "documents": SumMeter(clause=CLAUSE, unit="document"),
    "contacts": UniqueMeter(clause=CLAUSE, unit="contact"),
    "storage": LatestMeter(clause=CLAUSE, unit="megabyte"),
}
LIMITS: Final[dict[str, Entitlement]] = {
    meter: LimitEntitlement(clause=CLAUSE, feature=meter, meter=meter, limit=Decimal(limit), per=per)
    for meter, limit, per in (
        ("messages", 200, LimitPeriod.DAY),
        ("documents", 5_000, LimitPeriod.PERIOD),
        ("contacts", MOST_CONTACTS, LimitPeriod.EVER),
        ("storage", 512, LimitPeriod.EVER),
    )
}

#: What ingest would have written for the use of each account.
ROLLUPS: Final = (
    """
    INSERT INTO usage_counted SELECT account_id, subscription_id, meter
    FROM subscriptions, unnest(ARRAY['messages', 'documents', 'contacts', 'storage']) meter
    """,
    """
    INSERT INTO usage_daily SELECT account_id, subscription_id, meter, date '2026-09-01' + d, '', 1 + d % 190
    FROM usage_counted, generate_series(0, :days - 1) d WHERE meter IN ('messages', 'documents')
    """,
    """
    INSERT INTO usage_daily
    SELECT account_id, subscription_id, meter, date '2026-09-01' + 7 * d, '', 100 + d, 100 + d
    FROM usage_counted, generate_series(0, 8) d WHERE meter = 'storage'
    """,
    """
    INSERT INTO usage_values
    SELECT account_id, subscription_id, meter, date '2026-09-01' + n % :days, '', '+5511' || (900000000 + n)
    FROM usage_counted JOIN accounts USING (account_id),
        generate_series(1, CASE WHEN code LIKE '%00' THEN :most ELSE :contacts END) n WHERE meter = 'contacts'
    """,
    """
    INSERT INTO limit_values
    SELECT DISTINCT account_id, subscription_id, meter, meter, date '2026-09-01', value FROM usage_values
    """,
    """
    INSERT INTO limit_spans
    SELECT account_id, subscription_id, meter, code, starts_on, :most, 0, NULL, count(*) FROM limit_values
    GROUP BY account_id, subscription_id, meter, code, starts_on
    """,
    "ANALYZE",
)


def account_code(number: int) -> str:
    """Return the code of one of the accounts."""
    return f"account-{number}"


def save_book(engine: Engine, accounts: int) -> None:
    """Store a book with so many accounts, each with one subscription that has four limits."""
    head = DocumentHead(
        id="terms", vendor="bench", layer=Layer.GENERAL, title="Terms", version="1", effective_from=FIRST_DAY
    )
    terms = TermsDocument(
        document=head,
        clause=(Clause(id=CLAUSE, place="1", says_en="Use has limits."),),
        meters=METERS,
        entitlements=LIMITS,
    )
    entity = LegalEntity(
        code="bench-br",
        vendor="bench",
        name="Bench",
        tax_id="1",
        country="BR",
        currency="BRL",
        time_zone="America/Sao_Paulo",
        series="B",
    )
    plan = Plan(
        code="plan",
        version=1,
        product="messaging",
        vendor="bench",
        name="Messaging",
        currency="BRL",
        effective_from=FIRST_DAY,
        documents=("terms",),
        charge=(Flat(code="fee", name="Fee", clause=CLAUSE, amount=Decimal(100)),),
    )
    codes = [account_code(number) for number in range(accounts)]
    signed = [
        Subscription(
            code="main",
            account=code,
            plan="plan",
            plan_version=1,
            entity="bench-br",
            signed_on=FIRST_DAY,
            starts_on=FIRST_DAY,
        )
        for code in codes
    ]
    with unit_of_work(engine) as connection:
        book_store.save_vendors(connection, [Vendor(code="bench", name="Bench")])
        book_store.save_entities(connection, [entity])
        book_store.add_documents(connection, [terms])
        book_store.add_plans(connection, [plan])
        holders = [Account(code=code, name=code, country="BR", email=f"{code}@example.com") for code in codes]
        book_store.save_accounts(connection, holders, CLOCK.now())
        book_store.add_subscriptions(connection, [(each, plan.product) for each in signed], CLOCK.now())


def write_rollups(engine: Engine) -> int:
    """Write what ingest would have; return how many rows of days and values there are."""
    given = {"days": DAYS, "contacts": CONTACTS, "most": MOST_CONTACTS}
    with unit_of_work(engine) as connection:
        for statement in ROLLUPS:
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
        rows = "SELECT (SELECT count(*) FROM usage_daily) + (SELECT count(*) FROM usage_values)"
        return int(connection.execute(text(rows)).scalar_one())


class DatabaseTime:
    """Adds up the time between a statement and its answer, as the client sees it."""

    def __init__(self, connection: Connection) -> None:
        """Listen to a connection."""
        self.nanoseconds = 0
        self._began = 0
        event.listen(connection, "before_cursor_execute", self._begin)
        event.listen(connection, "after_cursor_execute", self._end)

    def _begin(self, *_given: object) -> None:
        self._began = time.perf_counter_ns()

    def _end(self, *_given: object) -> None:
        self.nanoseconds += time.perf_counter_ns() - self._began


def ask(engine: Engine, accounts: Sequence[int], known: KnownContracts) -> tuple[list[int], list[int]]:
    """Ask for the limits of accounts; return the nanoseconds of each call, and those at the database."""
    calls, at_database = [], []
    for number in accounts:
        began = time.perf_counter_ns()
        with reading(engine) as connection:
            spent = DatabaseTime(connection)
            found = limited(connection, account_code(number), clock=CLOCK, known=known)
        calls.append(time.perf_counter_ns() - began)
        at_database.append(spent.nanoseconds)
        if len(found) != len(LIMITS) or not all(each.used for each in found):
            message = f"{account_code(number)} should have used each of its limits: {found}"
            raise SystemExit(message)
    return calls, at_database


def bare_question(engine: Engine) -> int:
    """Ask for nothing, in a transaction as the limits are; return the nanoseconds."""
    began = time.perf_counter_ns()
    with reading(engine) as connection:
        connection.execute(text("SELECT 1")).scalar_one()
    return time.perf_counter_ns() - began


def tell(engine: Engine, accounts: Sequence[int]) -> int:
    """Check the thresholds of four limits of each account, as a batch does; return the nanoseconds."""
    with rehearsal(engine) as connection:
        ids = [account_id_of(account_code(number)) for number in accounts]
        contracts = contracts_of(connection, load_catalog(connection), ids)
        touched = [
            TouchedDays(each.account_id, each.subscription_id, meter, TODAY, first_day_after(TODAY, 0))
            for each in contracts
            for meter in METERS
        ]
        began = time.perf_counter_ns()
        tell_thresholds(connection, contracts, touched, at=CLOCK.now())
        return time.perf_counter_ns() - began


def milliseconds(nanoseconds: Sequence[int], percent: int) -> str:
    """Return a percentile in milliseconds: the 99th of a hundred is the last but one."""
    taken = sorted(nanoseconds)[min(len(nanoseconds) - 1, len(nanoseconds) * percent // 100)]
    return f"{Decimal(taken) * 1_000 / NANOSECONDS:.2f} ms"


def measure(engine: Engine, size: int) -> None:
    """Ask for the limits of accounts in a random order, and show how long the answers take."""
    accounts = max(FEWEST_ACCOUNTS, size // EVENTS_PER_ACCOUNT)
    questions = min(QUESTIONS, size)
    save_book(engine, accounts)
    rows = write_rollups(engine)
    draw = random.Random(SEED)  # noqa: S311 a benchmark is repeated, not guarded
    asked = draw.choices(range(accounts), k=questions)
    known = KnownContracts()
    first, _ = ask(engine, list(dict.fromkeys(asked)), known)
    calls, at_database = ask(engine, asked, known)
    full = [number for number in range(0, accounts, 100) if number][:50] * 6
    ask(engine, full, known)
    _, full_at_database = ask(engine, full, known)
    bare = [bare_question(engine) for _ in range(questions)]
    told = tell(engine, range(min(accounts, TOUCHED_ACCOUNTS)))
    found = figures(
        "limits", size, rate=per_second(len(calls), sum(calls)), limit=per_second(len(bare), sum(bare))
    )
    show(
        found,
        unit="answers",
        rows=(
            ("rows of rollups", f"{rows:,}"),
            *(
                (f"{what}, p{percent}", milliseconds(taken, percent))
                for what, taken in (
                    ("at the database", at_database),
                    ("the whole call", calls),
                    ("a contract that was not known", first),
                    ("an empty question", bare),
                    (f"at the database, of {MOST_CONTACTS:,} contacts", full_at_database),
                )
                for percent in (50, 99)
            ),
            (f"thresholds of {4 * min(accounts, TOUCHED_ACCOUNTS):,} limits", milliseconds([told], 0)),
        ),
    )


if __name__ == "__main__":
    run(
        measure,
        counts="answers about limits a second, and their percentiles",
        of="events whose rollups are stored",
        default_size=DEFAULT_SIZE,
    )
