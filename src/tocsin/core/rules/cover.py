"""Rules for cover models."""

from itertools import pairwise

from tocsin.base.canonical import digest
from tocsin.core.board.board import Board
from tocsin.core.messages.cover import PPB, AdoptCover, CoverAdopted, CoverModel
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Event

WHOLE_PPM = 1_000_000


def adopt_cover(board: Board, ask: AdoptCover) -> list[Event]:
    """The models are in force from now on; their version is their content. Each is for a capability of its own and of known stations."""
    needs = [model.needs for model in ask.models]
    for nth, model in enumerate(ask.models):
        unknown = next((station for station in model.stations if station not in board.stations), None)
        if unknown is not None:
            raise Refused("StationUnknown", "models", station=unknown)
        if model.needs in needs[:nth] or not _is_whole(model):
            raise Refused("CoverUnusable", "models", needs=model.needs or "*")
    return [CoverAdopted(ask.models, digest(ask.models)[:12])]


def _is_whole(model: CoverModel) -> bool:
    """Whether all demand is in it once, and it names only stations of its own list, each once."""
    if len(set(model.stations)) != len(model.stations) or not 0 <= model.busy_ppm < WHOLE_PPM:
        return False
    if any(row.weight_ppb < 0 for row in model.rows) or sum(row.weight_ppb for row in model.rows) != PPB:
        return False
    named = [row.stations for row in model.rows]
    is_rising = all(all(a < b for a, b in pairwise(one)) for one in named)
    return is_rising and all(not one or (one[0] >= 0 and one[-1] < len(model.stations)) for one in named)
