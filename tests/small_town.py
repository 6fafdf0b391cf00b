"""A small town as tables for tests: thirty-six places, two stations, three units, one hospital; no roads."""

from pathlib import Path

POINTS = [(x, y) for y in range(6) for x in range(6)]
STATIONS = "station,name,lon,lat\nS1,North,-71.28,-29.915\nS2,South,-71.288,-29.945\n"
UNITS = "unit,kind,capabilities,station\nA1,ambulance,transport,S1\nA2,ambulance,transport,S2\nA3,ambulance,transport,S2\n"
HOSPITALS = "hospital,lon,lat\nH1,-71.284,-29.93\n"


def demand(per_day: tuple[float, float] = (1.2, 0.6)) -> str:
    """West and east of the town have rates of their own."""
    rows = (f"P{x}{y},{-71.3 + x * 0.008:.4f},{-29.95 + y * 0.008:.4f},{per_day[x >= 3]}" for x, y in POINTS)
    return "\n".join(("place,lon,lat,calls_per_day", *rows)) + "\n"


def write_town(folder: Path, **changed: str | None) -> Path:
    """``changed``: texts by the file's name without its end; None = no such file. ``lab``: the text of ``lab.toml``."""
    texts: dict[str, str | None] = {"demand": demand(), "stations": STATIONS, "units": UNITS, "hospitals": HOSPITALS, **changed}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        if text is not None:
            (folder / f"{name}.{'toml' if name == 'lab' else 'csv'}").write_text(text, "utf-8")
    return folder
