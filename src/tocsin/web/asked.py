"""One request on its way through the server: the route that it met and what its handler is given."""

from tocsin.web.ports import Asked as Asked  # noqa: PLC0414 - the aliases say that these may be taken from here
from tocsin.web.ports import Route as Route  # noqa: PLC0414 - as above
