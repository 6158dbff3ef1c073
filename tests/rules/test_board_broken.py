"""The laws of the board, broken on purpose: each check must find a case that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from shared.rules import timeline
from shared.rules.barrier import Verdict
from shared.rules.board import ItemSnapshot
from shared.rules.scene import Scene, plus
from tests.support.items import MAPPINGS
from tests.support.lawful import assert_lawful, assert_since_follows_the_letter, assert_stays_until_the_next_day
from tests.support.lives import FIRST, cases, days, introductions, items_of_a_case, permits

#: Enough to find a broken law, generated only: nobody reads the example.
LOOKING = settings(max_examples=6_000, database=None, phases=[Phase.generate], derandomize=True, deadline=None)
WHOLE = items_of_a_case()
LONE_CASE = cases().map(lambda case: [case])
#: Which of two permits counts: employment decides.
EMPLOYED_WITH_PERMITS = st.tuples(permits(1), permits(2), introductions(1)).map(list)
LAST = plus(FIRST, 460)

Check = Callable[[list[ItemSnapshot], str], None]


def _is_found(check: Check, items: st.SearchStrategy[list[ItemSnapshot]] = WHOLE, looking: settings = LOOKING) -> bool:
    """Whether some items fail the check."""

    def fails(drawn: tuple[list[ItemSnapshot], str]) -> bool:
        try:
            check(*drawn)
        except AssertionError:
            return True
        return False

    try:
        find(st.tuples(items, days), fails, settings=looking)
    except NoSuchExample:
        return False
    return True


def _stays(items: list[ItemSnapshot], today: str) -> None:
    assert_stays_until_the_next_day(items, today, LAST)


def _lawful(items: list[ItemSnapshot], today: str) -> None:
    assert_lawful(items, today, LAST)


def test_a_mapping_that_forgets_the_calendar_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its days are in no path, so the board would change unseen."""
    monkeypatch.setitem(MAPPINGS, "residence", replace(MAPPINGS["residence"], days=None))
    assert _is_found(_stays, LONE_CASE)


def test_a_mapping_that_conceals_what_it_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """`since` would miss the day on which the target changed."""
    monkeypatch.setitem(MAPPINGS, "recognition", replace(MAPPINGS["recognition"], reads=()))
    assert _is_found(assert_since_follows_the_letter)


@pytest.mark.parametrize(
    ("barrier", "kind", "items"),
    [
        *(("recognition", kind, WHOLE) for kind in ("procedure-", "case", "introduction-")),
        *(("residence", kind, WHOLE) for kind in ("permit-", "case")),
        ("residence", "introduction-", EMPLOYED_WITH_PERMITS),
    ],
)
def test_a_mapping_that_names_too_little_of_an_item_is_found(
    monkeypatch: pytest.MonkeyPatch, barrier: str, kind: str, items: st.SearchStrategy[list[ItemSnapshot]]
) -> None:
    """A day on which something that counts changed would be taken for the day before."""
    mapping = MAPPINGS[barrier]
    facets = {**mapping.facets, kind: lambda fields: None}
    reads = tuple({*mapping.reads, kind} - {*mapping.items})
    monkeypatch.setitem(MAPPINGS, barrier, replace(mapping, facets=facets, reads=reads))
    assert _is_found(assert_since_follows_the_letter, items)


def test_a_mapping_that_conceals_who_speaks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the case alone says of recognition would never be heard."""
    monkeypatch.setitem(MAPPINGS, "recognition", replace(MAPPINGS["recognition"], speaks=()))
    assert _is_found(assert_since_follows_the_letter, LONE_CASE)


def test_a_board_that_takes_items_as_they_come_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two procedures as far as each other would be told by chance."""

    def as_they_come(found: Any, key: Any = None, reverse: bool = False) -> list[Any]:
        return list(found) if key else sorted(found, reverse=reverse)

    monkeypatch.setattr(timeline, "sorted", as_they_come, raising=False)
    assert _is_found(_lawful)


def test_a_mapping_that_remembers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board must not depend on what was asked before."""
    asked: list[str] = []

    def judge(scene: Scene) -> Verdict | None:
        asked.append(scene.day)
        procedures = scene.of("procedure-")
        return Verdict("open" if len(asked) % 2 else "in-progress", procedures[:1]) if procedures else None

    monkeypatch.setitem(MAPPINGS, "recognition", replace(MAPPINGS["recognition"], judge=judge))
    assert _is_found(_lawful)


def test_a_mapping_that_only_reads_its_items_is_not_found() -> None:
    """The checks accept what stands."""
    assert not _is_found(_lawful, looking=settings(LOOKING, max_examples=30))
