"""Calls that meet a pool of like units: Erlang's formulas for c servers, Poisson arrivals and, where calls wait, exponential service.

``offered`` is the offered load in erlangs: arrivals per mean service time. Sources: A. K. Erlang, "Solution of some problems in the theory
of probabilities of significance in automatic telephone exchanges", Elektroteknikeren 13 (1917); R. B. Cooper, "Introduction to Queueing
Theory", 2nd ed. (1981), chapter 3.
"""

from math import exp

from tocsin.base.faults import BadInput

MOST_SERVERS = 100_000


def erlang_b(servers: int, offered: float) -> float:
    """Share of calls that find every server at work where none may wait (whatever the law of service).

    By the recursion B(c) = a·B(c-1) / (c + a·B(c-1)), which neither overflows nor cancels (Cooper 1981, eq. 3.7). Raises BadInput
    ``queueing_servers`` or ``queueing_load``.
    """
    _checked(servers, offered)
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Share of calls that must wait; 1 where the load is more than the servers can carry (Cooper 1981, eq. 3.16)."""
    blocked = erlang_b(servers, offered)
    if offered >= servers:
        return 1.0
    return servers * blocked / (servers - offered * (1 - blocked))


def mean_wait(servers: int, offered: float) -> float:
    """Mean wait of all calls in mean service times, M/M/c first come first served; infinite where the queue grows without end."""
    return erlang_c(servers, offered) / (servers - offered) if offered < servers else float("inf")


def wait_beyond(servers: int, offered: float, waited: float) -> float:
    """Share of calls that wait longer than ``waited`` mean service times, M/M/c first come first served (Cooper 1981, eq. 3.21)."""
    return erlang_c(servers, offered) * exp(-(servers - offered) * waited) if offered < servers else 1.0


def servers_for(offered: float, *, share: float, waited: float = 0.0) -> int:
    """Least servers with which at least ``share`` of the calls (below 1) wait no longer than ``waited`` mean service times.

    Raises BadInput ``queueing_share`` for a share that no number of servers reaches, ``queueing_load`` as the formulas do.
    """
    if not 0 <= share < 1:
        raise BadInput("queueing_share", field="share", value=share)
    least = int(offered) + 1
    _checked(least, offered)
    blocked = erlang_b(least, offered)
    for servers in range(least, MOST_SERVERS + 1):
        if servers > least:  # the recursion goes on from where it stood
            blocked = offered * blocked / (servers + offered * blocked)
        waits = servers * blocked / (servers - offered * (1 - blocked))
        if waits * exp(-(servers - offered) * waited) <= 1 - share:
            return servers
    raise BadInput("queueing_share", field="share", value=share)


def _checked(servers: int, offered: float) -> None:
    if not 1 <= servers <= MOST_SERVERS:
        raise BadInput("queueing_servers", field="servers", value=servers, most=MOST_SERVERS)
    if not 0 <= offered < MOST_SERVERS:
        raise BadInput("queueing_load", field="offered", value=offered)
