"""The figures of the benchmark, made from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from bench.meter import Reading


class Throughput(msgspec.Struct, rename="camel"):
    """Events from a backlog: per second, beside the floor, and the processor time that one took."""

    events_per_second: float
    floor_per_second: float
    ratio_to_floor: float
    python_micros: float
    postgres_micros: float


class Latency(msgspec.Struct):
    """Milliseconds from a report's acknowledgement to its committed board row."""

    p50: float
    p99: float


class Turn(msgspec.Struct, rename="camel"):
    """Some further events: per second, and what one took, in microseconds of processor time, bytes of write-ahead log
    and pages that were logged as a whole.
    """

    events: int
    events_per_second: float
    python_micros: float
    postgres_micros: float
    log_bytes: int
    whole_pages: float
    peak_mebibytes: int

    @property
    def micros(self) -> float:
        """Processor time of one event, in microseconds."""
        return self.python_micros + self.postgres_micros


class Grown(msgspec.Struct, rename="camel"):
    """Further events while so many cases are stored: turns in the midst of the time between two checkpoints, and one
    right after a checkpoint.
    """

    cases: int
    turns: list[Turn]
    fresh: Turn

    @property
    def middle(self) -> Turn:
        """The turn with the median cost; of two the cheaper."""
        return sorted(self.turns, key=lambda turn: turn.micros)[(len(self.turns) - 1) // 2]

    @property
    def events_per_second(self) -> float:
        """The median rate."""
        return median(turn.events_per_second for turn in self.turns)

    def ratio(self, base: Grown) -> float:
        """The median of what an event costs here by what it costs there, turn by turn: the turns of all sizes
        alternate, so that other work on the machine strikes both.
        """
        return median(one.micros / other.micros for one, other in zip(self.turns, base.turns, strict=True))

    def fresh_ratio(self, base: Grown) -> float:
        """The same right after a checkpoint, by the cost there between two."""
        return self.fresh.micros / base.middle.micros


class Rebuild(msgspec.Struct, rename="camel"):
    """A board made anew from one snapshot of each case. `seconds` is the whole command; the rate is made of the seconds
    until the new board stood. `peak_mebibytes` is of its largest process.
    """

    cases: int
    seconds: float
    until_it_stands: float
    snapshots_per_second: float
    python_micros: float
    postgres_micros: float
    peak_mebibytes: int


class Growth(msgspec.Struct, rename="camel"):
    """By size: further snapshots at the coordinator, further reports at a service."""

    coordinator: list[Grown]
    service: list[Grown]


class Rebuilds(msgspec.Struct, rename="camel"):
    """By size: `standing` with a board that stands and was said, `from_nothing` into an empty database, all is said."""

    standing: list[Rebuild]
    from_nothing: list[Rebuild]


class Question(msgspec.Struct, rename="camel"):
    """How long an answer takes while so many cases are stored, in milliseconds, the best of some."""

    cases: int
    name: str
    milliseconds: float


class Machine(msgspec.Struct, rename="camel"):
    """Where and when the figures were taken."""

    day: str
    cores: int
    memory_gibibytes: int
    python: str
    minutes: float


class Figures(msgspec.Struct, rename="camel", omit_defaults=True):
    """Everything that `build/bench.json` holds; the smoke benchmark leaves out the rest."""

    machine: Machine
    coordinator: Throughput
    service: Throughput
    latency_ms: dict[str, Latency]
    growth: Growth | None = None
    rebuild: Rebuilds | None = None
    questions: list[Question] | None = None


def throughput(events: int, seconds: float, floor: float, python: float, postgres: float) -> Throughput:
    """Figures from what was measured: events, seconds of the wall clock, floor in events/s, processor seconds."""
    rate = events / seconds
    return Throughput(
        round(rate),
        round(floor),
        round(rate / floor, 3),
        round(python / events * 1e6, 1),
        round(postgres / events * 1e6, 1),
    )


def turn(events: int, used: Reading, peak: int) -> Turn:
    """Figures from what was measured; `peak` in bytes."""
    return Turn(
        events,
        round(events / used.seconds),
        round(used.python / events * 1e6, 1),
        round(used.postgres / events * 1e6, 1),
        round(used.log / events),
        round(used.pages / events, 3),
        round(peak / (1 << 20)),
    )


def rebuild(cases: int, until_it_stands: float, used: Reading, peak: int) -> Rebuild:
    """Figures from what was measured; `peak` in bytes."""
    return Rebuild(
        cases,
        round(used.seconds, 1),
        until_it_stands,
        round(cases / max(0.1, until_it_stands)),
        round(used.python / cases * 1e6, 1),
        round(used.postgres / cases * 1e6, 1),
        round(peak / (1 << 20)),
    )


def latency(milliseconds: Sequence[float]) -> Latency:
    """Median and 99th percentile."""
    ordered = sorted(milliseconds)
    return Latency(round(ordered[len(ordered) // 2], 1), round(ordered[int(len(ordered) * 0.99)], 1))
