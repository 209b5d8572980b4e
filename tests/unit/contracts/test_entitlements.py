"""What a customer may use, rule by rule, at the border of each clause."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts.charges import Flat, OneOff, PerUnit
from contracts.entitlement_facts import Facts, Stop, Used, Verdict, limited_meters
from contracts.entitlement_rules import AtLimit, LimitEntitlement, LimitPeriod, PlacesEntitlement
from contracts.entitlements import verdicts
from contracts.limits import counts_of
from contracts.plans import CycleLength
from contracts.service_states import ServiceState
from contracts.subscriptions import Contract, OrderForm
from kernel.errors import InvalidTerms, UnknownMeter
from tests.parts import STARTS
from tests.unit.contracts.agreements import (
    ATTRACTION,
    CONVERSION,
    CONVERSSO,
    DOCS,
    KONECTUS,
    SALEXOPS,
    SINCH,
    signed,
)

DAY = date(2026, 3, 10)


def facts(contract: Contract, *, used: str | None = None, as_of: date = DAY, **given: object) -> Facts:
    """Return the facts of a day; ``used`` is what every limit of the contract finds."""
    found = {count: Used(Decimal(used)) for count in counts_of(contract, as_of)} if used else {}
    return Facts(as_of=as_of, used=found, **given)  # type: ignore[arg-type]  # fields of Facts, by name


def verdict(contract: Contract, feature: str, known: Facts) -> Verdict:
    """Return the one verdict about a feature."""
    (found,) = [each for each in verdicts(contract, known) if each.feature == feature]
    return found


def told(found: Verdict) -> tuple[bool, str, str]:
    """Return whether it is allowed, by which clause, and why."""
    return found.allowed, found.clause, found.reason


# ---------------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("used", "allowed", "left"), [("0", True, 200), ("199", True, 1), ("200", False, 0), ("201", False, 0)]
)
@pytest.mark.clause("ZEN-II-3.2-vii")
def test_the_sandbox_sends_200_messages_a_day(used: str, left: int, *, allowed: bool) -> None:
    """The two hundredth goes out, the next does not."""
    contract = signed(CONVERSION)
    found = verdict(contract, "sandbox", facts(contract, used=used))

    assert (allowed, Decimal(200), Decimal(used), Decimal(left), AtLimit.BLOCK) == (
        found.allowed,
        found.limit,
        found.used,
        found.left,
        found.at_limit,
    )
    assert ("ZEN-II-3.2-vii", "zenvia-annex-ii 2023-11-16") == (found.clause, found.document)


@pytest.mark.clause("ZEN-II-3.2-vii")
def test_the_sandbox_is_counted_from_the_day_itself() -> None:
    """Yesterday's messages do not count: the limit asks for what was used on the day."""
    (count,) = counts_of(signed(CONVERSION), DAY)

    assert ("sandbox_messages", DAY, Decimal(200)) == (count.meter, count.start, count.limit)


@pytest.mark.parametrize(
    ("plan", "used", "allowed"),
    [
        ("attraction-lite", "4999", True),
        ("attraction-lite", "5000", False),
        ("attraction-pro", "5000", True),
        ("attraction-pro", "9999", True),
        ("attraction-pro", "10000", False),
        ("attraction-enterprise", "10001", True),
    ],
)
@pytest.mark.clause("ZEN-II-4.2-v-4.6")
@pytest.mark.clause("ZEN-II-4.3")
def test_contacts_of_attraction(plan: str, used: str, *, allowed: bool) -> None:
    """Lite holds 5,000, Pro 10,000, Enterprise what is agreed; at the number one more is blocked."""
    contract = signed(ATTRACTION, plan=plan)
    found = verdict(contract, "contacts", facts(contract, used=used))

    assert (allowed, "ZEN-II-4.2-v-4.6") == (found.allowed, found.clause)


