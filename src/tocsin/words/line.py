"""The command line's language from the catalogue: aliases of verbs, help, sentences."""

from functools import lru_cache

from tocsin.formats.line.names import key_of
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.line.verbs import VERBS
from tocsin.formats.status_codes import StatusTable
from tocsin.words import REFERENCE, catalogue, say


def tongue_of(language: str = REFERENCE, statuses: StatusTable | None = None) -> Tongue:
    """The tongue of a language, with a centre's own status codes if it has any. Raises BadInput ``language``."""
    tongue = _tongue(language)
    return tongue if statuses is None else Tongue(tongue.language, tongue.aliases, tongue.sentences, statuses)


@lru_cache(maxsize=16)
def _tongue(language: str) -> Tongue:
    keys = catalogue(REFERENCE)
    line = {key.removeprefix("line."): say(f"line.{key.removeprefix('line.')}", language) for key in keys if key.startswith("line.")}
    phases = {key.removeprefix("codes."): say(key, language) for key in keys if key.startswith("codes.phase.")}
    aliases = {alias: verb for verb in VERBS for alias in aliases_of(verb, language)}
    # A verb is itself in every language, whatever some language's alias says.
    return Tongue(language, {**aliases, **{key_of(verb): verb for verb in VERBS}}, {**line, **phases})


def aliases_of(verb: str, language: str = REFERENCE) -> list[str]:
    """What a language adds for a verb, as ``key_of`` writes it."""
    return [key_of(alias) for alias in say(f"line.alias.{verb}", language).split()]
