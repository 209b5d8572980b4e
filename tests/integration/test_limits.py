"""Limits in real time: what is used and left; word of each threshold, once, with the use that reached it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, select

from contracts import book_store
from contracts.entitlement_rules import AtLimit, LimitEntitlement, LimitPeriod
from contracts.held_store import hold_versions
from contracts.known import KnownContracts
from contracts.library import library_documents
from contracts.life_store import begin_state
from contracts.limits import LimitUse
from contracts.service_states import WHOLE, ServiceState, StateSpan
from contracts.subscriptions import OrderForm
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from kernel.clock import FixedClock
from kernel.errors import NotFound, UnknownAccount
from metering.events import UsageEvent
from metering.ingest import ingest
from metering.meter_book import MeterBook
from metering.tables import limit_spans, limit_values
from metering.thresholds import LIMIT_REACHED
from runtime.entitled import entitled
from runtime.limited import limited
from tests.integration.entitled_book import (
    ATTRACTION,
    SALEXOPS,
    amount_of,
    at,
    contract,
    signed,
    sms,
    use,
)
from tests.integration.metering_book import INSTANT, feed, save_book
from tests.integration.writers import at_once, wait_until_blocked
from tests.parts import STARTS
from tests.unit.metering.book import subscription, used

pytestmark = pytest.mark.integration

DAY = date(2026, 1, 10)
EVENING = datetime(2026, 3, 11, 5, tzinfo=UTC)  # still 10 March in Mexico City, for an hour


def limit_of(
    engine: Engine,
    feature: str,
    clock: FixedClock,
    *,
    known: KnownContracts | None = None,
    as_of: date | None = None,
) -> LimitUse:
    """Return what Acme has used of the limit of a feature."""
    with reading(engine) as connection:
        (only,) = limited(
            connection, "acme", clock=clock, known=known or KnownContracts(), as_of=as_of, feature=feature
        )
    return only


def words(engine: Engine) -> list[tuple[str, int, str]]:
    """Return of which limit word was sent, at which threshold and at which use, in the order of sending."""
    with reading(engine) as connection:
        sent = connection.execute(
            select(outbox.c.body).where(outbox.c.kind == LIMIT_REACHED).order_by(outbox.c.message_id)
        ).scalars()
        return [(each["feature"], each["threshold_percent"], each["used"]) for each in sent]


def days_told(engine: Engine) -> list[str]:
    """Return the first days of the limits of which word was sent, in order."""
    with reading(engine) as connection:
        sent = connection.execute(select(outbox.c.body).where(outbox.c.kind == LIMIT_REACHED)).scalars()
        return sorted(each["starts_on"] for each in sent)


def talk(instant: datetime) -> UsageEvent:
    """Return a message of Acme's to Ana, which opens a session where none is open."""
    return UsageEvent(
        id=instant.isoformat(),
        account="acme",
        meter="app_bot_sessions",
        occurred_at=instant,
        direction="outbound",
        contact="ana",
    )


def trial(engine: Engine) -> None:
    """Let Acme try Attraction: 50 SMS."""
    signed(engine, ATTRACTION, plan="attraction-trial", trial=True)


def texts(engine: Engine, numbers: range, day: date = DAY) -> None:
    """Send short texts, one SMS each, in one batch."""
    use(engine, [sms(number, day) for number in numbers])


def stated(**changed: object) -> OrderForm:
    """Return an order form with a limit of ten contacts."""
    rule = LimitEntitlement(
        clause="ZEN-II-4.2-v-4.6",
        feature="contacts",
        meter="attraction_contacts",
        limit=Decimal(10),
        per=LimitPeriod.EVER,
    )
    return OrderForm(entitlements={"attraction_contacts": replace(rule, **changed)})


def registration(number: int, day: date) -> UsageEvent:
    """Return the event of a telephone number that is registered on a day."""
    return UsageEvent(
        id=f"{day}-{number}",
        account="acme",
        meter="attraction_contacts",
        occurred_at=at(day).now(),
        contact=f"+52551234{number:04}",
    )


def contacts(engine: Engine, numbers: Sequence[int], day: date = DAY) -> None:
    """Register telephone numbers on a day, in one batch."""
    use(engine, [registration(number, day) for number in numbers])


# ---------------------------------------------------------------------------------------------- what is left