@pytest.mark.clause("ZEN-II-4.3")
def test_an_enterprise_plan_has_the_number_of_its_order_form() -> None:
    """10,001 and up is Enterprise: 25,000 were agreed, and the next is blocked as in any plan."""
    form = OrderForm(
        entitlements={
            "attraction_contacts": LimitEntitlement(
                clause="ZEN-II-4.2-v-4.6",
                feature="contacts",
                meter="attraction_contacts",
                limit=Decimal(25000),
                per=LimitPeriod.EVER,
            )
        }
    )
    contract = signed(ATTRACTION, plan="attraction-enterprise", order_form=form)

    found = [verdict(contract, "contacts", facts(contract, used=used)) for used in ("24999", "25000")]

    assert [(True, "order-form 2026-01-01"), (False, "order-form 2026-01-01")] == [
        (each.allowed, each.document) for each in found
    ]


@pytest.mark.parametrize(("used", "left"), [("511", 1), ("512", 0), ("600", 0)])
@pytest.mark.clause("SLX-05")
def test_the_free_tier_stores_512_megabytes(used: str, left: int) -> None:
    """Nothing is refused at the limit: what is stored may be purged, and the verdict says so."""
    contract = signed(SALEXOPS, plan="free", charge=())
    found = verdict(contract, "storage", facts(contract, used=used))

    assert (True, Decimal(512), Decimal(left), AtLimit.PURGE, "SLX-05") == (
        found.allowed,
        found.limit,
        found.left,
        found.at_limit,
        found.clause,
    )
    assert (left == 0) == ("may be purged" in found.reason)


@pytest.mark.clause("SLX-05")
def test_a_paid_tier_has_no_such_limit() -> None:
    """512 MB are those of the free tier."""
    assert [] == [each for each in verdicts(signed(SALEXOPS), Facts(as_of=DAY)) if each.feature == "storage"]


def volume(limit: int, at_limit: AtLimit) -> OrderForm:
    """Return an order for so many conversations a period."""
    rule = LimitEntitlement(
        clause="SIN-4.5a",
        feature="conversations",
        meter="conversations",
        limit=Decimal(limit),
        at_limit=at_limit,
    )
    return OrderForm(entitlements={"volume": rule})


@pytest.mark.parametrize(
    ("at_limit", "used", "allowed"),
    [
        (AtLimit.BLOCK, "999", True),
        (AtLimit.BLOCK, "1000", False),
        (AtLimit.BILL, "1000", True),
    ],
)
@pytest.mark.clause("SIN-4.5a")
def test_use_keeps_within_the_volume_of_the_order(at_limit: AtLimit, used: str, *, allowed: bool) -> None:
    """The thousandth conversation is the last, unless the order bills what goes beyond."""
    contract = signed(SINCH, order_form=volume(1000, at_limit))
    found = verdict(contract, "conversations", facts(contract, used=used))

    assert (allowed, "SIN-4.5a") == (found.allowed, found.clause)


@pytest.mark.clause("SIN-4.5a")
def test_an_order_without_a_volume_sets_no_limit() -> None:
    """The paper names no number, and none is guessed."""
    contract = signed(SINCH)

    assert (True, "SIN-4.5a", "the contract names no limit") == told(
        verdict(contract, "conversations", Facts(as_of=DAY))
    )
    assert frozenset() == limited_meters(contract.plan, contract.terms)


@pytest.mark.parametrize(
    ("cycle", "start"), [(CycleLength.MONTHLY, date(2026, 3, 1)), (CycleLength.ANNUAL, STARTS)]
)
def test_a_period_is_that_of_the_plan(cycle: CycleLength, start: date) -> None:
    """A limit of a period counts from the first day of the period that holds the day."""
    contract = signed(SINCH, cycle=cycle, order_form=volume(10, AtLimit.BLOCK))

    assert [start] == [count.start for count in counts_of(contract, DAY)]


# ----------------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize(
    ("late", "allowed"), [(None, True), (0, True), (1, True), (8, True), (9, False), (40, False)]
)
@pytest.mark.clause("ZEN-IX-7-iv")
def test_the_solution_is_for_who_pays(late: int | None, *, allowed: bool) -> None:
    """Eight days late is borne, the ninth late day is the first without a right to it."""
    since = None if late is None else DAY - timedelta(days=late)
    found = verdict(signed(CONVERSION), "solution", Facts(as_of=DAY, overdue_since=since))

    assert (allowed, "ZEN-IX-7-iv", "zenvia-annex-ix 2023-11-16") == (
        found.allowed,
        found.clause,
        found.document,
    )


