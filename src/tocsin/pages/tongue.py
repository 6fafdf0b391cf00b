"""The report's words and numbers in one language."""

from collections.abc import Mapping

from tocsin.base.instants import local_text, parse_iso
from tocsin.pages.numerals import Numerals
from tocsin.views.targets import told
from tocsin.words import REFERENCE, catalogue, say


class Tongue:
    """Says what the page needs to say. Raises BadInput ``language`` for one that is not shipped."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.numerals = Numerals(language)
        self._known = {**catalogue(REFERENCE), **catalogue(language)}

    def say(self, key: str, **values: object) -> str:
        """A sentence of ``report.toml``."""
        return say(f"report.{key}", self.language, **values)

    def code(self, kind: str, code: str) -> str:
        """A reason or defect in words: the report's own, else the import's; a code that nobody has words for stays as it is."""
        imported = "excluded" if kind == "reason" else kind
        for key in (f"report.{kind}.{code}", f"import.{imported}.{code}"):
            if key in self._known:
                return say(key, self.language)
        return code

    def told(self, words: Mapping[str, str]) -> str:
        """A text of a target profile, in this language if it has it."""
        return told(dict(words), self.language)

    def wall(self, at_iso: str, zone: str) -> str:
        """An instant on the centre's wall, to the minute."""
        return local_text(parse_iso(at_iso), zone)[:16] if at_iso else self.say("none")
