"""Links that let in once, kept open: as soon as one was used there is another, so that a second browser is no dead end."""

import asyncio
from collections.abc import Callable, Mapping

from tocsin.base.instants import Instant, after
from tocsin.base.quantities import Millis
from tocsin.edge.accounts import AccountsFile

KEY_MS = Millis(24 * 3_600_000)

Told = Callable[[str, str], None]
"""Told a role and its new key."""


class Doors:
    """One key by role. For demos and replays alone: whoever reads the terminal may come in."""

    def __init__(self, accounts: AccountsFile, names: Mapping[str, str], now: Callable[[], Instant]) -> None:
        """``names``: role → account; one that is missing is made."""
        self._accounts, self._names, self._now = accounts, names, now
        self._told: list[Told] = []
        there = {account.name for account in accounts.list_accounts()}
        for role, name in names.items():
            if name not in there:
                accounts.add(name, role)
        self.keys = {role: self._draw(role) for role in names}
        """Role → the key that is open."""

    def listen(self, told: Told) -> None:
        """Be told of every key that takes the place of another."""
        self._told.append(told)

    async def look(self) -> None:
        """Is every key open still? Raises Broken where the accounts cannot be read or written."""
        await asyncio.to_thread(self._look)

    def _look(self) -> None:
        for role, key in self.keys.items():
            if not self._accounts.is_key_open(key, self._now()):
                self.keys[role] = self._draw(role)
                for told in self._told:
                    told(role, self.keys[role])

    def _draw(self, role: str) -> str:
        return self._accounts.draw_key(self._names[role], expires=after(self._now(), KEY_MS))
