"""Numbers in, ranking out: plan matching, policies, assignment, recommendation. Knows messages, not the board."""
