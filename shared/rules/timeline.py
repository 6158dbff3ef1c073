"""A case over time: its lines, the days that count for `since`, and the days of its facts (states.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shared.contracts.fact import Day
from shared.rules.scene import CASE, ItemSnapshot, Line, Scene, kind_of

OPENED = "lotse.intake.case-opened.v1"


class Timeline:
    """All items of one case that have standing facts, seen from `today`; those without count nowhere."""

    __slots__ = ("_scenes", "days", "first_fact", "kinds", "lines", "now", "today")

    def __init__(self, items: Iterable[ItemSnapshot], today: Day) -> None:
        self.today = today
        self.lines = [Line(item) for item in sorted(items, key=lambda item: (item.service, item.item)) if item.facts]
        self.kinds: dict[str, list[Line]] = {}
        for line in self.lines:
            self.kinds.setdefault(kind_of(line.name), []).append(line)
        #: The case as it stands.
        self.now = Scene(self.kinds, today, present=True)
        self._scenes: dict[Day, Scene] = {}
        #: The days up to today on which any entry of a path starts, the newest first.
        self.days = sorted({day for line in self.lines for day in line.days if day <= today}, reverse=True)
        #: The day of the first fact; empty if there is none.
        self.first_fact = _first_fact(self.lines)

    def on(self, day: Day) -> Scene:
        """The case on a past day, as far as the paths tell."""
        scene = self._scenes.get(day)
        if scene is None:
            scene = self._scenes[day] = Scene(self.kinds, day, present=False)
        return scene

    def days_of(self, kinds: Iterable[str]) -> list[Day]:
        """Those of `days` on which an item of these kinds changes, and the first of all, the newest first."""
        changing = {
            day for kind in kinds for line in self.kinds.get(kind, ()) for day in line.days if day <= self.today
        }
        return sorted(changing.union(self.days[-1:]), reverse=True)

    def since(self, present: str, days: Sequence[Day], word_on: Callable[[Day], str]) -> Day:
        """The first of the last unbroken run of days (newest first) with the present word, else the first fact's."""
        first: Day | None = None
        for day in days:
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

    def first_beside_opening(self) -> Day | None:
        """The day of the first fact in force that is not the opening of the case."""
        return min(
            (
                header.occurred_on
                for line in self.lines
                for header in line.snapshot.facts
                if header.in_force and header.type != OPENED
            ),
            default=None,
        )


def _first_fact(lines: Sequence[Line]) -> Day:
    standing = [header for line in lines for header in line.snapshot.facts]
    in_force = [header.occurred_on for header in standing if header.in_force]
    return min(in_force or [header.occurred_on for header in standing], default="")
