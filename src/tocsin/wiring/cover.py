"""What the stations of a served centre cover, reckoned from its roads and demand, and told to its desk where its policy weighs it."""

from collections.abc import Callable
from pathlib import Path

from tocsin.base.canonical import digest
from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.cover import AdoptCover, CoverModel
from tocsin.core.messages.said import ClockSource
from tocsin.formats.centre import Centre
from tocsin.lab.city.cover import cover_models, with_areas
from tocsin.wiring.cities import open_city
from tocsin.wiring.opening import ask_as_tocsin
from tocsin.wiring.stages import Progress


def tell_cover(desk: Desk, folder: Path, centre: Centre, at: Instant, progress: Progress, faults: Callable[[Fault], None]) -> None:
    """Adopt the models of the centre's folder if its plan's policy weighs cover and they are others than those in force; drop them if
    it weighs none any more.

    What keeps them from being made is told to ``faults`` and is no reason not to serve: those that were adopted stay, and without any
    the policy goes by road time, and every receipt says so.
    """
    try:
        models = cover_of(folder, centre, progress)
    except BadInput as fault:
        faults(fault)
        return
    if (desk.board.cover.version if desk.board.cover is not None else None) == (digest(models)[:12] if models else None):
        return
    answer = adopt_cover(desk, models, at, "server")
    if answer.refusal is not None:
        faults(BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values))


def cover_of(folder: Path, centre: Centre, progress: Progress) -> tuple[CoverModel, ...]:
    """The models that the centre's policy needs; none for one that weighs no cover. Raises the BadInput of ``open_city``."""
    if not get_policy(centre.plan.policy).is_about_cover():
        return ()
    return with_areas(cover_models(open_city(folder, progress=progress)), centre.plan.cover.area_permille)


def adopt_cover(desk: Desk, models: tuple[CoverModel, ...], at: Instant, clock: ClockSource) -> Answer:
    """Put them into force."""
    return desk.answer([ask_as_tocsin(f"cover:{at}", at, AdoptCover(models), clock)], at)[0]
