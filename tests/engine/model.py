"""A model of the loop: processes, rebalances, crashes, late wakers, republishers and days over broker and databases in
memory. What is decided is decided by the engine's own code (`admit`, `derive_work`, `settle`, `moved_on`, `start_at`).

Each process is a generator that stops between any two steps; a run draws which one goes on, and which dies.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.envelope import Refusal, Report
from shared.engine.consume import start_at
from shared.engine.decide import Admitted, Outcome, Position
from shared.engine.rows import Place
from shared.engine.speech import Standing, moved_on
from tests.engine.model_rows import BoardDatabase, Database, Entry, Receipt, answer_receipt

Steps = Iterator[None]
PARTITIONS = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """What the loop obeys; a broken rule must be found out."""

    look: bool = True
    commit_last: bool = True
    say_from_rows: bool = True
    day_from_rows: bool = True
    one_day_row: bool = True


@dataclass(eq=False)
class Process:
    """A process while it lives: what it owns, and what it said without having looked yet."""

    group: Group
    steps: Steps = field(default_factory=lambda: iter(()))
    epoch: int = 0
    positions: dict[int, int] = field(default_factory=dict)
    #: Partitions of the batch in hand; late once one of them was given to somebody else.
    batch: set[int] = field(default_factory=set)
    late: bool = False
    #: Keys that were handed to the producer and not looked at.
    unlooked: set[tuple[str, str]] = field(default_factory=set)


@dataclass(eq=False)
class Group:
    """A consumer group: its members, who owns which partition, and what is committed."""

    partitions: int
    stored: Callable[[int], int | None]
    members: list[Process] = field(default_factory=list)
    owner: dict[int, Process] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)
    epoch: int = 0

    def rebalance(self, rng: random.Random) -> None:
        """Hands out the partitions anew; who loses one may still have its batch in hand."""
        self.epoch += 1
        self.owner = {number: rng.choice(self.members) for number in range(self.partitions)} if self.members else {}
        for member in self.members:
            member.epoch = self.epoch
            member.late |= any(self.owner[number] is not member for number in member.batch)
            member.positions = {
                number: start_at(self.committed.get(number), self.stored(number))
                for number, owner in self.owner.items()
                if owner is member
            }

    def commit(self, member: Process, offsets: dict[int, int]) -> None:
        """Takes offsets from the owner of the partitions only."""
        if all(self.owner.get(number) is member for number in offsets):
            self.committed |= offsets


class World:
    """One run: records that arrive, processes that come, go and die, and what every topic holds."""

    def __init__(self, rng: random.Random, rules: Rules, records: Sequence[Report | Refusal], days: int) -> None:
        self.rng, self.rules, self.now = rng, rules, 0
        self.inbound: list[list[Admitted]] = [[] for _ in range(PARTITIONS)]
        self.arriving = list(records)
        self.days_left, self.clock = days, [0]
        self.database, self.boards = Database(), BoardDatabase()
        self.events: list[list[Entry]] = [[] for _ in range(PARTITIONS)]
        self.receipts: set[Receipt] = set()
        self.board_topic: list[Entry] = []
        topic = "inbound.recognition.zag"
        self.services = Group(PARTITIONS, lambda number: self.database.progress.get((topic, number)))
        #: The last partition of this group is the clock.
        # The boards are never restored from a backup, so what they have stored is at least what was committed.
        self.coordinators = Group(PARTITIONS + 1, lambda number: self.coordinators.committed.get(number))
        self.visitors: list[Process] = []
        #: Keys that a late say left stale at a death; anti-entropy heals them.
        self.excused: set[tuple[str, str]] = set()
        self.topic = topic

    # -- what happens -----------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """The next record reaches its partition, or the next day begins."""
        if self.arriving and (self.days_left == 0 or self.rng.random() < 0.6):
            report = self.arriving.pop(0)
            number = self.rng.randrange(PARTITIONS)
            place = Place(self.topic, number, len(self.inbound[number]), 0)
            self.inbound[number].append((place, report))
        elif self.days_left:
            self.days_left -= 1
            self.clock.append(self.clock[-1] + 1)

    def start(self, group: Group) -> None:
        """A process joins its group."""
        process = Process(group)
        process.steps = self._service(process) if group is self.services else self._coordinator(process)
        group.members.append(process)
        group.rebalance(self.rng)

    def visit(self) -> None:
        """Somebody republishes a part of the rows, from a process of its own."""
        subjects = [s for s in sorted(self.database.items) if self.rng.random() < 0.5]
        visitor = Process(self.services)
        visitor.steps = self._say_subjects(visitor, set(subjects))
        self.visitors.append(visitor)

    def kill(self, process: Process) -> None:
        """A process dies between two steps."""
        group = process.group
        if process.late or process in self.visitors:
            self.excused |= process.unlooked
        if process in self.visitors:
            self.visitors.remove(process)
            return
        group.members.remove(process)
        group.rebalance(self.rng)

    def everybody(self) -> list[Process]:
        return self.services.members + self.coordinators.members + self.visitors

    def step(self, process: Process) -> None:
        """One process goes on by one step."""
        self.now += 1
        if next(process.steps, self) is self and process in self.visitors:
            self.visitors.remove(process)

    # -- the service ------------------------------------------------------------------------------------------------

    def _service(self, me: Process) -> Steps:
        owed: Standing = {}
        while True:
            batch, offsets = self._fetch(me, self.inbound)
            epoch = me.epoch
            yield
            if not batch or me.epoch != epoch:
                # Handed back: the rebalance has set the positions.
                me.batch = set()
                continue
            said: Outcome | None = None
            ends = {(self.topic, number): offset for number, offset in offsets.items()}
            for chunk, last in self._chunks(batch):
                outcome = self.database.store(chunk, ends if last else {}, self.now)
                owed |= _standing(outcome)
                if not self.rules.commit_last:
                    self.services.commit(me, offsets)
                yield
                if said is not None:
                    yield from self._say(me, said, owed)
                said = outcome
            assert said is not None
            yield from self._say(me, said, owed)
            self.services.commit(me, offsets)
            me.batch, me.late = set(), False
            yield

    def _say(self, me: Process, outcome: Outcome, owed: Standing) -> Steps:
        standing = _standing(outcome)
        for key in standing:
            if owed.get(key) == standing[key]:
                del owed[key]
        entries = [Entry((w.subject, w.item), w.sequence, w.said) for w in outcome.items]
        receipts = [Receipt(row.key, row.version, row.code) for row in outcome.facts]
        receipts += [answer_receipt(row) for row in outcome.answers]
        yield from self._publish(me, entries, receipts)
        yield from self._look(me, standing, owed)
        if outcome.repeat and self.rules.say_from_rows:
            yield from self._say_subjects(me, outcome.repeat, self.database.receipts(outcome.repeat))

    def _say_subjects(self, me: Process, subjects: set[str], receipts: Sequence[Receipt] = ()) -> Steps:
        entries = self.database.rows(subjects)
        yield
        yield from self._publish(me, entries, receipts)
        yield from self._look(me, {entry.key: (entry.number, False) for entry in entries}, {})

    def _publish(self, me: Process, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> Steps:
        """Messages reach the broker one after another, in any order of their partitions; a death loses the rest."""
        messages: list[Entry | Receipt] = [*entries, *receipts]
        self.rng.shuffle(messages)
        for message in messages:
            if isinstance(message, Receipt):
                self.receipts.add(message)
            else:
                me.unlooked.add(message.key)
                self.events[hash_of(message.key[0])].append(message)
            if self.rng.random() < 0.3:
                yield
        yield

    def _look(self, me: Process, said: Standing, owed: Standing) -> Steps:
        while self.rules.look:
            subjects = {subject for subject, _ in said}
            now = {entry.key: (entry.number, False) for entry in self.database.rows(subjects)}
            moved = moved_on(said, now, owed)
            if not moved:
                break
            entries = self.database.rows(moved)
            said = {entry.key: (entry.number, False) for entry in entries}
            yield
            yield from self._publish(me, entries, ())
        me.unlooked.clear()
        yield

    # -- the coordinator --------------------------------------------------------------------------------------------

    def _coordinator(self, me: Process) -> Steps:
        while True:
            batch, offsets = self._fetch(me, [*self.events, self.clock])
            epoch = me.epoch
            yield
            if not batch or me.epoch != epoch:
                me.batch = set()
                continue
            if not self.rules.commit_last:
                self.coordinators.commit(me, offsets)
            entries = [entry for entry in batch if isinstance(entry, Entry)]
            today = self.boards.day
            if entries:
                while not self.rules.one_day_row and self.rng.random() < 0.8:
                    yield
                changed, again = self.boards.take(entries, today if not self.rules.one_day_row else self.boards.day)
                yield
                yield from self._say_cases(me, changed | (again if self.rules.say_from_rows else set()))
            for day in (day for day in batch if isinstance(day, int)):
                yield from self._begin_day(me, day)
            self.coordinators.commit(me, offsets)
            me.batch, me.late = set(), False
            yield

    def _begin_day(self, me: Process, day: int) -> Steps:
        self.boards.day = max(self.boards.day, day)
        yield
        changed: set[str] = set()
        for subject in sorted(self.boards.cases):
            due = self.boards.cases[subject].next_day
            if due is not None and due <= self.boards.day and self.boards.derive(subject, self.boards.day, day):
                changed.add(subject)
            yield
        if self.rules.day_from_rows:
            changed |= {subject for subject, case in self.boards.cases.items() if case.day == day}
        yield from self._say_cases(me, changed)

    def _say_cases(self, me: Process, subjects: set[str]) -> Steps:
        while subjects:
            entries = self.boards.rows(subjects)
            self.rng.shuffle(entries)
            yield
            for entry in entries:
                me.unlooked.add(entry.key)
                self.board_topic.append(entry)
                if self.rng.random() < 0.3:
                    yield
            yield
            if not self.rules.look:
                break
            subjects = {e.key[0] for e in entries if self.boards.cases[e.key[0]].version != e.number}
        me.unlooked.clear()

    # -- reading ----------------------------------------------------------------------------------------------------

    def _fetch(self, me: Process, log: Sequence[Sequence[Any]]) -> tuple[list[Any], dict[int, int]]:
        """The next records of the owned partitions, and the offsets after them."""
        batch: list[Any] = []
        offsets: dict[int, int] = {}
        for number, position in me.positions.items():
            records = log[number][position : position + self.rng.randint(1, 4)]
            if records:
                batch += records
                offsets[number] = me.positions[number] = position + len(records)
        me.batch = set(offsets)
        return batch, offsets

    def _chunks(self, batch: list[Admitted]) -> list[tuple[list[Admitted], bool]]:
        """All records of a case in one chunk; whether it is the last."""
        wait = {record[1].subject for record in batch if self.rng.random() < 0.3}
        parts = [[record for record in batch if (record[1].subject in wait) is late] for late in (False, True)]
        filled = [part for part in parts if part]
        return [(part, part is filled[-1]) for part in filled]

    # -- the end ----------------------------------------------------------------------------------------------------

    def is_quiet(self) -> bool:
        """Everything was read, said, looked at and committed."""
        logs: dict[Group, Sequence[Sequence[Any]]] = {
            self.services: self.inbound,
            self.coordinators: [*self.events, self.clock],
        }
        return (
            not self.visitors
            and not self.arriving
            and not self.days_left
            and not any(process.batch for process in self.everybody())
            and all(
                group.owner[number].positions[number] == len(log)
                for group, all_logs in logs.items()
                for number, log in enumerate(all_logs)
            )
        )

    def become_quiet(self) -> None:
        """Nobody dies any more; everybody works until nothing is left to do."""
        for group in (self.services, self.coordinators):
            if not group.members:
                self.start(group)
        while self.arriving or self.days_left:
            self.arrive()
        for _ in range(100_000):
            if self.is_quiet():
                return
            self.step(self.rng.choice(self.everybody()))
        raise AssertionError("the loop never becomes quiet")

    def anti_entropy(self) -> None:
        """All rows are said again, and looked at, by service and coordinator."""
        for subjects, say in ((self.database.items, self._say_subjects), (self.boards.cases, self._say_cases)):
            visitor = Process(self.services)
            visitor.steps = say(visitor, set(subjects))
            self.visitors.append(visitor)
        self.become_quiet()

    def stale(self) -> set[tuple[str, str]]:
        """Keys of compacted topics whose newest record is not what their row says."""
        newest = {entry.key: entry for log in (*self.events, self.board_topic) for entry in log}
        rows = self.database.rows(set(self.database.items)) + self.boards.rows(set(self.boards.cases))
        return {row.key for row in rows if newest.get(row.key) != row}

    def unanswered(self) -> list[Position]:
        """Records that left no row, more than one, or a row whose receipt nobody can read."""
        wrong = []
        facts = {row.place[:3]: row for rows in self.database.facts.values() for row in rows.values()}
        for place, _ in (record for log in self.inbound for record in log):
            fact, answer = facts.get(place[:3]), self.database.answers.get(place[:3])
            receipt = Receipt(fact.key, fact.version, fact.code) if fact else answer and answer_receipt(answer)
            if (fact is None) == (answer is None) or receipt not in self.receipts:
                wrong.append(place[:3])
        return wrong

    def wrong_boards(self) -> set[str]:
        """Cases whose board is not that of all facts on the last day, derived at once.

        Of a reused id the content that was stored counts; which one that is depends on the order of arrival.
        """
        kept = {key: row.digest for rows in self.database.facts.values() for key, row in rows.items()}
        fresh = Database()
        for record in (record for log in self.inbound for record in log):
            report = record[1]
            if isinstance(report, Report) and kept.get((report.source, report.id)) == report.digest:
                fresh.store([record], {}, 0)
        wrong = set()
        for subject in fresh.items.keys() | self.boards.cases.keys():
            board = BoardDatabase()
            board.take(fresh.rows({subject}), self.clock[-1])
            case = self.boards.cases.get(subject)
            if case is None or case.board != board.board(subject, self.clock[-1])[0]:
                wrong.add(subject)
        return wrong


def hash_of(subject: str) -> int:
    """The partition of a subject."""
    return sum(subject.encode()) % PARTITIONS


def _standing(outcome: Outcome) -> Standing:
    return {(write.subject, write.item): (write.sequence, False) for write in outcome.items}
