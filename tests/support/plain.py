"""The statuses and stage of a case day by day, as states.md §§6–7 tell them: plain, slow, and from the snapshots alone.

Of the board it uses the mappings of the services only; what a mapping is asked about are scenes of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from shared.contracts.board import BARRIERS
from shared.contracts.fact import Day
from shared.rules.barrier import BarrierMapping
from shared.rules.board import ItemSnapshot
from shared.rules.scene import Scene

Fields = Mapping[str, Any]

_INTRODUCED = ("introduced", "interview-held", "trial-agreed", "trial-done")
_HIRED, _RETAINED = ("hired", "retained-6w", "retained-3m"), ("retained-6m", "retained-12m")
_OPEN = ("open", "in-progress", "lapsed", "not-resolvable")


@dataclass(frozen=True)
class _Seen:
    """One item on one day."""

    snapshot: ItemSnapshot
    fields: Fields
    path: Sequence[Fields]

    @property
    def name(self) -> str:
        return self.snapshot.item

    @property
    def status(self) -> str:
        return str(self.fields["status"])

    @property
    def flags(self) -> Sequence[str]:
        return tuple(self.fields.get("flags", ()))


class PlainScene:
    """All items on one day, each looked up anew whenever it is asked for."""

    def __init__(self, items: Sequence[ItemSnapshot], day: Day, *, present: bool) -> None:
        self.items = sorted((one for one in items if one.facts), key=lambda one: (one.service, one.item))
        self.day, self.present = day, present

    @property
    def case(self) -> _Seen | None:
        return next(iter(self.of("case")), None)

    def of(self, kind: str) -> list[_Seen]:
        mine = [one for one in self.items if one.item == kind or (kind.endswith("-") and one.item.startswith(kind))]
        return [seen for one in mine if (seen := self._look(one)) is not None]

    def _look(self, item: ItemSnapshot) -> _Seen | None:
        path = [entry for entry in item.state["path"] if self.present or entry["since"] <= self.day]
        if not (self.present or path):
            return None
        fields = dict(item.state if self.present else path[-1])
        for entry in item.state["ahead"]:
            if entry["from"] <= self.day and len(entry) > 1:
                moved = entry.get("status", fields["status"]) != fields["status"]
                fields |= ({"since": entry["from"]} if moved else {}) | entry
        return _Seen(item, fields, path)


class PlainBoard:
    """A case on one day: `status`, `stage` and since when they hold."""

    def __init__(self, mappings: Mapping[str, BarrierMapping], items: Sequence[ItemSnapshot], today: Day) -> None:
        self.mappings, self.today = mappings, today
        self.items = [one for one in items if one.facts]
        self.now = PlainScene(items, today, present=True)
        starts = {entry["since"] for one in self.items for entry in one.state["path"]}
        starts |= {entry["from"] for one in self.items for entry in one.state["ahead"]}
        self.days = sorted(day for day in starts if day <= today)

    def status(self, barrier: str, scene: PlainScene | None = None) -> str:
        """The first of the six rules that holds; where the mapping says so, only what was a barrier is resolved."""
        scene, mapping = scene or self.now, self.mappings.get(barrier)
        found = self._by_rules(barrier, scene)
        if found != "resolved" or mapping is None or not mapping.needs_history:
            return found
        facts = {fact.occurred_on for one in self.items for fact in one.facts}
        earlier = [day for day in {*self.days, *facts} if day <= scene.day]
        was = {self._by_rules(barrier, PlainScene(self.items, day, present=False)) for day in earlier}
        return found if was & {"open", "in-progress", "bridged"} else "not-a-barrier"

    def _by_rules(self, barrier: str, scene: PlainScene) -> str:
        mapping = self.mappings.get(barrier)
        declared = self._declared(barrier, scene)
        if declared and declared[0] == "absent" and not self._is_outdone(declared[1], mapping, scene):
            return "not-a-barrier"
        verdict = mapping.judge(cast(Scene, scene)) if mapping else None
        if verdict and verdict.status in ("resolved", "not-a-barrier"):
            return verdict.status
        below = verdict.status if verdict else "open" if declared and declared[0] == "needed" else "not-assessed"
        return "bridged" if mapping and self._is_bridged(mapping, scene, below) else below

    def stage(self, scene: PlainScene | None = None) -> str:
        """The first stage that holds."""
        scene = scene or self.now
        statuses = {seen.status for seen in scene.of("introduction-")}
        if scene.case and scene.case.status == "closed":
            return "closed"
        for word, those in (("retained", _RETAINED), ("hired", _HIRED), ("introduced", _INTRODUCED)):
            if statuses & {*those}:
                return word
        found = {name: self.status(name, scene) for name in {*BARRIERS, *self.mappings}}
        if not any(one in _OPEN or (one == "not-assessed" and name in BARRIERS) for name, one in found.items()):
            return "ready"
        begun = (
            fact.in_force
            and fact.type != "lotse.intake.case-opened.v1"
            and (scene.present or fact.occurred_on <= scene.day)
            for one in self.items
            for fact in one.facts
        )
        return "clearing" if any(begun) else "registered"

    def since(self, word_on: Callable[[PlainScene], str]) -> Day:
        """The first day of the last unbroken run of the present word; no such day: the case's first fact."""
        present, first, is_run = word_on(self.now), "", False
        for day in self.days:
            holds = word_on(PlainScene(self.items, day, present=False)) == present
            if holds and not is_run:
                first = day
            is_run = holds
        return first or self._first_fact()

    def _first_fact(self) -> Day:
        facts = [fact for one in self.items for fact in one.facts]
        return min([fact.occurred_on for fact in [one for one in facts if one.in_force] or facts], default="")

    def _declared(self, barrier: str, scene: PlainScene) -> tuple[str, Day] | None:
        """The last declaration and its day: the one that is named, else the first of the days that say the same."""
        word = scene.case.fields.get("declared", {}).get(barrier) if scene.case else None
        if scene.case is None or word is None:
            return None
        path = [entry for entry in scene.case.snapshot.state["path"] if scene.present or entry["since"] <= scene.day]
        day = ""
        while path and path[-1].get("declared", {}).get(barrier) == word:
            entry = path.pop()
            if named := entry.get("declaredOn", {}).get(barrier):
                return word, named
            day = entry["since"]
        return word, day

    def _is_outdone(self, declared_on: Day, mapping: BarrierMapping | None, scene: PlainScene) -> bool:
        """Whether a fact in force of the barrier's items is younger."""
        return mapping is not None and any(
            fact.in_force and fact.occurred_on > declared_on and (scene.present or fact.occurred_on <= scene.day)
            for one in self.items
            for fact in one.facts
            if one.item.startswith(mapping.items) or (one.item == "case" and fact.type in mapping.case_facts)
        )

    def _is_bridged(self, mapping: BarrierMapping, scene: PlainScene, status: str) -> bool:
        for seen in scene.of("introduction-"):
            terms = seen.fields.get("terms") or {}
            is_known = seen.fields.get("openingId") and terms.get("status", "unknown") != "unknown"
            takes = seen.status in (*_HIRED, *_RETAINED)
            takes = takes or (seen.status in _INTRODUCED and terms.get("status") == "published")
            if mapping.bridges and is_known and takes and mapping.bridges(cast(Scene, scene), status, terms):
                return True
        return False
