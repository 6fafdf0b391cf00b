"""A city with what ``lab.toml`` says laid over it. Gives another city; the one that it is laid over stays as it is."""

from tocsin.base.identifiers import StationId
from tocsin.core.messages.plan import Posting
from tocsin.formats.lab_file import LabText
from tocsin.formats.lab_laid import LabFile
from tocsin.lab.city.checks import check_city
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.laid_calls import priorities_of, sources_of, with_calls
from tocsin.lab.city.laid_crews import crewed
from tocsin.lab.city.laid_names import PPM, Names, hours_of, span_of
from tocsin.lab.city.laid_wrong import Close, surges_of, with_happenings
from tocsin.lab.city.model import City, HospitalSite, Turnout


def laid_over(city: City, told: LabText, close: Close | None = None) -> City:
    """``close`` None: the city has no streets that could be closed.

    Raises BadInput ``city_unknown``, ``city_station_closed``, ``lab_lacks``, ``table_row_long``, ``lab_roads_none``, ``lab_roads_open``,
    ``lab_closings_many``, of ``check_city``; with file and line of the text.
    """
    laid, names = told.laid, Names(told.source)
    city = city._replace(units=crewed(city, laid, names), priorities=priorities_of(city, laid, names), target_from=sources_of(city, laid))
    city = _with_care(_with_numbers(city, laid), laid, names)
    city = with_calls(city, laid, names)
    city = city._replace(surges=(*city.surges, *surges_of(city, laid, names)))
    city = with_happenings(city, laid, names, close)
    city = city._replace(sources=laid.sources or city.sources, data_to=laid.data_to or city.data_to)
    return sealed(check_city(city, file=told.source.file))


def _with_numbers(city: City, laid: LabFile) -> City:
    if laid.call_takers is not None:
        city = city._replace(call_takers=laid.call_takers)
    if laid.call_taking is not None:
        city = city._replace(call_taking=span_of(laid.call_taking))
    if laid.travel_spread is not None:
        city = city._replace(travel_spread=laid.travel_spread)
    if laid.travel_times is not None:
        city = city._replace(travel_ppm=tuple(round(PPM * times) for times in hours_of(laid.travel_times)))
    if laid.wrong_priority is not None:
        city = city._replace(wrong_priority_ppm=round(PPM * laid.wrong_priority))
    return city


def _with_care(city: City, laid: LabFile, names: Names) -> City:
    hospitals = list(city.hospitals)
    for nth, one in enumerate(laid.hospital_bays):
        at = names.get(one.hospital, [site.name for site in city.hospitals], "hospital_bays", nth, "hospital")
        hospitals[at] = HospitalSite(one.hospital, hospitals[at].place, one.bays)
    turnouts = {one.kind: one for one in city.turnouts}
    for told in laid.turnout:
        turnouts[told.kind] = Turnout(told.kind, span_of(told.at_station), span_of(told.on_road))
    city = city._replace(hospitals=tuple(hospitals), turnouts=tuple(turnouts.values()))
    return city if laid.compliance is None else _with_table(city, laid, names)


def _with_table(city: City, laid: LabFile, names: Names) -> City:
    if laid.compliance is None:
        return city
    stations, rows = [one.name for one in city.stations], []
    for nth, row in enumerate(laid.compliance.table):
        for name in row.stations:
            names.get(name, stations, "compliance", "table", nth, "stations")
        if len(row.stations) > row.free:
            raise names.fault("table_row_long", "compliance", "table", nth, field="stations", free=row.free, count=len(row.stations))
        rows.append(Posting(row.free, tuple(StationId(name) for name in row.stations)))
    return city._replace(postings=tuple(rows), posting_needs=laid.compliance.needs)


def is_laid(told: LabText) -> bool:
    """Whether the text says anything of its own."""
    return told.laid != LabFile()