@pytest.mark.clause("ZEN-II-4.4")
def test_the_fiftieth_message_of_a_trial_is_the_last(engine: Engine) -> None:
    """At 49 one more may go, at 50 none; a 51st that came all the same is counted and leaves nothing."""
    trial(engine)
    told = []
    for numbers in (range(49), range(49, 50), range(50, 51)):
        texts(engine, numbers)
        told.append(limit_of(engine, "trial", at(DAY)))

    assert [(49, 1, True, 98), (50, 0, False, 100), (51, 0, False, 102)] == [
        (int(each.used), int(each.left), each.allowed, int(each.share_percent)) for each in told
    ]
    assert {("ZEN-II-4.4", "zenvia-annex-ii 2023-11-16", Decimal(50), STARTS, None)} == {
        (each.clause, each.document, each.limit, each.starts_on, each.ends_on) for each in told
    }
    assert "ends after 30 days or 50 messages" in told[0].says


@pytest.mark.clause("ZEN-II-3.2-vii")
def test_a_day_of_the_sandbox_ends_where_the_issuer_is(engine: Engine) -> None:
    """At 05:59 UTC it is still yesterday in Mexico City; at 06:00 another 200 begin."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    known, hour = KnownContracts(), timedelta(hours=1)
    use(engine, [amount_of("sandbox_messages", 1, EVENING, 200)])
    use(engine, [amount_of("sandbox_messages", 2, EVENING + hour, 1)])
    instants = (EVENING + hour - timedelta(minutes=1), EVENING + hour)

    found = [limit_of(engine, "sandbox", FixedClock(each), known=known) for each in instants]

    assert [
        (200, False, date(2026, 3, 10), date(2026, 3, 11)),
        (1, True, date(2026, 3, 11), date(2026, 3, 12)),
    ] == [(int(each.used), each.allowed, each.starts_on, each.ends_on) for each in found]
    assert [("sandbox", 80, "200"), ("sandbox", 100, "200")] == words(engine)


@pytest.mark.clause("ZEN-II-4.5")
def test_a_contact_takes_one_place_however_often_it_comes(engine: Engine) -> None:
    """Ten numbers on two days fill a limit of ten; word is sent at the eighth and the tenth."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100", order_form=stated())
    contacts(engine, range(7))
    contacts(engine, range(8), DAY + timedelta(days=1))
    before = limit_of(engine, "contacts", at(date(2026, 6, 1)))
    contacts(engine, range(6, 10), DAY + timedelta(days=2))
    after = limit_of(engine, "contacts", at(date(2026, 6, 1)))

    assert [(8, True, 80), (10, False, 100)] == [
        (int(each.used), each.allowed, int(each.share_percent)) for each in (before, after)
    ]
    assert [("contacts", 80, "8"), ("contacts", 100, "10")] == words(engine)


@pytest.mark.clause("SLX-05")
def test_of_a_level_the_one_that_stands_counts(engine: Engine) -> None:
    """512 MB fill the free tier and block nothing; a late word about last month tells nothing new."""
    signed(engine, SALEXOPS, plan="free")
    now = at(date(2027, 1, 1)).now()
    use(engine, [amount_of("stored_megabytes", 1, now, 409)])
    use(engine, [amount_of("stored_megabytes", 2, at(date(2026, 12, 1)).now(), 600)])
    below = words(engine)
    use(engine, [amount_of("stored_megabytes", 3, now + timedelta(seconds=1), 512)])
    found = limit_of(engine, "storage", at(date(2027, 1, 1)))

    assert [] == below
    assert [("storage", 80, "512"), ("storage", 100, "512")] == words(engine)
    assert (512, 0, True, AtLimit.PURGE) == (int(found.used), int(found.left), found.allowed, found.at_limit)


def test_limits_and_entitlements_say_the_same(engine: Engine) -> None:
    """Used, left, verdict, clause and reason: in use, full, and while the service is suspended."""
    own = signed(engine, ATTRACTION, plan="attraction-trial", trial=True, order_form=stated(plans=()))
    contacts(engine, range(3))
    known, stop = KnownContracts(), DAY + timedelta(days=2)
    for step in range(3):
        if step == 1:
            texts(engine, range(50))
        if step == 2:
            with unit_of_work(engine) as connection:
                begin_state(
                    connection,
                    StateSpan(
                        account_id=own.account_id,
                        subscription_id=own.subscription_id,
                        part=WHOLE,
                        state=ServiceState.SUSPENDED,
                        start=stop,
                        clause="ZEN-II-4.4",
                    ),
                )
        day = DAY + timedelta(days=step)
        with reading(engine) as connection:
            limits = limited(connection, "acme", clock=at(day), known=known)
            judged = {each.feature: each for each in entitled(connection, "acme", clock=at(day))}

        assert ["contacts", "sandbox", "trial"] == sorted(each.feature for each in limits)
        for each in limits:
            same = judged[each.feature]
            assert (same.limit, same.used, same.left, same.allowed, same.clause, same.reason) == (
                each.limit,
                each.used,
                each.left,
                each.allowed,
                each.clause,
                each.reason,
            )
        assert [step == 0] * 3 == [each.allowed for each in limits]


