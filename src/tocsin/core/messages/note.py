"""Notes on an incident, in people's own words: always sealed."""

import msgspec

from tocsin.base.identifiers import IncidentId
from tocsin.core.messages.sealed import Personal


class AddNote(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Write a note to an incident."""

    incident: IncidentId
    words: Personal


class NoteAdded(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A note stands at the incident."""

    incident: IncidentId
    words: Personal
