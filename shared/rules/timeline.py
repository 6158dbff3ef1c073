"""A case over time: its lines, the days that count for `since`, and the days of its facts (states.md §6)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from shared.contracts.fact import Day
from shared.rules.scene import CASE, ItemSnapshot, Line, Scene, kind_of

OPENED = "lotse.intake.case-opened.v1"


class Timeline:
    """All items of one case that have standing facts, seen from `today`; those without count nowhere."""

    __slots__ = (*("_scenes", "begun", "days", "declared", "first_fact", "kinds", "lines", "next_day", "now", "today"),)

    def __init__(self, items: Iterable[ItemSnapshot], today: Day) -> None:
        self.today = today
        self.lines = [Line(item) for item in sorted(items, key=_place) if item.facts]
        self.kinds: dict[str, list[Line]] = {}
        for line in self.lines:
            self.kinds.setdefault(kind_of(line.name), []).append(line)
        #: The case as it stands.
        self.now = Scene(self.kinds, today, present=True)
        self._scenes: dict[Day, Scene] = {}
        days = sorted({day for line in self.lines for day in line.days})
        past = bisect_right(days, today)
        #: The days up to today on which any entry of a path starts, ascending.
        self.days: Sequence[Day] = days[:past]
        #: The first day after today on which one starts.
        self.next_day: Day | None = days[past] if past < len(days) else None
        #: The barriers that were ever declared absent or needed.
        self.declared = {barrier for line in self.kinds.get(CASE, ()) for barrier in line.ever("declared")}
        #: The day of the first fact (empty if there is none), and of the first in force that is not the case's opening.
        self.first_fact, self.begun = _beginnings(self.lines)

    def on(self, day: Day) -> Scene:
        """The case on a past day, as far as the paths tell."""
        scene = self._scenes.get(day)
        if scene is None:
            scene = self._scenes[day] = Scene(self.kinds, day, present=False)
        return scene

    def starts(self, kinds: Iterable[str]) -> set[Day]:
        """Those of `days` on which an item of these kinds changes."""
        days: set[Day] = set()
        for kind in kinds:
            for line in self.kinds.get(kind, ()):
                days.update(line.days)
        # Whatever starts later than today counts nowhere; most often nothing does.
        return {day for day in days if day <= self.today} if self.next_day is not None else days

    def until(self, day: Day) -> Sequence[Day]:
        """Those of `days` up to one of them; all, if it is later."""
        return self.days[: bisect_right(self.days, day)]

    def from_on(self, day: Day | None) -> Sequence[Day]:
        """The first of `days` on or after a day, if there is one."""
        if day is None:
            return ()
        at = bisect_left(self.days, day)
        return self.days[at : at + 1]

    def telling(self, days: set[Day]) -> list[Day]:
        """The first of `days`, and those of them on which something changes, ascending; between them nothing does."""
        return sorted(days.union(self.days[:1]))

    def since(self, present: str, telling: Sequence[Day], word_on: Callable[[Day], str]) -> Day:
        """The first day of the last unbroken run of the present word over the telling days, else the first fact's."""
        first: Day | None = None
        for day in reversed(telling):
            if first is None and day == telling[0] == self.first_fact:
                return day
            if word_on(day) == present:
                first = day
            elif first is not None:
                break
        return first or self.first_fact

    def facts_of(self, kinds: Iterable[str], case_facts: Sequence[str]) -> list[Day]:
        """The days, ascending, of the facts in force in items of these kinds and of the named ones of the case."""
        days = [
            header.occurred_on
            for kind in kinds
            for line in self.kinds.get(kind, ())
            for header in line.snapshot.facts
            if header.in_force
        ]
        days += [
            header.occurred_on
            for line in self.kinds.get(CASE, ())
            for header in line.snapshot.facts
            if header.in_force and header.type in case_facts
        ]
        days.sort()
        return days


def _place(item: ItemSnapshot) -> tuple[str, str]:
    return item.service, item.item


def _beginnings(lines: Sequence[Line]) -> tuple[Day, Day | None]:
    headers = [header for line in lines for header in line.snapshot.facts]
    in_force = [header for header in headers if header.in_force]
    first = min([header.occurred_on for header in in_force or headers], default="")
    return first, min([header.occurred_on for header in in_force if header.type != OPENED], default=None)
