"""What an account may use, from what is recorded: one statement, by indexes, at the border of each clause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from contracts.assign_seats import assign, release, transfer
from contracts.entitlement_rules import SeatsEntitlement
from contracts.plans import CycleLength
from contracts.rules import PaymentRule, TaxMode, TaxRule
from contracts.seat_store import seats_of
from contracts.store import load_catalog
from contracts.subscriptions import OrderForm
from contracts.terms import Rules
from db.unit_of_work import reading, unit_of_work
from invoicing import bill
from kernel.clock import FixedClock
from kernel.errors import InvalidInput, NotFound, SeatsExhausted, UnknownAccount
from kernel.ids import account_id_of
from kernel.money import Money
from metering.events import UsageEvent
from payments.receipts import Receipt
from payments.receive import receive
from runtime.entitled import FACTS, entitled
from tests.integration.dunning_book import nights, sign
from tests.integration.entitled_book import (
    ATTRACTION,
    SALEXOPS,
    amount_of,
    at,
    found,
    number,
    signed,
    sms,
    use,
)
from tests.parts import STARTS

pytestmark = pytest.mark.integration

# ---------------------------------------------------------------------------------------------------- limits


@pytest.mark.clause("ZEN-II-3.2-vii")
def test_the_sandbox_counts_a_day_of_the_issuer(engine: Engine) -> None:
    """At 05:00 UTC it is still the day before in Mexico City; at 06:00 another 200 begin."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    evening = datetime(2026, 3, 11, 5, tzinfo=UTC)
    use(engine, [amount_of("sandbox_messages", 1, evening, 199)])
    before = found(engine, "acme", "sandbox", None, clock=FixedClock(evening))
    use(engine, [amount_of("sandbox_messages", 2, evening + timedelta(minutes=59), 1)])
    full = found(engine, "acme", "sandbox", None, clock=FixedClock(evening + timedelta(minutes=59)))
    morning = found(engine, "acme", "sandbox", None, clock=FixedClock(evening + timedelta(hours=1)))

    assert [
        (True, 199, date(2026, 3, 10)),
        (False, 200, date(2026, 3, 10)),
        (True, 0, date(2026, 3, 11)),
    ] == [(each.allowed, number(each.used), each.as_of) for each in (before, full, morning)]


@pytest.mark.clause("ZEN-II-4.2-v-4.6")
@pytest.mark.clause("ZEN-II-4.5")
def test_a_number_fills_the_plan_once(engine: Engine) -> None:
    """Two numbers in five forms take two places of the plan's 5,000, also in the months after."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    forms = ["+525512345678", "+5215512345678", "55 1234 5678", "+551187654321", "5511987654321"]
    use(
        engine,
        [
            UsageEvent(
                id=str(day),
                account="acme",
                meter="attraction_contacts",
                occurred_at=at(date(2026, 2, day)).now(),
                contact=form,
            )
            for day, form in enumerate(forms, start=1)
        ],
    )
    days = [date(2026, 2, 1), date(2026, 2, 28), date(2026, 5, 1)]

    told = [found(engine, "acme", "contacts", day) for day in days]

    assert [(True, 1, 4_999), (True, 2, 4_998), (True, 2, 4_998)] == [
        (each.allowed, number(each.used), number(each.left)) for each in told
    ]


@pytest.mark.clause("SLX-05")
def test_what_is_stored_now_counts(engine: Engine) -> None:
    """600 MB stood in February and 500 stand since March: the free tier is full then, and not now."""
    signed(engine, SALEXOPS, plan="free")
    use(
        engine,
        [
            amount_of("stored_megabytes", 1, at(date(2026, 2, 1)).now(), 600),
            amount_of("stored_megabytes", 2, at(date(2026, 3, 1)).now(), 500),
        ],
    )
    days = [found(engine, "acme", "storage", day) for day in (STARTS, date(2026, 2, 20), date(2026, 3, 20))]

    assert [(0, 512), (600, 0), (500, 12)] == [(number(each.used), number(each.left)) for each in days]


@pytest.mark.clause("ZEN-II-4.4")
def test_a_long_text_spends_several_messages_of_a_trial(engine: Engine) -> None:
    """48 short texts and one of 200 characters are 50 SMS: the trial ends on that day."""
    signed(engine, ATTRACTION, plan="attraction-trial", trial=True)
    use(engine, [sms(number, date(2026, 1, 5)) for number in range(48)])
    before = found(engine, "acme", "trial", date(2026, 1, 5))
    use(engine, [sms(48, date(2026, 1, 8), "a" * 200)])
    after = found(engine, "acme", "trial", date(2026, 1, 8))

    assert (True, 48, date(2026, 1, 31)) == (before.allowed, number(before.used), before.ends_on)
    assert (False, 50, date(2026, 1, 9)) == (after.allowed, number(after.used), after.ends_on)


# ----------------------------------------------------------------------------------------------------- money

PREPAID = OrderForm(
    rules=Rules(
        payment=PaymentRule(clause="SLX-02", due_days_after_sent=0),
        tax=TaxRule(clause="SLX-01", mode=TaxMode.EXCLUSIVE),
    )
)


def pay(engine: Engine, amount: str, day: date) -> None:
    """Book a receipt of Acme's."""
    receipt = Receipt(
        account_id=account_id_of("acme"),
        reference=f"transfer {day}",
        received_on=day,
        amount=Money.of(amount, "MXN"),
    )
    with unit_of_work(engine) as connection:
        receive(connection, load_catalog(connection), receipt, clock=at(day))


