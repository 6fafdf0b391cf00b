"""``read_line``: text → steps that are ready to be asked, or what is wrong with it. Never raises, never guesses."""

from tocsin.base.instants import Instant, local_text
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.sealed import Plain
from tocsin.formats.line.clauses import LONGEST, Clause, Word, clean, cut
from tocsin.formats.line.names import names_of
from tocsin.formats.line.reading import Act, Candidate, Problem, Reading, Step, Told
from tocsin.formats.line.scene import Draft, Scene, StuckError
from tocsin.formats.line.times import read_time, typed_moment
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.line.verbs import VERBS, Verb
from tocsin.formats.line.view import LineView


def read_line(text: str, view: LineView, tongue: Tongue) -> Reading:
    """What a line asks for. With a problem there are no steps: nothing is asked of half a line."""
    if len(text) > LONGEST:
        return Reading(problem=Problem("too_long", LONGEST, len(text), {"most": str(LONGEST)}), cursor=LONGEST)
    cleaned = clean(text)
    scene = Scene(view, tongue)
    try:
        steps = _steps(scene, cleaned)
    except StuckError as stuck:
        return Reading(problem=stuck.problem, candidates=stuck.candidates, cursor=stuck.problem.end)
    return Reading(tuple(steps), is_complete=bool(steps), cursor=len(text))


def _steps(scene: Scene, text: str) -> list[Step]:
    bare = text.strip()
    if bare.startswith("/"):
        return [_search(scene, bare[1:].strip(), Word(bare, text.index("/"), len(text.rstrip())))]
    clauses = cut(text)
    if not bare:
        return []
    steps: list[Step] = []
    at: Instant | None = None
    for clause in clauses:
        at, words = read_time(scene, clause.words, at)
        if not words:
            where = Word("", clause.end, clause.end)
            raise scene.stuck("verb_missing", where)
        found = _verb(scene, clause, words, is_alone=len(clauses) == 1 and at is None)
        steps.append(found if isinstance(found, Step) else _step(scene, found, at))
    return steps


def _verb(scene: Scene, clause: Clause, words: tuple[Word, ...], *, is_alone: bool) -> Verb | Step:
    """The verb of a clause; where the line has none, what it may be besides: a unit with its code, or a search."""
    first = words[0]
    name = scene.tongue.verb_of(first.text) if first.kind == "word" else "?" if first.text == "?" and first.kind == "mark" else ""
    if name:
        scene.enter(clause, first, words[1:])
        return VERBS[name]
    is_unit = first.kind != "mark" and bool(scene.view.units.exact(first.text.removeprefix("=")))
    if is_unit and (scene.tongue.statuses is not None or first.text.startswith("=")) and len(words) > 1:
        scene.enter(clause, Word("", first.start, first.start), words)
        return VERBS["fms"]
    scene.enter(clause, first, words[1:])
    if is_alone and clause.place is None and clause.comment is None and not clause.keys:
        return _search(scene, " ".join(word.text for word in words), Word("", first.start, words[-1].end))
    raise scene.stuck("verb_unknown", first, verbs_like(scene, first), typed=first.text)


def verbs_like(scene: Scene, word: Word) -> tuple[Candidate, ...]:
    """Verbs and aliases that look like a word: to be offered."""
    close = names_of(tuple(scene.tongue.aliases)).close(word.text)
    verbs = dict.fromkeys(scene.tongue.aliases[one] for one in close)
    return tuple(Candidate(verb, f"{verb}  {scene.tongue.say(f'verb.{verb}')}", "verb", word.start, word.end) for verb in verbs)


def _search(scene: Scene, text: str, word: Word) -> Step:
    """By number, type or street; never by a person, whom the board does not know."""
    text = " ".join(text.split())
    found = tuple(scene.view.search(text)) if text else ()
    if not found:
        first = Word(text.partition(" ")[0], word.start, word.end)
        raise scene.stuck("nothing_found", word, verbs_like(scene, first) if text else (), typed=text)
    told = Told("search", {"text": text, "count": str(len(found))})
    return Step("/", told, act=Act("search", text=text, incidents=found), plain=f"/{text}")


def _step(scene: Scene, verb: Verb, at: Instant | None) -> Step:
    _check_pieces(scene, verb)
    draft = verb.read(scene)
    draft = _with_note(scene, verb, draft)
    plain = draft.plain
    notes = draft.notes
    if at is not None:
        if draft.act is not None:
            raise scene.stuck("at_not_wanted", scene.verb, verb=scene.verb.text)
        zone = scene.view.zone
        plain = f"at {typed_moment(at, now=scene.view.now, zone=zone)} {plain}"
        notes = (Told("back_dated", {"stamp": local_text(at, zone)}), *notes)
    return Step(verb.name, draft.preview, draft.commands, draft.act, notes, at, "paper" if at is not None else None, plain)


def _check_pieces(scene: Scene, verb: Verb) -> None:
    """Nothing that was typed is passed over in silence."""
    clause = scene.clause
    if clause.place is not None and not verb.takes_place():
        raise scene.stuck("place_not_wanted", clause.place, verb=verb.name)
    for key, word in clause.keys.items():
        if key not in verb.keys:
            raise scene.stuck("key_not_wanted", word, key=key, verb=verb.name)
    marks = [word for word in scene.words if word.kind == "mark"]
    if marks and verb.name not in ("d", "?"):
        raise scene.stuck("word_too_much", marks[0], typed=marks[0].text)
    if not verb.takes and scene.words:
        raise scene.stuck("word_too_much", scene.words[0], typed=scene.words[0].text)


def _with_note(scene: Scene, verb: Verb, draft: Draft) -> Draft:
    """A comment is a note at the incident that the step is about: people's words are sealed, wherever they were typed."""
    comment = scene.clause.comment
    if comment is None or not comment.text or verb.is_comment_own:
        return draft
    if draft.incident is None:
        raise scene.stuck("comment_needs_incident", comment)
    note = AddNote(draft.incident, Plain(comment.text))
    told = (*draft.notes, Told("with_note"))
    return draft._replace(commands=(*draft.commands, note), notes=told, plain=f"{draft.plain} ; {comment.text}")
