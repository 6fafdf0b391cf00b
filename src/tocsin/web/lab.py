"""The lab over HTTP: a what-if is set up, watched, stopped, read and forgotten. The work is done in a process of its own (``Lab`` in
``web/ports.py``)."""

import msgspec

from tocsin.base.faults import BadInput
from tocsin.web.asked import Asked
from tocsin.web.lab_told import Arms, LabResult, LabTold, LabWish
from tocsin.web.lab_told import LabRun as LabRunTold
from tocsin.web.off_loop import in_thread
from tocsin.web.ports import Lab, LabRun, LabWords
from tocsin.web.problems import problem_of
from tocsin.web.texts import check_called, check_length
from tocsin.words import languages, say

MOST_NAME = 80
LOG_POLICIES = 2


class LabQuery(msgspec.Struct, frozen=True):
    """In which language; without it the seat's."""

    language: str | None = None


async def get_lab(asked: Asked) -> LabTold:
    """What can be asked of the lab, and what has been. Raises BadInput ``lab_absent``."""
    lab, language = _lab_of(asked), _language(asked)
    runs = tuple(_told(run, language) for run in reversed(lab.runs()))
    return LabTold(lab.choices, runs, lab.since, lab.most_kept, lab.days_kept)


async def post_lab_run(asked: Asked) -> LabRunTold:
    """Start an experiment, or put it behind those that run.

    Raises BadInput ``lab_absent``, ``lab_full``, ``policy_unknown``, ``lab_policies``, ``lab_policy_twice``, ``lab_unknown``,
    ``lab_unit_there``, ``lab_log_absent``, ``lab_log_two``, ``lab_log_guard``, ``text_…``, ``id_unfit``.
    """
    lab = _lab_of(asked)
    wish: LabWish = asked.body
    check_wish(wish, lab)
    run = await in_thread(lambda: lab.start(wish, asked.signed_in.name))
    return _told(run, asked.language)


async def get_lab_run(asked: Asked) -> LabResult:
    """What came of an experiment. Raises BadInput ``lab_absent``, ``lab_run_unknown``, ``lab_no_result``."""
    lab, language = _lab_of(asked), _language(asked)
    run = lab.find(asked.named("id"))
    if run.worked is None:
        raise BadInput("lab_no_result", id=run.id)
    words: LabWords = await in_thread(lambda: lab.tell(run, language))
    arms: Arms = "changes" if run.wish.changes else "policies"
    return LabResult(
        run=_told(run, language),
        arms=arms,
        answer=run.worked.answer,
        relived=run.worked.relived,
        map=run.worked.map,
        demand=run.worked.demand,
        changes=tuple(words.changes),
        verdicts=tuple(words.verdicts),
        remarks=tuple(words.remarks),
        partial=words.partial,
        trust=words.trust,
    )


async def post_lab_cancel(asked: Asked) -> LabRunTold:
    """Stop an experiment: replications that were whole are kept. One that has ended stays as it is. Raises as ``get_lab_run`` does."""
    lab, name = _lab_of(asked), asked.named("id")
    return _told(await in_thread(lambda: lab.cancel(name)), asked.language)


async def delete_lab_run(asked: Asked) -> None:
    """Forget an experiment; one that runs is stopped before. Raises BadInput ``lab_absent``, ``lab_run_unknown``."""
    lab, name = _lab_of(asked), asked.named("id")
    await in_thread(lambda: lab.forget(name))


def check_wish(wish: LabWish, lab: Lab) -> None:
    """What can be known before the work begins; the rest is told by the run."""
    check_length(wish.name, MOST_NAME, "name")
    known = lab.choices.policies
    for nth, policy in enumerate(wish.policies):
        if policy not in known:
            raise BadInput("policy_unknown", field=f"policies[{nth}]", value=policy[:MOST_NAME], known=", ".join(known))
    if len(set(wish.policies)) < len(wish.policies):
        raise BadInput("lab_policy_twice", field="policies", value=", ".join(wish.policies))
    if not wish.policies or (len(wish.policies) == 1) != bool(wish.changes):
        raise BadInput("lab_policies", field="policies", value=len(wish.policies))
    if wish.calls == "log":
        _check_log(wish, lab)
    _check_changes(wish, lab)


def _check_log(wish: LabWish, lab: Lab) -> None:
    """A log is lived twice, and has areas of its own."""
    if not lab.choices.has_log:
        raise BadInput("lab_log_absent", field="calls")
    if len(wish.policies) > LOG_POLICIES:
        raise BadInput("lab_log_two", field="policies", value=len(wish.policies))
    if wish.guard_points is not None:
        raise BadInput("lab_log_guard", field="guard_points")


def _check_changes(wish: LabWish, lab: Lab) -> None:
    """Changes are made in their order: a unit that was added can be moved, one that was taken away cannot."""
    stations, units = {one.station for one in lab.choices.stations}, {one.unit for one in lab.choices.units}
    for nth, change in enumerate(wish.changes):
        field = f"changes[{nth}]"
        check_called(change.subject, f"{field}.subject")
        wanted = [(change.subject, stations if change.what == "close_station" else units, f"{field}.subject")]
        if change.what == "add_unit":
            if change.subject in units:
                raise BadInput("lab_unit_there", field=f"{field}.subject", unit=change.subject)
            wanted = [(change.like, units, f"{field}.like")] if change.like else []
        if change.what in ("add_unit", "move_unit"):
            wanted.append((change.station, stations, f"{field}.station"))
        for name, there, where in wanted:
            if name not in there:
                raise BadInput("lab_unknown", field=where, name=name[:MOST_NAME], known=", ".join(sorted(there)))
        if change.what == "add_unit":
            units.add(change.subject)
        elif change.what == "remove_unit":
            units.discard(change.subject)


def _lab_of(asked: Asked) -> Lab:
    if asked.parts.lab is None:
        raise BadInput("lab_absent")
    return asked.parts.lab


def _language(asked: Asked) -> str:
    """A page that was put into another language asks in it."""
    query: LabQuery = asked.query
    return query.language if query.language in languages() and query.language is not None else asked.language


def _told(run: LabRun, language: str) -> LabRunTold:
    return LabRunTold(
        id=run.id,
        wish=run.wish,
        by=run.by,
        asked_at=run.asked_at,
        state=run.state,
        stage=say(f"cli.stage.{run.stage}", language) if run.stage else "",
        done=run.done,
        of=run.of,
        ended_at=run.ended_at,
        has_result=run.worked is not None,
        is_kept=run.is_kept,
        problem=problem_of(run.fault, language) if run.fault is not None else None,
    )
