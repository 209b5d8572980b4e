"""An invoice run in a process of its own, which waits for a line of input once it has billed some accounts.

``python -m tests.integration.invoicing_process DATABASE_URL AS_OF ACCOUNTS``
"""

from __future__ import annotations

import sys
from datetime import date

from sqlalchemy import create_engine

from invoicing import bill
from kernel.clock import FixedClock


def main(url: str, as_of: date, accounts: int) -> None:
    """Bill account by account; say so and wait after so many."""

    def wait(done: int, _of: int) -> None:
        if done == accounts:
            print("waiting", flush=True)  # noqa: T201 it talks to its parent
            sys.stdin.readline()

    engine = create_engine(url)
    bill.run(engine, as_of=as_of, clock=FixedClock.on(as_of), chunk_accounts=1, on_progress=wait)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], date.fromisoformat(sys.argv[2]), int(sys.argv[3]))
