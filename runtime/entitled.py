"""What an account may use: the rules of its contracts, and the facts of a day in one statement.

The facts lie in every package (payments due, invoices, states of services, seats, use by day), so they are
read here, above them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, text

from contracts.entitlement_facts import (
    Facts,
    Stop,
    Used,
    Verdict,
    entitlements_of,
)
from contracts.entitlement_rules import SeatsEntitlement
from contracts.entitlements import verdicts
from contracts.limits import counts_of
from contracts.service_states import ServiceState
from contracts.store import accounts_of, contracts_of, load_catalog
from contracts.subscriptions import Contract
from kernel.clock import Clock
from kernel.errors import InvalidInput, UnknownAccount
from kernel.ids import AccountId, SubscriptionId, account_id_of
from metering.limited_spans import days_come_as
from runtime.asked import Asked, asked_on, of_feature

#: Letters of a country's code (ISO 3166).
COUNTRY_LETTERS: Final = 2

#: All facts of one account's contracts, each looked up by an index that begins with the account.
#: A level (``closing``) stands until the next one; a value counts from the first day that saw it; other use
#: adds up, or has its greatest, and reaches a limit on a day.
FACTS: Final = text("""
WITH asked AS (
    SELECT * FROM json_to_recordset(CAST(:asked AS json)) AS given (subscription_id uuid, day date)
), counts AS (
    SELECT * FROM json_to_recordset(CAST(:counts AS json))
        AS given (
            position integer, subscription_id uuid, meter text, start date, day date, reach numeric, how text
        )
)
SELECT 'overdue' AS fact, a.subscription_id, '' AS name, '' AS clause, min(i.due_on) AS day,
       NULL::numeric AS quantity, NULL::integer AS position
FROM asked a
JOIN open_items i ON i.account_id = :account_id AND i.due_on < a.day
    AND (i.subscription_id = a.subscription_id OR i.subscription_id IS NULL)
WHERE 0 < (
    SELECT sum(p.amount) FROM journal_postings p
    WHERE p.account_id = i.account_id AND p.item_id = i.item_id AND p.effective_on <= a.day
)
GROUP BY a.subscription_id
UNION ALL
SELECT 'paid', a.subscription_id, '', '',
       least(
           min(l.period_start) FILTER (WHERE o.owed > 0 AND l.period_end > a.day),
           max(l.period_end) FILTER (WHERE o.owed <= 0)
       ), NULL, NULL
FROM asked a
JOIN invoices v ON v.account_id = :account_id AND v.subscription_id = a.subscription_id
    AND v.issued_on <= a.day
CROSS JOIN LATERAL (
    SELECT coalesce(sum(p.amount), 0) AS owed FROM journal_postings p
    WHERE p.account_id = v.account_id AND p.item_id = v.invoice_id AND p.effective_on <= a.day
        AND p.component = 'principal'
) o
JOIN invoice_lines l ON l.account_id = v.account_id AND l.invoice_id = v.invoice_id AND l.kind = 'fee'
GROUP BY a.subscription_id
UNION ALL
SELECT s.state, s.subscription_id, s.part, s.clause, lower(s.during), NULL, NULL
FROM asked a
JOIN service_states s ON s.account_id = :account_id AND s.subscription_id = a.subscription_id
    AND s.during @> a.day
UNION ALL
SELECT 'restored', s.subscription_id, '', '', max(upper(s.during)), NULL, NULL
FROM asked a
JOIN service_states s ON s.account_id = :account_id AND s.subscription_id = a.subscription_id
    AND s.state = 'suspended' AND upper(s.during) <= a.day
GROUP BY s.subscription_id
UNION ALL
SELECT f.fact, a.subscription_id, '', '', NULL, f.quantity, NULL
FROM asked a
CROSS JOIN LATERAL (
    SELECT count(DISTINCT t.seat_no) FILTER (WHERE upper_inf(t.during) OR a.day < upper(t.during)) AS held,
           count(DISTINCT t.seat_no) AS ever
    FROM seat_assignments t
    WHERE t.account_id = :account_id AND t.subscription_id = a.subscription_id
) t
CROSS JOIN LATERAL (VALUES ('seats_held', t.held), ('seats_ever', t.ever)) AS f (fact, quantity)
UNION ALL
SELECT 'used', c.subscription_id, '', '', added.reached_on,
       coalesce(level.closing, added.quantity, 0), c.position