@pytest.mark.clause("SLX-10")
@pytest.mark.clause("SLX-12")
def test_paid_through_is_what_the_settled_invoices_cover(engine: Engine) -> None:
    """January is paid and February is not: support ends with January, access after three days of grace."""
    signed(engine, SALEXOPS, fee="100", order_form=PREPAID)
    for month in (1, 2):
        bill.run(engine, as_of=date(2026, month, 1), clock=at(date(2026, month, 1)))
        if month == 1:
            pay(engine, "100.00", STARTS)
    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 4), date(2026, 2, 5))

    assert [True, False, False, False] == [found(engine, "acme", "support", day).allowed for day in days]
    assert [True, True, True, False] == [found(engine, "acme", "license", day).allowed for day in days]

    pay(engine, "100.00", date(2026, 2, 5))
    paid = found(engine, "acme", "support", date(2026, 2, 5))
    assert (True, "paid through 2026-02-28", date(2026, 3, 1)) == (paid.allowed, paid.reason, paid.ends_on)


@pytest.mark.clause("SLX-12")
def test_a_part_of_the_money_pays_no_month(engine: Engine) -> None:
    """99.99 of 100 leave the month unpaid; the year that is paid holds every month of it."""
    signed(engine, SALEXOPS, fee="100", order_form=PREPAID, cycle=CycleLength.ANNUAL)
    bill.run(engine, as_of=STARTS, clock=at(STARTS))
    pay(engine, "99.99", STARTS)
    before = found(engine, "acme", "support", date(2026, 1, 2))
    pay(engine, "0.01", date(2026, 1, 2))
    after = found(engine, "acme", "support", date(2026, 12, 31))

    assert (False, STARTS) == (before.allowed, before.ends_on)
    assert (True, date(2027, 1, 1)) == (after.allowed, after.ends_on)


@pytest.mark.clause("ZEN-IX-7-iv")
def test_from_the_ladder_to_the_verdicts(engine: Engine) -> None:
    """Due on 10 March: on the 16th WhatsApp stops, on the 19th all; paid on the 20th, all is back."""
    customer = sign(engine, "acme", "annex-ix")
    customer.owes("Z-1", due_on=date(2026, 3, 10))
    nights(engine, [date(2026, 3, day) for day in range(11, 20)])
    customer.pays("2000.00", on=date(2026, 3, 20))
    nights(engine, [date(2026, 3, 20)])

    def told(day: int, feature: str) -> tuple[bool, str]:
        each = found(engine, "acme", feature, date(2026, 3, day))
        return each.allowed, each.clause

    assert (True, "ZEN-IX-4.2-ii") == told(18, "fee")
    assert (False, "ZEN-IX-11") == told(18, "whatsapp")
    assert (True, "ZEN-IX-7-iv") == told(18, "solution")
    assert (False, "ZEN-IX-6") == told(19, "solution")
    assert (False, "ZEN-IX-6") == told(19, "fee")
    assert (True, "ZEN-IX-7-iv") == told(20, "solution")
    assert (True, "ZEN-IX-4.2-ii") == told(20, "fee")


@pytest.mark.clause("KON-2b")
def test_after_a_pause_connectors_are_set_up_anew(engine: Engine) -> None:
    """The pause lets the export alone; paid, access is back and the connectors are not."""
    customer = sign(engine, "acme", "konectus")
    customer.owes("K-1", due_on=date(2026, 3, 10))
    nights(engine, [date(2026, 3, 11)])
    customer.gets_delivered("payment_notice", at(date(2026, 3, 11)).now())
    nights(engine, [date(2026, 3, day) for day in range(12, 16)])
    (span,) = customer.spans
    paused = [found(engine, "acme", name, span.start) for name in ("access", "connectors", "export")]
    customer.pays("1000.00", on=date(2026, 3, 20))
    nights(engine, [date(2026, 3, 20)])
    back = [found(engine, "acme", name, date(2026, 3, 20)) for name in ("access", "connectors")]

    assert [False, False, True] == [each.allowed for each in paused]
    assert [True, True] == [each.allowed for each in back]
    assert back[1].reason.endswith("connectors of before 2026-03-20 have to be set up anew")


