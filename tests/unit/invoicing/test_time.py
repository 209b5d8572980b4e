"""What a contract owes for parts of time: by the second, on two cycles, for seats that come and go."""

from __future__ import annotations

from dataclasses import replace as moved
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.charges import Flat, PerUnit, Proration
from contracts.meters import TimeUnit, WeightedMeter
from contracts.parties import TaxRate
from contracts.plans import Alignment, CycleLength
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.subscriptions import Contract
from invoicing.compose import Draft, Mark, MarkKey, compose
from invoicing.cycles import Progress, due_parts, progress_after
from invoicing.refunds import refund_due
from invoicing.use_owed import UsageKey, usage_needed
from kernel.money import Money
from kernel.periods import Period
from rating.working import lines_of
from tests.unit.invoicing.agreements import CONVERSATIONS, PLATFORM, contract_of

MAR, APR = date(2026, 3, 1), date(2026, 4, 1)
MARCH = Period(MAR, APR)

#: By the second, of a month in which Tijuana's clocks lose an hour: 2,674,800 in all.
FEE = Flat(code="fee", name="Fee", clause="T-1", amount=Decimal("2674.80"), proration=Proration.SECOND)

SEATS = PerUnit(
    code="seats", name="Seats", clause="T-1", meter="mean", unit_price=Decimal(31), allowance=Decimal(3)
)


def planned(contract: Contract, **facts: object) -> Contract:
    """Return a contract whose plan says this."""
    return moved(contract, plan=replace(contract.plan, **facts))


def by_the_second(starts_on: date = MAR) -> Contract:
    """Return a contract over a fee by the second in Tijuana, its periods from the 1st."""
    contract = contract_of(FEE, starts_on=starts_on, billing_day=1)
    return moved(contract, entity=replace(contract.entity, time_zone="America/Tijuana"))


def with_seats(starts_on: date = MAR) -> Contract:
    """Return a contract over seats that are averaged over each period, three of them free."""
    mean = WeightedMeter(clause="T-1", unit="seat", per=TimeUnit.PERIOD)
    return contract_of(SEATS, starts_on=starts_on, billing_day=1, meters={"mean": mean})


def draft_of(
    contract: Contract,
    as_of: date,
    used: dict[Period, str] | None = None,
    billed: dict[MarkKey, Mark] | None = None,
) -> Draft:
    """Compose what is due; ``used`` are seat-days."""
    due = due_parts(contract, Progress.at_start(contract), as_of)
    counted = {UsageKey("mean", "", period): Decimal(each) for period, each in (used or {}).items()}
    return compose(
        contract, due, {**dict.fromkeys(usage_needed(contract, due), Decimal(0)), **counted}, billed or {}
    )


def test_a_fee_by_the_second_knows_of_the_lost_hour() -> None:
    """From 16 March 16 days of 86,400 seconds are left of 2,674,800: 1,382.40, where days gave 1,380.54."""
    (line,) = draft_of(by_the_second(date(2026, 3, 16)), date(2026, 3, 16)).lines

    assert Decimal("1382.40") == line.net
    assert "1,382,400 of 2,674,800 seconds" in lines_of(line.working)


def test_what_comes_back_is_measured_as_it_was_paid() -> None:
    """The same 16 days of a month paid in full give 1,382.40 back."""
    contract = by_the_second()
    paid = {MarkKey("fee", MARCH): Mark(Decimal(1), Money.of("2674.80", "MXN"))}
    due = refund_due(contract, paid, ends_on=date(2026, 3, 16), unpaid=Money.zero("MXN"))

    assert ["1382.40"] == [str(each.amount.amount) for each in due.lines]


def test_what_was_withheld_is_not_given_back() -> None:
    """Of 1,382.40 and its tax the customer had kept 10 % back: it gets 1,465.34 of 1,603.58."""
    contract = by_the_second()
    kept = TaxRate(code="ISR", percent=Decimal(10), withheld=True)
    contract = moved(
        contract,
        entity=replace(contract.entity, taxes=(*contract.entity.taxes, kept)),
        account=replace(contract.account, withholds="ISR"),
    )
    paid = {MarkKey("fee", MARCH): Mark(Decimal(1), Money.of("2674.80", "MXN"))}
    due = refund_due(contract, paid, ends_on=date(2026, 3, 16), unpaid=Money.of("100.00", "MXN"))

    assert ["1603.58", "1465.34", "1365.34", "100.00"] == [
        str(each.amount) for each in (due.gross, due.payable, due.paid_back, due.credited)
    ]


