"""Hypothesis: cases as their snapshots may tell them, with dates that meet each other often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shared.contracts.snapshot import FactHeader
from shared.rules.board import ItemSnapshot
from shared.rules.scene import plus
from tests.support.items import Entry, case, entry, fact, item

FIRST = "2026-01-01"
PROCEDURE_STATES = (
    *("unclear", "advised", "submitted", "documents-requested", "complete", "full", "partial", "none", "withdrawn"),
    *("compensation-required", "waiting-for-place", "measure-running", "exam-failed", "licence-issued"),
)
INTRODUCTION_STATES = (
    *("introduced", "interview-held", "trial-done", "ended"),
    *("hired", "retained-6w", "retained-6m", "employment-ended"),
)
KLDB = ("81302", "81301", "43104", "43102")

days = st.integers(0, 240).map(lambda number: plus(FIRST, number))


@st.composite
def _path(draw: st.DrawFn, states: tuple[str, ...], facets: st.SearchStrategy[dict[str, Any]]) -> list[Entry]:
    starts = sorted(draw(st.sets(days, min_size=1, max_size=4)))
    return [entry(day, draw(st.sampled_from(states)), **draw(facets)) for day in starts]


def _maybe(**choices: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=choices)


@st.composite
def _facts(draw: st.DrawFn, service: str, path: list[Entry], names: tuple[str, ...]) -> list[FactHeader]:
    """One fact for each entry, and echoes on other days, some of them parked."""
    facts = [fact(service, draw(st.sampled_from(names)), one["since"]) for one in path]
    for number, day in enumerate(draw(st.lists(days, max_size=2)), start=2):
        facts.append(fact(service, draw(st.sampled_from(names)), day, number=number, in_force=draw(st.booleans())))
    return sorted(facts, key=lambda header: header.occurred_on)


@st.composite
def cases(draw: st.DrawFn) -> ItemSnapshot:
    """A case's own item, with the days ahead that intake names, or without: the board knows them, too."""
    barrier = st.sampled_from(("recognition", "childcare", "language", "residence"))
    facets = _maybe(
        access=st.sampled_from(("free", "permit-needed", "barred")),
        titleUntil=days,
        barredUntil=days,
        targetKldb=st.sampled_from(KLDB),
        targetRegulated=st.booleans(),
        foreignDegree=st.sampled_from(("none", "regulated", "non-regulated", "unclear")),
        declared=st.dictionaries(barrier, st.sampled_from(("absent", "needed")), min_size=1, max_size=4),
    )
    path = draw(_path(("open", "open", "open", "closed"), facets))
    for at in range(1, len(path)):
        if draw(st.booleans()):  # registers keep what was said
            path[at] = {**path[at - 1], "since": path[at]["since"]}
    if draw(st.booleans()):
        asked = draw(st.sampled_from(path))["since"]
        renewal = {"flags": ["renewal"], "renewalRequestedOn": asked}
        path = [one if one["since"] < asked else {**one, **renewal} for one in path]
    names = ("case-opened", "employment-access-changed", "contact-held", "title-renewal-requested")
    newest = path[-1]
    looks = {plus(newest["barredUntil"], 1)} if "barredUntil" in newest else set()
    if not draw(st.booleans()):
        looks = set()
    elif "titleUntil" in newest:
        looks |= {plus(newest["titleUntil"], -90), plus(newest["titleUntil"], 1)}
    return case(*path, facts=draw(_facts("intake", path, names)), ahead=[{"from": day} for day in sorted(looks)])


@st.composite
def procedures(draw: st.DrawFn, number: int) -> ItemSnapshot:
    """A recognition procedure; a set date of a suspension ends a flag by itself."""
    facets = st.fixed_dictionaries(
        {"recognitionRoute": st.sampled_from("abe"), "referenceOccupation": st.sampled_from(KLDB)},
        optional={"flags": st.sampled_from((["appeal"], ["fee-due"]))},
    )
    path = draw(_path(PROCEDURE_STATES, facets))
    state: dict[str, Any] = {"turn": "competent-body"}
    if draw(st.booleans()):
        state["dueOn"] = draw(days)
        state["stalledFrom"] = plus(state["dueOn"], 1)
    if draw(st.booleans()):
        ends = draw(st.integers(1, 60).map(lambda number: plus(path[-1]["since"], number)))
        state["ahead"] = [{"from": ends, "flags": [], "turn": "applicant", "stalledFrom": draw(st.none() | days)}]
    facts = draw(_facts("recognition", path, ("submitted", "documents-complete", "decided")))
    return item("recognition", f"procedure-{number}", path, facts=facts, **state)


@st.composite
def permits(draw: st.DrawFn, number: int) -> ItemSnapshot:
    """A permit; an approval is deemed granted, and what is granted until a day lapses, both by the calendar."""
    facets = _maybe(introductionId=st.sampled_from(("1", "2")))
    path = draw(_path(("offer", "requested", "approval-pending", "approved", "granted", "denied"), facets))
    ahead: list[Entry] = []
    if path[-1]["status"] == "granted" and draw(st.booleans()):
        until = draw(days)
        path[-1] = {**path[-1], "until": until}
        ahead = [{"from": plus(until, 1), "status": "lapsed"}]
    if path[-1]["status"] == "approval-pending":
        deemed = plus(path[-1]["since"], 15)
        ahead = [{"from": deemed, "status": "deemed-approved", "stalledFrom": plus(deemed, 29)}]
    facts = draw(_facts("intake", path, ("permit-requested", "permit-granted")))
    return item("intake", f"permit-{number}", path, facts=facts, ahead=ahead)


@st.composite
def introductions(draw: st.DrawFn, number: int) -> ItemSnapshot:
    """An introduction with its opening's terms, if the opening is known."""
    terms = st.fixed_dictionaries(
        {
            "status": st.sampled_from(("published", "filled", "withdrawn")),
            "acceptsPendingRecognition": st.booleans(),
            "regulatedOccupation": st.booleans(),
        }
    )
    facets = _maybe(terms=terms, openingId=st.sampled_from(("o1", "o2")))
    path = draw(_path(INTRODUCTION_STATES, facets))
    return item("outreach", f"introduction-{number}", path)


@st.composite
def items_of_a_case(draw: st.DrawFn) -> list[ItemSnapshot]:
    """What the coordinator may hold of one case."""
    found = draw(st.lists(cases(), max_size=1))
    for kind, most in ((procedures, 3), (permits, 2), (introductions, 2)):
        found += [draw(kind(number)) for number in range(1, draw(st.integers(0, most)) + 1)]
    return found
