"""Bad input: each error tells its code, its place, the value and what would be right; the good is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from kernel.clock import SystemClock
from kernel.periods import month_of
from tests.e2e.command_line import DONE, REFUSED, SET_ASIDE, Installation, Said, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

#: A contract whose prices follow an index, a year old on a day to come: no month of that year is published.
_MONTH = month_of(SystemClock().now().date())
SIGNED, ANNIVERSARY = _MONTH + relativedelta(months=12), _MONTH + relativedelta(months=24)

SUBSCRIPTIONS = f"""\
account,code,plan,plan_version,entity,signed_on,starts_on,ends_on,billing_day,order_form
flores-del-norte,conversion,zenvia-conversion-mx,1,zenvia-mx,2025-07-01,2025-07-01,,1,
flores-del-norte,conversion-2,zenvia-conversion-mx,1,zenvia-mx,2025-08-01,2025-08-01,,1,
harbor-trading,conversion,zenvia-conversion-mx,1,zenvia-br,2025-07-01,2025-07-01,,1,
libreria-meridiano,docs,closed,1,zenvia-br,2025-07-01,2025-07-01,,1,docs-standard
taller-solis,crm,konectus-pro,1,konectus-mx,2025-07-01,2025-07-01,,1,
clinica-jacaranda,conversion,zenvia-conversion-br,1,zenvia-br,{SIGNED},{SIGNED},,1,
"""

#: A plan whose last tier ends: what the unit after 1,000 costs nobody knows.
CLOSED_PLAN = """\
code = "closed"
version = 1
product = "zenvia-docs-nlu"
vendor = "zenvia"
name = "A plan with an end"
currency = "BRL"
cycle = "monthly"
effective_from = 2019-01-01
documents = ["zenvia-general", "zenvia-annex-x"]

[[charge]]
kind = "graduated"
code = "docs"
name = "Transactions"
clause = "ZEN-X-7"
meter = "docs_transactions"
tiers = [
  { up_to = 1000, unit_price = 0.10 },
]
"""

#: A terms file with a key that is misspelt.
MISSPELT_TERMS = """\
[document]
id = "house-rules"
vendor = "zenvia"
layer = "general"
title = "House rules"
version = "1"
effective_from = 2020-01-01

[[clause]]
id = "HR-1"
place = "1"
says_en = "Due in five days."
says_es = "Vence en cinco días."
says_pt = "Vence em cinco dias."

