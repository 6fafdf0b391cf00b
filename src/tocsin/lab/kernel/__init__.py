"""The compiled twin of the plain engine: bare arrays, whole numbers, the same answers to the last millisecond."""
