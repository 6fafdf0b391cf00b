"""A city in front of the real desk: every question, rule, reaction and line of the journal is the one that a centre works with."""
