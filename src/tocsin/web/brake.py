"""The brake on guessing: after a few wrong tries each further one must wait twice as long. In memory; nobody is locked out for good."""

import ipaddress

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant

FREE_TRIES, FREE_TRIES_OF_ADDRESS = 5, 20
"""A slip of the hand costs nothing; behind one address may sit a whole room."""
FIRST_MS, MOST_MS, MOST_MS_OF_ADDRESS = 1_000, 60_000, 900_000
"""An account waits a minute at most: whoever locks out a dispatcher from afar must not gain an hour by it."""
FORGET_MS = 3_600_000
MOST_KEPT = 20_000


class Brake:
    """Counts tries by name. Not for two threads at once."""

    def __init__(self, *, free: int, most_ms: int) -> None:
        self._free, self._most_ms = free, most_ms
        self._tries: dict[str, tuple[int, Instant]] = {}

    def enter(self, name: str, now: Instant) -> None:
        """Count a try before it is looked at, so that many at once are counted too. Raises BadInput ``too_many_tries``."""
        tries, until = self._tries.pop(name, (0, now))
        if now - until > FORGET_MS:
            tries = 0
        if now < until:
            self._tries[name] = (tries, until)
            raise BadInput("too_many_tries", seconds=-(-(until - now) // 1_000))
        tries += 1
        over = tries - self._free
        wait_ms = 0 if over < 0 else min(FIRST_MS << min(over, 20), self._most_ms)
        self._tries[name] = (tries, Instant(now + wait_ms))
        if len(self._tries) > MOST_KEPT:
            del self._tries[next(iter(self._tries))]  # the one that was tried longest ago

    def forgive(self, name: str) -> None:
        """It was right after all."""
        self._tries.pop(name, None)


class SignInBrake:
    """By account and by address. A seat where an account was signed in before has a count of its own: strangers cannot slow it down."""

    def __init__(self) -> None:
        self._accounts = Brake(free=FREE_TRIES, most_ms=MOST_MS)
        self._addresses = Brake(free=FREE_TRIES_OF_ADDRESS, most_ms=MOST_MS_OF_ADDRESS)
        self._known: dict[str, None] = {}

    def enter(self, account: str | None, address: str, now: Instant) -> None:
        """Count a try. Raises BadInput ``too_many_tries`` with the seconds to wait.

        An account that was signed in there before does not wait for what others try behind the same address: a whole room shares one.
        """
        if account is None or f"{account}\n{address}" not in self._known:
            self._addresses.enter(address, now)
        if account is not None:
            self._accounts.enter(self._name(account, address), now)

    def forgive(self, account: str, address: str) -> None:
        """This one was right."""
        self._addresses.forgive(address)
        self._accounts.forgive(self._name(account, address))
        self._known[f"{account}\n{address}"] = None
        if len(self._known) > MOST_KEPT:
            del self._known[next(iter(self._known))]

    def _name(self, account: str, address: str) -> str:
        both = f"{account}\n{address}"
        return both if both in self._known else account


def network_of(host: str) -> str:
    """What one guesser can easily vary is one address: of IPv6 the first 64 bits."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
