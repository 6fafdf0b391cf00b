"""Roads: a region file of streets, positions on them, road times, routes and outlines. Knows only ``base``; reading foreign files is
the edge's work (``edge/osm.py``, ``edge/street_files.py``)."""
