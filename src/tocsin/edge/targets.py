"""Target profiles from where they lie: those that are shipped, by name, and an agency's own, by path."""

from importlib.resources import files
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.views.targets import TargetProfile, read_profile

_FOLDER = files("tocsin").joinpath("data").joinpath("targets")


def names() -> list[str]:
    """Names of the shipped profiles, in alphabetical order."""
    return sorted(entry.name.removesuffix(".toml") for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))


def load(name_or_path: str) -> TargetProfile:
    """A shipped profile by its name, or any other by the path of its file.

    Raises BadInput ``targets_unknown`` (no such name), ``targets_file`` (cannot be opened), and those of ``read_profile``.
    """
    if name_or_path in names():
        file = f"{name_or_path}.toml"
        return read_profile(_FOLDER.joinpath(file).read_text("utf-8"), file)
    if not name_or_path.endswith(".toml") and not Path(name_or_path).exists():
        raise BadInput("targets_unknown", value=name_or_path, known=", ".join(names()))
    try:
        text = Path(name_or_path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("targets_file", file=name_or_path, why=error) from None
    return read_profile(text, name_or_path)
