"""Numbers with their units in the type. A value without a unit does not leave a function."""

from typing import NewType

Millis = NewType("Millis", int)
"""A span in whole milliseconds."""

Seconds = NewType("Seconds", float)
"""A span in seconds, for figures that people read."""

Metres = NewType("Metres", float)
"""A length in metres."""

Ppm = NewType("Ppm", int)
"""A fraction in parts per million, 0 … 1,000,000, so that positions on an edge stay whole numbers."""