def test_seats_owe_the_mean_of_the_month() -> None:
    """10 seats for 15 days, 12 for 16: 342/31 seats less 3 free at 31.00 are 249.00, exactly."""
    (line,) = draft_of(with_seats(), APR, {MARCH: "342"}).lines

    assert (Decimal("249.00"), Decimal("11.032258064516")) == (line.net, line.quantity)
    assert "342 over 31 days, on average 11.032258..." in lines_of(line.working)


def test_seats_of_a_stub_owe_their_share() -> None:
    """10 seats from the 16th: 160 seat-days over 16 days are 10; 7 at 31.00 for 16 of 31 days are 112.00."""
    middle = date(2026, 3, 16)
    (line,) = draft_of(with_seats(middle), APR, {Period(middle, APR): "160"}).lines

    assert (Decimal("112.00"), Decimal(10)) == (line.net, line.quantity)
    assert "16 of 31 days" in lines_of(line.working)


def test_seats_of_a_pause_are_neither_counted_nor_owed() -> None:
    """10 seats, paused from the 11th to the 20th: 210 seat-days over 21 days are 10, for 21 of 31 days."""
    contract = with_seats()
    pause = StateSpan(
        account_id=contract.account_id,
        subscription_id=contract.subscription_id,
        part=WHOLE,
        state=ServiceState.PAUSED,
        start=date(2026, 3, 11),
        end=date(2026, 3, 21),
        clause="T-1",
    )
    contract = moved(contract, states=(pause,))
    before, after = Period(MAR, date(2026, 3, 11)), Period(date(2026, 3, 21), APR)
    (line,) = draft_of(contract, APR, {before: "100", after: "110"}).lines

    assert (Decimal("147.00"), Decimal(10)) == (line.net, line.quantity)


def test_use_each_month_under_a_fee_for_a_year() -> None:
    """The year is billed once, on its first day; its use at the end of each month."""
    contract = planned(
        contract_of(PLATFORM, CONVERSATIONS), cycle=CycleLength.ANNUAL, usage_cycle=CycleLength.MONTHLY
    )
    due = due_parts(contract, Progress.at_start(contract), MAR)

    assert [("platform", 365), ("conversations", 31), ("conversations", 28)] == [
        (each.charge.code, each.part.days) for each in due
    ]


def test_a_calendar_quarter_that_begins_inside_owes_its_days() -> None:
    """From 20 May 42 of the 91 days of the quarter from April are owed, then whole quarters."""
    contract = planned(
        contract_of(PLATFORM, starts_on=date(2024, 5, 20)),
        cycle=CycleLength.QUARTERLY,
        aligned=Alignment.CALENDAR,
    )
    first, second = due_parts(contract, Progress.at_start(contract), date(2024, 7, 1))

    assert (42, 91) == (first.part.days, first.whole.days)
    assert second.part == second.whole


@given(
    starts_on=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    steps=st.lists(st.integers(0, 100), min_size=1, max_size=10),
    cycle=st.sampled_from(CycleLength),
    usage_cycle=st.sampled_from([None, *CycleLength]),
    aligned=st.sampled_from(Alignment),
)
def test_both_cycles_bill_each_day_once(
    starts_on: date, steps: list[int], cycle: CycleLength, usage_cycle: CycleLength | None, aligned: Alignment
) -> None:
    """However often a run is made, the parts of fees and of use each follow each other without gap."""
    contract = planned(
        contract_of(PLATFORM, CONVERSATIONS, starts_on=starts_on),
        cycle=cycle,
        usage_cycle=usage_cycle,
        aligned=aligned,
    )
    progress, as_of = Progress.at_start(contract), starts_on
    parts: dict[str, list[Period]] = {"platform": [], "conversations": []}
    for days in steps:
        as_of += timedelta(days=days)
        for each in due_parts(contract, progress, as_of):
            parts[each.charge.code].append(each.part)
        progress = progress_after(contract, progress, as_of)

    for billed_parts in parts.values():
        borders = [starts_on, *(part.end for part in billed_parts)]
        assert borders[:-1] == [part.start for part in billed_parts]
    assert parts["platform"][-1].end > as_of
