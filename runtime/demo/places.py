"""Where the demo reads and writes: the book, the generated usage, and all that it leaves in ``out/``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec

from kernel.errors import Conflict

#: The book that the project ships; a copy of it may be edited and given with ``--book``.
SHIPPED_BOOK = Path(__file__).parent / "book"

#: The folders that a replay fills, and those of the demo on messages.
YEAR_FOLDERS = ("usage", "receipts", "outbox", "invoices")
MESSAGES_FOLDERS = ("messages",)

#: The file by which a later demo knows that what lies beside it was left by one.
MARK = ".clausula-demo"


class Progress(msgspec.Struct, frozen=True):
    """How far a replay came: the last day that is done, and whether it was the last of all.

    ``book`` is the digest of the book and of where its results go: another one is another replay.
    """

    book: str
    done: date | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one demo."""

    out: Path
    state: Path

    def folder(self, name: str) -> Path:
        """Return a folder of the results, made where it is missing."""
        path = self.out / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def clear(self, folders: Sequence[str] = YEAR_FOLDERS) -> None:
        """Remove what an earlier demo left in these folders; nothing else is touched.

        Raises :class:`Conflict` where such a folder was made by no demo: it may be dear to someone.
        """
        found = [self.out / name for name in folders if (self.out / name).exists()]
        mark = self.out / MARK
        if found and not mark.exists():
            raise Conflict(
                "the demo would delete what it did not make",
                field="to",
                value=found[0],
                expected="a folder of its own: clausula demo --to FOLDER",
            )
        self.state.unlink(missing_ok=True)
        for path in found:
            shutil.rmtree(path)
        write_whole(mark, b"")

    def progress(self) -> Progress | None:
        """Return how far an earlier replay came, or None."""
        if not self.state.exists():
            return None
        return msgspec.json.decode(self.state.read_bytes(), type=Progress)

    def digest_of(self, book: Path) -> str:
        """Return what changes with any file of a book, and with where its results go."""
        digest = sha256(str((book.resolve(), self.out.resolve())).encode())
        for path in sorted(each for each in book.rglob("*") if each.is_file()):
            digest.update(str(path.relative_to(book)).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def keep(self, progress: Progress) -> None:
        """Keep how far the replay came; a kill leaves the old word or the new one, never half of it."""
        write_whole(self.state, msgspec.json.encode(progress))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
