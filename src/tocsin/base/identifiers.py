"""Identifiers are types: a function that takes two of them takes them by keyword."""

from typing import NewType

AlarmId = NewType("AlarmId", str)
CallId = NewType("CallId", str)
CardName = NewType("CardName", str)
ClosureId = NewType("ClosureId", str)
CommandId = NewType("CommandId", str)
CrewId = NewType("CrewId", str)
IncidentId = NewType("IncidentId", str)
KeyName = NewType("KeyName", str)
MessageId = NewType("MessageId", str)
StationId = NewType("StationId", str)
UnitId = NewType("UnitId", str)
