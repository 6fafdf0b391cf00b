"""What is known of a message: that it was sent. Its words stay in the journal, sealed; who sent it is the record's actor."""

import msgspec

from tocsin.base.identifiers import IncidentId, MessageId
from tocsin.base.instants import Instant


class MessageState(msgspec.Struct):
    """One message."""

    message: MessageId
    at: Instant
    to: tuple[str, ...]
    about: IncidentId | None
    read_by: list[str] = []
    """In the order of reading."""
