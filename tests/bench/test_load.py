"""What the growth benchmark measures is the same at every size, but for the number of cases."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.load import FIRST, FRESH, STEPS, TURNS, batch_records, load

TURNS_OF_ALL = range(FIRST + TURNS + FRESH)


@pytest.mark.parametrize("count", [200, 10_000, 100_000, 300_000])
def test_every_size_gets_the_same_mix_of_events(count: int) -> None:
    """Each of the steps after the first is measured equally often, and follows the step that the case has had."""
    measured = load(count)
    filled = {case: step for case, _, step in measured.filling()}
    last = dict(filled)
    for turn in TURNS_OF_ALL:
        steps = Counter[int]()
        for case, _, step in measured.events(turn):
            assert step == last[case] + 1
            last[case] = step
            steps[step] += 1
        assert set(steps) == set(range(1, STEPS + 1))
        assert sum(steps.values()) == measured.count
        assert max(steps.values()) < 1.15 * min(steps.values())
        if measured.refilled:
            last = dict(filled)


@pytest.mark.parametrize("count", [200, 10_000, 100_000])
def test_no_batch_holds_a_case_twice(count: int) -> None:
    """Wherever it begins in the topic; the smallest size decides how large it may be."""
    names = [case for case, _, _ in load(count).events(0)]
    size = batch_records([200])
    for start in range(0, min(len(names), 20_000), 7):
        batch = names[start : start + size]
        assert len(set(batch)) == len(batch)


def test_the_cases_with_further_events_are_drawn_evenly_over_all() -> None:
    """In each tenth of the cases about a tenth of them."""
    measured = load(300_000)
    tenths = Counter(number // 30_000 for turn in TURNS_OF_ALL for number in measured.chosen[turn])
    assert len(tenths) == 10
    assert max(tenths.values()) < 1.05 * min(tenths.values())
