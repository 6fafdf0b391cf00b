"""How the lab's loop is compiled: as the road kernel is, but without counting references.

The loop allocates nothing and keeps nothing: its arrays belong to the caller until it is done. Counting who holds them, at every call of a
function that is handed all of them, takes most of its time otherwise.
"""

from collections.abc import Callable
from typing import Any

from numba import njit

from tocsin.roads.kernel.compiled import Function

OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}


def compiled(result: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile a function of these types; it lets other threads run, checks no bounds and counts no references."""
    signature = result(*arguments)

    def compile_now(function: Function) -> Function:
        try:
            quick: Function = njit(signature, cache=True, **OPTIONS)(function)
        except Exception:  # noqa: BLE001 - no place for a cache, a full disk, a damaged file; the function's own faults come again below
            quick = njit(signature, **OPTIONS)(function)
        return quick

    return compile_now
