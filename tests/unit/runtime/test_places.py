"""The demo's folders: progress is kept whole, and nothing is deleted that a demo did not make."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kernel.errors import Conflict
from runtime.demo.places import MESSAGES_FOLDERS, YEAR_FOLDERS, Places, Progress, write_whole

HALF_WAY = Progress(book="book", done=date(2025, 6, 5))


@pytest.fixture(name="places")
def _places(tmp_path: Path) -> Places:
    return Places(tmp_path / "out", tmp_path / "home" / "demo.json")


def test_progress_is_kept_and_read(places: Places) -> None:
    """Nothing before the first word, then the last one."""
    assert places.progress() is None
    for progress in (Progress(book="book"), HALF_WAY):
        places.keep(progress)
        assert progress == places.progress()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """What a kill left of an earlier attempt is overwritten, and no draft stays."""
    path = tmp_path / "new" / "file.txt"
    write_whole(path, b"old")
    path.with_name("file.txt.part").write_bytes(b"half of a dra")

    write_whole(path, b"new")

    assert b"new" == path.read_bytes()
    assert [path] == list(path.parent.iterdir())


def test_a_write_that_fails_leaves_the_old_word(places: Places) -> None:
    """The draft cannot be made here, so the progress that was kept is still there."""
    places.keep(HALF_WAY)
    places.state.with_name("demo.json.part").mkdir()

    with pytest.raises(IsADirectoryError):
        places.keep(Progress(book="book", done=date(2025, 6, 6)))

    assert HALF_WAY == places.progress()


def test_a_new_demo_clears_what_the_last_one_left(places: Places) -> None:
    """Its folders and its progress go; what lies beside them stays."""
    places.clear()
    for name in (*YEAR_FOLDERS, *MESSAGES_FOLDERS, "mine"):
        (places.folder(name) / "file").touch()
    places.keep(HALF_WAY)

    places.clear()

    assert places.progress() is None
    assert sorted((*MESSAGES_FOLDERS, "mine")) == sorted(
        path.name for path in places.out.iterdir() if path.is_dir()
    )


@pytest.mark.parametrize("folders", [YEAR_FOLDERS, MESSAGES_FOLDERS])
def test_folders_that_no_demo_made_are_not_deleted(places: Places, folders: tuple[str, ...]) -> None:
    """Somebody's invoices may lie there: the demo is refused and told to go elsewhere."""
    dear = places.folder(folders[-1]) / "dear.txt"
    dear.touch()
    places.keep(HALF_WAY)

    with pytest.raises(Conflict) as refused:
        places.clear(folders)

    assert str(dear.parent) == refused.value.value
    assert dear.exists()
    assert HALF_WAY == places.progress()


def test_a_book_that_was_edited_is_another_replay(tmp_path: Path) -> None:
    """The digest changes with any file of the book and with the folder of the results."""
    book = tmp_path / "book"
    book.mkdir()
    (book / "accounts.csv").write_text("code\nacme\n")
    here = Places(tmp_path / "out", tmp_path / "demo.json")
    elsewhere = Places(tmp_path / "other", tmp_path / "demo.json")
    before = here.digest_of(book)

    assert before == here.digest_of(book)
    assert before != elsewhere.digest_of(book)
    (book / "accounts.csv").write_text("code\nother\n")
    assert before != here.digest_of(book)
