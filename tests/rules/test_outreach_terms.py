"""An introduction carries its opening's terms, day by day, and freezes them at the hire (states.md §5, readings 17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.outreach.snapshot import ITEMS
from services.outreach.table import TERMS as NAMES
from shared.contracts.fact import Fact
from shared.rules.model import OK
from tests.support.given import Given, correction, retraction
from tests.support.hires import (
    BAKERY,
    CLINIC,
    TERMS,
    given,
    hired,
    introduced,
    opening,
    published,
    retained,
    said,
)
from tests.support.reports import reports
from tests.support.whole import openings

PUBLISHED = {"status": "published", **TERMS}
FILLED = {"status": "filled", **TERMS}
STRICTER = {**PUBLISHED, "minGermanLevel": "B1"}


def _raised(day: str) -> Fact:
    """The employer asks for more German."""
    return opening("changed", day, minGermanLevel="B1")


def _terms(result: Given) -> list[tuple[Any, ...]]:
    return result.path("terms")


def test_an_introduction_carries_the_status_and_terms_of_its_opening() -> None:
    """Whichever was reported first; the details of the opening stay with it."""
    facts = (published("2026-01-05", mentor=True), introduced("2026-02-02"))
    for told in (facts, facts[::-1]):
        result = given(*told).then(terms=PUBLISHED, openingId=BAKERY)
        assert _terms(result) == [("introduced", "2026-02-02", PUBLISHED)]


def test_a_change_of_the_opening_is_an_entry_on_its_own_day() -> None:
    """Also when it is filled; the introduction's own status and its day stay."""
    facts = (published("2026-01-05"), introduced("2026-02-02"), _raised("2026-02-10"), opening("filled", "2026-03-02"))
    result = given(*facts).then(status="introduced", since="2026-02-02", terms={**FILLED, "minGermanLevel": "B1"})
    assert _terms(result) == [
        ("introduced", "2026-02-02", PUBLISHED),
        ("introduced", "2026-02-10", STRICTER),
        ("introduced", "2026-03-02", {**FILLED, "minGermanLevel": "B1"}),
    ]


def test_what_changed_before_the_introduction_is_no_entry() -> None:
    """The terms of its first day are there at once; those of the same day count."""
    result = given(published("2026-01-05"), _raised("2026-02-02"), introduced("2026-02-02"))
    assert _terms(result) == [("introduced", "2026-02-02", STRICTER)]


def test_a_change_of_details_is_no_entry() -> None:
    """Only what the board reads is carried."""
    result = given(published("2026-01-05"), introduced("2026-02-02"), opening("changed", "2026-02-10", places=1))
    assert _terms(result) == [("introduced", "2026-02-02", PUBLISHED)]


def test_an_opening_that_nobody_reported_has_no_terms() -> None:
    """The introduction is accepted, and gets them by itself."""
    facts = (introduced("2026-02-02"), hired("2026-03-02"))
    result = given(*facts).then(terms=None, openingId=BAKERY, parked={})
    assert _terms(result) == [("introduced", "2026-02-02", None), ("hired", "2026-03-02", None)]
    result = given(*facts, published("2026-01-05")).then(terms=PUBLISHED)
    assert _terms(result) == [("introduced", "2026-02-02", PUBLISHED), ("hired", "2026-03-02", PUBLISHED)]
    given(*facts, published("2026-01-05", id=CLINIC)).then(terms=None)


@pytest.mark.parametrize("told", ["filled alone", "taken back"])
def test_an_opening_of_which_nothing_is_in_force_has_no_terms(told: str) -> None:
    """Only filled, or all taken back: nobody knows what it asks for."""
    offer = published("2026-01-05")
    known = [opening("filled", "2026-01-20")] if told == "filled alone" else [offer, retraction(offer)]
    given(*known, introduced("2026-02-02")).then(status="introduced", terms=None)


def test_an_opening_published_later_has_terms_from_its_day() -> None:
    """Before, it was unknown."""
    result = given(introduced("2026-02-02"), published("2026-02-20"))
    assert _terms(result) == [("introduced", "2026-02-02", None), ("introduced", "2026-02-20", PUBLISHED)]


def test_the_hire_freezes_the_terms() -> None:
    """Of its day, that day's changes included, whatever becomes of the opening."""
    facts = (published("2026-01-05"), introduced("2026-02-02"), hired("2026-03-02"))
    after = (_raised("2026-03-03"), opening("withdrawn", "2026-04-01"))
    result = given(*facts, *after).then(terms=PUBLISHED)
    assert _terms(result) == [("introduced", "2026-02-02", PUBLISHED), ("hired", "2026-03-02", PUBLISHED)]
    given(*facts, _raised("2026-03-02"), opening("filled", "2026-03-02")).then(terms={**FILLED, "minGermanLevel": "B1"})


def test_frozen_terms_stay_to_the_end_of_the_employment() -> None:
    """Through every mark."""
    facts = (published("2026-01-05"), hired("2026-03-02", openingId=BAKERY), _raised("2026-03-20"))
    later = (retained("2026-05-01", "6w"), said("employment-ended", "2026-06-30"))
    result = given(*facts, *later).then(terms=PUBLISHED)
    assert [terms for *_, terms in _terms(result)] == [PUBLISHED] * 3


