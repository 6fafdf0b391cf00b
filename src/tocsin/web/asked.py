"""One request on its way through the server: the route that it met and what its handler is given."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from tocsin.web.numbers import Numbers
from tocsin.web.ports import Parts, Seat


class Route(NamedTuple):
    """One line of the table of routes. The server's description (OpenAPI) is made of the same table."""

    method: str
    path: str
    handler: "Callable[[Asked], Awaitable[Any]]"
    """Gives a struct that is written as JSON, a Starlette response, or None (204)."""
    grant: str | None
    """What the seat must be granted, see ``web/grants.py``; None = no sign-in is needed."""
    body: Any = None
    """Type that the JSON body is read as, strictly; None = no body."""
    answer: Any = None
    query: Any = None
    """Struct that the query is read as; None = it is passed over."""
    most_bytes: int = 65_536
    """Of the body."""


class Asked(NamedTuple):
    """What a handler is given. Body and query have been checked against the route's types."""

    parts: Parts
    request: Request
    seat: Seat | None
    language: str
    body: Any
    query: Any
    routes: Sequence[Route]
    numbers: Numbers

    @property
    def signed_in(self) -> Seat:
        """The seat on a route that needs one."""
        if self.seat is None:
            raise AssertionError("a route with a grant has a seat")
        return self.seat

    def named(self, part: str) -> str:
        """A named part of the path."""
        return str(self.request.path_params[part])
