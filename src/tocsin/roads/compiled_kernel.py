"""The compiled kernel, if it runs on this machine. Loaded when roads are asked for the first time: most commands never ask."""

from collections.abc import Callable
from functools import lru_cache
from types import ModuleType

is_wanted = True
"""False: do without, as where it cannot run. Set before roads are asked; tests do."""


def find_kernel_router() -> ModuleType | None:
    """The module ``kernel_router`` with all it needs compiled; None where Numba cannot be loaded: then SciPy serves, slower, to the same
    millisecond."""
    return _load_router() if is_wanted else None


def find_nearest_piece() -> Callable[..., None] | None:
    """``kernel.nearest.nearest_piece``; None where Numba cannot be loaded: then NumPy measures, to the same bit."""
    return _load_nearest() if is_wanted else None


# The imports stand in functions: they take a second and 100 MB, which most commands do without.


@lru_cache(maxsize=1)
def _load_router() -> ModuleType | None:
    try:
        from tocsin.roads import kernel_router  # noqa: PLC0415 - see above
    except ImportError:
        return None
    return kernel_router


@lru_cache(maxsize=1)
def _load_nearest() -> Callable[..., None] | None:
    try:
        from tocsin.roads.kernel.nearest import nearest_piece  # noqa: PLC0415 - see above
    except ImportError:
        return None
    found: Callable[..., None] = nearest_piece
    return found
