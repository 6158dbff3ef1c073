"""One case: the newest snapshots of its items and the day become the row that is stored and said. No I/O here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from services.coordinator.marks import mark_of_barrier, marks_of_case
from services.coordinator.messages import barrier_content, case_content, cause_of, said_next
from services.coordinator.packed import OF_CASE, Item, ItemKey, Said
from shared.contracts.board import Barrier
from shared.contracts.fact import Day
from shared.contracts.snapshot import Cause
from shared.rules.board import Evaluation, ItemSnapshot, Mappings, evaluate
from shared.rules.scene import CASE

#: Before any day came: the case is due on whichever comes first.
AT_THE_FIRST_DAY = ""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


class Case(msgspec.Struct):
    """A case as its row has it; without a row, as it is before anything is known. `packed` is `said` as it is stored,
    where that is at hand.
    """

    id: str
    is_new: bool = True
    stamp: int = 0
    hidden: bool = True
    fault: bool = False
    ags: str | None = None
    stage: str | None = None
    only_barrier: str | None = None
    level: str | None = None
    next_day: Day | None = None
    changed_day: Day | None = None
    said: dict[str, Said] = {}
    items: dict[ItemKey, Item] = {}
    packed: bytes | None = None


class Standing(msgspec.Struct, frozen=True, gc=False):
    """One element of the column `standing`."""

    barrier: str
    status: str
    stalled: bool
    turn: str | None
    since: Day | None
    body: str | None


class Columns(NamedTuple):
    """What the row tells of a case beside its packed columns."""

    stamp: int
    version: int
    hidden: bool
    ags: str | None
    stage: str
    only_barrier: str | None
    level: str | None
    standing: list[Standing]
    marks: list[str]
    next_day: Day | None
    changed_day: Day | None


class Change(NamedTuple):
    """What a derivation changes: the row's columns, all that was said last of the case (None: as before), and the keys
    of `said` that are new. `toggled`: all that is said of the case is said again.
    """

    columns: Columns
    said: dict[str, Said] | None
    news: Collection[str]
    toggled: bool


def board_of(mappings: Mappings, items: Iterable[ItemSnapshot], day: Day | None) -> Evaluation:
    """The board of a case. While no day ever came, today is the newest day of the case's own facts, and the first day
    that comes looks at the case again: the board at last depends on nothing but the items and the last day.
    """
    if day is not None:
        return evaluate(mappings, items, day)
    all_items = list(items)
    newest = max((fact.occurred_on for item in all_items for fact in item.facts), default="0001-01-01")
    found = evaluate(mappings, all_items, newest)
    return Evaluation(found.board, AT_THE_FIRST_DAY, found.hidden)


def change(
    case: Case, found: Evaluation, level: str | None, cause: Cause, time: str, by_day: Day | None
) -> Change | None:
    """Compares what the rules found with what was said; None: nothing of it is stored otherwise. `by_day` is the day
    that brought it about, if one did.
    """
    board = found.board
    contents = {name: barrier_content(barrier) for name, barrier in board.barriers.items()}
    contents[OF_CASE] = case_content(board)
    news, why = {}, cause_of(cause)
    for name, content in contents.items():
        before = case.said.get(name)
        if before is None or before.content != content:
            news[name] = said_next(before, content, why, time)
    toggled = found.hidden != case.hidden
    speaks = bool(news) or toggled
    ags = board.ags if isinstance(board.ags, str) else None
    as_before = (
        (case.ags, case.stage, case.only_barrier, case.level, case.next_day)
        == (ags, board.stage, board.only_barrier, level, found.next_day)
    )  # fmt: skip
    if as_before and not speaks and not case.fault:
        return None
    said = case.said | news
    columns = Columns(
        stamp=case.stamp + speaks,
        version=said[OF_CASE].version,
        hidden=found.hidden,
        ags=ags,
        stage=board.stage,
        only_barrier=board.only_barrier,
        level=level,
        standing=[_standing(name, barrier) for name, barrier in board.barriers.items()],
        marks=[
            *marks_of_case(board.stage, ags, board.only_barrier),
            *(mark_of_barrier(name, one.status, one.stalled, one.turn) for name, one in board.barriers.items()),
        ],
        next_day=found.next_day,
        changed_day=by_day if by_day is not None and speaks else case.changed_day,
    )
    return Change(columns, said if news else None, news, toggled and OF_CASE in case.said)


def level_of(items: Mapping[ItemKey, ItemSnapshot]) -> str | None:
    """The German level that a case aims at, as far as its own item tells."""
    own = next((item for (_, name), item in items.items() if name == CASE), None)
    level = own.state.get("targetGermanLevel") if own is not None else None
    return level if isinstance(level, str) else None


def _standing(name: str, barrier: Barrier) -> Standing:
    body = barrier.because[0].institution if barrier.because else None
    return Standing(name, barrier.status, barrier.stalled, barrier.turn, _day(barrier.since), body)


@lru_cache(maxsize=20_000)
def _day(text: str) -> Day | None:
    """A day as a database can hold it; None for a text that is none."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return None
    return text if _DAY(text) else None