def test_what_cannot_be_asked(engine: Engine) -> None:
    """An account and a feature that there are not; a contract without limits has none to tell."""
    signed(engine, SALEXOPS, fee="100")
    with reading(engine) as connection:
        assert () == limited(connection, "acme", clock=at(DAY), known=KnownContracts())
        with pytest.raises(UnknownAccount):
            limited(connection, "nobody", clock=at(DAY), known=KnownContracts())
        with pytest.raises(NotFound):
            limited(connection, "acme", clock=at(DAY), known=KnownContracts(), feature="storage")


# -------------------------------------------------------------------------------------------- what changes it


def test_a_contract_that_is_known_costs_two_statements(engine: Engine) -> None:
    """The second question loads no catalog and resolves nothing."""
    trial(engine)
    known = KnownContracts()
    first = limit_of(engine, "trial", at(DAY), known=known)
    texts(engine, range(1))
    seen: list[str] = []
    with reading(engine) as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
        (second,) = limited(connection, "acme", clock=at(DAY), known=known, feature="trial")

    assert (0, 1, 2) == (int(first.used), int(second.used), len(seen))


@pytest.mark.clause("ZEN-II-4.3")
def test_another_plan_brings_its_own_limit(engine: Engine) -> None:
    """Lite ends with January; Pro has 10,000 contacts from then on, for a process that knew Lite too."""
    own = signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    known, changes = KnownContracts(), date(2026, 2, 1)
    lite = limit_of(engine, "contacts", at(DAY), known=known)
    with unit_of_work(engine) as connection:
        plan = replace(own.plan, code="attraction-pro")
        old = replace(own.subscription, ends_on=changes)
        new = replace(own.subscription, code="main-2", plan=plan.code, signed_on=changes, starts_on=changes)
        book_store.add_plans(connection, [plan])
        book_store.change_end(connection, old, ended_by="ZEN-IX-4.1")
        book_store.add_subscriptions(connection, [(new, plan.product)], at(changes).now())
    last = limit_of(engine, "contacts", at(date(2026, 1, 31)), known=known)
    pro = limit_of(engine, "contacts", at(changes), known=known)

    assert [("main", 5_000), ("main", 5_000), ("main-2", 10_000)] == [
        (each.subscription, int(each.limit)) for each in (lite, last, pro)
    ]


def test_a_larger_limit_sends_word_of_itself(engine: Engine) -> None:
    """Full at 50 and told; the terms then give 100: word is sent at 80 and at 100 of those."""
    trial(engine)
    texts(engine, range(50))
    own = contract(engine)
    annex = library_documents()["zenvia-annex-ii"][-1]
    assert annex.rules.trial is not None
    larger = replace(
        annex,
        document=replace(annex.document, version="larger", effective_from=DAY),
        rules=replace(annex.rules, trial=replace(annex.rules.trial, limit=Decimal(100))),
    )
    with unit_of_work(engine) as connection:
        book_store.add_documents(connection, [larger])
        key = own.account_id, own.subscription_id
        hold_versions(connection, key, {"zenvia-annex-ii": "larger"}, effective_on=DAY, clause="ZEN-II-4.4")
    texts(engine, range(50, 79))
    room = limit_of(engine, "trial", at(DAY))
    texts(engine, range(79, 100))

    assert (79, 100, 21, True) == (int(room.used), int(room.limit), int(room.left), room.allowed)
    assert [("trial", 80, "50"), ("trial", 100, "50"), ("trial", 80, "100"), ("trial", 100, "100")] == words(
        engine
    )


# ------------------------------------------------------------------------------------------------- thresholds


def test_word_is_sent_at_eighty_and_at_a_hundred_percent(engine: Engine) -> None:
    """39 and 49 say nothing, 40 and 50 do, and what goes beyond says no more."""
    trial(engine)
    told = []
    for numbers in (range(39), range(39, 40), range(40, 49), range(49, 50), range(50, 60)):
        texts(engine, numbers)
        told.append(words(engine))

    assert [0, 1, 1, 2, 2] == [len(each) for each in told]
    assert [("trial", 80, "40"), ("trial", 100, "50")] == told[-1]


