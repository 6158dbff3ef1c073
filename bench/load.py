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
#: So many cases get a further event, at most.
_CHOSEN = 60_000


@dataclass(frozen=True, slots=True)
class Load:
    """Cases, the numbers of those that get further events in an order of chance, and how often each gets one."""

    cases: Sequence[str]
    chosen: Sequence[int]
    rounds: int

    def start(self, number: int) -> int:
        """The last step that a case has had before: the first, or with a single round any of them equally often."""
        return 0 if self.rounds > 1 else number // TEMPLATES % STEPS

    def filling(self) -> Iterator[tuple[str, int, int]]:
        """What every case has had last, as (case, number of the template, step)."""
        for number, case in enumerate(self.cases):
            yield case, number % TEMPLATES, self.start(number)

    def events(self) -> Iterator[tuple[str, int, int]]:
        """The further events, alike: round by round, in each the chosen cases in the same order."""
        for following in range(1, self.rounds + 1):
            for number in self.chosen:
                yield self.cases[number], number % TEMPLATES, self.start(number) + following

    @property
    def count(self) -> int:
        """How many further events there are."""
        return self.rounds * len(self.chosen)


def load(count: int) -> Load:
    """The load at so many cases."""
    chosen = random.Random(count).sample(range(count), min(count, _CHOSEN))
    return Load(cases(count), chosen, STEPS if count * STEPS <= _CHOSEN else 1)


def batch_records(sizes: Sequence[int]) -> int:
    """Records of a batch, the same for all sizes, so that no batch can hold a case twice at the smallest."""
    return max(1, min(sizes) * 9 // 10 // PARTITIONS)
