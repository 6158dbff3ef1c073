"""The clocks of a need for care: when each ends, and by which rule (states.md §3 and §8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from services.childcare.table import NEED
from shared.contracts.fact import Day
from shared.rules.model import Context
from shared.rules.rule_table import Due, Features, rule_for
from shared.rules.walker import Walk

#: The Länder in the order of the first two digits of a regional key, from 01.
_LAENDER = ("SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH")
_FIRST_OFFER = 50
_OFFERED = frozenset(row.to for row in NEED.moves if isinstance(row.to, str) and row.reached >= _FIRST_OFFER).union(
    *(row.to.values() for row in NEED.moves if not isinstance(row.to, str))
)


@dataclass(frozen=True, slots=True)
class Need:
    """A walked need with what its clocks depend on: the Land in which care is needed."""

    walk: Walk
    land: str

    @property
    def features(self) -> Features:
        return (("land", self.land),)


def need_of(walk: Walk, context: Context) -> Need:
    """The Land is that of the need's regional key; while nobody named one, the region's."""
    ags = walk.values.get("ags")
    return Need(walk, _LAENDER[int(ags[:2]) - 1] if ags is not None else context.land(None))


def _in_state(clock: str) -> Callable[[Need], Due | None]:
    """A clock that starts with the fact that last led into the present state."""

    def due(need: Need) -> Due | None:
        entered = need.walk.entered
        rule = rule_for(clock, entered.occurred_on, need.features) if entered is not None else None
        return rule.due(entered.occurred_on, need.land) if entered is not None and rule is not None else None

    return due


def _offer(need: Need) -> Due | None:
    """Backwards from the day of need, but not to before the registration; one offer meets it for good."""
    first: Day | None = need.walk.values.get("from")
    if first is None or any(status in _OFFERED for _, status, _ in need.walk.applied):
        return None
    registered = _registered_on(need.walk)
    rule = rule_for("OFFER", max(first, registered or first), need.features)
    if rule is None:
        return None
    due = rule.due(first, need.land)
    return due if registered is None else replace(due, day=max(due.day, registered))


def _registered_on(walk: Walk) -> Day | None:
    """The day of the newest registration; one that only repeats does not count, unless it is the only word."""
    day: Day | None = None
    for fact, _, moved in walk.applied:
        if fact.name == "need-registered" and (moved or day is None):
            day = fact.occurred_on
    return day


CLOCKS: Mapping[str, Callable[[Need], Due | None]] = {
    "KACK": _in_state("KACK"),
    "OFFER": _offer,
    "WAIT": _in_state("WAIT"),
    "ANSWER": _in_state("ANSWER"),
}