def test_the_word_tells_all_that_a_receiver_needs(engine: Engine) -> None:
    """Whose limit, of what, over which days, how much of it, and by which clause."""
    trial(engine)
    texts(engine, range(40))
    with reading(engine) as connection:
        (sent,) = connection.execute(select(outbox).where(outbox.c.kind == LIMIT_REACHED))

    assert (contract(engine).account_id, at(date(2027, 1, 1)).now()) == (sent.account_id, sent.recorded_at)
    assert {
        "account": "acme",
        "subscription": "main",
        "feature": "trial",
        "meter": "sms",
        "unit": "segment",
        "threshold_percent": 80,
        "used": "40",
        "limit": "50",
        "per": "ever",
        "starts_on": "2026-01-01",
        "ends_on": None,
        "at_limit": "block",
        "clause": "ZEN-II-4.4",
        "document": "zenvia-annex-ii 2023-11-16",
    } == sent.body


def test_the_terms_say_which_thresholds(engine: Engine) -> None:
    """Half and all of ten contacts; without thresholds no word is sent."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100", order_form=stated(thresholds=(100, 50)))
    contacts(engine, range(4))
    contacts(engine, range(4, 10))

    assert [("contacts", 50, "10"), ("contacts", 100, "10")] == words(engine)


def test_without_thresholds_no_word_is_sent(engine: Engine) -> None:
    """The limit is judged all the same."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100", order_form=stated(thresholds=()))
    contacts(engine, range(10))

    assert ([], False) == (words(engine), limit_of(engine, "contacts", at(DAY)).allowed)


def test_each_day_has_a_word_of_its_own(engine: Engine) -> None:
    """Two days of the sandbox in one batch, and a late event that fills a day of last week."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    days = [at(date(2026, 3, day)).now() for day in (10, 11, 3)]
    use(
        engine,
        [amount_of("sandbox_messages", 1, days[0], 160), amount_of("sandbox_messages", 2, days[1], 161)],
    )
    use(engine, [amount_of("sandbox_messages", 3, days[2], 162)])

    assert [("sandbox", 80, "160"), ("sandbox", 80, "161"), ("sandbox", 80, "162")] == words(engine)


def test_a_late_message_may_fill_another_day_than_its_own(engine: Engine) -> None:
    """It ends 1 March's session earlier, so that the message of 2 March opens one of its own."""
    rule = LimitEntitlement(
        clause="ZEN-II-2.3",
        feature="sessions",
        meter="app_bot_sessions",
        limit=Decimal(1),
        per=LimitPeriod.DAY,
        thresholds=(100,),
    )
    signed(engine, ATTRACTION, fee="100", order_form=OrderForm(entitlements={"sessions": rule}))
    instants = [datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 15, tzinfo=UTC)]
    use(engine, [talk(instant) for instant in instants])
    before = days_told(engine)
    use(engine, [talk(datetime(2026, 3, 1, 2, tzinfo=UTC))])  # 28 February in Mexico City

    assert (["2026-03-01"], ["2026-02-28", "2026-03-01", "2026-03-02"]) == (before, days_told(engine))