@pytest.mark.parametrize(
    ("paid_until", "license_allowed", "support_allowed"),
    [
        (DAY + timedelta(days=1), True, True),
        (DAY, True, False),
        (DAY - timedelta(days=3), True, False),
        (DAY - timedelta(days=4), False, False),
    ],
)
@pytest.mark.clause("SLX-10")
@pytest.mark.clause("SLX-12")
def test_a_license_reaches_as_far_as_the_money(
    paid_until: date, *, license_allowed: bool, support_allowed: bool
) -> None:
    """The payment was due on the first unpaid day: three days later is the last; support ends at once."""
    contract, known = signed(SALEXOPS), Facts(as_of=DAY, paid_until=paid_until)
    access, support = verdict(contract, "license", known), verdict(contract, "support", known)

    assert (license_allowed, "SLX-10", paid_until + timedelta(days=4)) == (
        access.allowed,
        access.clause,
        access.ends_on,
    )
    assert (support_allowed, "SLX-12", paid_until) == (support.allowed, support.clause, support.ends_on)


@pytest.mark.clause("SLX-12")
def test_the_current_month_of_a_prepaid_year_is_paid() -> None:
    """Paid through December: support is there in March."""
    contract = signed(SALEXOPS, cycle=CycleLength.ANNUAL)
    found = verdict(contract, "support", Facts(as_of=DAY, paid_until=date(2027, 1, 1)))

    assert (True, "SLX-12", "paid through 2026-12-31") == told(found)


@pytest.mark.clause("SLX-10")
def test_who_never_paid_has_the_grace_of_the_first_day() -> None:
    """The first payment is due on the first day: the fourth is the last, the fifth is not."""
    allowed = [
        verdict(signed(SALEXOPS), "license", Facts(as_of=STARTS + timedelta(days=days))).allowed
        for days in (0, 3, 4)
    ]

    assert [True, True, False] == allowed


def test_a_plan_without_a_fee_has_nothing_to_prepay() -> None:
    """The free tier is no license that ends."""
    found = verdict(signed(SALEXOPS, plan="free", charge=()), "license", Facts(as_of=DAY))

    assert (True, "SLX-10", "the plan has no fee that is paid in advance") == told(found)


# -------------------------------------------------------------------------------- other products, and places


@pytest.mark.parametrize(
    ("products", "allowed"),
    [((), False), (("voice",), False), (("sms",), True), (("whatsapp",), True), (("voice", "rcs"), True)],
)
@pytest.mark.clause("ZEN-II-4.2-i")
def test_attraction_needs_a_channel(products: tuple[str, ...], *, allowed: bool) -> None:
    """SMS, WhatsApp or RCS, one at least, contracted besides."""
    contract = signed(ATTRACTION, plan="attraction-pro")
    found = verdict(contract, "attraction", Facts(as_of=DAY, products=frozenset(products)))

    assert (allowed, "ZEN-II-4.2-i") == (found.allowed, found.clause)


@pytest.mark.parametrize(
    ("country", "allowed"), [("", True), ("MX", True), ("CU", False), ("KP", False), ("US", True)]
)
@pytest.mark.clause("SIN-4.3")
def test_countries_of_the_list_are_closed(country: str, *, allowed: bool) -> None:
    """The list comes with the order; a country that is not on it is served."""
    places = PlacesEntitlement(clause="SIN-4.3", feature="service", refused=("CU", "KP"))
    contract = signed(SINCH, order_form=OrderForm(entitlements={"places": places}))
    found = verdict(contract, "service", Facts(as_of=DAY, country=country))

    assert (allowed, "SIN-4.3") == (found.allowed, found.clause)


@pytest.mark.clause("SIN-4.3")
def test_the_terms_themselves_close_no_country() -> None:
    """A list that nobody wrote refuses nothing."""
    assert (True, "SIN-4.3", "closed countries: none") == told(
        verdict(signed(SINCH), "service", Facts(as_of=DAY))
    )


# --------------------------------------------------------------------------------------- the contract's life