# ----------------------------------------------------------------------------------------------------- seats


def named_seats(seats: int) -> OrderForm:
    """Return an order form for a number of seats that pass on and are pooled."""
    rule = SeatsEntitlement(
        clause="SIN-G1.5", feature="seats", seats=seats, transferable=True, affiliates=True
    )
    return OrderForm(entitlements={"seats": rule})


@pytest.mark.clause("SIN-4.5b")
@pytest.mark.clause("SIN-G1.5")
def test_seats_are_kept_day_by_day(engine: Engine) -> None:
    """Assigned, passed on, released and assigned again: each day knows who sat where."""
    own = signed(engine, ("sinch-contact-pro-general",), order_form=named_seats(2))
    march, april, may = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
    with unit_of_work(engine) as connection:
        assign(connection, own, "ana", on=march, clock=at(march))
        assign(connection, own, "beto", affiliate="Acme Chile", on=march, clock=at(march))
        with pytest.raises(SeatsExhausted):
            assign(connection, own, "caro", on=march, clock=at(march))
        transfer(connection, own, "ana", "caro", on=april, clock=at(april))
        release(connection, own, "beto", on=may)
    with reading(engine) as connection:
        seats = seats_of(connection, own.account_id, own.subscription_id)

    assert [
        (1, "ana", "", march, april),
        (1, "caro", "", april, None),
        (2, "beto", "Acme Chile", march, may),
    ] == [(each.seat_no, each.holder, each.affiliate, each.start, each.end) for each in seats]
    assert [(2, False), (1, True)] == [
        (number(each.used), each.allowed)
        for each in (found(engine, "acme", "seats", day) for day in (april, may))
    ]


@pytest.mark.clause("CNV-03")
def test_a_personal_license_stays_taken(engine: Engine) -> None:
    """Released, it is still its holder's: one of one is taken."""
    rule = SeatsEntitlement(clause="CNV-03", feature="seats", seats=1)
    own = signed(engine, ("conversso-general",), order_form=OrderForm(entitlements={"seats": rule}))
    with unit_of_work(engine) as connection:
        assign(connection, own, "ana", on=STARTS, clock=at(STARTS))
        release(connection, own, "ana", on=date(2026, 2, 1))
    with unit_of_work(engine) as connection, pytest.raises(SeatsExhausted):
        assign(connection, own, "beto", on=date(2026, 2, 1), clock=at(STARTS))

    seats = found(engine, "acme", "seats", date(2026, 3, 1))

    assert (1, False) == (number(seats.used), seats.allowed)


def test_a_seat_that_held_no_day_was_none(engine: Engine) -> None:
    """Assigned by mistake and released on the same day, nothing is left of it."""
    own = signed(engine, ("sinch-contact-pro-general",), order_form=named_seats(1))
    with unit_of_work(engine) as connection:
        assign(connection, own, "ana", on=STARTS, clock=at(STARTS))
        release(connection, own, "ana", on=STARTS)

        assert () == seats_of(connection, own.account_id, own.subscription_id)


# ---------------------------------------------------------------------------------------------- the question


def test_what_cannot_be_asked(engine: Engine) -> None:
    """An account, a feature and a country that there are not."""
    signed(engine, SALEXOPS, fee="100")
    with reading(engine) as connection:
        for refused, question in (
            (UnknownAccount, {"account": "nobody"}),
            (NotFound, {"account": "acme", "feature": "teleport"}),
            (InvalidInput, {"account": "acme", "country": "Mexico"}),
        ):
            with pytest.raises(refused):
                entitled(connection, clock=at(STARTS), **question)  # type: ignore[arg-type]  # by name


def test_a_contract_that_has_not_begun_allows_nothing_yet(engine: Engine) -> None:
    """The day before the first there is no contract to ask."""
    signed(engine, SALEXOPS, fee="100")
    with reading(engine) as connection:
        asked = [
            bool(entitled(connection, "acme", clock=at(STARTS), as_of=day))
            for day in (date(2025, 12, 31), STARTS)
        ]

    assert [False, True] == asked


def test_the_facts_come_in_one_statement(engine: Engine) -> None:
    """Whatever the number of contracts, rules and meters: one question to the tables that grow."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    seen: list[str] = []
    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
        entitled(connection, "acme", clock=at(STARTS), as_of=date(2026, 3, 1))

    growing = ("open_items", "journal_postings", "invoices", "seat_assignments", "usage_daily")
    assert 1 == len([each for each in seen if any(name in each for name in growing)])


#: Rows of each table that grows: accounts like Acme, with a year of use and of invoices each.
OTHERS = 300
GROWTH = """
INSERT INTO accounts
    SELECT md5('a' || n)::uuid, 'o' || n, name, country, email, tax_id, address, language, recorded_at,
        tax_region, tax_exempt, withholds
    FROM accounts, generate_series(1, :n) n;