[rules.payment]
clause = "HR-1"
due_days_after_send = 5
"""

EVENT = {"account": "flores-del-norte", "meter": "users", "occurred_at": "2025-07-03T15:00:00Z"}

#: Line by line: good, malformed, unknown meter, before the contract, negative, good.
EVENTS = (
    json.dumps({"id": "good-1", "quantity": "7", **EVENT}),
    '{"id": "cut-off", "account": "flores-del-norte", "met',
    json.dumps({"id": "fax", "quantity": "7", **EVENT, "meter": "faxes"}),
    json.dumps({"id": "early", "quantity": "7", **EVENT, "occurred_at": "2025-06-03T15:00:00Z"}),
    json.dumps({"id": "minus", "quantity": "-7", **EVENT}),
    json.dumps({"id": "good-2", "quantity": "8", **EVENT}),
)

#: By the line of each bad event: its code, field and value, and a part of what would be right.
TOLD_EVENTS = {
    "events.ndjson:2": ("invalid_event", "", "", '{"id": ..., "account": ...}'),
    "events.ndjson:3": ("unknown_meter", "meter", "faxes", "users"),
    "events.ndjson:4": ("event_outside_subscription", "occurred_at", "2025-06-03T15:00:00", "2025-07-01"),
    "events.ndjson:5": ("invalid_event", "quantity", "-7", "zero or more"),
}

RECEIPTS = """\
reference,account,received_on,amount,currency,invoice
B-1,flores-del-norte,2025-07-25,100.00,MXN,
B-2,flores-del-norte,2025-07-25,100.00,BRL,
B-3,flores-del-norte,2025-07-25,-5.00,MXN,
B-4,nobody,2025-07-25,100.00,MXN,
"""


@dataclass(frozen=True, slots=True)
class Bad:
    """What was said of bad input, by a name of its own, and where its files lie."""

    book: Path
    said: Mapping[str, Said]

    def __getitem__(self, name: str) -> Said:
        return self.said[name]

    def line_of(self, file: str, text: str) -> str:
        """Return the place of a text in a file of the book, as an editor opens it."""
        path = self.book / file
        lines = path.read_text(encoding="utf-8").splitlines()
        return f"{path}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


@pytest.fixture(name="bad", scope="module")
def _bad() -> Iterator[Bad]:
    """Give each bad thing to its command."""
    with installed() as place:
        book = place.book(subscriptions=SUBSCRIPTIONS)
        (book / "plans" / "closed.toml").write_text(CLOSED_PLAN, encoding="utf-8")
        place.write("book/terms/house-rules.toml", MISSPELT_TERMS)
        place.say("init")
        said = {
            "load": place.say("load", book),
            "load again": place.say("load", book, "--json"),
            **_events(place),
            "run": place.say("invoice-run", "--as-of", ANNIVERSARY, "--json"),
            "run again": place.say("invoice-run", "--as-of", ANNIVERSARY),
            "problems": place.say("problems"),
            **_receipts(place),
            "no book": place.say("load", place.home),
        }
        yield Bad(book, said)


def _events(place: Installation) -> dict[str, Said]:
    events = place.write("events.ndjson", "\n".join(EVENTS) + "\n")
    said = {
        "import": place.say("meter", "import", events, "--backfill"),
        "quarantine": place.say("meter", "quarantine", "list", "--json"),
        "listing": place.say("meter", "quarantine", "list"),
    }
    place.write("events.ndjson", "\n".join(EVENTS).replace("faxes", "users") + "\n")
    said["mended"] = place.say("meter", "import", events, "--backfill", "--json")
    said["left"] = place.say("meter", "quarantine", "list", "--json")
    strange = place.write("strange.csv", "id,account,meter,occurred_at,colour\n")
    said["strange"] = place.say("meter", "import", strange)
    return said


def _receipts(place: Installation) -> dict[str, Said]:
    bank = place.write("bank.csv", RECEIPTS)
    return {
        "receipts": place.say("receipts", "import", bank),
        "receipts again": place.say("receipts", "import", bank, "--json"),
    }


def problems(said: Said) -> dict[str, dict[str, Any]]:
    """Return the problems of a report by the places where they stand."""
    return {each["place"]: each for each in said.document["problems"]}


# --------------------------------------------------------------------------------------------------- books


def test_a_plan_whose_last_tier_ends_is_set_aside(bad: Bad) -> None:
    """The error names the line of the tiers and says that the last must be open."""
    problem = problems(bad["load again"])[bad.line_of("plans/closed.toml", "tiers = [")]

    assert ("invalid_plan", "charge[0].tiers") == (problem["code"], problem["field"])
    assert "1000" in problem["message"]
    assert "must be open" in problem["message"]


def test_a_key_that_no_terms_have_is_set_aside(bad: Bad) -> None:
    """The error names the line and the key, and the keys that there are, the nearest first."""
    place = bad.line_of("terms/house-rules.toml", "due_days_after_send")
    problem = problems(bad["load again"])[place]

    assert ("invalid_terms", "rules.payment.due_days_after_send") == (problem["code"], problem["field"])
    assert problem["expected"].startswith("one of due_days_after_sent")


def test_a_subscription_that_overlaps_is_set_aside(bad: Bad) -> None:
    """The second contract for the same product in the same days names its line and the first."""
    place = bad.line_of("subscriptions.csv", "conversion-2")
    problem = problems(bad["load again"])[place]

    assert ("subscription_overlap", "starts_on") == (problem["code"], problem["field"])
    assert "2025-08-01" == problem["value"]
    assert "conversion to end on or before 2025-08-01" in problem["expected"]


def test_two_currencies_in_one_contract_are_set_aside(bad: Bad) -> None:
    """A Brazilian entity cannot issue under a plan that is priced in pesos."""
    problem = problems(bad["load again"])[bad.line_of("subscriptions.csv", "harbor-trading")]

    assert ("currency_mismatch", "currency") == (problem["code"], problem["field"])
    assert "zenvia-br bills in BRL, zenvia-conversion-mx is priced in MXN" == problem["value"]
    assert "an entity and a plan of one currency" == problem["expected"]


def test_the_good_of_a_bad_book_is_loaded(bad: Bad) -> None:
    """Two contracts are signed, and every problem is printed with its code, place and mend."""
    assert (SET_ASIDE, SET_ASIDE) == (bad["load"].code, bad["load again"].code)
    assert "subscriptions: 2 new, 0 changed, 0 known" in bad["load"].lines
    for place, problem in problems(bad["load again"]).items():
        assert f"set aside [{problem['code']}] {place}: {problem['message']}" in bad["load"].err
        assert problem["expected"] in bad["load"].err


def test_a_folder_without_a_book_is_refused(bad: Bad) -> None:
    """The files that make a book are named."""
    assert REFUSED == bad["no book"].code
    assert "[invalid_book]" in bad["no book"].err
    assert "vendors.toml, accounts.csv and subscriptions.csv" in bad["no book"].err


# -------------------------------------------------------------------------------------------------- events


def test_the_good_events_of_a_bad_file_are_counted(bad: Bad) -> None:
    """Two are new, four are set aside, and the exit code says so."""
    assert SET_ASIDE == bad["import"].code
    assert "6 events read: 2 new, 0 known, 4 in quarantine." == bad["import"].out.strip()


def test_bad_events_are_told_with_their_line_and_their_mend(bad: Bad) -> None:
    """Malformed, of an unknown meter, before the contract, negative: each as it is imported."""
    for place, (code, field, value, expected) in TOLD_EVENTS.items():
        told = bad["import"].err.split(f"set aside [{code}] {place}: ")[1].split("set aside")[0]

        assert expected in told
        assert not field or f"{field}: {value}" in told


def test_bad_events_are_listed_in_quarantine(bad: Bad) -> None:
    """The same is told later, in text and in JSON, and the exit code says that something waits."""
    waiting = {row["problem"]["place"]: row["problem"] for row in bad["quarantine"].document}

    assert (SET_ASIDE, SET_ASIDE) == (bad["quarantine"].code, bad["listing"].code)
    assert {place: told[:2] for place, told in TOLD_EVENTS.items()} == {
        place: (problem["code"], problem["field"]) for place, problem in waiting.items()
    }
    assert set(bad["import"].err.splitlines()) <= set(bad["listing"].lines)
    assert {row["id"] for row in bad["quarantine"].document} == {
        line.split()[1].rstrip(";") for line in bad["listing"].lines if line.startswith("    id: ")
    }


def test_an_event_that_is_mended_leaves_the_quarantine(bad: Bad) -> None:
    """The fax becomes a user: one new, two known, three still wait."""
    document = bad["mended"].document

    assert SET_ASIDE == bad["mended"].code
    assert (1, 2, 3) == tuple(document[key] for key in ("accepted", "known", "quarantined"))
    assert ["", "early", "minus"] == sorted(row["event_id"] for row in bad["left"].document)


def test_a_file_of_other_columns_is_refused_whole(bad: Bad) -> None:
    """No row can be an event, so none is read; the header is named."""
    assert REFUSED == bad["strange"].code
    assert "error [invalid_event] strange.csv:1: unknown columns" in bad["strange"].err
    assert "header: colour" in bad["strange"].err


# --------------------------------------------------------------------------------------- contracts and money


def test_a_contract_without_a_due_date_is_set_aside(bad: Bad) -> None:
    """Konectus' terms leave it to the order form, and this contract has none."""
    problem = problems(bad["load again"])[bad.line_of("subscriptions.csv", "taller-solis")]

    assert ("invalid_terms", "rules.payment") == (problem["code"], problem["field"])
    assert "a payment rule in the terms or in the order form" == problem["expected"]


