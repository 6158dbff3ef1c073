"""What is measured at one size: which cases are there, and which further events come.

Every batch holds distinct cases, drawn evenly over all of them, and every size gets the same mix of events: each of the
first steps of a procedure equally often. So what differs between sizes is only how much else is stored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.reports import cases

#: Steps of which each is measured equally often.
STEPS = 6
#: Cases that differ in their content, by the day on which they begin; all others repeat one of these.
TEMPLATES = 90
PARTITIONS = 2
#: So many turns of further events: at first without counting, in the midst of the time between two checkpoints, and
#: right after one.
FIRST, TURNS, FRESH = 1, 4, 1
#: So many cases get further events in a turn, at most.
_CHOSEN = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """Cases, for each turn the numbers of those that get further events, in an order of chance, and how often they do.

    `refilled`: the turns share their cases, so that all must stand again where they stood before each of them.
    """

    cases: Sequence[str]
    chosen: Sequence[Sequence[int]]
    rounds: int
    refilled: bool

    def start(self, number: int) -> int:
        """The last step that a case has had before, so that all steps after it come equally often."""
        return number // TEMPLATES % (STEPS // self.rounds) * self.rounds

    def filling(self) -> Iterator[tuple[str, int, int]]:
        """What every case has had last, as (case, number of the template, step)."""
        for number, case in enumerate(self.cases):
            yield case, number % TEMPLATES, self.start(number)

    def events(self, turn: int) -> Iterator[tuple[str, int, int]]:
        """The further events, alike: round by round, in each the chosen cases in the same order."""
        for following in range(1, self.rounds + 1):
            for number in self.chosen[turn]:
                yield self.cases[number], number % TEMPLATES, self.start(number) + following

    @property
    def count(self) -> int:
        """How many further events a turn has."""
        return self.rounds * len(self.chosen[0])


def load(count: int) -> Load:
    """The load at so many cases."""
    rng, turns = random.Random(count), FIRST + TURNS + FRESH
    size = min(count, _CHOSEN)
    if count < turns * size:
        rounds = max(one for one in (1, 2, 3, STEPS) if one == 1 or one * count <= _CHOSEN)
        return Load(cases(count), [rng.sample(range(count), size) for _ in range(turns)], rounds, True)
    chosen = rng.sample(range(count), turns * size)
    return Load(cases(count), [chosen[turn::turns] for turn in range(turns)], 1, False)


def batch_records(sizes: Sequence[int]) -> int:
    """Records of a batch, the same for all sizes, so that no batch can hold a case twice at the smallest."""
    return max(1, min(sizes) * 9 // 10 // PARTITIONS)