def test_a_correction_takes_no_word_back_and_sends_none_again(engine: Engine) -> None:
    """160 of 200 told, 60 taken back, 60 brought again: 80 percent was said once; 100 percent still comes."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100")
    instant = at(date(2026, 3, 10)).now()
    first = amount_of("sandbox_messages", 1, instant, 160)
    use(engine, [first])
    use(engine, [replace(first, id="less", quantity=Decimal(-60), corrects=first.id)])
    below = limit_of(engine, "sandbox", at(date(2026, 3, 10)))
    use(engine, [amount_of("sandbox_messages", 2, instant, 60)])
    again = limit_of(engine, "sandbox", at(date(2026, 3, 10)))
    use(engine, [amount_of("sandbox_messages", 3, instant, 40)])

    assert [(100, 50), (160, 80)] == [(int(each.used), int(each.share_percent)) for each in (below, again)]
    assert [("sandbox", 80, "160"), ("sandbox", 100, "200")] == words(engine)


def test_the_same_events_again_send_no_word(engine: Engine) -> None:
    """What is known was told when it was counted."""
    trial(engine)
    batch = [sms(number, DAY) for number in range(40)]
    use(engine, batch)
    with unit_of_work(engine) as connection:
        again = ingest(connection, MeterBook(), batch, clock=at(DAY), backfill=True)

    assert (40, [("trial", 80, "40")]) == (again.known, words(engine))


def test_what_is_not_committed_is_not_told(engine: Engine) -> None:
    """The batch is undone and its word with it; when it comes again, word is sent."""
    trial(engine)
    batch = [sms(number, DAY) for number in range(40)]
    with engine.connect() as connection, connection.begin() as transaction:
        ingest(connection, MeterBook(), batch, clock=at(DAY), backfill=True)
        transaction.rollback()
    undone = words(engine)
    use(engine, batch)

    assert ([], [("trial", 80, "40")]) == (undone, words(engine))


# ---------------------------------------------------------------------------------------------- at one time


@pytest.mark.parametrize(("before", "percent"), [(38, 80), (39, 80), (48, 100), (49, 100)])
def test_of_two_writers_one_sends_the_word(engine: Engine, before: int, percent: int) -> None:
    """Each brings one message of another day; the second waits, sees the first, and one word is sent."""
    trial(engine)
    texts(engine, range(before))
    told = words(engine)
    with ThreadPoolExecutor(1) as threads:
        with unit_of_work(engine) as first:
            ingest(first, MeterBook(), [sms(before, DAY)], clock=at(DAY), backfill=True)
            second = threads.submit(texts, engine, range(before + 1, before + 2), DAY + timedelta(days=1))
            wait_until_blocked(engine)
        second.result()

    assert [("trial", percent)] == [each[:2] for each in words(engine)[len(told) :]]


def test_many_batches_at_once_send_each_word_once(engine: Engine) -> None:
    """Two importers of sixty messages, in batches of seven, from both ends."""
    trial(engine)
    numbers = range(60)
    batches = [numbers[first : first + 7] for first in range(0, 60, 7)]

    def send(order: Sequence[range]) -> None:
        for batch in order:
            with unit_of_work(engine) as connection:
                events = [sms(number, DAY + timedelta(days=number % 5)) for number in batch]
                ingest(connection, MeterBook(), events, clock=at(date(2027, 1, 1)), backfill=True)

    at_once(lambda: send(batches), lambda: send(batches[::-1]))

    assert [80, 100] == [percent for _, percent, _ in words(engine)]


def test_a_batch_without_limits_asks_nothing(engine: Engine) -> None:
    """Where no contract of a batch has a limit, no statement is about limits."""
    save_book(engine, subscription())
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    (result,) = feed(engine, [used(1, INSTANT, 3)])

    assert (1, []) == (result.accepted, [each for each in seen if "limit_spans" in each])


# ------------------------------------------------------------------------------------------- counted contacts


def test_contacts_that_came_before_they_were_counted_count(engine: Engine) -> None:
    """As after an upgrade: nothing was counted for the limit, then it is, from the first contact on."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100", order_form=stated())
    contacts(engine, range(6))
    with unit_of_work(engine) as connection:
        connection.execute(limit_values.delete())
        connection.execute(limit_spans.delete())
    before = limit_of(engine, "contacts", at(DAY))
    contacts(engine, range(5, 9), DAY + timedelta(days=1))
    after = limit_of(engine, "contacts", at(DAY + timedelta(days=1)))
    yesterday = limit_of(engine, "contacts", at(DAY + timedelta(days=1)), as_of=DAY)

    assert [6, 9, 6] == [int(each.used) for each in (before, after, yesterday)]
    assert [("contacts", 80, "9")] == words(engine)


def test_two_writers_of_contacts_count_each_once(engine: Engine) -> None:
    """Two lists that overlap, on two days, from both ends: ten numbers, and each word once."""
    signed(engine, ATTRACTION, plan="attraction-lite", fee="100", order_form=stated())
    lists = [[number % 10 for number in range(first, first + 4)] for first in range(0, 12, 2)]

    def register(order: Sequence[Sequence[int]], day: date) -> None:
        for each in order:
            with unit_of_work(engine) as connection:
                clock = at(date(2027, 1, 1))
                events = [registration(number, day) for number in each]
                ingest(connection, MeterBook(), events, clock=clock, backfill=True)

    at_once(lambda: register(lists, DAY), lambda: register(lists[::-1], DAY + timedelta(days=1)))

    told = limit_of(engine, "contacts", at(date(2026, 2, 1)))
    assert (10, False) == (int(told.used), told.allowed)
    assert [80, 100] == [percent for _, percent, _ in words(engine)]
