"""Tables of radio codes from where they lie: those that are shipped, by name, and an agency's own, by path."""

from importlib.resources import files
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.formats.status_codes import StatusTable, read_status_table

_FOLDER = files("tocsin").joinpath("data").joinpath("status_codes")


def names() -> list[str]:
    """Names of the shipped tables, in alphabetical order."""
    return sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str, folder: Path) -> StatusTable:
    """A shipped table by its name, or any other by its path, relative to the centre's folder.

    Raises BadInput ``status_table_unknown`` (no such name, no such file), and those of ``read_status_table``.
    """
    if name_or_path in names():
        file = f"{name_or_path}.toml"
        return read_status_table(_FOLDER.joinpath(file).read_text("utf-8"), file=file)
    path = folder / name_or_path
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stated, known = str(folder / "centre.toml"), ", ".join(names())
        raise BadInput("status_table_unknown", file=stated, field="status_codes", value=name_or_path, known=known, why=error) from None
    return read_status_table(text, file=str(path))
