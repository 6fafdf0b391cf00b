"""A small centre as text, for tests that break it in one place."""

CENTRE = """\
# our centre
id = "bay"
name = "Bay"
timezone = "Africa/Maputo"
footing = "exercise"
region = "bay.region"
language = "pt"
attribution = ["nobody"]
"""

STATIONS = """\
station,name,lon,lat,area
S1,One,32.57,-25.96,A1
S2,Two,32.60,-25.95,A2
S3,Three,32.58,-25.94,A3
"""

UNITS = """\
unit,kind,capabilities,station,crew,agency
E1,engine,pump+rescue,S1,K1,city
W1,tanker,water,S1,K1,city
L1,truck,ladder,S2,,city
M1,ambulance,transport als,S3,,red-cross
"""

PLAN = """\
name = "bay"
priorities = ["red", "green"]
own_agency = "city"

[[incident_type]]
code = "fire"
name = "Fire"

[[incident_type]]
code = "sick"
name = "Sick"
discipline = "ems"

[[turnout]]
kind = "engine"
at_station_s = 80

[[divert]]
from_priority = "green"
to_priority = "red"

[[station_order]]
area = "A1"
stations = ["S1", "S2"]

# the first card
[[card]]
name = "fire"
incident_types = ["fire"]
mode = "station_order"
areas = ["A1"]

[[card.slot]]
name = "pump"
needs = ["pump"]
count = 1

[[card.slot]]
name = "ladder"
needs = ["ladder"]
doubles_with = "pump"
is_required = false

[[card]]
name = "night"
priorities = ["red"]
weekdays = [6, 7]
from = "22:00"
to = "06:30"
slot = [
  { name = "transport", needs = ["transport", "als"] },
  { name = "water", needs = ["water"], alternatives = [{ needs = ["pump"], worth_s = 60 }, { needs = ["ladder"] }] },
]

[[card]]
name = "fire 2"
incident_types = ["fire"]
alarm_level = 2
mode = "own_agency_first"
[[card.slot]]
name = "more"
needs = ["pump"]
"""


def texts(**changed: str) -> dict[str, str]:
    """File name → text; ``plan=…`` exchanges a file."""
    parts = {"centre": CENTRE, "stations": STATIONS, "units": UNITS, "plan": PLAN} | changed
    return {f"{name}.{'toml' if name in ('centre', 'plan') else 'csv'}": text for name, text in parts.items()}


def line_of(text: str, part: str) -> int:
    """Line of the first occurrence."""
    return text[: text.index(part)].count("\n") + 1
