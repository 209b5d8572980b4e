"""The help: a contents page in the order of the walk, and an example in every command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from runtime.cli import WALK, app

#: Characters of a help text's line that an 80-column terminal shows on one line.
LINE = 78

#: And of a command's line on the contents page, beside its name.
ENTRY = 62

#: Commands that run until they are stopped print no document.
WITHOUT_JSON = {"serve"}


def commands(group: object, path: str = "") -> Iterator[tuple[str, str, bool]]:
    """Yield the path and the help of each command, and whether others stand below it."""
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        where = f"{path} {name}".strip()
        is_group = isinstance(command, TyperGroup)
        yield where, re.sub(r"\[/?\w*\]", "", command.help or ""), is_group
        if is_group:
            yield from commands(command, where)


COMMANDS = list(commands(get_command(app)))


def asked(*arguments: str) -> str:
    """Return what a command prints."""
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)
    assert 0 == result.exit_code, result.output
    return result.output


def test_the_contents_page_follows_the_walk() -> None:
    """A newcomer reads the commands in the order in which a month is walked, one line each."""
    entries = re.findall(r"(?m)^│ ([a-z][a-z-]+) +[A-Z].*[.] +│$", asked("--help"))

    assert WALK == tuple(entries)


@pytest.mark.parametrize(("path", "text", "is_group"), COMMANDS)
def test_every_command_shows_an_example(path: str, text: str, *, is_group: bool) -> None:
    """It is a command that one can type; the first sentence fits the contents page, no line is broken."""
    assert f"Example: clausula {path}" in text
    assert ENTRY >= len(text.splitlines()[0])
    assert LINE >= max(len(line) for line in text.splitlines() if not line.startswith("Example"))
    assert is_group or path in WITHOUT_JSON or "--json" in asked(*path.split(), "--help")


def test_the_version_is_the_installed_one() -> None:
    """``clausula --version`` is for bug reports."""
    assert f"clausula {version('clausula')}\n" == asked("--version")
