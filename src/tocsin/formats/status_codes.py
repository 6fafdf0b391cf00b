"""Local status codes (German FMS, US words, New Zealand K-codes, …) to EIDO status, by mapping tables that an agency can edit. Pure.

Some codes are no states: a request to speak or an emergency is an event, and the unit's status stays as it was.
"""

from typing import Literal

import msgspec

from tocsin.base.faults import BadInput
from tocsin.core.messages.unit import Primary, Status
from tocsin.formats.nearest import nearest
from tocsin.formats.toml_lines import TomlText, read_toml
from tocsin.formats.toml_tables import Layout, read_struct

QUALIFIERS = frozenset({
    "AcknowledgedTransmission", "Arrived", "Assigned", "AssignmentCancelled", "BacktoAssignedArea", "Break", "Cleared",
    "CoveringAlternateArea", "Delayed", "Departed", "Dispatched", "EnRoute", "EquipmentIssues", "Hospital", "Meal", "OnScene",
    "OutofService", "PatientContact", "Post", "Roster", "ShiftPending", "Staging", "Station", "Training", "Transporting", "Unmanned",
})  # fmt: skip
"""EIDO secondary unit status (NENA-STA-021.1b): the 26 of its 41 values whose spelling we have seen in its text. Another one is refused
here until its spelling is confirmed, rather than sent to a neighbour who does not know it."""

RadioEvent = Literal["request_to_speak", "emergency", "local"]
"""What a code that is no state says; ``local`` = known to the agency, recorded as received, moves nothing."""


class StatusCode(msgspec.Struct, frozen=True, omit_defaults=True):
    """One code of a table: a status (``primary`` and ``qualifiers``) or an event, never both."""

    code: str
    meaning: str
    """In the table's own language, for people who edit it."""
    primary: Primary | None = None
    qualifiers: tuple[str, ...] = ()
    event: RadioEvent | None = None
    also: tuple[str, ...] = ()
    """Other spellings, such as the TETRA value of an FMS digit."""

    def status(self) -> Status | None:
        """The EIDO status; None for an event, which leaves the status as it was."""
        return None if self.primary is None else Status(self.primary, tuple(sorted(set(self.qualifiers))))


class StatusTable(msgspec.Struct, frozen=True):
    """All codes of one radio practice."""

    id: str
    name: str
    source: str
    codes: tuple[StatusCode, ...]

    def find(self, said: str) -> StatusCode | None:
        """The code as received, whatever its case and blanks; None when the table does not know it."""
        plain = _plain(said)
        for code in self.codes:
            if plain in (_plain(code.code), *(_plain(other) for other in code.also)):
                return code
        return None


def _plain(said: str) -> str:
    return " ".join(said.casefold().replace("-", " ").replace("_", " ").split())


_LAYOUT = Layout(
    names={StatusTable: {"code": "codes"}},
    special={},
    examples={
        "id": 'id = "de-fms"', "name": 'name = "FMS"', "source": 'source = "https://…"', "code": 'code = "3"',
        "meaning": 'meaning = "rolling"', "primary": 'primary = "NotAvailable"', "qualifiers": 'qualifiers = ["EnRoute"]',
        "event": 'event = "request_to_speak"', "also": 'also = ["8005"]',
    },
)  # fmt: skip


def read_status_table(text: str, *, file: str = "") -> StatusTable:
    """The table of a TOML text.

    Raises the first BadInput in the order of the lines: ``toml_syntax``, ``setting_unknown``, ``setting_missing``, ``value_kind``,
    ``status_neither`` (a code with no primary value and no event, or with both), ``qualifier_unknown``, ``doubled``.
    """
    source = read_toml(text, file=file)
    problems: list[BadInput] = []
    table = read_struct(StatusTable, source.data, (), source, _LAYOUT, problems)
    if table is not None:
        problems += _check(table, source)
    if problems or table is None:
        raise min(problems, key=lambda fault: fault.line or 0)
    return table


def _check(table: StatusTable, source: TomlText) -> list[BadInput]:
    problems = []
    first: dict[str, int] = {}
    for nth, code in enumerate(table.codes):
        line = source.line("code", nth, "code")
        if (code.primary is None) == (code.event is None):
            problems.append(BadInput("status_neither", file=source.file, line=line, field="primary", found=code.code))
        for qualifier in code.qualifiers:
            if qualifier not in QUALIFIERS:
                where = source.line("code", nth, "qualifiers")
                close = nearest(qualifier, QUALIFIERS)
                problems.append(
                    BadInput("qualifier_unknown", file=source.file, line=where, field="qualifiers", found=qualifier, nearest=close)
                )
        for said in (code.code, *code.also):
            if first.setdefault(_plain(said), line) != line:
                problems.append(BadInput("doubled", file=source.file, line=line, field="code", found=said, first=first[_plain(said)]))
    return problems
