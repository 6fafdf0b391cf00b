"""Calls: one contact from outside each. Many calls may join one incident; one call may open several."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CallId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.sealed import Personal

Channel = Literal["voice", "text", "ecall", "alarm_line", "field_radio", "other"]


class TakeCall(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Note a contact from outside. Stamps are raw: NERIS ``dispatch_time_call_arrival`` and ``_answering``."""

    call: CallId
    arrived: Instant
    answered: Instant | None = None
    channel: Channel = "voice"
    caller_place: Personal | None = None
    """Where the caller is, for this call only: a ``geo:`` URI (RFC 5870) or words. The incident's place is another thing."""
    caller_name: Personal | None = None
    caller_number: Personal | None = None
    words: Personal | None = None
    """What the caller said, exactly."""


class CallReceived(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A contact from outside was noted."""

    call: CallId
    arrived: Instant
    answered: Instant | None = None
    channel: Channel = "voice"
    caller_place: Personal | None = None
    caller_name: Personal | None = None
    caller_number: Personal | None = None
    words: Personal | None = None


class AttachCall(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Join a call to an incident that is already being dealt with."""

    call: CallId
    incident: IncidentId


class CallAttached(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The call belongs to the incident."""

    call: CallId
    incident: IncidentId
