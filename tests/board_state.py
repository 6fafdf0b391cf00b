"""All of a board's state as plain values, so that two boards can be compared with ``==``: equal only when nothing differs."""

from typing import Any

import msgspec

from tocsin.core.board.board import Board
from tocsin.core.board.cover import CoverState
from tocsin.core.engine.cover import Cover


def state_of(board: Board) -> dict[str, Any]:
    """Every attribute that the board has, however many it gets."""
    return {name: _plain(value) for name, value in sorted(vars(board).items())}


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return [(key, _plain(entry)) for key, entry in value.items()]  # order counts: it is the order in which people see things
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (Cover, CoverState)):
        return {name: _plain(entry) for name, entry in vars(value).items()}
    return sorted(value) if isinstance(value, (set, frozenset)) else value