@pytest.mark.parametrize(
    ("day", "allowed"), [(date(2026, 3, 30), True), (date(2026, 3, 31), True), (date(2026, 4, 1), False)]
)
@pytest.mark.parametrize(
    ("documents", "feature", "clause"),
    [
        pytest.param(CONVERSSO, "license", "CNV-02", marks=pytest.mark.clause("CNV-02")),
        pytest.param(KONECTUS, "access", "KON-15.3a", marks=pytest.mark.clause("KON-15.3a")),
        pytest.param(CONVERSION, "lines", "ZEN-IX-1-iv", marks=pytest.mark.clause("ZEN-IX-1-iv")),
    ],
)
def test_what_ends_with_the_contract(
    documents: tuple[str, ...], feature: str, clause: str, day: date, *, allowed: bool
) -> None:
    """The last day of March is the last day; nothing renews the contract by itself."""
    contract = signed(documents, ends_on=date(2026, 4, 1))
    found = verdict(contract, feature, Facts(as_of=day))

    assert (allowed, clause, date(2026, 4, 1)) == (found.allowed, found.clause, found.ends_on)


@pytest.mark.clause("CNV-02")
def test_a_license_begins_with_its_time() -> None:
    """The day before the first is too early."""
    contract = signed(CONVERSSO)

    assert [False, True] == [
        verdict(contract, "license", Facts(as_of=day)).allowed for day in (date(2025, 12, 31), STARTS)
    ]


@pytest.mark.clause("KON-15.3a")
def test_a_termination_closes_access_on_its_day() -> None:
    """Terminated on 10 March: the 9th had access, the 10th has none, though it is the last billed day."""
    contract = signed(KONECTUS, ends_on=DAY + timedelta(days=1))
    stop = Stop(part="", since=DAY, clause="KON-15.2b", state=ServiceState.TERMINATED)

    assert (True, False) == (
        verdict(contract, "access", Facts(as_of=DAY - timedelta(days=1))).allowed,
        verdict(contract, "access", Facts(as_of=DAY, stops=(stop,))).allowed,
    )


@pytest.mark.parametrize(
    ("day", "allowed"),
    [
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), True),
        (date(2026, 4, 30), True),
        (date(2026, 5, 1), False),
    ],
)
@pytest.mark.parametrize(
    ("documents", "feature", "clause"),
    [
        pytest.param(DOCS, "backups", "ZEN-X-3", marks=pytest.mark.clause("ZEN-X-3")),
        pytest.param(KONECTUS, "export", "KON-15.3b", marks=pytest.mark.clause("KON-15.3b")),
    ],
)
def test_what_stays_open_for_30_days(
    documents: tuple[str, ...], feature: str, clause: str, day: date, *, allowed: bool
) -> None:
    """The last day was 31 March: 30 April is the thirtieth after it; all else is closed meanwhile."""
    contract = signed(documents, ends_on=date(2026, 4, 1))
    found = verdict(contract, feature, Facts(as_of=day))
    others = {each.allowed for each in verdicts(contract, Facts(as_of=day)) if each.feature != feature}

    assert (allowed, clause, date(2026, 5, 1)) == (found.allowed, found.clause, found.ends_on)
    assert {day < date(2026, 4, 1)} == others


@pytest.mark.parametrize(("days", "allowed"), [(0, True), (30, True), (31, False)])
@pytest.mark.clause("KON-15.3b")
def test_the_export_stays_open_after_a_pause(days: int, *, allowed: bool) -> None:
    """The thirty days of a pause run from its first day."""
    stop = Stop(part="", since=DAY, clause="KON-15.1a", state=ServiceState.SUSPENDED)
    known = Facts(as_of=DAY + timedelta(days=days), stops=(stop,))

    assert allowed == verdict(signed(KONECTUS), "export", known).allowed


def test_a_suspension_refuses_everything_and_says_why() -> None:
    """Each feature of the contract, with the clause of the step that was taken."""
    contract = signed(CONVERSION)
    stop = Stop(part="", since=DAY, clause="ZEN-IX-6", state=ServiceState.SUSPENDED)
    found = verdicts(contract, facts(contract, used="5", stops=(stop,)))

    assert {(False, "suspended since 2026-03-10", "ZEN-IX-6")} == {
        (each.allowed, each.reason, each.clause) for each in found
    }
    assert [Decimal(195)] == [each.left for each in found if each.feature == "sandbox"]


