"""The compiled part of the road search: plain arrays in, plain arrays out. Needs Numba; without it ``dijkstra.py`` serves."""
