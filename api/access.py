"""Who calls, and over which database: the dependencies of every route.

An endpoint opens its connection itself and closes it before it answers: one that a dependency holds while the
endpoint waits for a thread starves the pool under load.  What waits for nothing is ``async``, for then it
takes no thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from db.api_keys import Caller, Scope, caller_of
from db.unit_of_work import reading
from kernel.errors import NotAuthenticated
from runtime.workplace import Workplace

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="api_key",
    bearerFormat="clk_<id>_<secret>",
    description="An API key, made by `clausula api-key create`, with the scopes that it needs.",
)


async def place_of(request: Request) -> Workplace:
    """Return the database and the clock that this application was made with."""
    place: Workplace = request.app.state.place
    return place


Place = Annotated[Workplace, Depends(place_of)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def caller(request: Request, place: Place, credentials: Credentials) -> Caller:
    """Return whom the key of a request belongs to; the log of the request names the key's public half."""
    if credentials is None:
        raise NotAuthenticated(
            "a key is needed", field="Authorization", expected="Bearer clk_..., see: clausula api-key create"
        )
    with reading(place.engine) as connection:
        who = caller_of(connection, credentials.credentials)
    request.state.key_id = who.key_id
    return who


AnyCaller = Annotated[Caller, Depends(caller)]


def allowed(scope: Scope) -> Callable[[Caller], Awaitable[None]]:
    """Return a dependency that refuses callers whose key does not allow something."""

    async def check(who: AnyCaller) -> None:
        who.require(scope)

    return check
