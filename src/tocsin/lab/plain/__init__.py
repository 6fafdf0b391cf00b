"""The plain engine: the reference that every other way of running a city is held against. One function for each kind of event."""
