"""WhatsApp is banned by its owner: that part of the contract ends, the others go on."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from contracts import book_store
from contracts.give_notice import Word
from contracts.life_rules import Party
from contracts.notices import Outcome
from contracts.service_states import ServiceState
from contracts.store import load_catalog
from db.tables import outbox
from db.unit_of_work import reading, unit_of_work
from kernel.errors import NotFound
from kernel.money import Money
from tests.integration.contract_desk import Desk
from tests.integration.invoicing_book import Office, talks, texts

pytestmark = [pytest.mark.scenario, pytest.mark.integration]

BANNED = date(2026, 3, 10)


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A customer that sells over WhatsApp and by SMS, under the annexes of both, since January."""
    office = Office.open(engine)
    with unit_of_work(engine) as connection:
        catalog = load_catalog(connection)
        plan = catalog.plans.get(("channels-mx", 1))
        assert plan is not None
        both = replace(plan, code="channels", documents=(*plan.documents, "zenvia-annex-iii"))
        book_store.add_plans(connection, [both])
    office.signs("solis", "channels", "zenvia-mx")
    for month in (1, 2, 3):
        office.bills(date(2026, month, 1))
    return Desk(engine, "solis", "channels")


def billed(office: Office, on: date) -> dict[str, Money]:
    """Return what the customer's channels were billed on a day, by charge."""
    invoice = office.of("solis", on, subscription="channels")
    return {line.charge: Money(line.net, invoice.currency) for line in invoice.lines}


@pytest.mark.parametrize(
    ("ending", "clause"),
    [
        pytest.param("account_ban", "ZEN-III-6.4", marks=pytest.mark.clause("ZEN-III-6.4")),
        pytest.param("channel_ban", "ZEN-12.1-vi", marks=pytest.mark.clause("ZEN-12.1-vi")),
    ],
)
def test_zenvia_whatsapp_banned_by_meta_ends_only_that_part(desk: Desk, ending: str, clause: str) -> None:
    """March's use and its prepaid line stand, nothing comes back; from April on only the rest is billed."""
    office = Office(desk.engine)
    office.gets(talks("solis", 30, date(2026, 3, 5)))
    desk.ends(
        ending,
        Party.VENDOR,
        Word(said_on=BANNED, happened_on=BANNED, part="whatsapp", reason="banned by Meta"),
    )
    ((ended, refund),) = desk.settles(BANNED)
    assert (Outcome.ENDED, BANNED, clause, None) == (
        ended.notice.outcome,
        ended.notice.effective_on,
        ended.notice.clause,
        refund,
    )
    assert desk.contract.subscription.ends_on is None
    assert [(ServiceState.ENDED, "whatsapp", date(2026, 3, 11), clause)] == [
        (each.state, each.part, each.start, each.clause) for each in desk.contract.states
    ]

    office.gets(texts("solis", "Hola", 10, date(2026, 3, 20)))
    office.bills(date(2026, 4, 1))
    office.gets(texts("solis", "Hola", 4, date(2026, 4, 20)))
    office.bills(date(2026, 5, 1))

    april, may = billed(office, date(2026, 4, 1)), billed(office, date(2026, 5, 1))
    assert "line" not in april
    assert {"platform": "1,000.00 MXN", "talks": "40.00 MXN", "sms": "5.00 MXN"} == {
        charge: str(net) for charge, net in april.items() if charge != "registration"
    }
    assert {"platform": "1,000.00 MXN", "sms": "2.00 MXN"} == {
        charge: str(net) for charge, net in may.items() if charge != "registration"
    }
    with reading(desk.engine) as connection:
        told = connection.execute(select(outbox.c.kind).where(outbox.c.kind.like("%part_ended"))).scalars()
        assert ["service.part_ended"] == list(told)


def test_a_part_that_the_contract_does_not_have_cannot_end(desk: Desk) -> None:
    """The word names a part of the contract or is refused, and nothing is kept."""
    word = Word(said_on=BANNED, happened_on=BANNED, part="telegram")

    with pytest.raises(NotFound) as refused:
        desk.ends("account_ban", Party.VENDOR, word)

    assert "one of sms, whatsapp" == refused.value.expected
    assert () == desk.notices
