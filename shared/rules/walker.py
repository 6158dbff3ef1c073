"""The walk: the standing facts of an item, sorted, through its table, once (states.md §1).

Everything that changes an item's status, flags or registers happens here. What a table does not allow is parked: it
moves nothing, starts no clock and is in no path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.fact import Day, Fact, FactKey
from shared.rules.model import CONFLICT, IMPLAUSIBLE, OK, Conflict
from shared.rules.table import FIRST, OWN, Beside, Move, Reckoned, Register, Table

__all__ = ["TWO_DECISIONS", "Walk", "walk"]

#: The board's name for facts that contradict each other.
TWO_DECISIONS = "two-decisions"

Entry = dict[str, Any]


class Walk:
    """Where a walk has come to.

    `since` is the first day of the unbroken run of the status, `entered` the fact that last led into it (its clocks
    start there), `flags` the running flags with the facts that started them, `spans` every start of a flag with its
    end, `values` the registers and `said_by` the facts that they hold from, by name and key, `applied` the facts in
    force, the state that each left behind, and whether it led there.
    """

    __slots__ = (
        "_changed", "_ending", "applied", "codes", "entered", "facts", "flags", "parked_with", "path", "rank",
        "said_by", "since", "spans", "status", "table", "values",
    )  # fmt: skip

    def __init__(self, table: Table, facts: Sequence[Fact], ending: Mapping[FactKey, Day]) -> None:
        self.table, self.facts, self._ending = table, facts, ending
        self.status, self.rank = table.initial, 0
        self.since: Day | None = None
        self.entered: Fact | None = None
        self.flags: dict[str, Fact] = {}
        self.spans: dict[str, list[tuple[Fact, Fact | None]]] = {}
        self.values: dict[str, Any] = {}
        self.said_by: dict[tuple[str, str], Fact] = {}
        self.codes: dict[FactKey, str] = {}
        self.parked_with: list[tuple[Fact, Fact]] = []
        self.applied: list[tuple[Fact, str, bool]] = []
        self.path: list[Entry] = []
        #: Whether the newest entry of the path may not say all; true at first, so that a fact in force begins the path.
        self._changed = True

    def take(self, fact: Fact) -> None:
        """Walks over one fact."""
        code = self._try_on_its_day(fact) if self._ending and self.flags else self._try(fact)
        self.codes[fact.source, fact.id] = code
        if code == OK:
            self.in_force(fact)
        elif code == CONFLICT and self.entered is not None:
            self.parked_with.append((self.entered, fact))

    def _try_on_its_day(self, fact: Fact) -> str:
        """A flag with a set end is off on the days after it; a parked fact shows nobody that they have come."""
        flags = self.flags
        over = [row for row in self.table.besides if self._ended_before(row.flag, fact.occurred_on)]
        if not over:
            return self._try(fact)
        self.flags = dict(flags)
        for row in over:
            self._end(row, None)
        code = self._try(fact)
        if code != OK:
            self.flags = flags
        return code

    def _ended_before(self, flag: str, day: Day) -> bool:
        start = self.flags.get(flag)
        return start is not None and self._ending.get(start.key, day) < day

    def in_force(self, fact: Fact) -> None:
        """Writes the registers of a fact that holds, and the path."""
        if self.since is None:
            self.since = fact.occurred_on
        data = fact.data
        for field, register in self.table.registers_of[fact.name]:
            if field in data or register.holds == OWN:
                self._write(register, field, fact)
        for reckoned in self.table.reckoned:
            self._reckon(reckoned)
        self.applied.append((fact, self.status, self.entered is fact))
        if self._changed:
            self._note(fact.occurred_on)

    def _try(self, fact: Fact) -> str:
        table, name = self.table, fact.name
        moves = table.moves_of[name]
        if moves:
            code = self._move(moves, fact)
            if code == OK:
                self._end_flags(table.ends_of[name], fact)
            return code
        flag = table.starts_of.get(name)
        if flag is not None:
            return self._start_flag(flag, fact)
        ended = self._end_flags(table.ends_of[name], fact)
        return OK if ended or name in table.always else IMPLAUSIBLE

    def _move(self, moves: Sequence[Move], fact: Fact) -> str:
        contradicts = False
        ending = bool(self.flags) and any(row.flag in self.flags for row in self.table.ends_of[fact.name])
        for row in moves:
            target = row.target(fact, self.values)
            if target is None:
                continue
            if self._says_again(row, target) and not ending:
                return OK
            if self.status in row.idle:
                return OK
            if row.allowed.holds(self.status, self.rank, self.flags):
                self._enter(target, row.reached, fact)
                return OK
            contradicts = contradicts or self.status in row.contradicts
        return CONFLICT if contradicts else IMPLAUSIBLE

    def _says_again(self, row: Move, target: str) -> bool:
        """An echo. A state reached at a lower rank than the row's is another way to it, and no echo."""
        return target == self.status and self.rank >= row.reached and not row.again and self.entered is not None

    def _enter(self, status: str, rank: int, fact: Fact) -> None:
        if status != self.status or self.since is None:
            self.since = fact.occurred_on
        self.status, self.rank, self.entered, self._changed = status, rank, fact, True
        if not self.flags:
            return
        for row in self.table.besides:
            if row.flag in self.flags and not row.allowed.holds(status, rank):
                self._end(row, None)

    def _start_flag(self, row: Beside, fact: Fact) -> str:
        if row.flag in self.flags:
            return OK if row.echoes else IMPLAUSIBLE
        if not row.allowed.holds(self.status, self.rank):
            return IMPLAUSIBLE
        self.flags[row.flag] = fact
        self._changed = True
        self.spans.setdefault(row.flag, []).append((fact, None))
        if row.day:
            self.values[row.day] = fact.occurred_on
            self.said_by[row.day, ""] = fact
        return OK

    def _end_flags(self, rows: Sequence[Beside], fact: Fact) -> bool:
        ended = False
        for row in rows:
            if row.flag in self.flags:
                self._end(row, fact)
                ended = True
        return ended

    def _end(self, row: Beside, fact: Fact | None) -> None:
        start = self.flags.pop(row.flag)
        self._changed = True
        self.spans[row.flag][-1] = (start, fact)
        if row.day:
            del self.values[row.day], self.said_by[row.day, ""]

    def _write(self, register: Register, field: str, fact: Fact) -> None:
        name, values = register.name, self.values
        if register.key:
            key = fact.data[field]
            values[name] = {**values.get(name, {}), key: register.says[fact.name]}
            if register.day:
                values[register.day] = {**values.get(register.day, {}), key: fact.occurred_on}
            self.said_by[name, key] = fact
            self._changed = True
            return
        value = fact.data.get(field)
        if value is None or (register.when and fact.data.get(register.when[0]) != register.when[1]):
            if register.holds == OWN and name in values:
                del values[name], self.said_by[name, ""]
                self._changed = True
        elif register.holds != FIRST or name not in values:
            values[name] = value
            self.said_by[name, ""] = fact
            self._changed = True

    def _reckon(self, reckoned: Reckoned) -> None:
        name, found = reckoned.name, reckoned.says(self)
        if found is not None:
            self._changed = self._changed or self.values.get(name) != found[0]
            self.values[name], self.said_by[name, ""] = found
        elif name in self.values:
            del self.values[name], self.said_by[name, ""]
            self._changed = True

    def _note(self, day: Day) -> None:
        """Adds an entry to the path where status, flags or facets changed; of one day only the last stays."""
        entry: Entry = {"status": self.status, "since": day}
        if self.flags:
            entry["flags"] = self.running()
        values = self.values
        for name in self.table.facets:
            if name in values:
                entry[name] = values[name]
        self._changed = False
        path = self.path
        if path and path[-1]["since"] == day:
            path.pop()
        if not path or path[-1] | {"since": day} != entry:
            path.append(entry)

    def running(self) -> list[str]:
        """The names of the running flags, in the order of the table."""
        return [row.flag for row in self.table.besides if row.flag in self.flags]


