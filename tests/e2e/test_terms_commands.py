"""The tools around terms as a vendor uses them, and the example of docs/terms.md, billed as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.command_line import DONE, REFUSED, SET_ASIDE, WRONG_USAGE, Installation, Said, installed

pytestmark = [pytest.mark.integration, pytest.mark.e2e]

DOCS = Path(__file__).parents[2] / "docs"

#: A block of a page and the name of the file that the sentence before it gives.
NAMED_BLOCK = re.compile(r"`([\w./-]+\.(?:toml|csv))`:[^`]*?```\w+\n(.*?)```", re.DOTALL)
TEXT_BLOCK = re.compile(r"```text\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)

PAGE = (DOCS / "terms.md").read_text(encoding="utf-8")

ANNEX = """\
[document]
id = "lumen-annex"
vendor = "lumen"
layer = "annex"
title = "Lumen, annex"
version = "2026"
effective_from = 2026-01-01

[rules.payment]
clause = "LUM-3"
due_days_after_sent = 7
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What each command said, by a name of its own, and where its files lie."""

    folder: Path
    said: Mapping[str, Said]

    def __getitem__(self, name: str) -> Said:
        return self.said[name]


@pytest.fixture(name="told", scope="module")
def _told() -> Iterator[Told]:
    """Do what the page says, once, and use each tool on the way."""
    with installed() as place:
        for name, text in NAMED_BLOCK.findall(PAGE):
            place.write(f"book/{name}", text)
        [commands] = COMMANDS.findall(PAGE)
        walked = {line: place.say(*line.split()[1:]) for line in commands.splitlines()}
        yield Told(place.folder, {**walked, **_written(place), **_shown(place)})


def _written(place: Installation) -> dict[str, Said]:
    general, plan = "book/terms/lumen-general.toml", "book/plans/chat.toml"
    annex = place.write("annex.toml", ANNEX)
    begin = ("terms", "new", "lumen-voice", "--vendor", "lumen", "--layer")
    return {
        "check": place.say("terms", "check", general, plan),
        "check annex": place.say("terms", "check", annex),
        "check annex, json": place.say("terms", "check", annex, "--json"),
        "check annex over": place.say("terms", "check", annex, "--over", general),
        "check nothing": place.say("terms", "check", place.write("empty.toml", "")),
        "new": place.say(*begin, "annex", "--to", "own", "--json"),
        "new again": place.say(*begin, "annex", "--to", "own"),
        "new order form": place.say(*begin, "order_form"),
        "check new": place.say("terms", "check", "own/lumen-voice.toml"),
        "diff": place.say("terms", "diff", "konectus-general", general, "--json"),
        "diff same": place.say("terms", "diff", "konectus-general@undated", "konectus-general"),
        "diff nothing": place.say("terms", "diff", "konectus-general@1999", general),
        "schema": place.say("terms", "schema", "--kind", "plan"),
    }


def _shown(place: Installation) -> dict[str, Said]:
    show = ("terms", "show", "panaderia-sol", "--as-of")
    return {
        "show": place.say(*show, "2026-03-01", "--language", "es"),
        "show, json": place.say(*show, "2026-03-01", "--subscription", "chat", "--json"),
        "show too early": place.say(*show, "2026-01-31"),
        "show nobody": place.say("terms", "show", "nobody"),
    }


def test_the_example_of_the_page_is_billed_as_it_says(told: Told) -> None:
    """Each line that the page shows stands in what explain prints."""
    [promised] = TEXT_BLOCK.findall(PAGE)
    explained = told["clausula explain LUM-000002"]

    assert DONE == explained.code
    assert [] == [line for line in promised.splitlines() if line not in explained.out]


def test_good_files_are_told_in_a_line_each(told: Told) -> None:
    """The plan finds its document among the files."""
    assert (DONE, "") == (told["check"].code, told["check"].err)
    assert [
        "book/terms/lumen-general.toml: terms lumen-general 2026, general: 3 clauses, 3 rules, 1 meter: good",
        "book/plans/chat.toml: plan chat 1: 2 charges in EUR: good",
    ] == told["check"].lines


def test_what_is_wrong_is_told_with_its_line(told: Told) -> None:
    """The code is 1, as text and as JSON; over the general terms the same annex is good."""
    [file] = told["check annex, json"].document["files"]

    assert (SET_ASIDE, SET_ASIDE, DONE) == tuple(
        told[name].code for name in ("check annex", "check annex, json", "check annex over")
    )
    assert "annex.toml:10: it cites a clause" in told["check annex"].err
    assert [("unknown_clause", "rules.payment.clause", "LUM-3")] == [
        (each["code"], each["field"], each["value"]) for each in file["problems"]
    ]
    assert (SET_ASIDE, True) == (
        told["check nothing"].code,
        "neither a terms document nor a plan" in told["check nothing"].err,
    )


def test_a_scaffold_is_written_once_and_is_good(told: Told) -> None:
    """A file that is there already is never written over; an order form is no terms document."""
    assert "own/lumen-voice.toml" == told["new"].document["file"]
    assert (DONE, REFUSED, WRONG_USAGE, DONE) == tuple(
        told[name].code for name in ("new", "new again", "new order form", "check new")
    )
    assert (told.folder / "own" / "lumen-voice.toml").is_file()


def test_documents_are_compared_by_name_and_by_file(told: Told) -> None:
    """Another vendor's paper differs in every part, a version not from itself; an unknown one is refused."""
    assert {"head", "clauses", "rules", "families", "before", "after"} == set(told["diff"].document)
    assert ["konectus-general undated and konectus-general undated say the same."] == told["diff same"].lines
    assert (REFUSED, True) == (told["diff nothing"].code, "undated" in told["diff nothing"].err)


def test_the_schema_that_is_printed_is_the_one_that_is_committed(told: Told) -> None:
    """An editor may take either."""
    assert (DOCS / "schema" / "plan.json").read_text(encoding="utf-8") == told["schema"].out


def test_the_terms_in_force_are_shown_with_their_clauses(told: Told) -> None:
    """In the language that was asked; as JSON with values as they are."""
    [page] = told["show, json"].document
    chats = page["families"]["meters"][0]

    assert "Terms of panaderia-sol, subscription chat, as of 2026-03-01" == told["show"].lines[0]
    assert (
        "    La factura vence 14 días después de salir; los precios van antes de impuestos."
        in told["show"].lines
    )
    assert ("chats", 24, "LUM-7", "general") == (
        chats["name"],
        chats["values"]["hours"],
        chats["source"]["clause"],
        chats["source"]["layer"],
    )
    assert ["indexation", "suspension_billing", "dunning"] == page["unstated"][:3]


def test_what_is_not_there_is_refused(told: Told) -> None:
    """A day before the contract, and an account that nobody knows."""
    assert (REFUSED, REFUSED) == (told["show too early"].code, told["show nobody"].code)
    assert "chat (2026-02-01 to open)" in told["show too early"].err
    assert "[unknown_account]" in told["show nobody"].err
