"""What must hold of the board of any items on any day, told without the shortcuts that the board takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from shared.contracts.board import BARRIERS
from shared.contracts.fact import Day
from shared.rules.barrier import NOT_ASSESSED
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import plus
from shared.rules.stage import stage
from shared.rules.timeline import Timeline
from shared.rules.track import OPEN_STATUSES, Track
from tests.support.items import MAPPINGS


def assert_lawful(items: Sequence[ItemSnapshot], today: Day, until: Day) -> None:
    """All of the below."""
    assert_stays_until_the_next_day(items, today, until)
    assert_since_follows_the_letter(items, today)
    assert evaluate(MAPPINGS, [*reversed(items)], today) == evaluate(MAPPINGS, items, today)


def assert_stays_until_the_next_day(items: Sequence[ItemSnapshot], today: Day, until: Day) -> None:
    """The coordinator looks at a case again only on `next_day`; until then each day has the same board."""
    evaluation = evaluate(MAPPINGS, items, today)
    assert evaluation.next_day is None or evaluation.next_day > today
    day = plus(today, 1)
    while day < min(evaluation.next_day or until, until):
        later = evaluate(MAPPINGS, items, day)
        assert (later.board, later.hidden) == (evaluation.board, evaluation.hidden), day
        day = plus(day, 1)


def assert_since_follows_the_letter(items: Sequence[ItemSnapshot], today: Day) -> None:
    """Asked on each single day on which any entry of any path starts, statuses and stages give the same `since`."""
    case = Timeline(items, today)
    board = evaluate(MAPPINGS, items, today).board
    tracks = {name: Track(name, MAPPINGS.get(name), case) for name in board.barriers}

    def status_on(name: str, day: Day) -> str:
        return tracks[name].find(case.on(day)).status

    def is_ready(day: Day) -> bool:
        found = [(name, status_on(name, day)) for name in board.barriers]
        return not any(one in OPEN_STATUSES or (one == NOT_ASSESSED and name in BARRIERS) for name, one in found)

    def stage_on(day: Day) -> str:
        return stage(case.on(day), begun, lambda: is_ready(day))

    for name, barrier in board.barriers.items():
        assert barrier.since == _since(case, barrier.status, partial(status_on, name)), name
    begun = case.begun
    assert board.since == _since(case, board.stage, stage_on)


def _since(case: Timeline, present: str, word_on: Callable[[Day], str]) -> Day:
    first = None
    for day in sorted({day for line in case.lines for day in line.days if day <= case.today}, reverse=True):
        if word_on(day) == present:
            first = day
        elif first is not None:
            return first
    return first or case.first_fact
