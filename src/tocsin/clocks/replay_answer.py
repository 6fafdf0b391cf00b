"""What a replay answers: how often the engine chose the same, what the difference costs, and what had to be assumed."""

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from tocsin.base.identifiers import UnitId
from tocsin.base.quantities import Seconds
from tocsin.base.ranks import nearest_rank
from tocsin.clocks.replay import Decision, Passed, Redecided
from tocsin.core.messages.recommendation import Receipt


class Agreement(msgspec.Struct, frozen=True):
    """Shares of the decisions, 0 … 1; None when there were none."""

    first_unit: float | None
    all_units: float | None


class Spread(msgspec.Struct, frozen=True):
    """Seconds; nearest-rank percentiles."""

    n: int
    p50: Seconds | None
    p90: Seconds | None
    mean: Seconds | None


class Between(msgspec.Struct, frozen=True):
    """Four times out of five: the middle (p50) over n dispatches of the earliest and of the latest arrival, each a mean of its units."""

    n: int
    low: Seconds
    high: Seconds


class PolicyUsed(msgspec.Struct, frozen=True):
    """Which ranking, which plan, which roads."""

    name: str
    version: str
    plan: str
    plan_version: str
    metric: str


class KindAgreement(msgspec.Struct, frozen=True):
    """One kind of unit: in how many dispatches it was sent, in how many of these the choice can be compared, and what share is the same."""

    dispatches: int
    comparable: int
    same_units: float | None


class ReplayAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin replay``."""

    incidents: int
    decisions: int
    agreement: Agreement
    """What the run cards asked for, against what was sent."""
    agreement_same_kinds: Agreement
    """Asked for the same kinds of units as were sent: only the choice among them differs."""
    comparable: int
    """Decisions in which the record says where every unit stood that was sent, and that it was free: the rest cannot but disagree."""
    agreement_comparable: Agreement
    """Of these, asked for the same kinds."""
    by_kind: dict[str, KindAgreement]
    """Asked for the same kinds: where the record knows little of a kind's whereabouts, little agreement is to be expected."""
    regret_s: Spread
    """Mean ETA of the units that were sent less that of the engine's for the same kinds, per decision."""
    chosen_eta_s: Spread
    recommended_eta_s: Spread
    """Both over the decisions in which both are known: the same dispatches."""
    differences: dict[str, int]
    """Why the choices differ, asked for the same kinds."""
    follow_ups: int
    """Decisions about incidents that had units already."""
    beyond_plan: int
    """Decisions where the run card asked for nothing more, so that the engine was asked for the kinds that were sent."""
    without_regret: int
    """Decisions where an ETA is unknown on one side."""
    passed_over: dict[str, int]
    """Dispatches that the engine could not be asked about: no_plan, no_place, no_facts."""
    policy: PolicyUsed | None
    redecided: Redecided
    """Every question of the journal asked again with its recorded facts."""
    head: str
    assumptions: tuple[str, ...] = ()
    chosen_between_s: Between | msgspec.UnsetType = msgspec.UNSET
    """Of the dispatches of ``chosen_eta_s`` whose interval is known; absent without learned speeds."""
    recommended_between_s: Between | msgspec.UnsetType = msgspec.UNSET