@pytest.mark.parametrize(
    ("restored_on", "reason"),
    [
        (None, "the contract is in force"),
        (
            date(2026, 3, 5),
            "the contract is in force; connectors of before 2026-03-05 have to be set up anew",
        ),
    ],
)
@pytest.mark.clause("KON-2b")
def test_connectors_are_set_up_anew_after_a_pause(restored_on: date | None, reason: str) -> None:
    """Paying brings the service back and not its connectors; nothing else is unplugged."""
    found = verdicts(signed(KONECTUS), Facts(as_of=DAY, restored_on=restored_on))

    assert [(True, "KON-2b", reason)] == [told(each) for each in found if each.feature == "connectors"]
    assert "the contract is in force" == next(each.reason for each in found if each.feature == "access")


@pytest.mark.clause("KON-2b")
def test_a_pause_unplugs_connectors() -> None:
    """While it lasts none may be used, by the clause of the pause."""
    stop = Stop(part="", since=DAY, clause="KON-15.1a", state=ServiceState.SUSPENDED)

    assert (False, "KON-15.1a", "suspended since 2026-03-10") == told(
        verdict(signed(KONECTUS), "connectors", Facts(as_of=DAY, stops=(stop,)))
    )


# -------------------------------------------------------------------------------------- the plan's own parts


def test_a_stopped_part_is_off_and_the_rest_is_on() -> None:
    """WhatsApp is stopped: its charge's part is off, the platform stays; an activation fee is no feature."""
    charge = (
        Flat(code="platform", name="Platform", clause="ZEN-IX-4.2-ii", amount=Decimal(100)),
        OneOff(code="activation", name="Activation", clause="ZEN-IX-4.2-i", amount=Decimal(10)),
        PerUnit(
            code="sessions",
            name="Sessions",
            clause="ZEN-IX-4.2-iii",
            part="whatsapp",
            meter="whatsapp_conversations",
            unit_price=Decimal(1),
        ),
    )
    stop = Stop(part="whatsapp", since=DAY, clause="ZEN-IX-11", state=ServiceState.PARTIALLY_SUSPENDED)
    found = verdicts(signed(CONVERSION, charge=charge), Facts(as_of=DAY, stops=(stop,)))

    assert {
        ("platform", True, "ZEN-IX-4.2-ii", "part of the plan"),
        ("whatsapp", False, "ZEN-IX-11", "suspended since 2026-03-10"),
    } == {
        (each.feature, each.allowed, each.clause, each.reason)
        for each in found
        if each.feature in {"platform", "whatsapp", "activation", "sessions"}
    }


def test_a_rule_speaks_for_the_charge_of_its_feature() -> None:
    """Seats have a rule and a price: the rule's verdict is the one."""
    charge = PerUnit(code="seats", name="Seats", clause="KON-5.2", meter="seats", unit_price=Decimal(1))
    found = verdict(signed(KONECTUS, charge=(charge,)), "seats", Facts(as_of=DAY))

    assert (True, "KON-5.2", "0 seats taken, the contract names no limit") == told(found)


def test_a_stopped_part_that_no_charge_names_is_told() -> None:
    """What is stopped does not go unsaid."""
    stop = Stop(part="whatsapp", since=DAY, clause="ZEN-IX-11", state=ServiceState.PARTIALLY_SUSPENDED)

    assert (False, "ZEN-IX-11", "suspended since 2026-03-10") == told(
        verdict(signed(CONVERSION), "whatsapp", Facts(as_of=DAY, stops=(stop,)))
    )


# --------------------------------------------------------------------------------------------------- a trial


def trial(used: str, day: int, *, reached_on: date | None = None) -> Verdict:
    """Return the verdict on a trial's day, counted from 1, when so many SMS were sent."""
    contract = signed(ATTRACTION, plan="attraction-trial", trial=True, charge=())
    as_of = STARTS + timedelta(days=day - 1)
    known = Facts(
        as_of=as_of, used={each: Used(Decimal(used), reached_on) for each in counts_of(contract, as_of)}
    )
    return verdict(contract, "trial", known)