def test_a_contract_that_cannot_be_billed_stops_no_other(bad: Bad) -> None:
    """One is billed; the other waits for its index, is listed, and is tried again by the next run."""
    document = bad["run"].document

    assert (SET_ASIDE, 1) == (bad["run"].code, document["invoices"])
    assert [("index_not_published", "clinica-jacaranda/conversion")] == [
        (problem["code"], problem["subject"]) for problem in document["problems"]
    ]
    assert SET_ASIDE == bad["run again"].code
    assert "set aside [index_not_published] clinica-jacaranda/conversion: " in bad["run again"].err
    assert SET_ASIDE == bad["problems"].code
    assert bad["run again"].err == bad["problems"].out


def test_bad_receipts_are_told_and_the_good_is_booked(bad: Bad) -> None:
    """Another currency than the account's, a negative amount, an unknown account."""
    told = {place: (each["code"], each["value"]) for place, each in problems(bad["receipts again"]).items()}

    assert (SET_ASIDE, DONE) == (bad["receipts"].code, DONE)
    assert "4 receipts read: 1 booked, 0 known, 3 set aside." == bad["receipts"].out.strip()
    assert {
        "bank.csv:3": ("invalid_receipt", "BRL"),
        "bank.csv:4": ("invalid_receipt", "-5.00 MXN"),
        "bank.csv:5": ("unknown_account", "nobody"),
    } == told
    for place, (code, value) in told.items():
        assert f"set aside [{code}] {place}: " in bad["receipts"].err
        assert value in bad["receipts"].err
