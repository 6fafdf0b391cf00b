"""What the stations of a served centre cover, reckoned from its roads and demand, and told to its desk where its policy weighs it."""

from collections.abc import Callable
from pathlib import Path

from tocsin.base.canonical import digest
from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Desk
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.cover import AdoptCover
from tocsin.formats.centre import Centre
from tocsin.lab.city.cover import cover_model
from tocsin.wiring.cities import open_city
from tocsin.wiring.opening import ask_as_tocsin
from tocsin.wiring.stages import Progress


def tell_cover(desk: Desk, folder: Path, centre: Centre, at: Instant, progress: Progress, faults: Callable[[Fault], None]) -> None:
    """Adopt the models of the centre's folder if its plan's policy weighs cover and they are others than those in force.

    What keeps them from being made is told to ``faults`` and is no reason not to serve: without models the policy goes by road time, and
    every receipt says so.
    """
    if not get_policy(centre.plan.policy).is_about_cover():
        return
    try:
        models = (cover_model(open_city(folder, progress=progress)),)
    except BadInput as fault:
        faults(fault)
        return
    version = digest(models)[:12]
    if desk.board.cover is not None and desk.board.cover.version == version:
        return
    answer = desk.answer([ask_as_tocsin(f"cover:{at}", at, AdoptCover(models), "server")], at)[0]
    if answer.refusal is not None:
        faults(BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values))