def walk(
    table: Table,
    ordered: Sequence[Fact],
    *,
    lost: Mapping[FactKey, Fact] | None = None,
    echoes: Mapping[FactKey, FactKey] | None = None,
    ending: Mapping[FactKey, Day] | None = None,
) -> Walk:
    """Walks sorted facts through a table.

    `lost` are facts that lose against another one, which is given; `echoes` repeat an earlier one, which is given, and
    change nothing if that is in force; `ending` has the last day of a flag by the fact that starts it. These three come
    from named functions.
    """
    state = Walk(table, ordered, ending or {})
    for fact in ordered:
        key = (fact.source, fact.id)
        if lost and key in lost:
            state.codes[key] = CONFLICT
            state.parked_with.append((lost[key], fact))
        elif echoes and key in echoes and state.codes[echoes[key]] == OK:
            state.codes[key] = OK
            state.in_force(fact)
        else:
            state.take(fact)
    return state


def conflicts_of(state: Walk) -> tuple[Conflict, ...]:
    """One conflict for each fact that others contradict, in the order of the walk."""
    groups: dict[FactKey, list[Fact]] = {}
    for standing, parked in state.parked_with:
        groups.setdefault(standing.key, [standing]).append(parked)
    place = {fact.key: number for number, fact in enumerate(state.facts)}
    ordered = [sorted(group, key=lambda fact: place[fact.key]) for group in groups.values()]
    ordered.sort(key=lambda group: place[group[0].key])
    return tuple(Conflict(TWO_DECISIONS, tuple(group)) for group in ordered)
