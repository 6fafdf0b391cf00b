"""How many files and connections this process may hold open at once."""

from contextlib import suppress

RESERVE = 256
"""Kept for the journal, its readers, the map, and what libraries open."""
MOST, OTHERWISE = 65_536, 1_024


def raise_open_files() -> int:
    """As many as the machine lets us without asking anybody; how many are left for connections."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return OTHERWISE - RESERVE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return max(64, (MOST if soft == resource.RLIM_INFINITY else soft) - RESERVE)
