"""The levels of a month as a contract measures them: which outages count, the fees of a credit, leaving."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.clauses import Clause
from contracts.outages import Outage
from contracts.record_outage import Told
from contracts.rules import TaxMode, TaxRule
from contracts.service_level_rules import CreditStep, OutageCause, OutageStart, ServiceCredit
from contracts.subscriptions import Contract, OrderForm
from contracts.terms import Rules
from invoicing.level_report import LevelMonth, level_months, refuse_unmissed
from kernel.errors import Conflict, InvalidInput
from kernel.ids import outage_id_of
from kernel.money import Money
from tests.parts import FEE, SUBSCRIPTION, library, parts

SMS = replace(FEE, code="sms_fee", part="sms", amount=Decimal(200))
KNOWN = datetime(2026, 12, 31, tzinfo=UTC)
JUNE_10 = datetime(2026, 6, 10, 12, tzinfo=UTC)
TABLE = ServiceCredit(
    clause="OF-1",
    level="products",
    claim_days=30,
    steps=(CreditStep(below_percent=Decimal("99.5"), credit_percent=Decimal(10)),),
)


def contract_of(*papers: str, credit: ServiceCredit | None = None) -> Contract:
    """A contract under these papers since January, whose order form may state a table."""
    form = OrderForm(
        clause=(Clause(id="OF-1", place="Order form", says_en="Ten percent below the promise."),),
        rules=Rules(tax=TaxRule(clause="OF-1", mode=TaxMode.EXCLUSIVE)),
        service_credits={"table": credit} if credit else {},
    )
    documents = library(*papers)
    cited = tuple(replace(each, clause=documents[0].clause[0].id) for each in (FEE, SMS))
    return parts(documents, charges=cited, subscription=replace(SUBSCRIPTION, order_form=form)).contract()


ZENVIA = contract_of("zenvia-general", "zenvia-annex-viii", credit=TABLE)
SINCH = contract_of("sinch-contact-pro-general")


def down(
    hours: int,
    *,
    contract: Contract = ZENVIA,
    at: datetime = JUNE_10,
    part: str = "",
    cause: OutageCause = OutageCause.FAULT,
    told: bool = True,
) -> Outage:
    """An outage that the customer told an hour after it began, if it did."""
    return Outage(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        outage_id=outage_id_of(contract.subscription_id, part, at),
        part=part,
        began_at=at,
        cause=cause,
        note="",
        recorded_by="ana",
        recorded_at=at,
        reported_at=at + timedelta(hours=1) if told else None,
        restored_at=at + timedelta(hours=hours),
    )


def june(contract: Contract, *outages: Outage) -> dict[str, LevelMonth]:
    """Return the levels of June 2026 by their part."""
    return {
        each.part: each for each in level_months(contract, outages, month=date(2026, 6, 1), known_at=KNOWN)
    }


@pytest.mark.clause("ZEN-VIII-6.1")
def test_each_product_is_measured_on_its_own() -> None:
    """SMS is down for five hours: SMS misses its level, the other five products do not."""
    found = june(ZENVIA, down(6, part="sms"))

    assert {"sms", "voice", "whatsapp", "attraction", "bots", "chat"} == set(found)
    assert ["sms"] == [part for part, each in found.items() if each.figures.missed]
    assert ("ZEN-VIII-6.2", "zenvia-annex-viii 2023-11-16") == (found["sms"].clause, found["sms"].document)


@pytest.mark.clause("ZEN-VIII-6.3")
def test_an_outage_runs_from_the_customers_report() -> None:
    """Six hours that were told after one count as five; told by nobody, they count as none."""
    assert 5 == june(ZENVIA, down(6))["sms"].figures.outage_hours
    assert 0 == june(ZENVIA, down(6, told=False))["sms"].figures.outage_hours


@pytest.mark.clause("ZEN-VIII-6.5")
@pytest.mark.parametrize("cause", [each for each in OutageCause if each is not OutageCause.FAULT])
def test_only_the_vendors_faults_count(cause: OutageCause) -> None:
    """Planned work, force majeure, third parties, the customer, the network: none is an outage."""
    figures = june(ZENVIA, down(6, cause=cause, told=False))["sms"].figures

    assert [0, 6] == [figures.outage_hours, figures.excluded_hours]


@pytest.mark.clause("SIN-4.1")
@pytest.mark.clause("SIN-4.2a")
@pytest.mark.clause("SIN-4.2b")
def test_embedded_widgets_are_left_out_and_others_have_99_92_percent() -> None:
    """An hour of June is 0.139 %: too much for 99.92, and nothing where it is a widget's."""
    widget, whole = (june(SINCH, down(1, contract=SINCH, part=part))[""] for part in ("widgets", ""))

    assert (False, True) == (widget.figures.missed, whole.figures.missed)
    assert Decimal("99.92") == whole.figures.target_percent


