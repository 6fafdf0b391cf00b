"""A comparison made again in worlds that differ from the city in one thing each."""

import msgspec

from tocsin.base.faults import BadInput
from tocsin.lab.city.cover import cover_models
from tocsin.lab.experiment.experiment import compared, gather
from tocsin.lab.experiment.job import Ground
from tocsin.lab.experiment.stress import AS_IS, World, in_world, stress_of, without_figures, worlds_of
from tocsin.views.experiment_answer import CompareAnswer, InWorld, Partial
from tocsin.wiring.experiments import ExperimentAsked, Opened, executor_of
from tocsin.wiring.stages import Progress


def stressed(told: CompareAnswer, opened: Opened, asked: ExperimentAsked, progress: Progress) -> CompareAnswer:
    """The answer with its ``stress``. A person who stops it keeps the worlds that were whole."""
    worlds = [in_world(AS_IS, {}, told)]
    others = list(worlds_of(opened.city))
    for nth, world in enumerate(others):
        progress(nth, len(others), "stress")
        try:
            one = _lived(world, opened, asked)
        except KeyboardInterrupt:  # before its first replication: the worlds before it are whole
            one = without_figures(world, Partial("cancelled"))
        worlds.append(one)
        if one.partial is not None and one.partial.code == "cancelled":
            told = msgspec.structs.replace(told, partial=told.partial or one.partial)
            break
    return msgspec.structs.replace(told, stress=stress_of([one.policy for one in told.differences], worlds))


def _lived(world: World, opened: Opened, asked: ExperimentAsked) -> InWorld:
    digest = world.city.digest
    before = opened.ground.covers.get(opened.city.digest)
    covers = {} if before is None else {digest: cover_models(world.city) if world.is_known else before}
    arms = tuple(arm._replace(city=digest) for arm in opened.experiment.arms)
    one = Opened(world.city, opened.experiment._replace(arms=arms), Ground({digest: world.city}, covers))
    try:
        rows = gather(one.experiment, one.ground, executor_of(one, asked), lambda _done, _of: None)
    except BadInput as fault:
        return without_figures(world, Partial("refused", {"why": str(fault)}))
    if not rows.replications:
        return without_figures(world, rows.partial or Partial("cancelled"))
    return in_world(world.code, world.values, compared(one.experiment, one.ground, rows))
