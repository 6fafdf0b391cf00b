"""The vault in memory: same boxes, keys that live as long as the process. For simulations and as the fake beside the contract."""

import os
import threading
from collections.abc import Iterable

from tocsin.base.faults import Broken
from tocsin.base.identifiers import KeyName
from tocsin.core.messages.sealed import Sealed
from tocsin.edge.vault_box import KEY_BYTES, Draw, open_text, seal_text


class MemoryVault:
    """Port ``Vault``. ``draw`` is an argument: a simulation that runs twice from one seed writes the same bytes twice."""

    def __init__(self, draw: Draw = os.urandom) -> None:
        self._draw = draw
        self._keys: dict[KeyName, bytes] = {}
        self._destroyed: set[KeyName] = set()
        self._using = threading.Lock()

    def seal(self, text: str, *, key: KeyName, bound_to: str) -> Sealed:
        """Seal under a key, made now if it is new. Raises Broken ``key_destroyed``."""
        with self._using:
            if key in self._destroyed:
                raise Broken("key_destroyed", key=key)
            if key not in self._keys:
                self._keys[key] = self._draw(KEY_BYTES)
            return seal_text(text, key, self._keys[key], bound_to=bound_to, draw=self._draw)

    def open(self, sealed: Sealed, *, bound_to: str) -> str | None:
        """The words; None when the key was destroyed. Raises Broken ``seal_broken`` or ``key_missing``."""
        with self._using:
            if sealed.key in self._destroyed:
                return None
            if sealed.key not in self._keys:
                raise Broken("key_missing", key=sealed.key)
            return open_text(sealed, self._keys[sealed.key], bound_to=bound_to)

    def destroy(self, keys: Iterable[KeyName]) -> None:
        """Forget these keys for good; unknown ones are remembered as destroyed."""
        with self._using:
            for key in keys:
                self._keys.pop(key, None)
                self._destroyed.add(key)

    def close(self) -> None:
        """Nothing is kept open."""
