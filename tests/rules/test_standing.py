"""Corrections, retractions and their chains (readings 13)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from shared.contracts.fact import Fact
from shared.rules.model import CORRECTED, OK, RETRACTED, TARGET_UNKNOWN
from shared.rules.standing import standing
from tests.support.given import correction, retraction
from tests.support.procedures import decided, given, said, submitted

ITEM = "procedure-nurse-4f7q"


def _complete(day: str, **more: Any) -> Fact:
    return said("documents-complete", day, **more)


def _stands(*facts: Fact) -> list[Fact]:
    return list(standing(facts).items[ITEM])


def _codes(*facts: Fact) -> list[str | None]:
    codes = standing(facts).codes
    return [codes.get(fact.key) for fact in facts]


def test_without_corrections_everything_stands() -> None:
    """And nothing has another code than the walk gives it."""
    facts = (submitted("2026-01-05"), _complete("2026-02-02"))
    assert (_stands(*facts), _codes(*facts)) == (list(facts), [None, None])


def test_a_correction_replaces_the_content() -> None:
    """The old one says that it was corrected, the new one stands in its place."""
    first = _complete("2026-02-02")
    second = correction(first, _complete("2026-02-12"))
    assert (_stands(first, second), _codes(first, second)) == ([second], [CORRECTED, None])
    result = given(first, second).then(since="2026-02-12", parked={})
    assert (result.code(first), result.code(second)) == (CORRECTED, OK)


def test_of_two_corrections_of_one_report_the_later_wins() -> None:
    """By time, then by id; whatever they came in."""
    first = _complete("2026-02-02")
    early, late = (correction(first, _complete(day, time=time)) for day, time in (("2026-02-03", 5), ("2026-02-04", 6)))
    assert _stands(late, first, early) == [late]
    assert _codes(first, early, late) == [CORRECTED, CORRECTED, None]
    same, other = (replace(late, id=name) for name in ("a", "b"))
    assert _stands(first, other, same) == [other]


def test_a_correction_may_be_corrected() -> None:
    """The end of the chain stands."""
    first = _complete("2026-02-02")
    second = correction(first, _complete("2026-02-03"))
    third = correction(second, _complete("2026-02-04"))
    assert (_stands(third, first, second), _codes(first, second, third)) == ([third], [CORRECTED, CORRECTED, None])


def test_a_retraction_removes_and_may_arrive_before_its_target() -> None:
    """The retraction itself is in force."""
    wrong = _complete("2026-02-02")
    back = retraction(wrong)
    assert (_stands(back, wrong), _codes(wrong, back)) == ([], [RETRACTED, OK])
    assert given(submitted("2026-01-05"), wrong, back).then(status="submitted").code(wrong) == RETRACTED
    assert _codes(back) == [TARGET_UNKNOWN]


def test_retracting_a_correction_restores_what_it_replaced() -> None:
    """Also what hangs below the correction goes with it."""
    first = _complete("2026-02-02")
    second = correction(first, _complete("2026-02-03"))
    third = correction(second, _complete("2026-02-04"))
    assert _stands(first, second, retraction(second)) == [first]
    assert _codes(first, second, third, retraction(second))[:3] == [None, RETRACTED, RETRACTED]
    assert _stands(first, second, third, retraction(third)) == [second]


def test_retracting_the_later_of_two_corrections_leaves_the_earlier() -> None:
    """It had only been outdone."""
    first = _complete("2026-02-02")
    early, late = (correction(first, _complete(day)) for day in ("2026-02-03", "2026-02-04"))
    assert _stands(first, early, late, retraction(late)) == [early]


def test_retracting_a_retraction_restores_and_so_on() -> None:
    """Each one undoes the one before it."""
    first = _complete("2026-02-02")
    back = retraction(first)
    again = retraction(back)
    final = retraction(again)
    assert (_stands(first, back, again), _codes(first, back, again)) == ([first], [None, RETRACTED, OK])
    assert (_stands(first, back, again, final), _codes(back, again, final)[-1]) == ([], TARGET_UNKNOWN)
    assert _codes(first, back, again, final) == [RETRACTED, OK, RETRACTED, OK]


def test_of_two_retractions_one_may_be_taken_back() -> None:
    """The other still removes."""
    first = _complete("2026-02-02")
    one, two = retraction(first), retraction(first)
    assert _stands(first, one, two, retraction(one)) == []


def test_retracting_the_original_ends_the_chain() -> None:
    """Its corrections go with it, whenever they come."""
    first = _complete("2026-02-02")
    second = correction(first, _complete("2026-02-03"))
    back = retraction(first)
    assert (_stands(first, second, back), _codes(first, second, back)) == ([], [RETRACTED, RETRACTED, OK])
    late = correction(second, _complete("2026-02-09"))
    assert _stands(back, late, first, second) == []


def test_another_sources_report_is_a_target_unknown() -> None:
    """A stranger learns nothing, and the report stands; the same id of another source is no target either."""
    first = _complete("2026-02-02")
    foreign = correction(first, _complete("2026-02-03"), by="stranger")
    back = retraction(first, by="stranger")
    assert (_stands(first, foreign, back), _codes(first, foreign, back)) == (
        [first],
        [None, TARGET_UNKNOWN, TARGET_UNKNOWN],
    )
    system = replace(_complete("2026-02-03"), source=f"{first.source}/other", corrects=first.id)
    assert _codes(first, system) == [None, TARGET_UNKNOWN]


def test_a_chain_without_an_original_and_a_cycle_are_parked() -> None:
    """Until the original comes, if it ever does."""
    first = _complete("2026-02-02")
    second = correction(first, _complete("2026-02-03"))
    third = correction(second, _complete("2026-02-04"))
    assert _codes(second, third, retraction(second)) == [TARGET_UNKNOWN] * 3
    assert _stands(second, third) == []
    one = _complete("2026-02-02", id="one")
    other = _complete("2026-02-03", id="other")
    one, other = replace(one, corrects="other"), replace(other, corrects="one")
    assert (_stands(one, other), _codes(one, other)) == ([], [TARGET_UNKNOWN] * 2)
    itself = replace(_complete("2026-02-02", id="self"), corrects="self")
    assert _codes(itself) == [TARGET_UNKNOWN]
    round_trip = [retraction(first, id="x"), retraction(first, id="y")]
    turning = [
        replace(fact, data={**fact.data, "reportId": target}) for fact, target in zip(round_trip, "yx", strict=True)
    ]
    assert _codes(first, *turning) == [None, TARGET_UNKNOWN, TARGET_UNKNOWN]


def test_a_retraction_may_not_be_corrected() -> None:
    """Neither by a report nor by another retraction."""
    first = _complete("2026-02-02")
    back = retraction(first)
    fixed = correction(back, _complete("2026-02-03"))
    renamed = replace(retraction(first), corrects=back.id)
    assert (_stands(first, back, fixed), _codes(first, back, fixed)) == ([], [RETRACTED, OK, TARGET_UNKNOWN])
    assert _codes(first, back, renamed) == [RETRACTED, OK, TARGET_UNKNOWN]


def test_a_correction_may_move_a_fact_to_another_item() -> None:
    """The item that it left keeps its row and says that nothing stands there."""
    first = submitted("2026-01-05")
    moved = correction(first, submitted("2026-01-05", procedure="other"))
    result = given(first, moved)
    empty = result.item(ITEM)
    assert empty.state == {
        "status": "withdrawn", "flags": [], "turn": None, "since": None, "dueOn": None, "ruleId": None,
        "stalledFrom": None, "availableFrom": None, "path": [], "ahead": [],
    }  # fmt: skip
    assert (empty.facts, empty.because, empty.conflicts) == ((), (), ())
    assert result.item("procedure-other").state["status"] == "submitted"
    back = given(first, moved, retraction(moved))
    assert (back.item(ITEM).state["status"], back.item("procedure-other").state["status"]) == ("submitted", "withdrawn")


def test_a_correction_that_is_not_taken_up_still_leaves_a_row_for_its_item() -> None:
    """An item that any stored fact ever named is said."""
    lost = correction(submitted("2026-01-05"), submitted("2026-01-05", procedure="ghost"))
    assert given(decided("2026-03-01", "full"), lost).item("procedure-ghost").state["status"] == "withdrawn"


def test_of_resends_the_earliest_time_counts() -> None:
    """The same report twice is one fact."""
    first = _complete("2026-02-02", time=100)
    assert _stands(first, replace(first, time=50)) == [replace(first, time=50)]


@pytest.mark.parametrize("length", [2, 5_000])
def test_long_chains_are_no_trouble(length: int) -> None:
    """Corrections and retractions always pass, so that chains may be long."""
    chain = [_complete("2026-02-02")]
    for _ in range(length):
        chain.append(correction(chain[-1], _complete("2026-02-03")))
    assert _stands(*chain) == [chain[-1]]
    backs = [chain[0]]
    for _ in range(length):
        backs.append(retraction(backs[-1]))
    assert _stands(*backs) == [chain[0]]
