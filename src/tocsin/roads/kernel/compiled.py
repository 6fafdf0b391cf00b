"""How the kernel's functions are compiled: to machine code when they are imported, from a cache where there is one.

Every function states its types, so importing the kernel compiles all of it and no request ever waits for the compiler. Where no cache
can be written (a read-only machine, a full disk), or it is damaged, everything is compiled in memory, at each start. A function calls
compiled ones of its own file only: the cache notices changes of that file and of no other.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit, types

Function = TypeVar("Function", bound=Callable[..., Any])

I32 = types.Array(types.int32, 1, "C", readonly=True)
I64 = types.Array(types.int64, 1, "C", readonly=True)
U32 = types.Array(types.uint32, 1, "C", readonly=True)
U8 = types.Array(types.uint8, 1, "C", readonly=True)
"""Arrays that are read: a region is mapped from its file and cannot be written to."""

I32_OUT = types.int32[::1]
I64_OUT = types.int64[::1]
U32_OUT = types.uint32[::1]
U8_OUT = types.uint8[::1]
U32_TABLE = types.Array(types.uint32, 2, "C", readonly=True)
U32_TABLE_OUT = types.uint32[:, ::1]
ONE = types.int64


def compiled(result: Any, *arguments: Any) -> Callable[[Function], Function]:
    """Compile a function of these types; it lets other threads run, and checks no bounds."""
    signature = result(*arguments)

    def compile_now(function: Function) -> Function:
        try:
            quick: Function = njit(signature, nogil=True, cache=True)(function)
        except Exception:  # noqa: BLE001 - no place for a cache, a full disk, a damaged file; the function's own faults come again below
            quick = njit(signature, nogil=True)(function)
        return quick

    return compile_now