class ReplayTally:
    """Folds decisions one by one."""

    def __init__(self) -> None:
        self._decisions = 0
        self._same: Counter[str] = Counter()
        self._differences: Counter[str] = Counter()
        self._incidents: set[str] = set()
        self._chosen_ms: list[int] = []
        self._recommended_ms: list[int] = []
        self._regret_ms: list[int] = []
        self._chosen_between = _Intervals()
        self._recommended_between = _Intervals()
        self._policy: PolicyUsed | None = None
        self._passed: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._comparable_kinds: Counter[str] = Counter()
        self._same_kinds: Counter[str] = Counter()

    def add(self, decision: Decision | Passed) -> None:
        """Take in one decision, or one that could not be asked for."""
        if isinstance(decision, Passed):
            self._passed[decision.why] += 1
            return
        self._decisions += 1
        self._incidents.add(decision.incident)
        self._differences[decision.difference] += 1
        for name, is_so in (
            ("first", decision.is_first_same),
            ("all", decision.is_all_same),
            ("like_first", decision.like_is_first_same),
            ("like_all", decision.like_is_all_same),
            ("follow_up", decision.is_follow_up),
            ("beyond_plan", not decision.is_by_plan),
        ):
            self._same[name] += is_so
        if decision.regret_ms is not None and decision.difference not in ("CHOSEN_NOT_FREE", "CHOSEN_PLACE_UNKNOWN"):
            self._same["comparable"] += 1
            self._same["comparable_first"] += decision.like_is_first_same
            self._same["comparable_all"] += decision.like_is_all_same
        for kind, is_same in decision.same_by_kind.items():
            self._kinds[kind] += 1
            if is_same is not None:
                self._comparable_kinds[kind] += 1
                self._same_kinds[kind] += is_same
        if decision.chosen_ms is not None and decision.recommended_ms is not None and decision.regret_ms is not None:
            self._chosen_ms.append(decision.chosen_ms)
            self._recommended_ms.append(decision.recommended_ms)
            self._regret_ms.append(decision.regret_ms)
            self._chosen_between.add(decision.chosen, decision.like)
            self._recommended_between.add({pick.unit for pick in decision.like.picks}, decision.like)
        receipt = decision.receipt
        self._policy = PolicyUsed(receipt.policy, receipt.policy_version, receipt.plan, receipt.plan_version, receipt.metric)

    def is_without_facts(self) -> bool:
        """There were dispatches, and not one could be asked about for want of road facts."""
        return not self._decisions and bool(self._passed["no_facts"])

    def answer(self, *, redecided: Redecided, head: str, assumptions: tuple[str, ...]) -> ReplayAnswer:
        """The figures."""
        return ReplayAnswer(
            incidents=len(self._incidents),
            decisions=self._decisions,
            agreement=Agreement(self._share("first"), self._share("all")),
            agreement_same_kinds=Agreement(self._share("like_first"), self._share("like_all")),
            comparable=self._same["comparable"],
            agreement_comparable=Agreement(self._share("comparable_first", "comparable"), self._share("comparable_all", "comparable")),
            by_kind={kind: self._kind(kind) for kind in sorted(self._kinds)},
            regret_s=spread(self._regret_ms),
            chosen_eta_s=spread(self._chosen_ms),
            recommended_eta_s=spread(self._recommended_ms),
            differences=dict(sorted(self._differences.items())),
            follow_ups=self._same["follow_up"],
            beyond_plan=self._same["beyond_plan"],
            without_regret=self._decisions - len(self._regret_ms),
            passed_over=dict(sorted(self._passed.items())),
            policy=self._policy,
            redecided=redecided,
            head=head,
            assumptions=assumptions,
            chosen_between_s=self._chosen_between.middle(),
            recommended_between_s=self._recommended_between.middle(),
        )

    def _share(self, name: str, of: str | None = None) -> float | None:
        whole = self._decisions if of is None else self._same[of]
        return round(self._same[name] / whole, 4) if whole else None

    def _kind(self, kind: str) -> KindAgreement:
        comparable = self._comparable_kinds[kind]
        same = round(self._same_kinds[kind] / comparable, 4) if comparable else None
        return KindAgreement(self._kinds[kind], comparable, same)


class _Intervals:
    """Mean intervals of dispatches."""

    def __init__(self) -> None:
        self._low_ms: list[int] = []
        self._high_ms: list[int] = []

    def add(self, units: Collection[UnitId], receipt: Receipt) -> None:
        """Passes a dispatch over where one unit's interval is not known."""
        known = [one for one in receipt.candidates if one.unit in units and one.eta_low_ms is not None and one.eta_high_ms is not None]
        if known and len(known) == len(units):
            self._low_ms.append(round(sum(one.eta_low_ms or 0 for one in known) / len(known)))
            self._high_ms.append(round(sum(one.eta_high_ms or 0 for one in known) / len(known)))

    def middle(self) -> Between | msgspec.UnsetType:
        if not self._low_ms:
            return msgspec.UNSET
        low_ms, high_ms = (nearest_rank(sorted(values), 50) for values in (self._low_ms, self._high_ms))
        return Between(len(self._low_ms), Seconds(low_ms / 1000), Seconds(high_ms / 1000))


def spread(values_ms: Iterable[int]) -> Spread:
    """Nearest rank: the smallest sample that at least p % of the samples do not exceed."""
    samples = sorted(values_ms)
    if not samples:
        return Spread(0, None, None, None)

    p50, p90 = (Seconds(nearest_rank(samples, percent) / 1000) for percent in (50, 90))
    return Spread(len(samples), p50, p90, Seconds(round(sum(samples) / len(samples) / 1000, 3)))
