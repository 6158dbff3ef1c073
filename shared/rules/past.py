"""What a word was on a case's days, told from the newest back and only as far as is asked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from shared.contracts.fact import Day
from shared.rules.line import Line
from shared.rules.scene import CASE, Facet, Scene, Seen

_NEVER = "9999-99-99"


class Run(msgspec.Struct, frozen=True, gc=False):
    """A word that holds on one day, and on all before it down to `begin`."""

    word: str
    begin: Day


class Past:
    """A word on some days, ascending, as unbroken runs.

    `on` tells of one of the days the word and a day since which it is surely the same; it is asked about each day at
    most once, the newest first.
    """

    __slots__ = ("_at", "_days", "_known", "_next", "_on")

    def __init__(self, days: Sequence[Day], on: Callable[[Day], Run]) -> None:
        self._days = days
        self._on = on
        self._known: list[Run] = []
        #: How many of the days are older than the known runs, and what holds on the newest of them.
        self._at = len(days)
        self._next: Run | None = None

    def __iter__(self) -> Iterator[Run]:
        """The runs, the newest first; each begins on one of the days."""
        at = 0
        while at < len(self._known) or self._look_back():
            yield self._known[at]
            at += 1

    def since(self, present: str) -> Day | None:
        """The first day of the last run of a word; None if it never held."""
        return next((run.begin for run in self if run.word == present), None)

    def on(self, day: Day) -> Run:
        """The run to which one of the days belongs."""
        known = self._known
        while not known or known[-1].begin > day:
            self._look_back()
        return known[bisect_left(known, True, key=lambda run: run.begin <= day)]

    def _look_back(self) -> bool:
        """Looks for the next older run; False if there is none."""
        days, at = self._days, self._at
        if not at:
            return False
        first = run = self._next or self._on(days[at - 1])
        while run.word == first.word:
            at = bisect_left(days, run.begin, 0, at - 1)
            if not at:
                break
            run = self._on(days[at - 1])
        self._known.append(Run(first.word, days[at]))
        self._at, self._next = at, run
        return True


class Walk:
    """The items of some kinds, walked back: between two days on which none of their facets changes they count as one.

    A kind without a facet (None) changes with each turn of an item.
    """

    __slots__ = ("_case", "_kinds", "_places", "_seen", "begin")

    def __init__(self, lines: Mapping[str, Sequence[Line]], facets: Mapping[str, Facet | None]) -> None:
        self._kinds: dict[str, list[_Place]] = {}
        self._places: list[_Place] = []
        for kind, facet in facets.items():
            if kind in lines:
                self._kinds[kind] = places = [_Place(kind, line, facet) for line in lines[kind]]
                self._places += places
        self._seen: dict[str, Sequence[Seen]] = {}
        self._case: Seen | None = None
        #: Since when the facets have been what they are on the day that was asked about.
        self.begin: Day = _NEVER

    def to(self, day: Day) -> Scene:
        """The scene of a day, which is not later than the one before."""
        if self.begin > day:
            seen, begin = {**self._seen}, ""
            for place in self._places:
                if place.begin > day:
                    place.move(day)
                    kind = place.kind
                    seen[kind] = [one.seen for one in self._kinds[kind] if one.seen is not None]
                if place.begin > begin:
                    begin = place.begin
            cases = seen.get(CASE)
            self._case = cases[0] if cases else None
            self._seen, self.begin = seen, begin
        return Scene(day, False, self._case, self._seen)


class _Place(msgspec.Struct, eq=False, gc=False):
    """How far back the walk is on one line."""

    kind: str
    line: Line
    facet: Facet | None
    seen: Seen | None = None
    begin: Day = _NEVER

    def move(self, day: Day) -> None:
        line, facet = self.line, self.facet
        turns, states = line.turns, line.states
        turn = bisect_right(turns, day) - 1
        if turn < 0:
            self.seen, self.begin = None, ""
            return
        self.seen = line.since(turn)
        if facet is not None and turn:
            now = facet(states[turn])
            while turn and facet(states[turn - 1]) == now:
                turn -= 1
        self.begin = turns[turn]
