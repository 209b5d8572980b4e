"""Coupons and credits over several runs: each is used once, also where a run is killed and repeated."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from contracts.credit_grants import CreditGrant
from contracts.grant_credits import grant_credits
from contracts.store import contracts_of, load_catalog
from contracts.subscriptions import Contract
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from invoicing.bill import preview
from invoicing.credit_balances import balances
from invoicing.drawdown_store import given_of
from invoicing.explain import explain
from invoicing.tables import drawdowns
from kernel.clock import FixedClock
from kernel.errors import Conflict, CurrencyMismatch, InvalidInput, NotFound, UnknownClause
from kernel.ids import account_id_of
from kernel.money import Money
from receivables.store import balances as open_balances
from tests.integration.invoicing_book import Office, billed, counted, texts
from tests.integration.test_invoicing_concurrency import kill_in_the_middle, twin

pytestmark = pytest.mark.integration

__all__ = ["twin"]

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
WELCOMED = ("solis", "aroeira", "ipe")


@pytest.fixture
def office(engine: Engine) -> Office:
    """The book in a fresh database, and a contract with a coupon and credits."""
    found = Office.open(engine)
    welcome(found, "solis")
    return found


def welcome(office: Office, account: str) -> None:
    """Sign a contract with a coupon, a discount and credits of each month."""
    office.signs(account, "conversion-mx", "zenvia-mx", order_form="conversion-welcome")


def contract(office: Office, account: str = "solis") -> Contract:
    """The contract of an account with credits."""
    with reading(office.engine) as connection:
        held = contracts_of(connection, load_catalog(connection), [account_id_of(account)])
    return next(each for each in held if each.plan.code == "conversion-mx")


def lines(office: Office, on: date, account: str = "solis") -> dict[str, str]:
    """What each line of an invoice owes before taxes, by charge and first day."""
    invoice = office.of(account, on, subscription="conversion")
    return {f"{line.charge} {line.period_start:%m}": str(line.net) for line in invoice.lines}


def left(office: Office, as_of: date, account: str = "solis") -> dict[str, str]:
    """What is left of each credit and coupon."""
    signed = contract(office, account)
    with reading(office.engine) as connection:
        given = given_of(connection, [signed.account_id])
    found = given.get((signed.account_id, signed.subscription_id))
    assert found is not None
    return {
        f"{each.code} {each.given_on:%m}": str(each.left.amount)
        for each in balances(signed, found, as_of=as_of)
    }


def granted(
    signed: Contract, code: str = "outage", amount: str = "50.00", currency: str = "MXN"
) -> CreditGrant:
    """Credits that a person gives in January."""
    return CreditGrant(
        account_id=signed.account_id,
        subscription_id=signed.subscription_id,
        code=code,
        name="Outage",
        clause="ZEN-IX-4.2-ii",
        amount=Money.of(amount, currency),
        given_on=JAN,
        expires_on=APR,
        priority=10,
        given_by="ana",
        reason="an outage",
        recorded_at=datetime(2026, 1, 5, tzinfo=UTC),
    )


def grant(office: Office, wanted: CreditGrant) -> CreditGrant:
    """Grant credits to the contract."""
    with unit_of_work(office.engine) as connection:
        return grant_credits(connection, contract(office), wanted)


def test_three_months_of_a_coupon_a_discount_and_credits(office: Office) -> None:
    """The coupon of 2,500.00 is used up at once, half of users for two months, SMS from monthly credits.

    January owes activation and platform, 3,499.00 less 2,500.00, spread by what each owes.  Then 600 SMS at
    0.3333 are 199.98: 100.00 of January's credits (February's are given after it); 300 of them in February
    are 99.99, which February's pay.
    """
    office.bills(JAN)
    assert {"activation 01": "428.27", "platform 01": "570.73"} == lines(office, JAN)

    office.gets([*texts("solis", "hola", 600, date(2026, 1, 20)), *counted("solis", "users", 5, JAN)])
    office.bills(FEB)
    assert {"platform 02": "1999.00", "users 01": "149.00", "sms 01": "99.98"} == lines(office, FEB)

    office.gets([*texts("solis", "hola", 300, date(2026, 2, 20))])
    office.bills(MAR)
    assert {"platform 03": "1999.00", "users 02": "149.00", "sms 02": "0.00"} == lines(office, MAR)
    assert {"monthly 01": "0.00", "monthly 02": "0.01", "monthly 03": "100.00", "welcome 01": "0.00"} == left(
        office, MAR
    )


def test_what_a_line_was_given_is_told_with_its_clause(office: Office) -> None:
    """``explain`` shows the coupon, what it took and the clause of the order form."""
    office.bills(JAN)

    told = [each.strip() for each in explain(office.of("solis", JAN, subscription="conversion"))]

    assert "coupon Welcome: 1,428.27 MXN off; 570.73 MXN left [OF-1]" in told


def test_a_second_run_uses_nothing_more(office: Office) -> None:
    """It bills nothing, and draws nothing."""
    office.bills(JAN)
    before = office.rows(drawdowns)
    report = office.bills(JAN)

    assert 0 == report.invoices
    assert before == office.rows(drawdowns)


def test_a_preview_uses_nothing(office: Office) -> None:
    """What it would draw is told and not kept."""
    bills, _ = preview(office.engine, as_of=JAN, clock=FixedClock.on(JAN))

    assert any(each.draft.drawdowns for each in bills)
    assert 0 == office.count(drawdowns)


def test_a_run_that_is_killed_and_repeated_uses_a_coupon_once(office: Office, twin: Office) -> None:
    """Killed in the middle and run again, each coupon and credit has given what it gives in one run."""
    for account in WELCOMED:
        welcome(twin, account)
        if account != "solis":
            welcome(office, account)
    for each in (office, twin):
        for account in WELCOMED:
            each.gets(texts(account, "hola", 600, date(2026, 1, 20)))
    kill_in_the_middle(office.engine)
    office.bills(FEB, chunk_accounts=1)
    twin.bills(FEB)

    assert billed(twin) == billed(office)
    assert drawn(twin) == drawn(office)
    assert {account: Decimal(2600) for account in WELCOMED} == drawn(office)


def drawn(office: Office) -> dict[str, Decimal]:
    """What was drawn by each account."""
    names = {account_id_of(account): account for account in WELCOMED}
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    with reading(office.engine) as connection:
        for row in connection.execute(drawdowns.select()):
            found[names[row.account_id]] += row.amount
    return dict(found)


def test_granted_credits_pay_before_promised_ones(office: Office) -> None:
    """Of 199.98 of SMS 50.00 are paid by the grant, whose priority is lower, then 100.00 by the promise."""
    grant(office, granted(contract(office)))
    office.gets(texts("solis", "hola", 600, date(2026, 1, 20)))
    office.bills(JAN)
    office.bills(FEB)

    assert "49.98" == lines(office, FEB)["sms 01"]
    assert "0.00" == left(office, FEB)["outage 01"]


def test_a_grant_is_kept_once_and_told_once(office: Office) -> None:
    """The same again changes nothing; another amount under its code is refused."""
    signed = contract(office)
    first = grant(office, granted(signed))
    again = grant(office, granted(signed))

    assert first == again
    assert 1 == len([row for row in office.rows(outbox) if "credits.granted" in row])
    with pytest.raises(Conflict, match="other credits bear this code"):
        grant(office, granted(signed, amount="60.00"))


def test_a_grant_that_does_not_fit_its_contract_is_refused(office: Office) -> None:
    """An unknown clause, an unknown charge, another currency, the code of a promise."""
    signed = contract(office)
    wanted = granted(signed)
    with pytest.raises(UnknownClause):
        grant(office, changed(wanted, clause="ZEN-99"))
    with pytest.raises(NotFound, match="no such charge"):
        grant(office, changed(wanted, charges=("nothing",)))
    with pytest.raises(CurrencyMismatch):
        grant(office, granted(signed, currency="USD"))
    with pytest.raises(InvalidInput, match="promises bear this code"):
        grant(office, granted(signed, code="monthly"))


def changed(wanted: CreditGrant, **fields: object) -> CreditGrant:
    """The same grant with other fields."""
    values = {name: getattr(wanted, name) for name in CreditGrant.__dataclass_fields__}
    return CreditGrant(**{**values, **fields})


def test_an_invoice_of_nothing_leaves_nothing_open(office: Office) -> None:
    """A coupon that covers all: the invoice bears its number and its lines, and nothing is owed on it."""
    grant(
        office,
        changed(
            granted(contract(office)), amount=Money.of("9000", "MXN"), charges=("platform", "activation")
        ),
    )
    office.bills(JAN)
    invoice = office.of("solis", JAN, subscription="conversion")
    with reading(office.engine) as connection:
        owing = open_balances(connection, as_of=FEB, account_ids=[account_id_of("solis")])

    assert Money.zero("MXN") == invoice.total
    assert invoice.number not in {each.item.number for each in owing if each.principal}
