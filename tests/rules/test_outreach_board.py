"""Real introductions on the board: what they bridge, how far the case has come (states.md §§6.5, 7; readings 26)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.board import Barrier
from shared.contracts.fact import Fact
from shared.rules.board import ItemSnapshot
from shared.rules.scene import plus
from tests.support import whole
from tests.support.given import report, retraction
from tests.support.hires import BAKERY, CLINIC, hired, introduced, opening, published, reported, retained, said
from tests.support.lawful import assert_lawful
from tests.support.whole import board_of, days, openings, snapshots

TODAY = "2026-06-03"
TARGET: dict[str, Any] = {
    "targetKldb": "29222",
    "targetGermanLevel": "B2",
    "targetRegulated": False,
    "foreignDegree": "unclear",
}
#: A baker with A2 whose procedure runs; everything else is settled.
BAKER = (
    report("case-opened", "case", "2025-08-18", ags="05162024", benefitCarrier="jobcenter"),
    report("employment-access-changed", "case", "2025-08-18", access="free"),
    report("potential-assessed", "case", "2025-08-25", **TARGET),
    report("barrier-declared-absent", "case", "2025-08-25", barrier="childcare"),
    report("level-certified", "level", "2025-12-01", germanLevel="A2"),
    report(
        "submitted", "procedure-1", "2025-12-10", procedureId="1", recognitionRoute="a", referenceOccupation="29222",
        body="zag-muenster",
    ),
)  # fmt: skip
OFFER = published("2026-01-05")


def _barrier(name: str, *facts: Fact, today: str = TODAY) -> Barrier:
    return board_of(*BAKER, *facts, today=today).board.barriers[name]


def _both(*facts: Fact, today: str = TODAY) -> list[tuple[str, tuple[str, ...]]]:
    found = [_barrier(name, *facts, today=today) for name in ("recognition", "language")]
    return [(one.status, one.bridged_by) for one in found]


OPEN = [("in-progress", ()), ("open", ())]
BRIDGED = [("bridged", (BAKERY,)), ("bridged", (BAKERY,))]


def test_an_employer_who_takes_a_person_bridges_recognition_and_language() -> None:
    """For the one opening, since the introduction; the procedure goes on beneath."""
    first = introduced("2026-02-02")
    assert _both(OFFER) == OPEN
    assert _both(OFFER, first) == BRIDGED
    for name, turn in (("recognition", "competent-body"), ("language", "competent-body")):
        found = _barrier(name, OFFER, first)
        assert (found.since, found.stalled, found.turn) == ("2026-02-02", False, turn)
        (because,) = found.because
        assert (because.service, because.item, because.institution) == (
            "outreach",
            "introduction-a1",
            "arbeitgeberservice-niederrhein",
        )
        assert [one.id for one in because.facts] == [first.id]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"acceptsPendingRecognition": False}, [OPEN[0], BRIDGED[1]]),
        ({"minGermanLevel": "B1"}, [BRIDGED[0], OPEN[1]]),
        ({"minGermanLevel": "PRE_A1"}, BRIDGED),
        ({"minGermanLevel": None}, [BRIDGED[0], OPEN[1]]),
        ({"regulatedOccupation": True}, [OPEN[0], BRIDGED[1]]),
        ({"regulatedOccupation": True, "kldb": "81302"}, OPEN),
        ({"regulatedOccupation": True, "kldb": "81404"}, OPEN),
        ({"regulatedOccupation": False, "kldb": "81302"}, BRIDGED),
    ],
)
def test_what_is_bridged_depends_on_the_terms(terms: dict[str, Any], expected: list[Any]) -> None:
    """The level that is asked for, pending recognition, and no reserved task; a licence asks for its own level."""
    assert _both(published("2026-01-05", **terms), introduced("2026-02-02")) == expected


@pytest.mark.parametrize("known", ["2026-01-05", "2026-02-20"])
def test_an_opening_reported_later_bridges_by_itself(known: str) -> None:
    """From its day, or since the introduction if it was there before."""
    first = introduced("2026-02-02")
    assert _both(first) == OPEN
    assert _both(first, published(known)) == BRIDGED
    assert _barrier("recognition", first, published(known)).since == max(known, "2026-02-02")


def test_a_bridge_falls_with_the_opening_and_with_the_introduction() -> None:
    """Filled by another, withdrawn, taken back, or ended without a hire."""
    first = introduced("2026-02-02")
    for end in (
        (opening("filled", "2026-03-02"),),
        (opening("withdrawn", "2026-03-02"),),
        (said("introduction-ended", "2026-03-02"),),
    ):
        assert _both(OFFER, first, *end) == OPEN
        assert _barrier("recognition", OFFER, first, *end).since == "2026-03-02"
    assert _both(OFFER, first, retraction(OFFER)) == OPEN
    assert _both(OFFER, first, retraction(first)) == OPEN
    assert _barrier("recognition", OFFER, first, retraction(first)).since == "2025-12-10"


def test_a_hire_bridges_as_long_as_the_employment_lasts() -> None:
    """Whatever becomes of the opening and of what it asks for; not before it is known."""
    employed = (OFFER, introduced("2026-02-02"), hired("2026-03-02"))
    after = (opening("filled", "2026-03-10"), opening("changed", "2026-03-11", minGermanLevel="C1"))
    assert _both(*employed, *after) == BRIDGED
    assert _both(*employed, *after, retained("2026-04-20", "6w")) == BRIDGED
    assert _barrier("language", *employed, *after).since == "2026-02-02"
    assert _both(*employed, *after, said("employment-ended", "2026-05-31")) == OPEN
    assert _both(*employed, opening("filled", "2026-03-02")) == BRIDGED
    assert _both(OFFER, opening("withdrawn", "2026-02-20"), introduced("2026-02-25")) == OPEN
    assert _both(hired("2026-03-02")) == OPEN
    alone = hired("2026-03-02", openingId=BAKERY)
    assert _both(alone) == OPEN
    assert _both(alone, published("2026-03-10")) == BRIDGED
    assert _barrier("language", alone, published("2026-03-10")).since == "2026-03-02"


def test_two_openings_bridge_together() -> None:
    """Sorted; each only what it accepts."""
    clinic = published("2026-01-05", id=CLINIC, minGermanLevel="C1")
    both = (OFFER, clinic, introduced("2026-02-02"), introduced("2026-02-09", CLINIC, introduction="b2"))
    assert _both(*both) == [("bridged", (BAKERY, CLINIC)), ("bridged", (BAKERY,))]


def test_what_is_resolved_meanwhile_is_no_longer_bridged() -> None:
    """The proceeding goes on and may still end well."""
    facts = (OFFER, introduced("2026-02-02"))
    decided = report("decided", "procedure-1", "2026-05-04", procedureId="1", outcome="full")
    assert _barrier("recognition", *facts, decided).status == "resolved"
    certified = report("level-certified", "level", "2026-05-04", germanLevel="B2")
    assert _barrier("language", *facts, certified).status == "resolved"


def test_the_stage_follows_the_introduction() -> None:
    """Introduced, hired, retained by the official rule; an end counts for nothing, and all bridged is ready."""

    def stage(*facts: Fact, today: str = "2027-06-01") -> tuple[str, str]:
        board = board_of(*BAKER, OFFER, *facts, today=today).board
        return board.stage, board.since

    way = [introduced("2026-02-02"), said("trial-agreed", "2026-02-09"), hired("2026-03-02")]
    assert stage() == ("clearing", "2025-08-18")
    assert stage(way[0]) == ("introduced", "2026-02-02")
    assert stage(*way[:2]) == ("introduced", "2026-02-02")
    assert stage(*way) == ("hired", "2026-03-02")
    assert stage(*way, retained("2026-06-02", "3m")) == ("hired", "2026-03-02")
    kept = (*way, retained("2026-09-01", "6m"))
    assert stage(*kept) == ("retained", "2026-09-01")
    assert stage(*kept, retained("2027-03-02", "12m")) == ("retained", "2026-09-01")
    assert stage(*kept, said("employment-ended", "2026-12-31")) == ("clearing", "2026-12-31")
    assert stage(way[0], said("introduction-ended", "2026-02-20")) == ("clearing", "2026-02-20")
    assert stage(*kept, report("case-closed", "case", "2027-01-15", reason="in-work")) == ("closed", "2027-01-15")


def test_a_mini_job_is_hired_and_never_retained() -> None:
    """Official figures do not count it."""
    facts = (hired("2026-01-02", kind="mini-job"), retained("2026-07-01", "6m"), retained("2027-01-05", "12m"))
    assert board_of(*BAKER, *facts, today="2027-02-01").board.stage == "hired"


def test_the_permit_of_the_running_employment_counts() -> None:
    """Found by the introduction that the permit names; after the end the most advanced counts again."""
    facts = [
        report("employment-access-changed", "case", "2026-01-02", access="permit-needed"),
        report("permit-granted", "permit-1", "2026-01-10", permitId="1"),
        report("permit-requested", "permit-2", "2026-02-20", permitId="2", introductionId="a1"),
    ]
    assert _barrier("residence", *facts).status == "resolved"
    assert _barrier("residence", *facts, OFFER, hired("2026-03-02", openingId=BAKERY)).status == "in-progress"
    over = (hired("2026-03-02"), said("employment-ended", "2026-04-30"))
    assert _barrier("residence", *facts, *over).status == "resolved"


# Laws, told from the rules' own words and the two snapshots, opening and introduction, side by side

_LEVELS = ("PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2")
_BEFORE = ("introduced", "interview-held", "trial-agreed", "trial-done")
_AFTER = ("hired", "retained-6w", "retained-3m", "retained-6m", "retained-12m")


def _at_least(level: str | None, wanted: str | None) -> bool:
    return level is not None and wanted is not None and _LEVELS.index(level) >= _LEVELS.index(wanted)


def _proven(facts: Sequence[Fact]) -> str | None:
    """The highest certificate, else the newest test by the sort."""
    certified = [fact.data["germanLevel"] for fact in facts if fact.name == "level-certified"]
    if certified:
        return str(max(certified, key=_LEVELS.index))
    tests = [fact for fact in facts if fact.data.get("evidence") == "placement-test"]
    newest = max(tests, key=lambda fact: (fact.occurred_on, fact.time, fact.source, fact.id), default=None)
    return newest.data["germanLevel"] if newest else None


def _accepted(introduction: ItemSnapshot, facts: Sequence[Fact]) -> dict[str, Any] | None:
    """The terms on which an introduction may bridge: the opening's own, as told by its own snapshot or at the hire."""
    state = introduction.state
    opening_id = state.get("openingId", "")
    if state["status"] in _BEFORE:
        terms = openings(facts).get(opening_id)
        return terms if terms is not None and terms["status"] == "published" and terms["path"] else None
    if state["status"] not in _AFTER:
        return None
    hire = next(one.occurred_on for one in introduction.facts if one.type.endswith(".hired.v1") and one.in_force)
    for last in (hire, *sorted({fact.occurred_on for fact in facts if fact.item == "opening"})):
        terms = openings([fact for fact in facts if fact.occurred_on <= last]).get(opening_id)
        if last >= hire and terms is not None and terms["path"]:
            return terms
    return None


