"""The couriers that a centre names, and the outbox that they work from."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from tocsin.base.faults import BadInput, Fault
from tocsin.core.ports import Courier, CourierTold, Journal
from tocsin.edge.bookmarks import open_or_create_bookmarks
from tocsin.edge.outbox import Outbox
from tocsin.edge.outbox_folder import FolderCourier
from tocsin.edge.outbox_webhook import WebhookCourier, load_secret
from tocsin.formats.centre import Centre
from tocsin.formats.couriers import CourierSetting
from tocsin.formats.outbox_event import Sender

BOOKMARKS = "outbox.db"


def open_outbox(
    folder: Path, centre: Centre, journal: Journal, *, until: ExitStack, faults: Callable[[Fault], None]
) -> Callable[[], Sequence[CourierTold]]:
    """Couriers at work until the stack is left; gives how far they have come. Raises BadInput of secrets and of the bookmarks' file."""
    couriers = [courier_of(one, folder, centre, journal.journal_id) for one in centre.couriers]
    if not couriers:
        return tuple
    bookmarks = until.enter_context(closing(open_or_create_bookmarks(folder / BOOKMARKS)))
    return until.enter_context(Outbox(journal, bookmarks, couriers, faults)).told


def courier_of(setting: CourierSetting, folder: Path, centre: Centre, journal_id: str) -> Courier:
    """Raises BadInput ``courier_secret_absent``, ``courier_secret_open``, ``courier_secret_short``."""
    sender, events = Sender(journal_id, centre.id, centre.footing), frozenset(setting.events)
    if setting.kind == "folder":
        return FolderCourier(setting.name, events, sender, folder / setting.folder)
    return WebhookCourier(setting.name, events, sender, setting.url, load_secret(folder / setting.secret_file))


def check_courier_files(folder: Path, centre: Centre) -> list[BadInput]:
    """What couriers need beside centre.toml and do not find: secrets, folders."""
    return [fault for one in centre.couriers if (fault := _find_fault(one, folder)) is not None]


def _find_fault(setting: CourierSetting, folder: Path) -> BadInput | None:
    if setting.kind == "folder":
        place = folder / setting.folder
        return None if place.is_dir() else BadInput("courier_folder", file=str(place), courier=setting.name)
    try:
        load_secret(folder / setting.secret_file)
    except BadInput as fault:
        return fault
    return None
