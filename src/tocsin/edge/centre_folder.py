"""The centre folder on the disk: read whole, written whole. What its texts mean is ``formats/centre_files.py``."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from tocsin.base.faults import BadInput
from tocsin.edge.whole_file import write_whole
from tocsin.formats.centre import Centre
from tocsin.formats.centre_files import FILES, Remarks, check, read_centre, write_centre
from tocsin.formats.run_cards import Support
from tocsin.words import languages, say


def read_centre_folder(folder: Path) -> Centre:
    """The centre of a folder.

    Raises BadInput ``folder_missing``, ``centre_file_unreadable``, ``centre_file_encoding``, or the first of
    ``formats.centre_files.check``.
    """
    return read_centre(_texts(folder), folder=str(folder), languages=languages())


def check_centre_folder(folder: Path) -> list[BadInput]:
    """Everything that is wrong in a folder, in the order of its files and lines; empty when it can be used."""
    try:
        return check(_texts(folder), folder=str(folder), languages=languages())
    except BadInput as fault:
        return [fault]


def region_path(folder: Path, centre: Centre) -> Path | None:
    """Where the centre's region file is: relative to the folder unless stated absolute. None when it names none."""
    return folder / centre.region if centre.region else None


def speeds_path(folder: Path, centre: Centre) -> Path | None:
    """Where its learned speeds are, likewise."""
    return folder / centre.speeds if centre.speeds else None


def _texts(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise BadInput("folder_missing", file=str(folder))
    return {name: _text(folder / name) for name in FILES if (folder / name).exists()}


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("centre_file_unreadable", file=str(path), why=error.strerror or error) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("centre_file_encoding", file=str(path), line=line, byte=f"0x{data[error.start]:02X}") from None


def write_centre_folder(folder: Path, centre: Centre, *, support: Mapping[str, Support] | None = None, replace: bool = False) -> None:
    """Write the four files with their explanations in the centre's language. ``support`` says beside each card on what it stands.

    A new folder appears with all its files at once. With ``replace`` the files of an old one are exchanged one by one, each whole, and
    other files stay. Raises BadInput ``folder_exists`` (there is something in it already) or ``folder_write``.
    """
    texts = write_centre(centre, _remarks(centre.language, support or {}))
    try:
        if not folder.exists():
            _write_new(folder, texts)
        elif replace or not any(folder.iterdir()):
            for name, text in texts.items():
                write_whole(folder / name, text)
        else:
            raise BadInput("folder_exists", file=str(folder))
    except OSError as error:
        raise BadInput("folder_write", file=str(folder), why=error.strerror or error) from None


def _write_new(folder: Path, texts: Mapping[str, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, text in texts.items():
            write_whole(beside / name, text)
        beside.chmod(0o755)
        beside.rename(folder)
    except BaseException:
        for left in beside.iterdir():
            left.unlink()
        beside.rmdir()
        raise


def _remarks(language: str, support: Mapping[str, Support]) -> Remarks:
    spoken = language if language in languages() else "en"
    cards = {
        name: say("centre.card.habit", spoken, calls=found.calls, share=round(100 * found.like / found.calls))
        for name, found in support.items()
    }
    return Remarks(say("centre.head.centre", spoken), say("centre.head.plan", spoken), cards)
