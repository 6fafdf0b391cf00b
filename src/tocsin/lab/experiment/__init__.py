"""Replications of a city under policies: jobs, rows, pairs and their intervals."""
