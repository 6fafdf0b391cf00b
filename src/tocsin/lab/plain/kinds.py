"""Kinds of events, in the order in which those of one millisecond happen; calls come last."""

HAPPENING, DUTY, ON_SCENE, AT_HOSPITAL, FREE, BACK, BREAK_DUE, BREAK_OVER = range(8)
STANDING = -1
"""The errand of what happens whatever orders a unit has."""