def test_an_opening_known_only_after_the_hire_gives_its_first_terms() -> None:
    """The hire's day comes before all that is known; later changes still do not count, earlier ones would."""
    facts = (introduced("2026-02-02"), hired("2026-03-02"), published("2026-03-10"), _raised("2026-04-01"))
    result = given(*facts).then(terms=PUBLISHED)
    assert _terms(result) == [("introduced", "2026-02-02", None), ("hired", "2026-03-02", PUBLISHED)]
    earlier = opening("changed", "2026-02-20", minGermanLevel="A1")
    assert given(*facts, earlier).state["terms"] == {"status": "published", "minGermanLevel": "A1"}


def test_a_hire_taken_back_lets_the_terms_follow_again() -> None:
    """As if it had never been; corrected to a later day, it freezes what held then."""
    hire = hired("2026-03-02")
    facts = (published("2026-01-05"), introduced("2026-02-02"), hire, _raised("2026-03-20"))
    given(*facts).then(terms=PUBLISHED)
    given(*facts, retraction(hire)).then(status="introduced", terms=STRICTER)
    given(*facts, correction(hire, hired("2026-03-20"))).then(status="hired", terms=STRICTER)


def test_terms_begin_with_the_fact_that_names_the_opening() -> None:
    """Also if that is a second report of the hire: then they are those of the hire's day."""
    offer = (published("2026-01-05"), _raised("2026-02-20"))
    result = given(*offer, said("interview-held", "2026-02-02"), said("trial-agreed", "2026-02-09", openingId=BAKERY))
    assert _terms(result) == [
        ("interview-held", "2026-02-02", None),
        ("trial-agreed", "2026-02-09", PUBLISHED),
        ("trial-agreed", "2026-02-20", STRICTER),
    ]
    again = hired("2026-03-09", "2026-02-10", openingId=BAKERY)
    result = given(*offer, hired("2026-02-10"), again)
    assert _terms(result) == [("hired", "2026-02-10", None), ("hired", "2026-03-09", PUBLISHED)]


def test_the_snapshot_has_no_more_of_an_opening_than_its_terms() -> None:
    """No place of work and no employer travels with a case."""
    shape = next(item.state for item in ITEMS if item.prefix == "introduction-")
    assert "employer_site" not in shape.__struct_fields__
    terms = given(published("2026-01-05", employerSite="12345678"), introduced("2026-02-02")).state["terms"]
    assert set(terms) == {"status", *NAMES}


# Laws


def _plain(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.corrects is None and fact.name != "retracted"]


def _known_on(facts: Sequence[Fact], opening: str, day: str) -> dict[str, Any] | None:
    """The opening as it was told up to a day: derived from those facts alone."""
    state = openings([fact for fact in facts if fact.occurred_on <= day]).get(opening)
    if state is None or not state["path"]:
        return None
    return {name: state[name] for name in ("status", *NAMES) if name in state}


@for_all(reports("outreach"))
def test_on_each_day_the_terms_are_those_that_were_known_of_it(facts: list[Fact]) -> None:
    """Told without the paths: until the hire from the facts up to that day, from then on up to the hire's."""
    plain = _plain(facts)
    result = given(*plain)
    told = sorted({fact.occurred_on for fact in plain if fact.item == "opening"})
    for name in {fact.item for fact in plain if fact.item.startswith("introduction-")}:
        item = result.item(name)
        hires = [fact for fact in item.facts if fact.name == "hired" and item.codes[fact.key] == OK]
        hire = hires[0].occurred_on if hires else None
        for entry in item.state["path"]:
            opening_id = entry.get("openingId", "")
            if hire is None or entry["since"] < hire:
                expected = _known_on(plain, opening_id, entry["since"])
            else:
                days = [hire, *(day for day in told if day > hire)]
                expected = next((terms for day in days if (terms := _known_on(plain, opening_id, day))), None)
            assert entry.get("terms") == expected
        if item.state["path"]:
            assert item.state.get("terms") == item.state["path"][-1].get("terms")


@for_all(reports("outreach"), st.data())
def test_what_becomes_of_the_opening_after_the_hire_changes_nothing(facts: list[Fact], data: st.DataObject) -> None:
    """If the opening was known by then, an employment lasts on its terms."""
    plain = _plain(facts)
    hire, offer = hired("2026-03-02", introduction="z", openingId=BAKERY), published("2026-03-01")
    later = data.draw(st.sampled_from((_raised("2026-03-03"), opening("withdrawn", "2026-05-05"))))
    kept = [fact for fact in plain if fact.item != "opening" or fact.occurred_on <= "2026-03-02"]
    states = [
        given(hire, offer, *others).item("introduction-z").state for others in (plain, kept, [*plain, later], [later])
    ]
    assert states[0] == states[1] == states[2]
    assert "terms" in states[0] and states[3]["terms"] == PUBLISHED
