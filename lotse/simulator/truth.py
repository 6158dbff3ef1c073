"""What a right board must show of a person on the last day, read off the story; and how a board is held against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any

from lotse.simulator.almanac import months_later, next_working_day, weeks
from lotse.simulator.story import BARRIERS, Happening, Phase, Story
from lotse.simulator.work import EMPLOYED, HIRED, LOOKING, RETAINED, Introduction, Permit, PermitStep

#: Statuses that stand between a person and work.
STANDING = ("open", "in-progress", "lapsed", "not-resolvable")
_CAN_STALL = ("open", "in-progress")
#: What an employer may overlook, by barrier: nobody can give a permit or a place for a child.
_CAN_BE_BRIDGED: Mapping[str, Sequence[str]] = {
    "recognition": ("open", "in-progress", "not-resolvable"),
    "language": ("open", "in-progress"),
}
#: Stages that a way to a job gives, the furthest first.
_BY_WORK = (("retained", RETAINED), ("hired", HIRED), ("introduced", LOOKING))
_PERMITS_FIRST = ("resolved", "in-progress", "open", "lapsed")
#: What the Jobcenter reports of a case without anything beginning anew in it.
_IN_PASSING = frozenset(
    {
        "consent-granted",
        "consent-revoked",
        "contact-held",
        "plan-agreed",
        "plan-reviewed",
        "benefit-carrier-changed",
        "measure-granted",
    }
)


@dataclass(frozen=True, slots=True)
class BarrierTruth:
    """One barrier as it must be shown. `due` and `available` are days or None, `bridged_by` ids of openings."""

    status: str
    turn: str | None
    since: date
    stalled: bool
    due: date | None
    available: date | None
    bridged_by: tuple[str, ...] = ()


@dataclass(slots=True)
class Truth:
    """One person as the board must show it.

    `conflicts` are (barrier, code, item, ids of the contradicting reports). `items` has what must be shown of single
    items, as far as the story knows it: fields by service and item (`intake/case`).
    """

    case: str
    hidden: bool
    stage: str
    since: date
    barriers: Mapping[str, BarrierTruth]
    conflicts: list[tuple[str, str, str, frozenset[str]]] = field(default_factory=list)
    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

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
            "since": self.since.isoformat(),
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
                f"{name}.bridgedBy": list(barrier.bridged_by),
                f"{name}.conflicts": sorted((c, i, sorted(ids)) for b, c, i, ids in self.conflicts if b == name),
            }
        return shown

    def expected_items(self) -> dict[str, Any]:
        """What it must answer of single items, flat; asked for one case, it answers them, too."""
        return {f"{item}.{name}": value for item, said in self.items.items() for name, value in said.items()}


def shown(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the read API answered of one case, in the same flat form."""
    flat: dict[str, Any] = {
        "stage": case["stage"],
        "since": case["since"],
        "openBarriers": case["openBarriers"],
        "onlyBarrier": case["onlyBarrier"],
        "conflicts": sorted((one["code"], item) for one in case["conflicts"] for item in one["items"]),
    }
    for name, barrier in case["barriers"].items():
        flat |= {
            f"{name}.{key}": barrier[key]
            for key in ("status", "turn", "since", "stalled", "dueOn", "availableFrom", "bridgedBy")
        }
        flat[f"{name}.conflicts"] = sorted(
            (one["code"], item, sorted(fact["id"] for fact in one["facts"]))
            for one in barrier["conflicts"]
            for item in one["items"]
        )
    return flat


