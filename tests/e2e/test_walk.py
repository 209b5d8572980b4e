"""The walk of a month by the command line: from an empty folder to an aging report, told and told again.

One installation, walked once; each test states a promise about what was said on the way.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.e2e.command_line import DONE, REFUSED, WRONG_USAGE, Commands, Installation, Said, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

SUBSCRIPTIONS = """\
account,code,plan,plan_version,entity,signed_on,starts_on,ends_on,billing_day,order_form
flores-del-norte,conversion,zenvia-conversion-mx,1,zenvia-mx,2025-07-01,2025-07-01,,1,
colegio-ipe,docs,zenvia-docs-nlu,1,zenvia-br,2025-07-01,2025-07-01,,1,docs-standard
taller-solis,crm,konectus-pro,1,konectus-mx,2025-07-01,2025-07-01,,1,konectus-standard
"""

#: More conversations than the 1,000 that the plan includes, each with a contact of its own.
CONVERSATIONS = 1_010

USAGE_CSV = """\
id,account,meter,occurred_at,quantity
c-1,colegio-ipe,docs_transactions,2025-07-20T15:00:00Z,12345
c-2,taller-solis,messages,2025-07-20T15:00:00Z,7350
c-3,taller-solis,seats,2025-07-20T15:00:00Z,5
"""

RECEIPTS_CSV = """\
reference,account,received_on,amount,currency,invoice
B-1,flores-del-norte,2025-07-25,4058.84,MXN,ZMX-000001
B-2,taller-solis,2025-07-20,1000.00,MXN,
"""

FIRST_DAY, SECOND_DAY, LATE_DAY = "2025-07-10", "2025-08-01", "2025-08-05"
INVOICES = ("KON-000001", "KON-000002", "ZBR-000001", "ZBR-000002", "ZMX-000001", "ZMX-000002")


def usage_ndjson() -> str:
    """Return the use of July by Flores del Norte: conversations, a text of 200 characters, seven users."""
    common = {"account": "flores-del-norte", "occurred_at": "2025-07-10T15:00:00Z"}
    talk = {"meter": "whatsapp_conversations", "direction": "inbound", "dimensions": {"country": "MX"}}
    events: list[dict[str, object]] = [
        {"id": f"n-{number}", "contact": f"+52{number:010}", **common, **talk}
        for number in range(CONVERSATIONS)
    ]
    events.append({"id": "s-1", "meter": "sms", "text": "a" * 200, **common})
    events.append({"id": "u-1", "meter": "users", "quantity": "7", **common})
    return "".join(json.dumps(event) + "\n" for event in events)


@dataclass(frozen=True, slots=True)
class Walk:
    """What each command said, by a name of its own, and where its files lie."""

    folder: Path
    said: Mapping[str, Said]
    served: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, name: str) -> Said:
        return self.said[name]


@pytest.fixture(name="walk", scope="module")
def _walk() -> Iterator[Walk]:
    """Walk a month once."""
    with installed() as place:
        book = place.book(subscriptions=SUBSCRIPTIONS)
        said = {
            "load unprepared": place.say("load", book),
            "load unprepared, json": place.say("load", book, "--json"),
            "init": place.say("init"),
            "init again": place.say("init", "--json"),
            "load": place.say("load", book, "--json"),
            "load again": place.say("load", book),
            **_metered(place),
            **_billed(place),
            **_collected(place),
            **_looked_after(place),
        }
        with place.serving(said["key"].document["key"]) as client:
            served = {number: client.get(f"/v1/invoices/{number}").json() for number in INVOICES}
        yield Walk(place.folder, {**said, **_revoked(place, said["key"])}, served)


def _metered(place: Installation) -> dict[str, Said]:
    ndjson, rows = place.write("usage.ndjson", usage_ndjson()), place.write("usage.csv", USAGE_CSV)
    return {
        "ndjson": place.say("meter", "import", ndjson, "--backfill", "--json"),
        "csv": place.say("meter", "import", rows, "--backfill"),
        "ndjson again": place.say("meter", "import", ndjson),
        "csv again": place.say("meter", "import", rows, "--json"),
        "quarantine": place.say("meter", "quarantine", "list"),
    }


def _billed(place: Installation) -> dict[str, Said]:
    said = {
        "run": place.say("invoice-run", "--as-of", FIRST_DAY, "--json"),
        "preview": place.say("invoice-run", "--as-of", SECOND_DAY, "--preview", "--json"),
        "second run": place.say("invoice-run", "--as-of", SECOND_DAY),
        "second run again": place.say("invoice-run", "--as-of", SECOND_DAY),
        "second run again, json": place.say("invoice-run", "--as-of", SECOND_DAY, "--json"),
    }
    reading: Commands = {f"explain {each}": ("explain", each) for each in INVOICES}
    for number in INVOICES[1::2]:
        reading[f"document {number}"] = ("explain", number, "--json")
        reading[f"pdf {number}"] = ("pdf", number, "--to", "out", "--json")
    reading["explain in Portuguese"] = ("explain", INVOICES[0], "--line", "1", "--language", "pt")
    reading["explain as JSON"] = ("explain", INVOICES[0], "--line", "1", "--format", "json")
    return {**said, **place.say_all(reading)}


def _collected(place: Installation) -> dict[str, Said]:
    bank = place.write("bank.csv", RECEIPTS_CSV)
    said = {
        "receipts": place.say("receipts", "import", bank, "--json"),
        "receipts again": place.say("receipts", "import", bank),
        "nobody late": place.say("dunning-run", "--as-of", "2025-07-20", "--json"),
        "somebody late": place.say("dunning-run", "--as-of", LATE_DAY, "--json"),
        "somebody late again": place.say("dunning-run", "--as-of", LATE_DAY),
    }
    aging = ("receivables", "aging", "--as-of")
    reading: Commands = {
        "aging before": (*aging, "2025-07-20", "--json"),
        "aging": (*aging, LATE_DAY, "--json"),
        "aging table": (*aging, LATE_DAY),
        "aging csv": (*aging, LATE_DAY, "--format", "csv", "--to", "out"),
        "aging xlsx": (*aging, LATE_DAY, "--format", "xlsx", "--to", "out"),
    }
    return {**said, **place.say_all(reading)}


def _looked_after(place: Installation) -> dict[str, Said]:
    said = {
        "key": place.say("api-key", "create", "portal", "--scope", "invoices:read", "--json"),
        "deliver": place.say("deliver", "--to", "out/outbox", "--json"),
        "deliver again": place.say("deliver", "--to", "out/outbox"),
    }
    reading: Commands = {
        "problems": ("problems", "--json"),
        "explain nothing": ("explain", "ZMX-999999"),
        "bad day": ("invoice-run", "--as-of", "2025-13-01"),
        "no file": ("meter", "import", "nowhere.ndjson"),
        "no folder": ("pdf", "ZMX-000001", "--to", "/proc/nowhere"),
    }
    return {**said, **place.say_all(reading)}


def _revoked(place: Installation, made: Said) -> dict[str, Said]:
    key_id = str(made.document["key"]).split("_")[1]
    return {
        "revoke": place.say("api-key", "revoke", key_id),
        "revoke again": place.say("api-key", "revoke", key_id),
    }


def money(text: str) -> Decimal:
    """Read an amount as it is printed: ``1,234.56`` or, in Portuguese, ``1.234,56``."""
    if re.search(r",\d\d$", text):
        text = text.replace(".", "").replace(",", ".")
    return Decimal(text.replace(",", ""))


# ------------------------------------------------------------------------------------------------ beginning


def test_without_a_schema_a_command_is_refused_and_says_the_mend(walk: Walk) -> None:
    """Who forgot ``clausula init`` reads so; a script gets the same as its one JSON document."""
    said, document = walk["load unprepared"], walk["load unprepared, json"]

    assert (REFUSED, "") == (said.code, said.out)
    assert "[schema_out_of_date]" in said.err
    assert "clausula init" in said.err
    assert REFUSED == document.code
    assert "schema_out_of_date" == document.document["error"]["code"]


def test_init_makes_the_schema_once(walk: Walk) -> None:
    """The second time it says that nothing changed."""
    assert DONE == walk["init"].code
    assert "has the schema of this version now" in walk["init"].out
    assert (DONE, False) == (walk["init again"].code, walk["init again"].document["changed"])


def test_a_book_is_loaded_once(walk: Walk) -> None:
    """Three contracts are new; the second load changes nothing and says how much was known."""
    counts = walk["load"].document["counts"]

    assert DONE == walk["load"].code
    assert {"new": 3, "changed": 0, "known": 0} == counts["subscriptions"]
    assert DONE == walk["load again"].code
    assert "nothing changed" in walk["load again"].out
    assert "8 accounts, 3 subscriptions" in walk["load again"].out


# ------------------------------------------------------------------------------------------------- metering


def test_usage_is_counted_once_for_ever(walk: Walk) -> None:
    """Both forms of file are read; a second import changes nothing and says how many events were known."""
    events = CONVERSATIONS + 2
    first, second = walk["ndjson"].document, walk["csv again"].document

    assert (DONE, DONE) == (walk["ndjson"].code, walk["csv again"].code)
    assert (events, events, 0, 0) == tuple(first[key] for key in ("read", "accepted", "known", "quarantined"))
    assert "3 events read: 3 new, 0 known, 0 in quarantine." == walk["csv"].out.strip()
    assert f"all {events:,} events known; nothing changed" in walk["ndjson again"].out
    assert (0, 3, True) == tuple(second[key] for key in ("accepted", "known", "file_known"))
    assert (DONE, "The quarantine is empty.\n") == (walk["quarantine"].code, walk["quarantine"].out)


# -------------------------------------------------------------------------------------------------- billing


def test_a_run_bills_what_is_due_on_its_day(walk: Walk) -> None:
    """On 10 July the fees of July are due: 2,050.00 BRL, and 4,058.84 + 1,496.40 = 5,555.24 MXN."""
    document = walk["run"].document

    assert DONE == walk["run"].code
    assert (FIRST_DAY, 3, []) == tuple(document[key] for key in ("as_of", "invoices", "problems"))
    assert {
        "BRL": {"amount": "2050.00", "currency": "BRL"},
        "MXN": {"amount": "5555.24", "currency": "MXN"},
    } == document["totals"]


def test_a_preview_is_the_run_that_follows(walk: Walk) -> None:
    """What the preview computed is what the run then bills, to the cent, and it has written nothing."""
    totals = walk["preview"].document["totals"]
    told = ", ".join(f"{Decimal(each['amount']):,} {each['currency']}" for each in totals.values())

    assert (
        f"Invoice run as of {SECOND_DAY}: 3 invoices for {told}; 0 set aside." == walk["second run"].lines[0]
    )
    assert [number in walk["second run"].out for number in INVOICES[1::2]] == [True, True, True]


def test_a_second_run_changes_nothing_and_says_so(walk: Walk) -> None:
    """Nothing is billed twice."""
    document = walk["second run again, json"].document

    assert DONE == walk["second run again"].code
    assert "nothing changed" in walk["second run again"].out
    assert (0, {}, []) == tuple(document[key] for key in ("invoices", "totals", "problems"))


def test_explain_gives_the_reason_of_every_line(walk: Walk) -> None:
    """1,010 conversations less 1,000 are 10 x 0.4735 = 4.735, half up 4.74; with its clause and its sense."""
    text = walk["explain ZMX-000002"].out

    assert "10 x 0.4735 MXN = 4.735 MXN" in text
    assert "rounded half up: 4.735 -> 4.74 MXN" in text
    assert "net 4.74 MXN, tax 0.76 MXN, to pay 5.50 MXN" in text
    assert "[ZEN-IX-4.2-iii] Annex IX, clause 4.2(iii): " in text
    assert "net 498.00 MXN, tax 79.68 MXN, to pay 577.68 MXN" in text
    assert "net 0.67 MXN, tax 0.11 MXN, to pay 0.78 MXN" in text


def test_one_line_is_explained_in_any_language_and_as_json(walk: Walk) -> None:
    """The same steps in Portuguese words, and as a tree of exact facts."""
    told, (line,) = walk["explain in Portuguese"].out, walk["explain as JSON"].document["reasons"]

    assert told.startswith("  1. ")
    assert "a pagar " in told
    assert ("1", len(told.splitlines()) - 1) == (line["result"], len(line["because"]))


@pytest.mark.parametrize("number", INVOICES)
def test_the_lines_of_explain_sum_to_its_total(walk: Walk, number: str) -> None:
    """Net and tax of each line are what it comes to, and the lines are the total, to the cent."""
    text = walk[f"explain {number}"].out
    told = r"net ([\d.,]+) ..., tax ([\d.,]+) ..., to pay ([\d.,]+) ..."
    lines = [tuple(map(money, found)) for found in re.findall(told, text)]
    total = re.search(r"^Total +([\d.,]+)", text, re.MULTILINE)

    assert lines
    assert total is not None
    assert [gross for _, _, gross in lines] == [net + tax for net, tax, _ in lines]
    assert money(total[1]) == sum(gross for _, _, gross in lines)


@pytest.mark.parametrize("number", INVOICES[1::2])
def test_explain_json_api_and_pdf_agree_to_the_cent(walk: Walk, number: str) -> None:
    """Each line's net, tax and gross, and the total, are the same four times."""
    text, document, served = (
        walk[f"explain {number}"].out,
        walk[f"document {number}"].document,
        walk.served[number],
    )
    drawn = "\n".join(page.extract_text() for page in PdfReader(walk.folder / "out" / f"{number}.pdf").pages)

    told = re.findall(r"net ([\d.,]+) ..., tax ([\d.,]+) ..., to pay ([\d.,]+) ...", text)
    printed = re.findall(r"^\d+ .* ([\d.,]+) ([\d.,]+) ([\d.,]+)$", drawn, re.MULTILINE)
    stored = [(line["net"], line["tax"], line["gross"]) for line in document["invoice"]["lines"]]
    asked = [(line["net"], line["tax"], line["gross"]) for line in served["lines"]]
    total = Decimal(document["total"]["amount"])

    assert [tuple(map(Decimal, line)) for line in stored] == [tuple(map(money, line)) for line in told]
    assert [tuple(map(Decimal, line)) for line in stored] == [tuple(map(money, line)) for line in printed]
    assert (stored, total) == (asked, Decimal(served["total"]))
    assert [total] == [money(found) for found in re.findall(r"^Total +([\d.,]+)", text, re.MULTILINE)]
    assert {total} == {
        money(found) for found in re.findall(r"Total ([\d.,]+) [A-Z]{3}$", drawn, re.MULTILINE)
    }
    assert {"invoice": number, "file": f"out/{number}.pdf"} == walk[f"pdf {number}"].document


