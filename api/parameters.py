"""Parameters that several routes take, each within its limits."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Query
from sqlalchemy import Connection

from contracts.store import accounts_of
from kernel.errors import UnknownAccount
from kernel.ids import AccountId, account_id_of

#: Characters of a code or a number: a series of 100 and its digits.
LONGEST_NAME: Final = 120

#: Names are text on one line.
_ONE_LINE: Final = r"^[^\x00-\x1f\x7f]+$"

AccountCode = Annotated[
    str | None,
    Query(max_length=LONGEST_NAME, pattern=_ONE_LINE, description="Only of the account with this code."),
]
StartingAfter = Annotated[
    str | None,
    Query(max_length=LONGEST_NAME, pattern=_ONE_LINE, description="The last number of the page before."),
]
AccountInPath = Annotated[
    str, Path(max_length=LONGEST_NAME, pattern=_ONE_LINE, description="The account's code.")
]
InvoiceNumber = Annotated[
    str, Path(max_length=LONGEST_NAME, pattern=_ONE_LINE, description="As printed: `ZCM-000017`.")
]


def account_named(connection: Connection, code: str) -> AccountId:
    """Return the id of an account by its code; an unknown one is refused, for a slip is no empty list."""
    account_id = account_id_of(code)
    if account_id not in accounts_of(connection, [account_id]):
        raise UnknownAccount("no account bears this code", field="account", value=code)
    return account_id
