"""Recommendations, and the receipt that lets anyone compute one again from the journal, byte for byte."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CardName, CrewId, IncidentId, UnitId
from tocsin.base.quantities import Metres, Millis
from tocsin.core.messages.plan import Slot

Standing = Literal["free", "returning", "divertible", "busy", "off", "on_this_incident"]
"""What taking the unit would mean."""

WhyNot = Literal[
    "NOT_FREE",
    "OUT_OF_SERVICE",
    "ALREADY_ASSIGNED",
    "CREW_BUSY",
    "CREW_AWAY",
    "CREW_TAKEN",
    "UNREACHABLE",
    "PLACE_UNKNOWN",
    "DIVERT_NOT_ALLOWED",
    "DIVERT_GAIN_TOO_SMALL",
    "FARTHER",
    "LATER_IN_ORDER",
    "NEEDED_FOR_COVER",
    "AID_GAIN_TOO_SMALL",
    "NOT_NEEDED",
]
"""Why a candidate lost. ``CREW_AWAY``: its crew is on the road with another unit, without a job. ``CREW_TAKEN``: its crew was chosen
with another unit. ``LATER_IN_ORDER``: sooner there, but the card puts others first (station order, own agency, a wish before its
alternative). ``NEEDED_FOR_COVER``: sooner there, but more is lost without it and the chosen ones are in time. ``AID_GAIN_TOO_SMALL``: of
another agency, and sooner by less than it is asked for. ``NOT_NEEDED``: beyond the most units that one answer holds."""

WhyEmpty = Literal["NOBODY_CAPABLE", "NOBODY_FREE", "NOBODY_REACHABLE"]
"""Why a slot stayed empty: no unit of the fleet can do it; all who can are busy; none of the free ones is known to get there."""


ReasonCode = Literal[
    "CLOSEST",
    "ONLY_CAPABLE",
    "PRESERVES_COVER",
    "DIVERTED_FROM",
    "OUT_OF_TARGET",
    "FIRST_IN_ORDER",
    "ADDS_COVER",
    "TABLE_SHORT",
    "NO_WAY_HOME",
]
"""Why a unit was picked or should move. ``FIRST_IN_ORDER``: the card's order puts it before a sooner one. The last three are of moves;
``NO_WAY_HOME``: no road leads to its own station, and this is the best of those it can reach."""


class Reason(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A code with its numbers."""

    code: ReasonCode
    unit: UnitId | None = None
    """PRESERVES_COVER, FIRST_IN_ORDER: the soonest of those that were passed over."""
    incident: IncidentId | None = None
    """DIVERTED_FROM."""
    area: str = ""
    """PRESERVES_COVER: where most is spared; ADDS_COVER: where most is won."""
    ms: Millis | None = None
    """CLOSEST, DIVERTED_FROM: sooner than the next by so much (None = there is no next); PRESERVES_COVER, FIRST_IN_ORDER: later than the
    one passed over; OUT_OF_TARGET: past the target."""
    ppb: int | None = None
    """Share of all demand: spared, or won."""


class CoverWeighed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a recommendation does to the cover of others."""

    version: str = ""
    """Of the adopted models; empty = none are adopted, and a policy that weighs cover went by road time alone."""
    change_ppb: dict[str, int] = {}
    """By area: what changes if the picks go, as a share of all demand. Areas where nothing changes are left out."""


OFF_ROAD_M = Metres(200.0)
"""Farther than a long driveway."""


class Pick(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A unit for a slot."""

    slot: str
    unit: UnitId
    eta_ms: Millis
    """Turnout and road; with learned speeds, their constant and road."""
    choice: int = 0
    """0 = the slot's own wish, 1 = its first alternative …"""
    diverted_from: IncidentId | None = None
    is_late: bool = False
    eta_low_ms: Millis | None = None
    """Four times out of five it arrives between this and ``eta_high_ms``; None = not known."""
    eta_high_ms: Millis | None = None
    reasons: tuple[Reason, ...] = ()
    """By policies that explain themselves."""


class Shortfall(msgspec.Struct, frozen=True, omit_defaults=True):
    """A slot that could not be filled, with the reason."""

    slot: str
    why: WhyEmpty
    is_required: bool = True


class Candidate(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A unit that can do what some slot needs: chosen, or why not."""

    unit: UnitId
    standing: Standing
    eta_ms: Millis | None = None
    road_ms: Millis | None = None
    straight_m: Metres | None = None
    age_ms: Millis | None = None
    crew: CrewId | None = None
    slots: tuple[str, ...] = ()
    """Slots that it could fill."""
    chosen_for: tuple[str, ...] = ()
    why_not: WhyNot | None = None
    behind_ms: Millis | None = None
    """How much later than the slowest chosen unit of its slots; negative = sooner, for those that lost all the same."""
    eta_low_ms: Millis | None = None
    """As of a ``Pick``. Units are ranked by ``eta_ms`` alone."""
    eta_high_ms: Millis | None = None
    loss_ppb: int | None = None
    """Cover that is lost if it goes, as a share of all demand; None = not weighed, or it counts nowhere."""


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recommendation with everything that led to it."""

    incident: IncidentId
    policy: str
    policy_version: str
    plan: str
    plan_version: str
    cards: tuple[CardName, ...]
    """One per alarm level in force; a level without a card is missing here and shows as no slots."""
    metric: str
    inputs_sha256: str
    """Of plan version, incident, slots, fleet extract and facts, and of the intervals where there are any."""
    slots: tuple[Slot, ...]
    picks: tuple[Pick, ...]
    shortfalls: tuple[Shortfall, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    not_capable: tuple[UnitId, ...] = ()
    snap_m: Metres | None = None
    """How far the incident lies from the road that the times lead to, where that is more than ``OFF_ROAD_M``: no time contains it."""
    target_ms: Millis | None = None
    """By policies that explain themselves: beyond it a unit counts as late."""
    cover: CoverWeighed | None = None
    """By policies for which cover counts."""


class RecommendUnits(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ask whom to send. ``policy`` empty = the centre's own."""

    incident: IncidentId
    policy: str = ""


class UnitsRecommended(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """This is whom the engine would send."""

    incident: IncidentId
    receipt: Receipt
    receipt_sha256: str
    """Of the receipt's canonical bytes; a dispatch quotes it."""
