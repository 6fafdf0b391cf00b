"""Closed forms that a simulation must agree with: Erlang, M/M/c, the hypercube, the square-root law."""
