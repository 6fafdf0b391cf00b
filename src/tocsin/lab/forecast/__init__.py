"""How many calls to expect, by hour and area, and how many crews that asks for."""
