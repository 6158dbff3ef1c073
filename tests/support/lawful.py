"""What must hold of the board of any items on any day, told without the shortcuts that the board takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from shared.contracts.fact import Day
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import plus
from tests.support.items import MAPPINGS
from tests.support.plain import PlainBoard


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
    board, plain = evaluate(MAPPINGS, items, today).board, PlainBoard(MAPPINGS, items, today)
    for name, barrier in board.barriers.items():
        assert (barrier.status, barrier.since) == (plain.status(name), plain.since(partial(plain.status, name))), name
    assert (board.stage, board.since) == (plain.stage(), plain.since(plain.stage))