FROM counts c
CROSS JOIN LATERAL (
    SELECT max(r.running) AS quantity, min(r.day) FILTER (WHERE r.running >= c.reach) AS reached_on
    FROM (
        SELECT d.day, CASE c.how
            WHEN 'greatest' THEN max(max(d.quantity)) OVER (ORDER BY d.day)
            ELSE sum(sum(d.quantity)) OVER (ORDER BY d.day)
        END AS running
        FROM (
            SELECT u.day, u.quantity FROM usage_daily u
            WHERE u.account_id = :account_id AND u.subscription_id = c.subscription_id AND u.meter = c.meter
                AND u.day BETWEEN c.start AND c.day AND u.closing IS NULL AND c.how <> 'values'
            UNION ALL
            SELECT min(v.day), 1 FROM usage_values v
            WHERE v.account_id = :account_id AND v.subscription_id = c.subscription_id AND v.meter = c.meter
                AND v.day BETWEEN c.start AND c.day AND c.how = 'values'
            GROUP BY v.value
        ) d
        GROUP BY d.day
    ) r
) added
LEFT JOIN LATERAL (
    SELECT u.closing FROM usage_daily u
    WHERE u.account_id = :account_id AND u.subscription_id = c.subscription_id AND u.meter = c.meter
        AND u.dimension = '' AND u.day <= c.day AND u.closing IS NOT NULL
    ORDER BY u.day DESC LIMIT 1
) level ON true
""")

#: The states that stop something: of the words of a fact, those that tell one.
STOPPED: Final = ("partially_suspended", "suspended", "paused", "ended", "terminated")


def entitled(
    connection: Connection,
    account: str,
    *,
    clock: Clock,
    as_of: date | None = None,
    feature: str = "",
    country: str = "",
) -> tuple[Verdict, ...]:
    """Return what an account may use as of a day, contract by contract, each with its clause.

    The day is that of the issuing entity's time zone unless one is given; an ended contract is asked until
    another of its product has begun.  Raises :class:`UnknownAccount`, ``NotFound`` for a feature that no
    contract speaks about, and :class:`InvalidInput` for a country that is no code of ISO 3166.
    """
    place, account_id = _country(country), account_id_of(account)
    held = contracts_of(connection, load_catalog(connection), [account_id], on=as_of)
    if not held and account_id not in accounts_of(connection, [account_id]):
        raise UnknownAccount("no account bears this code", field="account", value=account)
    asked = asked_on(held, clock=clock, as_of=as_of)
    found = _found(connection, account_id, asked)
    return of_feature(
        [
            verdict
            for each in asked
            for verdict in verdicts(each.contract, _facts(each, asked, found, country=place))
        ],
        feature,
    )


def _country(country: str) -> str:
    code = country.upper()
    if code and not (len(code) == COUNTRY_LETTERS and code.isascii() and code.isalpha()):
        raise InvalidInput(
            "no such country", field="country", value=country, expected="its code of two letters: MX"
        )
    return code


def _found(
    connection: Connection, account_id: AccountId, asked: Sequence[Asked]
) -> Mapping[SubscriptionId, Sequence[Row[Any]]]:
    """Return the rows of facts by subscription, in one statement."""
    own = [{"subscription_id": each.contract.subscription_id, "day": each.day} for each in asked]
    counts = [
        {
            "position": position,
            "subscription_id": each.contract.subscription_id,
            "meter": count.meter,
            "start": count.start,
            "day": each.day,
            "reach": count.limit,
            "how": days_come_as(each.contract.terms.meters[count.meter].rule),
        }
        for each in asked
        for position, count in enumerate(counts_of(each.contract, each.day))
    ]
    given = {"account_id": account_id, "asked": _document(own), "counts": _document(counts)}
    found: defaultdict[SubscriptionId, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(FACTS, given):
        found[row.subscription_id].append(row)
    return found


def _document(rows: Sequence[Mapping[str, object]]) -> str:
    return msgspec.json.encode(rows).decode()


def _facts(
    own: Asked,
    asked: Sequence[Asked],
    found: Mapping[SubscriptionId, Sequence[Row[Any]]],
    *,
    country: str,
) -> Facts:
    counts = counts_of(own.contract, own.day)
    rows = found.get(own.contract.subscription_id, ())
    days = {row.fact: row.day for row in rows}
    numbers = {row.fact: row.quantity for row in rows}
    seats = numbers.get("seats_held" if _seats_pass_on(own.contract) else "seats_ever", 0)
    return Facts(
        as_of=own.day,
        overdue_since=days.get("overdue"),
        paid_until=days.get("paid"),
        restored_on=days.get("restored"),
        stops=tuple(
            Stop(part=row.name, since=row.day, clause=row.clause, state=ServiceState(row.fact))
            for row in sorted(rows, key=lambda row: row.name)
            if row.fact in STOPPED
        ),
        used={counts[row.position]: Used(row.quantity, row.day) for row in rows if row.fact == "used"},
        seats_taken=int(seats),
        products=frozenset(
            each.contract.plan.product
            for each in asked
            if each is not own
            and each.contract.plan.vendor == own.contract.plan.vendor
            and each.contract.subscription.holds(each.day)
        ),
        country=country,
    )


def _seats_pass_on(contract: Contract) -> bool:
    """Tell whether a seat is free again once its holder has left it."""
    rules = (each.rule for each in entitlements_of(contract))
    return all(rule.transferable for rule in rules if isinstance(rule, SeatsEntitlement))