def shown_items(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the read API answered of the items of one case, in the same flat form."""
    return {
        f"{item['service']}/{item['item']}.{name}": value
        for item in case["items"]
        for name, value in item["state"].items()
    }


def truth_of(story: Story) -> Truth:
    """The story's end: what is true on its last day."""
    first = min(happening.day for happening in story.happenings)
    told = {barrier: in_full(story, barrier) for barrier in BARRIERS}
    barriers = {barrier: barrier_truth(told[barrier], first, story.end) for barrier in BARRIERS}
    stage, since = _stage(story, told, first)
    return Truth(story.person.case, _hidden(story), stage, since, barriers, items=_items(story))


def nothing_to_show(subject: str, first: date) -> Truth:
    """Of a subject that is no case."""
    return Truth(subject, True, "", first, {})


# Barriers


def barrier_truth(phases: Sequence[Phase], first: date, today: date) -> BarrierTruth:
    """The phase that holds today; `since` is the begin of the unbroken run of its status."""
    told = _last_words(phase for phase in phases if phase.day <= today)
    if not told:
        return BarrierTruth("not-assessed", None, first, False, None, None)
    last = since = told[-1]
    for phase in reversed(told):
        if phase.status != last.status:
            break
        since = phase
    stalled = last.status in _CAN_STALL and last.stalled_from is not None and today >= last.stalled_from
    return BarrierTruth(last.status, last.turn, since.day, stalled, last.due, last.available, last.bridged_by)


def in_full(story: Story, barrier: str) -> list[Phase]:
    """A barrier's phases as its chapters told them, with permits and employers laid over; in order, one a day."""
    phases = _last_words(story.phases[barrier])
    days = {phase.day for phase in phases}
    if barrier == "residence":
        days.update(step.phase.day for permit in story.permits for step in permit.steps)
    if barrier == "language":
        days.update(day for day, _ in story.levels)
    days.update(day for one in story.introductions for day in one.turning_days)
    told = []
    for day in sorted(day for day in days if day <= story.end):
        phase = _on(phases, day)
        if phase is None:
            continue
        if barrier == "residence" and (phase.status, phase.turn) == ("open", "applicant"):
            phase = _permit(story, day) or phase
        bridges = _bridges(story, barrier, day) if phase.status in _CAN_BE_BRIDGED.get(barrier, ()) else ()
        status = "bridged" if bridges else phase.status
        overtaken = phase.overtaken and phase.day == day
        told.append(replace(phase, day=day, status=status, bridged_by=bridges, overtaken=overtaken))
    return told


def _last_words(phases: Iterable[Phase]) -> list[Phase]:
    """Of each day the last word, in order of the days."""
    return list({phase.day: phase for phase in sorted(phases, key=lambda phase: phase.day)}.values())


def _on(phases: Sequence[Phase], day: date) -> Phase | None:
    """What was told last on or before a day."""
    return next((phase for phase in reversed(phases) if phase.day <= day), None)


def _permit(story: Story, day: date) -> Phase | None:
    """The permit that counts: that of the job which the person has; otherwise the one that has come furthest."""
    asked = [(step, permit) for permit in story.permits if (step := permit.on(day))]
    jobs = {one.name for one in story.introductions if one.on(day) in EMPLOYED}
    counting = [one for one in asked if one[1].introduction in jobs] or asked
    return max(counting, key=_how_far)[0].phase if counting else None


def _how_far(one: tuple[PermitStep, Permit]) -> tuple[int, int, date]:
    step, permit = one
    return -_PERMITS_FIRST.index(step.phase.status), step.far, permit.since(step)


def _bridges(story: Story, barrier: str, day: date) -> tuple[str, ...]:
    """The openings whose employers take the person as things are."""
    proven = next((level for since, level in reversed(story.levels) if since <= day), None)
    found = set()
    for introduction in story.introductions:
        terms = introduction.offer_on(day)
        if terms is None or introduction.opening is None:
            continue
        if terms.take_with(proven) if barrier == "language" else terms.take_before_decision:
            found.add(introduction.opening.id)
    return tuple(sorted(found))


# The case


def _stage(story: Story, told: Mapping[str, Sequence[Phase]], first: date) -> tuple[str, date]:
    """How far the case has come, and since which day without a break."""
    begun = min((one.day for one in story.happenings if one.fact != "case-opened"), default=None)
    days = {day for day, _ in story.closings}
    for phases in told.values():
        turned = [now for before, now in pairwise(phases) if before.status != now.status]
        days.update(phase.day for phase in [*phases[:1], *turned] if not phase.overtaken)
    days.update(day for one in story.introductions for day in one.turning_days)
    days.update(step.phase.day for permit in story.permits for step in permit.steps)
    days.update(one.day for one in story.happenings if one.fact not in _IN_PASSING)
    present = _stage_on(story, told, begun, story.end)
    since = None
    for day in sorted((day for day in days if first <= day <= story.end), reverse=True):
        if _stage_on(story, told, begun, day) == present:
            since = day
        elif since is not None:
            break
    return present, since or first


def _stage_on(story: Story, told: Mapping[str, Sequence[Phase]], begun: date | None, day: date) -> str:
    closings = [closed for since, closed in story.closings if since <= day]
    if closings and closings[-1]:
        return "closed"
    states = {one.on(day) for one in story.introductions}
    for stage, among in _BY_WORK:
        if states & {*among}:
            return stage
    shown = [phase.status if (phase := _on(phases, day)) else "not-assessed" for phases in told.values()]
    if not {*shown} & {*STANDING, "not-assessed"}:
        return "ready"
    return "clearing" if begun is not None and begun <= day else "registered"


def _hidden(story: Story) -> bool:
    """Whether the person revoked the consent and gave none since."""
    return bool(story.consents) and not story.consents[-1][1]


# Single items


def _items(story: Story) -> dict[str, dict[str, Any]]:
    """The case's own intervals, each way to a job with the mark that comes next, each child, each course."""
    items: dict[str, dict[str, Any]] = {f"outreach/{one.item}": _way(story, one) for one in story.introductions}
    items |= {f"childcare/{name}": child.shown() for name, child in story.children.items()}
    items |= {f"language/{name}": course.shown() for name, course in story.courses.items()}
    contact, plan = _contact_due(story), _plan_due(story)
    case = {"contactDueOn": contact, "planReviewDueOn": plan}
    items["intake/case"] = {name: day.isoformat() if day else None for name, day in case.items()}
    return items


def _way(story: Story, one: Introduction) -> dict[str, Any]:
    state, due = one.on(story.end), one.due_on(story.end)
    return {
        "status": state,
        "dueOn": due.isoformat() if due else None,
        "turn": "partner" if state in LOOKING else None,
    }


def _contact_due(story: Story) -> date | None:
    """In phase 2 of an open case somebody talks to the person every six weeks."""
    phases = _reported(story, "phase-changed")
    if story.closings[-1][1] or not phases or phases[-1].data["phase"] != 2:
        return None
    begun = phases[-1].day
    for phase in reversed(phases):
        if phase.data["phase"] != 2:
            break
        begun = phase.day
    return max([begun, *(contact.day for contact in _reported(story, "contact-held"))]) + weeks(6)


def _plan_due(story: Story) -> date | None:
    """Half a year after the plan was agreed or looked at again (SGB II §15(3))."""
    plans = _reported(story, "plan-agreed", "plan-reviewed")
    return next_working_day(months_later(plans[-1].day, 6), story.region.land) if plans else None


def _reported(story: Story, *facts: str) -> list[Happening]:
    return sorted((one for one in story.happenings if one.fact in facts), key=lambda one: one.day)
