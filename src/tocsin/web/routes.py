"""Every route of the server on one page: who may come, what is read, what is answered. Its description is made of this table."""

from typing import Final

from tocsin.web.asked import Route as Route  # noqa: PLC0414 - the alias says that it may be taken from here

ROUTES: Final[tuple[Route, ...]] = ()