def test_a_credit_is_of_the_fees_of_the_part() -> None:
    """SMS has a fee of its own, 200.00; voice has none, and so no credit."""
    found = june(ZENVIA, down(6))

    assert (Money.of("20.00", "MXN"), Money.of(0, "MXN")) == (
        found["sms"].credit.amount,
        found["voice"].credit.amount,
    )
    assert date(2026, 7, 30) == found["sms"].claimed_until


def test_a_table_may_name_the_fees() -> None:
    """Ten percent of 1,000.00 for every product, as this order form says."""
    named = contract_of("zenvia-general", "zenvia-annex-viii", credit=replace(TABLE, charges=("fee",)))

    assert Money.of("100.00", "MXN") == june(named, down(6, contract=named))["voice"].credit.amount


def test_without_a_table_there_is_no_credit() -> None:
    """The annex states an indicator, and gives nothing back by itself."""
    bare = contract_of("zenvia-general", "zenvia-annex-viii")

    assert not june(bare, down(60, contract=bare))["sms"].credit.amount


@pytest.mark.clause("SIN-4.2e")
def test_the_fourth_month_in_a_row_frees_the_customer_for_thirty_days() -> None:
    """March to June: the failure is that of 30 June, and the word may be given until 30 July."""
    outages = [down(2, contract=SINCH, at=datetime(2026, month, 10, tzinfo=UTC)) for month in (3, 4, 5, 6)]
    leaving = june(SINCH, *outages)[""].leaving

    assert leaving is not None
    assert ("service_level", "SIN-4.2e", "missed in 4 consecutive months") == (
        leaving.ending,
        leaving.clause,
        leaving.why,
    )
    assert (date(2026, 6, 30), date(2026, 7, 30)) == (leaving.happened_on, leaving.until)
    assert june(SINCH, *outages[1:])[""].leaving is None


def test_an_ending_that_hangs_on_no_level_asks_for_none() -> None:
    """Leaving for convenience needs no outage; over a level that was not missed nobody leaves."""
    refuse_unmissed(SINCH, [], "change_refused", happened_on=None, known_at=KNOWN)
    for happened_on in (None, date(2026, 6, 30)):
        with pytest.raises(Conflict):
            refuse_unmissed(SINCH, [], "service_level", happened_on=happened_on, known_at=KNOWN)


def test_a_month_before_the_contract_has_no_figures() -> None:
    """Nothing was promised then; and a vendor that promises nothing has no levels."""
    assert () == level_months(ZENVIA, [], month=date(2025, 12, 1), known_at=KNOWN)
    assert {} == june(contract_of("konectus-general"))


def test_an_outage_that_is_not_over_lasts_until_now() -> None:
    """As known three hours after the report."""
    outage = down(6)
    running = Outage(**{name: getattr(outage, name) for name in outage.__slots__} | {"restored_at": None})
    known_at = JUNE_10 + timedelta(hours=4)
    (sms, *_) = level_months(ZENVIA, [running], month=date(2026, 6, 1), known_at=known_at)

    assert 3 == sms.figures.outage_hours


def test_an_outage_has_an_order() -> None:
    """Told, or over, before it began is a typing error; so is a report of what never was."""
    early = JUNE_10 - timedelta(minutes=1)
    with pytest.raises(InvalidInput):
        down(-1)
    with pytest.raises(InvalidInput):
        Outage(**{name: getattr(down(6), name) for name in down(6).__slots__} | {"reported_at": early})
    assert down(6, told=False).lasted(OutageStart.REPORTED, KNOWN) is None
    assert OutageCause.FAULT is Told(began_at=JUNE_10, cause=OutageCause.FAULT, by="ana").cause
