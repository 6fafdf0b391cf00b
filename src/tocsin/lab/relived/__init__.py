"""A log lived again: its own calls on a city made of it, as it was served and changed. Pure, but for dice from seeds."""
