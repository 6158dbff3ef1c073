"""A case over time: its lines, and the days that count for `since` (states.md §6)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from shared.contracts.fact import Day
from shared.rules.line import Line, line_of
from shared.rules.scene import CASE, ItemSnapshot, Scene

OPENED = "lotse.intake.case-opened.v1"
_NEVER = "9999-99-99"


class Timeline:
    """All items of one case that have standing facts, seen from `today`; those without count nowhere."""

    __slots__ = ("begun", "days", "declared", "first_fact", "kinds", "lines", "next_day", "now", "today")

    def __init__(self, items: Iterable[ItemSnapshot], today: Day) -> None:
        self.today = today
        self.lines = [line_of(item) for item in sorted(items, key=_place) if item.facts]
        self.kinds: dict[str, list[Line]] = {}
        for line in self.lines:
            self.kinds.setdefault(line.kind, []).append(line)
        #: The case as it stands.
        seen = {kind: [line.present(today) for line in of] for kind, of in self.kinds.items()}
        self.now = Scene(today, True, seen[CASE][0] if CASE in seen else None, seen)
        days = sorted({day for line in self.lines for day in line.days})
        past = bisect_right(days, today)
        #: The days up to today on which any entry of a path starts, ascending.
        self.days: Sequence[Day] = days[:past]
        #: The first day after today on which one starts.
        self.next_day: Day | None = days[past] if past < len(days) else None
        #: The barriers that were ever declared absent or needed.
        self.declared = {
            barrier
            for line in self.kinds.get(CASE, ())
            for fields in (line.snapshot.state, *line.states)
            for barrier in fields.get("declared", ())
        }
        #: The day of the first fact (empty if there is none), and of the first in force that is not the case's opening.
        self.first_fact, self.begun = _beginnings(self.lines)

    def was_ever(self, status: str) -> bool:
        """Whether the case's own item ever had a status, or will by itself."""
        lines = self.kinds.get(CASE, ())
        return any(one["status"] == status for line in lines for one in (line.snapshot.state, *line.states))

    def facts_of(self, kinds: Iterable[str], case_facts: Sequence[str]) -> Sequence[Day]:
        """The days, ascending, of the facts in force in items of these kinds and of the named ones of the case."""
        days = {
            header.occurred_on
            for kind in kinds
            for line in self.kinds.get(kind, ())
            for header in line.snapshot.facts
            if header.in_force
        }
        days |= {
            header.occurred_on
            for line in self.kinds.get(CASE, ())
            for header in line.snapshot.facts
            if header.in_force and header.type in case_facts
        }
        return sorted(days)


def _place(item: ItemSnapshot) -> tuple[str, str]:
    return item.service, item.item


def _beginnings(lines: Sequence[Line]) -> tuple[Day, Day | None]:
    """The facts of an item stand in the order of their days."""
    first = [next((one.occurred_on for one in line.snapshot.facts if one.in_force), _NEVER) for line in lines]
    begun = [
        next((one.occurred_on for one in line.snapshot.facts if one.in_force and one.type != OPENED), _NEVER)
        for line in lines
    ]
    if min(first, default=_NEVER) == _NEVER:
        return min([line.snapshot.facts[0].occurred_on for line in lines], default=""), None
    return min(first), None if min(begun) == _NEVER else min(begun)
