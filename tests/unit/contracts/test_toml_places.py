"""An error names the line on which its key stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contracts.toml_places import Path, dotted, line_of, lines_of, path_of

TEXT = """\
code = "p"
names.short = "p" # dotted

[document]
id = "d"
note = '''
[not a table]
key = 1
'''

[[charge]]
code = "a"
tiers = [
  { up_to = 10, price = "1" }, # ] in a comment
  { price = "[2]" },
]

[[charge]]
code = "b"

[[charge.tiers]]
price = 1

[charge.more]
deep = true

["quoted key"]
x = 1
"""


def test_every_key_has_its_line() -> None:
    """Tables, lists of tables, tables inside lists, dotted and quoted keys are all found."""
    wanted: dict[Path, int] = {
        ("code",): 1,
        ("names", "short"): 2,
        ("document",): 4,
        ("document", "note"): 6,
        ("charge",): 11,
        ("charge", 0): 11,
        ("charge", 0, "tiers"): 13,
        ("charge", 0, "tiers", 0): 14,
        ("charge", 0, "tiers", 1): 15,
        ("charge", 1, "code"): 19,
        ("charge", 1, "tiers", 0, "price"): 22,
        ("charge", 1, "more", "deep"): 25,
        ("quoted key", "x"): 28,
    }

    lines = lines_of(TEXT)

    assert wanted == {path: lines.get(path) for path in wanted}


def test_what_has_no_line_takes_that_of_its_table() -> None:
    """A key that is missing is reported where it should have stood."""
    lines = lines_of(TEXT)

    assert 14 == line_of(lines, ("charge", 0, "tiers", 0, "flat_amount"))
    assert 18 == line_of(lines, ("charge", 1, "clause"))
    assert 1 == line_of(lines, ("currency",))


def test_a_text_of_several_lines_hides_what_looks_like_keys() -> None:
    """What stands inside quotes is no key."""
    assert ("not a table",) not in lines_of(TEXT)
    assert ("document", "key") not in lines_of(TEXT)


KEYS = st.from_regex(r"[A-Za-z_-][A-Za-z0-9_-]{0,8}", fullmatch=True)
STEPS = st.one_of(KEYS, st.integers(min_value=0, max_value=99))


@given(first=KEYS, rest=st.lists(STEPS, max_size=5))
def test_a_path_reads_back_as_it_is_written(first: str, rest: list[str | int]) -> None:
    """The field of an error leads back to its place."""
    path = (first, *rest)

    assert path == path_of(dotted(path))


@given(before=st.lists(st.sampled_from(["", "# comment", 'k{n} = "v"', "a{n} = [1,\n 2]"]), max_size=12))
def test_a_key_is_found_behind_anything(before: list[str]) -> None:
    """Blank lines, comments and values of several lines above do not shift a line."""
    above = [line.format(n=n) for n, line in enumerate(before)]
    text = "\n".join([*above, "wanted = 1"])

    assert text.count("\n") + 1 == lines_of(text)["wanted",]
