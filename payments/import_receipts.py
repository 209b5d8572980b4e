"""Importing a bank's receipts from CSV: good rows are booked, each by itself; bad rows become problems."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from contracts.store import accounts_of, load_catalog
from db.unit_of_work import reading, unit_of_work
from invoicing.assess import assess as assess_late_charges
from kernel.clock import Clock
from kernel.errors import ClausulaError, InvalidReceipt, UnknownAccount
from kernel.problems import Problem
from kernel.words import counted
from payments.debts import Assess
from payments.receipt_rows import read_receipts
from payments.receive import receive

#: The largest file: a million receipts, and room for long references.
MOST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsReport:
    """What came of a file: rows read, receipts booked now, receipts known before, rows set aside."""

    read: int
    booked: int
    known: int
    problems: tuple[Problem, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the report as a person reads it."""
        came = f"{counted(self.read, 'receipt')} read: {self.booked} booked, {self.known} known"
        return (f"{came}, {len(self.problems)} set aside.",)


def import_receipts(
    engine: Engine, path: Path, *, clock: Clock, assess: Assess = assess_late_charges
) -> ReceiptsReport:
    """Book every good row in a transaction of its own; a second import of the same file books nothing.

    Raises :class:`kernel.errors.InvalidReceipt` when the file cannot be read, and
    :class:`kernel.errors.InvalidBook` when its first line does not name the columns.
    """
    receipts, problems = read_receipts(_text_of(path), path.name)
    with reading(engine) as connection:
        catalog = load_catalog(connection)
        known = accounts_of(connection, list({each.receipt.account_id for each in receipts}))
    refused: list[Problem] = []
    counts: Counter[str] = Counter()
    for each in receipts:
        try:
            if each.receipt.account_id not in known:
                raise UnknownAccount("no account bears this code", field="account", value=each.account)
            with unit_of_work(engine) as connection:
                received = receive(connection, catalog, each.receipt, clock=clock, assess=assess)
        except ClausulaError as error:
            refused.append(Problem.of(error, subject=each.receipt.reference, place=each.place))
        else:
            counts["known" if received.known else "booked"] += 1
    return ReceiptsReport(
        read=len(receipts) + len(problems),
        booked=counts["booked"],
        known=counts["known"],
        problems=(*problems, *refused),
    )


def _text_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size <= MOST_BYTES:
            return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidReceipt(
            "the file of receipts cannot be read", field="path", value=error, expected="a file in UTF-8"
        ) from error
    raise InvalidReceipt(
        "the file of receipts is too large", field="path", value=size, expected=f"at most {MOST_BYTES} bytes"
    )
