"""What a right board must show of a person on the last day, read off the story; and how a board is held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lotse.simulator.story import BARRIERS, Phase, Story

#: Statuses that stand between a person and work.
STANDING = ("open", "in-progress", "lapsed", "not-resolvable")
_CAN_STALL = ("open", "in-progress")


@dataclass(frozen=True, slots=True)
class BarrierTruth:
    """One barrier as it must be shown. `due` and `available` are days or None."""

    status: str
    turn: str | None
    since: date
    stalled: bool
    due: date | None
    available: date | None


@dataclass(slots=True)
class Truth:
    """One person as the board must show it. `conflicts` are (barrier, code, item, ids of the contradicting reports)."""

    case: str
    hidden: bool
    stage: str
    barriers: Mapping[str, BarrierTruth]
    conflicts: list[tuple[str, str, str, frozenset[str]]] = field(default_factory=list)

    @property
    def open_barriers(self) -> list[str]:
        """What stands between the person and work, in the board's order."""
        return [barrier for barrier in BARRIERS if self.barriers[barrier].status in STANDING]

    @property
    def only_barrier(self) -> str | None:
        """The barrier, if it is the only one."""
        return self.open_barriers[0] if len(self.open_barriers) == 1 else None

    def expected(self) -> dict[str, Any]:
        """What the read API must answer, as far as the story knows it: flat, so that a difference has a name."""
        shown: dict[str, Any] = {
            "stage": self.stage,
            "openBarriers": self.open_barriers,
            "onlyBarrier": self.only_barrier,
            "conflicts": sorted((code, f"{item}") for _, code, item, _ in self.conflicts),
        }
        for name, barrier in self.barriers.items():
            shown |= {
                f"{name}.status": barrier.status,
                f"{name}.turn": barrier.turn,
                f"{name}.since": barrier.since.isoformat(),
                f"{name}.stalled": barrier.stalled,
                f"{name}.dueOn": barrier.due.isoformat() if barrier.due else None,
                f"{name}.availableFrom": barrier.available.isoformat() if barrier.available else None,
                f"{name}.conflicts": sorted((c, i, sorted(ids)) for b, c, i, ids in self.conflicts if b == name),
            }
        return shown


def shown(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the read API answered of one case, in the same flat form."""
    flat: dict[str, Any] = {
        "stage": case["stage"],
        "openBarriers": case["openBarriers"],
        "onlyBarrier": case["onlyBarrier"],
        "conflicts": sorted((one["code"], item) for one in case["conflicts"] for item in one["items"]),
    }
    for name, barrier in case["barriers"].items():
        flat |= {
            f"{name}.{key}": barrier[key] for key in ("status", "turn", "since", "stalled", "dueOn", "availableFrom")
        }
        flat[f"{name}.conflicts"] = sorted(
            (one["code"], item, sorted(fact["id"] for fact in one["facts"]))
            for one in barrier["conflicts"]
            for item in one["items"]
        )
    return flat


def truth_of(story: Story) -> Truth:
    """The story's end: what is true on its last day."""
    first = min(happening.day for happening in story.happenings)
    barriers = {barrier: barrier_truth(story.phases[barrier], first, story.end) for barrier in BARRIERS}
    return Truth(story.person.case, _hidden(story), _stage(story, barriers), barriers)


def barrier_truth(phases: Sequence[Phase], first: date, today: date) -> BarrierTruth:
    """The phase that holds today; `since` is the begin of the unbroken run of its status."""
    by_day: dict[date, Phase] = {}
    for phase in sorted((phase for phase in phases if phase.day <= today), key=lambda phase: phase.day):
        by_day[phase.day] = phase
    if not by_day:
        return BarrierTruth("not-assessed", None, first, False, None, None)
    told = list(by_day.values())
    last = since = told[-1]
    for phase in reversed(told):
        if phase.status != last.status:
            break
        since = phase
    stalled = last.status in _CAN_STALL and last.stalled_from is not None and today >= last.stalled_from
    return BarrierTruth(last.status, last.turn, since.day, stalled, last.due, last.available)


def _stage(story: Story, barriers: Mapping[str, BarrierTruth]) -> str:
    if story.closings[-1][1]:
        return "closed"
    statuses = {barrier.status for barrier in barriers.values()}
    if not statuses & {*STANDING, "not-assessed"}:
        return "ready"
    more = any(happening.fact != "case-opened" for happening in story.happenings)
    return "clearing" if more else "registered"


def _hidden(story: Story) -> bool:
    """Whether the person revoked the consent and gave none since."""
    return bool(story.consents) and not story.consents[-1][1]
