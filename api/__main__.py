"""``python -m api``: what ``clausula serve`` becomes."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import Final

import uvicorn

from api.app import create_app
from api.logs import configure_logs
from kernel.errors import ClausulaError
from runtime.options import EXIT_REFUSED
from runtime.printing import print_error
from runtime.workplace import workplace

#: How long requests that are under way may take to end once the server is told to stop.
STOPPING_SECONDS: Final = 30


def main() -> None:
    """Serve until stopped; then end what is under way, close the database and leave with 0."""
    parser = argparse.ArgumentParser(prog="python -m api", description="Serve the REST API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    # The server raises the signal that stopped it once more: it must end the process by its normal way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        serve(arguments.host, arguments.port)
    except ClausulaError as error:
        print_error(error)
        sys.exit(EXIT_REFUSED)


def serve(host: str, port: int) -> None:
    """Serve over the configured database."""
    with workplace() as place:
        configure_logs()
        uvicorn.run(
            create_app(place),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOPPING_SECONDS,
        )


if __name__ == "__main__":
    main()
