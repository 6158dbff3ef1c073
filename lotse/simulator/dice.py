"""Chance, seeded: everything that a simulated life leaves to luck comes from here."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


class Dice:
    """A seeded generator with the throws that lives need. Two with the same seed throw the same."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def uuid(self) -> str:
        """A random UUID v4."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def slug(self, begin: str) -> str:
        """An item's id as an office mints it: letters only, so that it never looks like somebody's number."""
        return f"{begin}-{''.join(self._random.choices(_LETTERS, k=6))}"

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self._random.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """One of several, all as likely."""
        return self._random.choice(choices)

    def weighted(self, choices: Mapping[T, float]) -> T:
        """One of several by weight."""
        return self._random.choices(list(choices), weights=list(choices.values()))[0]

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def duration(self, median_weeks: float, sigma: float, least_days: int = 1) -> timedelta:
        """A log-normal duration with this median, in whole days, never shorter than `least_days`."""
        drawn = median_weeks * 7 * math.exp(self._random.gauss(0, sigma))
        return timedelta(max(least_days, round(min(drawn, 2000))))

    def days(self, low: int, high: int) -> timedelta:
        """A whole number of days, both ends included."""
        return timedelta(self._random.randint(low, high))

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """The same things in another order."""
        return self._random.sample(things, len(things))