def _bridge_recognition(terms: dict[str, Any], _: str | None) -> bool:
    return terms.get("acceptsPendingRecognition") is True and terms.get("regulatedOccupation") is False


def _bridge_language(terms: dict[str, Any], proven: str | None) -> bool:
    licence = {"81302": "B2", "81404": "C1"}.get(terms.get("kldb", "")) if terms.get("regulatedOccupation") else None
    return _at_least(proven, terms.get("minGermanLevel")) and (licence is None or _at_least(proven, licence))


@settings(max_examples=150)
@given(reported, whole.reported)
def test_whatever_is_reported_bridges_by_the_letter(outreach: list[Fact], others: list[Fact]) -> None:
    """§6.5: exactly the introductions whose opening accepts, and only what stands in the way beneath."""
    today = "2027-06-01"
    facts = [*outreach, *others]
    beneath = [fact for fact in facts if not fact.item.startswith("introduction-")]
    introductions = [one for one in snapshots(facts) if one.item.startswith("introduction-")]
    accepted = [(one, terms) for one in introductions if (terms := _accepted(one, facts)) is not None]
    board, below = (board_of(*told, today=today).board.barriers for told in (facts, beneath))
    for name, accepts in (("recognition", _bridge_recognition), ("language", _bridge_language)):
        takers = {one.state["openingId"] for one, terms in accepted if accepts(terms, _proven(facts))}
        bridged = bool(takers) and below[name].status in ("open", "in-progress", "not-resolvable")
        assert board[name].status == ("bridged" if bridged else below[name].status)
        assert board[name].bridged_by == (tuple(sorted(takers)) if bridged else ())
        assert (board[name].turn, board[name].due_on) == (below[name].turn, below[name].due_on)