@pytest.mark.parametrize(("day", "allowed"), [(1, True), (30, True), (31, False), (60, False)])
@pytest.mark.clause("ZEN-II-4.4")
def test_a_trial_ends_after_30_days(day: int, *, allowed: bool) -> None:
    """Begun on 1 January, day 30 is the 30th, and the 31st is the first day after."""
    found = trial("0", day)

    assert (allowed, "ZEN-II-4.4", date(2026, 1, 31)) == (found.allowed, found.clause, found.ends_on)


@pytest.mark.parametrize(("used", "allowed"), [("49", True), ("50", False), ("51", False)])
@pytest.mark.clause("ZEN-II-4.4")
def test_a_trial_ends_after_50_messages(used: str, *, allowed: bool) -> None:
    """The fiftieth is sent, the fifty-first is not; the day after the fiftieth is the first day after."""
    found = trial(used, 10, reached_on=None if allowed else date(2026, 1, 9))

    assert (allowed, date(2026, 1, 31) if allowed else date(2026, 1, 10)) == (found.allowed, found.ends_on)
    assert (Decimal(50), max(Decimal(50) - Decimal(used), Decimal(0))) == (found.limit, found.left)


@pytest.mark.clause("ZEN-II-4.4")
def test_a_trial_that_is_over_refuses_everything() -> None:
    """Access ends until a plan is bought: the sandbox too, by the clause of the trial."""
    contract = signed(ATTRACTION, plan="attraction-trial", trial=True, charge=())
    known = Facts(as_of=date(2026, 1, 31))

    assert {(False, "ZEN-II-4.4")} == {
        (each.allowed, each.clause) for each in verdicts(contract, known) if each.feature != "trial"
    }
    assert {"sms", "sandbox_messages"} == limited_meters(contract.plan, contract.terms)


@pytest.mark.clause("ZEN-II-4.4")
def test_a_plan_that_is_bought_knows_no_trial() -> None:
    """The rule stands in the paper of every plan, and ends only those that are a trial."""
    found = verdicts(signed(ATTRACTION, plan="attraction-lite"), Facts(as_of=date(2027, 1, 1)))

    assert [] == [each for each in found if each.feature == "trial"]


# ----------------------------------------------------------------------------------------- what does not fit


def test_a_limit_needs_its_meter() -> None:
    """A trial by SMS without the paper that counts SMS could never end: it is not signed."""
    with pytest.raises(UnknownMeter) as refused:
        signed(("zenvia-general", "zenvia-annex-ii"), trial=True, charge=())

    assert ("entitlements.meter", "sms") == (refused.value.field, refused.value.value)


def test_a_plan_has_one_rule_of_seats() -> None:
    """A second one under another code would leave two numbers."""
    seats = signed(SINCH).terms.entitlements["seats"].rule
    with pytest.raises(InvalidTerms) as refused:
        signed(SINCH, order_form=OrderForm(entitlements={"more_seats": seats}))

    assert "seats, more_seats" == refused.value.value


@pytest.mark.parametrize(
    ("part", "state", "word"),
    [
        ("", ServiceState.PAUSED, "paused"),
        ("", ServiceState.SUSPENDED, "suspended"),
        ("", ServiceState.TERMINATED, "terminated"),
        ("whatsapp", ServiceState.ENDED, "ended"),
        ("whatsapp", ServiceState.PARTIALLY_SUSPENDED, "suspended"),
    ],
)
def test_a_refusal_says_what_stopped_the_service(part: str, state: ServiceState, word: str) -> None:
    """An agreed pause is none of the vendor's suspensions, and a part that is over comes back no more."""
    stop = Stop(part=part, since=DAY, clause="ZEN-IX-6.1", state=state)
    contract = signed(CONVERSION)
    found = verdicts(contract, facts(contract, stops=(stop,)))

    assert {f"{word} since {DAY}"} == {each.reason for each in found if each.clause == "ZEN-IX-6.1"}
