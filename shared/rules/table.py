"""The words of an item kind's table: data, walked by the walker, drawn by the documentation (states.md §1).

A fact may stand in several rows. Four forms: a step goes forward and may be skipped, a loop may return, a flag runs
beside the state, a register is always allowed and never moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.contracts.fact import Fact

__all__ = [
    "ANYWHERE",
    "FIRST",
    "LAST",
    "LOOP",
    "OWN",
    "STEP",
    "Beside",
    "Clocked",
    "From",
    "Move",
    "Reckoned",
    "Register",
    "Table",
    "Walked",
    "below",
    "flagged",
    "ranks",
    "states",
]

STEP, LOOP = "step", "loop"
#: How a register keeps what several facts say: the last, the first, or what the last fact that could name it says.
LAST, FIRST, OWN = "last", "first", "own"
#: The rank of no state.
_NOWHERE = (1, 0)


@dataclass(frozen=True, slots=True)
class From:
    """Where a row is allowed: in spans of ranks, in named states, and while a flag runs; never in `without`."""

    spans: tuple[tuple[int, int], ...] = ()
    states: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def holds(self, status: str, rank: int, flags: Iterable[str] = ()) -> bool:
        if status in self.states or (self.flags and not self.flags.isdisjoint(flags)):
            return True
        for low, high in self.spans:
            if low <= rank <= high:
                return status not in self.without
        return False

    def __or__(self, other: From) -> From:
        return From(
            self.spans + other.spans,
            self.states | other.states,
            self.flags | other.flags,
            self.without | other.without,
        )


def below(rank: int) -> From:
    """Every state of a lower rank."""
    return From(spans=((0, rank - 1),))


def ranks(low: int, high: int, *, without: Iterable[str] = ()) -> From:
    """Every state from rank `low` to rank `high`."""
    return From(spans=((low, high),), without=frozenset(without))


def states(*names: str) -> From:
    """The named states only."""
    return From(states=frozenset(names))


def flagged(*names: str) -> From:
    """While one of these flags runs."""
    return From(flags=frozenset(names))


ANYWHERE = ranks(0, 10_000)
_NONE = From(spans=(_NOWHERE,))


@dataclass(frozen=True, slots=True)
class Move:
    """A row that leads into a state.

    `to` is the state, or what the field `by` of the fact says mapped to the state; with `chooses` that named function
    says it, from the fact and the registers before it, and `by` is only what the documentation calls it. `again`: no
    echo, it restarts the clocks of its state (↻). `idle`: states in which it is in force and moves nothing.
    `contradicts`: states in which it is parked as a conflict; elsewhere a fact out of place is implausible. `reaches`:
    the rank of the state, if not the row's (`n→m`).
    """

    fact: str
    rank: int
    to: str | Mapping[str, str]
    allowed: From
    form: str = STEP
    by: str = ""
    chooses: Callable[[Fact, Mapping[str, Any]], str] | None = None
    again: bool = False
    idle: frozenset[str] = frozenset()
    contradicts: frozenset[str] = frozenset()
    reaches: int = -1
    note: str = ""

    def target(self, fact: Fact, values: Mapping[str, Any]) -> str | None:
        """The state that a fact leads to by this row, given the registers; None when the row is not about it."""
        if isinstance(self.to, str):
            return self.to
        return self.to.get(fact.data.get(self.by, "") if self.chooses is None else self.chooses(fact, values))

    @property
    def reached(self) -> int:
        return self.rank if self.reaches < 0 else self.reaches


@dataclass(frozen=True, slots=True)
class Beside:
    """A flag: started by `start`, ended by one of `ends`, or when the state leaves those `allowed`.

    `echoes`: a second start while it runs is an echo, otherwise it is parked. `day` names the facet that holds the day
    of the start.
    """

    flag: str
    rank: int
    start: str
    ends: tuple[str, ...]
    allowed: From
    echoes: bool = False
    day: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """What facts name: its name in the state, the field of the fact if it is called otherwise, and which fact holds.

    Without `facts` any fact that names the field counts; with `when` only one whose other field has that value. With
    `key` the register is a map by that field, and `says` has the value by fact; `day` is the facet that has the day of
    the last of them.
    """

    name: str
    reads: str = ""
    facts: tuple[str, ...] = ()
    holds: str = LAST
    when: tuple[str, str] | None = None
    key: str = ""
    says: Mapping[str, str] = field(default_factory=dict)
    day: str = ""


class Walked(Protocol):
    """What a reckoned value may look at: where a walk has come to."""

    @property
    def status(self) -> str: ...
    @property
    def entered(self) -> Fact | None: ...
    @property
    def flags(self) -> Mapping[str, Fact]: ...
    @property
    def said_by(self) -> Mapping[tuple[str, str], Fact]: ...


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What no field says: a named function gives it after each fact, with the fact that carries it; None: nothing."""

    name: str
    says: Callable[[Walked], tuple[Any, Fact] | None]


@dataclass(frozen=True, slots=True)
class Clocked:
    """What a state means: the barrier's status, whose turn it is, the clocks that give `dueOn` and `stalledFrom`."""

    barrier: str
    turn: str | None
    due: tuple[str, ...] = ()
    stalled: tuple[str, ...] = ()


class Table:
    """The table of one item kind, indexed by fact."""

    def __init__(
        self,
        *,
        initial: str,
        moves: Sequence[Move] = (),
        besides: Sequence[Beside] = (),
        registers: Sequence[Register] = (),
        reckoned: Sequence[Reckoned] = (),
        always: Mapping[str, int] | None = None,
        facets: Sequence[str] = (),
        meanings: Mapping[str, Clocked] | None = None,
    ) -> None:
        self.initial, self.moves, self.besides, self.registers = initial, tuple(moves), tuple(besides), tuple(registers)
        self.reckoned = tuple(reckoned)
        #: Facts that are nothing but registers, with their rank in the sort: allowed in every state.
        self.always = dict(always or {})
        self.facets = tuple(facets)
        self.meanings = dict(meanings or {})
        self.ranks = self._ranks()
        self.moves_of = {name: tuple(row for row in moves if row.fact == name) for name in self.ranks}
        self.starts_of = {row.start: row for row in besides}
        self.ends_of = {name: tuple(row for row in besides if name in row.ends) for name in self.ranks}
        #: The registers that a fact may write, each with the field that it reads.
        self.registers_of = {
            name: tuple((r.key or r.reads or r.name, r) for r in registers if not r.facts or name in r.facts)
            for name in self.ranks
        }

    def _ranks(self) -> dict[str, int]:
        """The rank of each fact in the sort; of a fact in several rows the lowest."""
        found = dict(self.always)
        for row in self.moves:
            found[row.fact] = min(row.rank, found.get(row.fact, row.rank))
        for flag in self.besides:
            for name in (flag.start, *flag.ends):
                found.setdefault(name, flag.rank)
        return found

    def sort(self, facts: Iterable[Fact]) -> list[Fact]:
        """Facts in the order of the walk: day, rank, time, source, id (readings 12)."""
        rank = self.ranks
        return sorted(facts, key=lambda fact: (fact.occurred_on, rank[fact.name], fact.time, fact.source, fact.id))
