"""A compliance table for a city that has none: made from its cover, one unit more with each row."""

from typing import Final

from tocsin.base.identifiers import StationId
from tocsin.core.engine.cover import Cover
from tocsin.core.messages.cover import CoverModel
from tocsin.core.messages.plan import Posting
from tocsin.lab.city.checks import Remark
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import City

MOST_ROWS: Final = 200


def with_postings(city: City, model: CoverModel) -> City:
    """The city with a table, and a remark that it is made up; the city itself where it has one."""
    if city.postings:
        return city
    rows = nested_postings(city, model)
    said: Remark = ("postings_made", (("rows", len(rows)), ("needs", model.needs)))
    return sealed(city._replace(postings=rows, posting_needs=model.needs, remarks=(*city.remarks, said)))


def nested_postings(city: City, model: CoverModel) -> tuple[Posting, ...]:
    """Greedy: each further unit waits where it adds most expected cover to those before it, at the first of equal stations. Rows end where
    a further one adds nothing. Expected cover is submodular: no table of so many units reaches more than 1 / (1 - 1/e) times as much
    (Nemhauser, Wolsey and Fisher 1978)."""
    cover, stations = Cover(model), {str(name): nth for nth, name in enumerate(model.stations)}
    usable = [(site.name, stations[site.name]) for site in city.stations if site.is_open and site.name in stations]
    counted = sum(not unit.is_outside and (not model.needs or model.needs in (unit.kind, *unit.capabilities)) for unit in city.units)
    chosen: list[StationId] = []
    rows = []
    for free in range(1, min(counted, MOST_ROWS) + 1):
        name, index = max(usable, key=lambda one: cover.gain_ppb[one[1]])
        if cover.gain_ppb[index] <= 0:
            break
        cover.put(index)
        chosen.append(StationId(name))
        rows.append(Posting(free, tuple(chosen)))
    return tuple(rows)
