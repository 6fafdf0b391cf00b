"""What is wrong in ``lab.toml`` is told with its line, and in every language."""

import pytest
from lab_texts import laid, told

from tocsin.base.faults import BadInput
from tocsin.words import languages, tell

SLIPS = {
    "a table nobody reads": ("\n[[shifts]]\nunits = []\n", "setting_unknown", 2),
    "a key nobody reads": ('[[shift]]\nunits = ["U00"]\nfrom = "07:00"\nuntil = "19:00"\nday = ["mon"]\n', "setting_unknown", 5),
    "no end": ('[[shift]]\nunits = ["U00"]\nfrom = "07:00"\n', "setting_missing", 1),
    "no time": ('[[shift]]\nunits = ["U00"]\nfrom = "07:60"\nuntil = "19:00"\n', "value_kind", 3),
    "no day": ('[[shift]]\nunits = ["U00"]\nfrom = "07:00"\nuntil = "19:00"\ndays = ["monday"]\n', "value_kind", 5),
    "no hours": ('[[shift]]\nunits = ["U00"]\nfrom = "07:00"\nuntil = "07:00"\n', "window_empty", 4),
    "nobody": ('[[break]]\nunits = []\nfrom = "07:00"\nuntil = "08:00"\n', "lab_list_empty", 2),
    "a negative span": ("call_taking = { mean_s = -5 }\n", "number_small", 1),
    "a span for ever": ("[[turnout]]\nat_station = { mean_s = 1e9 }\n", "number_large", 2),
    "a law nobody knows": ('call_taking = { mean_s = 5, law = "weibull" }\n', "value_choice", 1),
    "observed nothing": ('call_taking = { mean_s = 5, law = "observed" }\n', "lab_lacks", 1),
    "no shape": ('call_taking = { mean_s = 5, law = "gamma" }\n', "lab_lacks", 1),
    "hours of no day": ("travel_times = [1, 1, 1]\n", "lab_hours", 1),
    "no chance": ("wrong_priority = 1.5\n", "number_large", 1),
    "negative bays": ('[[hospital_bays]]\nhospital = "H0"\nbays = -1\n', "number_small", 3),
    "a surge nowhere": ('[[surge]]\nkind = "urgent"\ncalls = 4\n', "lab_lacks", 1),
    "a surge far away": ('[[surge]]\nkind = "urgent"\ncalls = 4\npoint = [-71.0, -29.0]\n', "city_off_network", 4),
    "a station nobody named": ('[[happening]]\nwhat = "station_lost"\n', "lab_lacks", 1),
    "what cannot happen": ('[[happening]]\nwhat = "earthquake"\n', "value_choice", 2),
    "no streets here": ('[[happening]]\nwhat = "closed_road"\npoints = [[10.0, 50.0]]\n', "lab_roads_none", 2),
    "before the first day": ('[[happening]]\nwhat = "radio_lost"\nday = 0\n', "number_small", 3),
    "no such unit": ('[[shift]]\nunits = ["U00", "X9"]\nfrom = "07:00"\nuntil = "19:00"\n', "city_unknown", 2),
    "no such station": ('[[unit]]\nname = "N1"\nstation = "S9"\n', "city_unknown", 3),
    "a unit nowhere": ('[[unit]]\nname = "N1"\n', "lab_lacks", 1),
    "no such hospital": ('[[hospital_bays]]\nhospital = "H9"\nbays = 2\n', "city_unknown", 2),
    "no such area": ('[[area]]\nname = "S9"\ntimes = 2\n', "city_unknown", 2),
    "no such priority": ('[[priority]]\nname = "pink"\ntarget_s = 60\n', "city_unknown", 2),
    "a kind without priority": ('[[calls]]\nname = "fire"\nper_day = 3\n', "lab_lacks", 1),
    "a kind nobody calls about": ('[[calls]]\nname = "fire"\npriority = "urgent"\n', "lab_lacks", 1),
    "a long row": ('[compliance]\ntable = [{ free = 1, stations = ["S00", "S01"] }]\n', "table_row_long", 2),
    "no such posting": ('[compliance]\ntable = [{ free = 1, stations = ["S9"] }]\n', "city_unknown", 2),
    "nobody calls at all": ('[[calls]]\nname = "urgent"\nper_day = 0\n[[calls]]\nname = "other"\nper_day = 0\n', "city_demand_none", None),
    "no TOML": ("[[shift]\n", "toml_syntax", 1),
}


@pytest.mark.parametrize("how", SLIPS)
def test_slips_are_told_with_their_line(how: str) -> None:
    text, code, line = SLIPS[how]
    with pytest.raises(BadInput) as caught:
        laid(text)
    fault = caught.value
    assert (fault.code, fault.line, fault.file) == (code, line, "lab.toml")
    for language in languages():
        sentence = tell(fault, language)
        assert "{" not in sentence.replace("{ mean_s", "").replace("{ free", "") and f"faults.{code}" not in sentence


def test_the_first_slip_is_told() -> None:
    with pytest.raises(BadInput) as caught:
        told('wrong_priority = 2\n[[area]]\nname = "S00"\ntimes = -1\ncolour = 3\n')
    assert caught.value.line in (1, 5)