INSERT INTO subscriptions
    SELECT md5('a' || n)::uuid, md5('s' || n)::uuid, code, product, plan, plan_version, entity, signed_on,
        during, billing_day, order_form, recorded_at, ended_by
    FROM subscriptions, generate_series(1, :n) n;
INSERT INTO open_items
    SELECT account_id, md5(subscription_id::text || m)::uuid, 'invoice', code || m, entity, subscription_id,
        'MXN', '2026-01-01', '2026-01-21'
    FROM subscriptions, generate_series(1, 12) m;
INSERT INTO journal_postings
    SELECT account_id, item_id, l, 'invoice', (ARRAY['receivable', 'revenue'])[l],
        (ARRAY['principal', 'none'])[l], (ARRAY[item_id, NULL])[l], 'MXN', 100 * (3 - 2 * l), '2026-01-01',
        now(), number
    FROM open_items, generate_series(1, 2) l;
INSERT INTO invoices
    SELECT account_id, item_id, subscription_id, entity, account_id::text || number, 'main', 'pro', 'MXN',
        issued_on, due_on, 100, 0, 100, '{}', '{}', '[]', '{}', '', now()
    FROM open_items;
INSERT INTO invoice_lines
    SELECT account_id, invoice_id, l, 'fee', 'fee', 'Fee', '', '', '2026-01-01', '2026-02-01', 1, 100, 0, 100,
        '[]', 'SLX-02', '{}', '[]', '[]'
    FROM invoices, generate_series(1, 3) l;
INSERT INTO service_states
    SELECT account_id, subscription_id, '', daterange(d, d + 3), 'suspended', '', '', '', ''
    FROM subscriptions, (SELECT date '2026-01-01' + 7 * m AS d FROM generate_series(1, 12) m) days;
INSERT INTO seat_assignments
    SELECT account_id, subscription_id, s, '[2026-01-01,)', 'p' || s, '', now()
    FROM subscriptions, generate_series(1, 20) s;
INSERT INTO usage_counted
    SELECT account_id, subscription_id, m, NULL
    FROM subscriptions, unnest(ARRAY['sandbox_messages', 'sms']) m;
INSERT INTO usage_daily
    SELECT account_id, subscription_id, meter, date '2026-01-01' + d, '', 1, NULL
    FROM usage_counted, generate_series(0, 59) d;
INSERT INTO usage_values
    SELECT account_id, subscription_id, meter, date '2026-01-01' + d, '', 'value ' || d
    FROM usage_counted, generate_series(0, 59) d;
ANALYZE
"""
GROWING = {
    "accounts",
    "subscriptions",
    "open_items",
    "journal_postings",
    "invoices",
    "invoice_lines",
    "service_states",
    "seat_assignments",
    "usage_daily",
    "usage_values",
}


def plans_within(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each node of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from plans_within(below)


def grow(connection: Connection) -> None:
    """Put many other accounts beside Acme, and let the planner know."""
    for statement in GROWTH.split(";\n"):
        connection.execute(text(statement), {"n": OTHERS} if ":n" in statement else {})


def test_no_table_that_grows_is_read_whole(engine: Engine) -> None:
    """Beside three hundred other accounts each fact is looked up by an index."""
    own = signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    with unit_of_work(engine) as connection:
        grow(connection)
    asked = f'[{{"subscription_id": "{own.subscription_id}", "day": "2026-03-01"}}]'
    counts = (
        f'[{{"position": 0, "subscription_id": "{own.subscription_id}", "meter": "sandbox_messages",'
        ' "start": "2026-03-01", "day": "2026-03-01", "reach": "200", "how": "sum"}]'
    )
    given = {"account_id": own.account_id, "asked": asked, "counts": counts}
    with reading(engine) as connection:
        explained = connection.execute(text(f"EXPLAIN (FORMAT JSON) {FACTS.text}"), given).scalar_one()
        facts = {row.fact: (row.day, row.quantity) for row in connection.execute(FACTS, given)}
    nodes = list(plans_within(explained[0]["Plan"]))

    assert [] == [
        (each["Node Type"], each["Relation Name"])
        for each in nodes
        if each["Node Type"] == "Seq Scan" and each["Relation Name"] in GROWING
    ]
    assert GROWING - {"accounts", "subscriptions"} == {
        each["Relation Name"] for each in nodes if "Relation Name" in each
    }
    assert (date(2026, 1, 21), 20, 1) == (facts["overdue"][0], facts["seats_held"][1], facts["used"][1])
