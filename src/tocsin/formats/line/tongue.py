"""The language of a seat as the grammar needs it: aliases of verbs, sentences, and the centre's own status codes."""

from collections.abc import Mapping

import msgspec

from tocsin.core.messages.unit import Phase
from tocsin.formats.line.names import key_of
from tocsin.formats.status_codes import StatusTable


class Tongue(msgspec.Struct, frozen=True):
    """Built once per language and centre (``words/line.py``)."""

    language: str
    aliases: Mapping[str, str]
    """Alias as ``key_of`` writes it → verb. The verbs themselves need none: they work in every language."""
    sentences: Mapping[str, str]
    """``preview.dispatch``, ``problem.unit_unknown.what``, ``verb.d``, ``phase.on_scene`` … → sentence with named fields."""
    statuses: StatusTable | None = None

    def say(self, key: str, /, **values: str) -> str:
        """A sentence with its values; a key that is missing is shown as itself: never a blank."""
        sentence = self.sentences.get(key, key)
        return sentence.format(**values) if values else sentence

    def phase(self, phase: Phase) -> str:
        """Where a unit stands, in words."""
        return self.say(f"phase.{phase}")

    def verb_of(self, word: str) -> str:
        """The verb that an alias stands for; the empty string for none, and for what is marked as a unit or an incident."""
        return "" if word[:1] in ("=", "#") else self.aliases.get(key_of(word), "")