# ----------------------------------------------------------------------------------------------- collecting


def test_receipts_are_booked_once(walk: Walk) -> None:
    """Two are booked; the same file again books none and says that nothing changed."""
    document = walk["receipts"].document

    assert (DONE, DONE) == (walk["receipts"].code, walk["receipts again"].code)
    assert (2, 2, 0, []) == tuple(document[key] for key in ("read", "booked", "known", "problems"))
    assert "2 receipts read: 0 booked, 2 known, 0 set aside." == walk["receipts again"].lines[0]
    assert "Nothing changed." == walk["receipts again"].lines[1]


def test_dunning_acts_on_the_day_that_is_asked(walk: Walk) -> None:
    """On 20 July nobody is late; on 5 August two are, and a second run of that day does nothing more."""
    assert (DONE, 0) == (walk["nobody late"].code, walk["nobody late"].document["actions"])
    assert walk["somebody late"].document["actions"] >= len(("KON-000001", "ZBR-000001"))
    assert "0 actions taken, 0 proposed, 0 services restored" in walk["somebody late again"].out


def test_the_aging_is_the_same_in_every_form(walk: Walk) -> None:
    """JSON, table, CSV and XLSX show the same items and the same totals by currency."""
    document = walk["aging"].document
    totals = {each["currency"]: Decimal(each["total"]) for each in document["totals"]}
    with (walk.folder / "out" / f"aging-{LATE_DAY}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    workbook = load_workbook(walk.folder / "out" / f"aging-{LATE_DAY}.xlsx")

    assert [(each["number"], each["total"]) for each in document["items"]] != []
    assert {each["number"]: each["total"] for each in document["items"]} == {
        row["Number"]: row["Total"] for row in rows
    }
    assert totals == {
        code: sum(Decimal(row["Total"]) for row in rows if row["Currency"] == code) for code in totals
    }
    for code, total in totals.items():
        assert f"in {code}" in walk["aging table"].out
        assert f"{total:,}" in walk["aging table"].out
    assert ["By account", "By item"] == workbook.sheetnames
    assert {row["Number"] for row in rows} <= {
        cell for line in workbook["By item"].iter_rows(values_only=True) for cell in line
    }


def test_the_aging_of_an_earlier_day_knows_nothing_of_later_ones(walk: Walk) -> None:
    """As of 20 July: what was paid on the 25th is open, what was issued in August is not there."""
    items = walk["aging before"].document["items"]

    assert {"KON-000001": "496.40", "ZBR-000001": "2050.00", "ZMX-000001": "4058.84"} == {
        each["number"]: each["total"] for each in items
    }


# ---------------------------------------------------------------------------------------------- looking after


def test_nothing_was_set_aside(walk: Walk) -> None:
    """A walk without faults ends with no open problem."""
    assert (DONE, []) == (walk["problems"].code, walk["problems"].document)


def test_mails_are_delivered_once(walk: Walk) -> None:
    """Each invoice's mail and each letter becomes a file; the second time nothing waits."""
    document = walk["deliver"].document
    mails = list((walk.folder / "out" / "outbox").glob("*.eml"))

    assert (DONE, []) == (walk["deliver"].code, document["problems"])
    assert len(INVOICES) == len([path for path in mails if "mail.invoice" in path.name])
    assert document["delivered"] == len(list((walk.folder / "out" / "outbox").iterdir()))
    assert (DONE, "Nothing waits for delivery.\n") == (walk["deliver again"].code, walk["deliver again"].out)


def test_a_key_is_made_and_revoked_once(walk: Walk) -> None:
    """It is printed once, with what it may do; to revoke it twice is refused."""
    assert (DONE, ["invoices:read"]) == (walk["key"].code, walk["key"].document["scopes"])
    assert DONE == walk["revoke"].code
    assert REFUSED == walk["revoke again"].code
    assert "[not_found]" in walk["revoke again"].err


def test_what_is_refused_is_told_without_a_traceback(walk: Walk) -> None:
    """A number that no invoice bears, a day that is none, a missing file, a folder that cannot be made."""
    assert (REFUSED, WRONG_USAGE, WRONG_USAGE, REFUSED) == tuple(
        walk[name].code for name in ("explain nothing", "bad day", "no file", "no folder")
    )
    assert "[unknown_invoice]" in walk["explain nothing"].err
    assert "2025-13-01" in walk["bad day"].err
    assert "nowhere.ndjson" in walk["no file"].err
    assert "/proc/nowhere" in walk["no folder"].err
    assert [] == [name for name, said in walk.said.items() if "Traceback" in said.err]


def test_no_bar_is_drawn_where_no_terminal_is(walk: Walk) -> None:
    """What went well leaves standard error empty, so that a log of it tells only of faults."""
    assert [] == [name for name, said in walk.said.items() if said.code == DONE and said.err]