@given(reported, whole.reported)
def test_whatever_is_reported_gives_the_stage_by_the_letter(outreach: list[Fact], others: list[Fact]) -> None:
    """§7: the first that holds."""
    facts = [*outreach, *others]
    board = board_of(*facts, today="2027-06-01").board
    found = snapshots(facts)
    statuses = {one.state["status"] for one in found if one.item.startswith("introduction-") and one.facts}
    told = [one for item in found for one in item.facts if one.in_force]
    assessed = all(board.barriers[name].status != "not-assessed" for name in board.barriers)
    if any(one.item == "case" and one.state["status"] == "closed" for one in found):
        stage = "closed"
    elif statuses & set(_AFTER[3:]):
        stage = "retained"
    elif statuses & set(_AFTER[:3]):
        stage = "hired"
    elif statuses & set(_BEFORE):
        stage = "introduced"
    elif not board.open_barriers and assessed:
        stage = "ready"
    else:
        stage = "clearing" if any(not one.type.endswith(".case-opened.v1") for one in told) else "registered"
    assert board.stage == stage


@settings(max_examples=60)
@given(reported, whole.reported, days)
def test_the_board_of_any_introductions_is_lawful(outreach: list[Fact], others: list[Fact], today: str) -> None:
    """The letter of `since`, no change before the next day, no order of items: with what outreach really says."""
    assert_lawful(snapshots([*outreach, *others]), today, until=plus(today, 100))


@given(reported, days, st.randoms(use_true_random=False))
def test_the_order_of_the_reports_does_not_matter(facts: list[Fact], today: str, chance: Any) -> None:
    """Openings and introductions in any order end in the same board (law 1)."""
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert board_of(*shuffled, today=today) == board_of(*facts, today=today)
