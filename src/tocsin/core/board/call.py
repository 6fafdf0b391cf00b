"""What is known of a call: which incidents it belongs to, and whether anything of it is sealed."""

import msgspec

from tocsin.base.identifiers import CallId, IncidentId
from tocsin.base.instants import Instant


class CallState(msgspec.Struct):
    """One call. Its personal words stay in the journal, sealed; the board does not carry them."""

    call: CallId
    arrived: Instant
    incidents: list[IncidentId] = []
    taken: Instant = Instant(0)
    """When it was noted at the desk."""
