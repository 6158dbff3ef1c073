"""How often a mapping is asked about the past: a board costs what has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from shared.contracts.fact import Day
from shared.rules.barrier import BarrierMapping, Verdict
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.scene import Scene, plus
from tests.support.items import MAPPINGS, Entry, case, entry, item, procedure

TODAY = "2029-01-01"


def _days_asked(mapping: BarrierMapping, *items: ItemSnapshot) -> list[Day]:
    """The days about which a mapping is asked for one board, the present left out."""
    asked: list[Day] = []

    def judge(scene: Scene) -> Verdict | None:
        if not scene.present:
            asked.append(scene.day)
        return mapping.judge(scene)

    mappings: Mapping[str, BarrierMapping] = {**MAPPINGS, mapping.barrier: replace(mapping, judge=judge)}
    evaluate(mappings, items, TODAY)
    return asked


def _path(statuses: Sequence[str]) -> list[Entry]:
    return [entry(plus("2026-01-01", number), status) for number, status in enumerate(statuses)]


LATER = case(entry("2025-01-01", "open"), entry("2028-02-01", "open", phase=2))


@pytest.mark.parametrize("count", [10, 500])
def test_a_long_run_of_one_status_is_asked_about_twice(count: int) -> None:
    """On its last day and on the day before it, however many entries there are in it."""
    path = _path(["advised", *["submitted", "receipt-confirmed"] * count])
    assert len(_days_asked(MAPPINGS["recognition"], item("recognition", "procedure-1", path), LATER)) == 2


@pytest.mark.parametrize("count", [10, 500])
def test_a_present_status_that_began_yesterday_needs_no_more_of_the_past(count: int) -> None:
    """The walk back stops where the status was another."""
    path = _path([*["advised", "submitted"] * count, "full"])
    assert len(_days_asked(MAPPINGS["recognition"], item("recognition", "procedure-1", path), LATER)) == 2


@pytest.mark.parametrize("count", [10, 500])
def test_whoever_must_be_followed_to_the_beginning_is_asked_once_for_each_turn(count: int) -> None:
    """The stage asks for what stood between the case and being ready on each day; nobody is asked about a day twice."""
    words = dict.fromkeys(("childcare", "language", "residence"), "absent")
    declared = case(entry("2025-01-01", "open", declared=words, foreignDegree="none"))
    path = _path(["submitted", "full"] * count)
    asked = _days_asked(MAPPINGS["recognition"], item("recognition", "procedure-1", path), declared)
    assert len(asked) == len(set(asked)) <= 2 * count + 1


def test_a_barrier_of_which_nobody_spoke_is_not_asked_at_all() -> None:
    """Not about the present either."""

    def judge(scene: Scene) -> Verdict | None:
        raise AssertionError(scene.day)

    silent = {name: replace(MAPPINGS[name], judge=judge) for name in ("childcare", "language", "residence")}
    evaluate({**MAPPINGS, **silent}, [procedure("1", "submitted")], TODAY)
