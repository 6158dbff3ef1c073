"""Short builders for facts of outreach, valid by default, and the lives of introductions written as one line.

    given(published("2026-01-05", minGermanLevel="A2"), *life("candidate-introduced interview-held hired"))

derives an introduction together with its opening.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from services.outreach.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from tests.support.given import CONTEXT, Given, given_with, report
from tests.support.whole import days, openings

OFFICE = "arbeitgeberservice-niederrhein"
BAKERY, CLINIC = "0b8e5a50-1111-4222-8333-444455556666", "9d2c7e11-aaaa-4bbb-8ccc-ddddeeeeffff"
INTRODUCTION = "introduction-a1"
#: What an opening that is published asks for, unless a test says otherwise.
TERMS: dict[str, Any] = {
    "kldb": "29222",
    "weeklyHours": 38.5,
    "minGermanLevel": "A2",
    "acceptsPendingRecognition": True,
    "regulatedOccupation": False,
}
#: The whole of an opening.
OFFER: dict[str, Any] = {"kind": "job", "ags": "05162024", "places": 2, **TERMS}
#: What the facts of an introduction need.
_NEEDED: dict[str, dict[str, Any]] = {
    "candidate-introduced": {"openingId": BAKERY},
    "introduction-ended": {"reason": "distance"},
}


def opening(name: str, day: Day, *, id: str = BAKERY, by: str = OFFICE, **data: Any) -> Fact:
    """Any fact of an opening; `name` without `opening-`."""
    return report(f"opening-{name}", "opening", day, by=by, openingId=id, **data)


def published(day: Day, *, id: str = BAKERY, **terms: Any) -> Fact:
    """An employer looks for somebody."""
    return opening("published", day, id=id, **OFFER | terms)


def said(name: str, day: Day, *, introduction: str = "a1", by: str = OFFICE, **data: Any) -> Fact:
    """Any fact of an introduction."""
    known = _NEEDED.get(name, {}) | ({"start": day} if name == "trial-agreed" else {})
    return report(name, f"introduction-{introduction}", day, by=by, introductionId=introduction, **known | data)


def introduced(day: Day, opening: str = BAKERY, **data: Any) -> Fact:
    """Somebody is introduced for an opening."""
    return said("candidate-introduced", day, openingId=opening, **data)


def hired(day: Day, start: Day | None = None, kind: str = "insured", **data: Any) -> Fact:
    """A hire; the first day of work is that day unless another is named."""
    known: dict[str, Any] = {"start": start or day, "hireKind": kind, "kldb": "29222", "weeklyHours": 38.5}
    return said("hired", day, **known | data)


def retained(day: Day, mark: str, **data: Any) -> Fact:
    """A mark is confirmed."""
    return said("retention-confirmed", day, mark=mark, **data)


def life(line: str, start: Day = "2026-01-01") -> list[Fact]:
    """Facts on successive days; `hired:mini-job` is that kind, `retention-confirmed:6w` is on the mark's day or later.

    A hire began a year before, so that every mark of it may be confirmed.
    """
    facts = []
    for number, token in enumerate(line.split()):
        name, _, word = token.partition(":")
        day = plus_days(start, number)
        if name == "hired":
            facts.append(hired(day, plus_days(day, -400), word or "insured"))
        elif name == "retention-confirmed":
            facts.append(retained(day, word))
        else:
            facts.append(said(name, day))
    return facts


def given(*facts: Fact) -> Given:
    """An introduction of which these facts are known, with the openings among them."""
    own = [fact for fact in facts if fact.item != "opening"]
    return given_with(BOOK, *own, context=replace(CONTEXT, parents=openings(facts)))


def given_beside(*facts: Fact) -> Given:
    """An opening, an event or a contact of which these facts are known."""
    return given_with(BOOK, *facts)


# Random lives: any fact on any day, for two introductions and two openings.

_openings = st.sampled_from((BAKERY, CLINIC))
_names = st.sampled_from(("1", "2"))
_levels = st.sampled_from(("A2", "B1", "B2", "C1"))
_terms = {
    "kldb": st.sampled_from(("29222", "81302", "81404")),
    "minGermanLevel": _levels,
    "acceptsPendingRecognition": st.booleans(),
    "regulatedOccupation": st.booleans(),
}


def _any_opening(name: str, day: Day, id: str, terms: dict[str, Any]) -> Fact:
    return published(day, id=id, **terms) if name == "published" else opening(name, day, id=id, **terms)


REPORTS = st.one_of(
    st.builds(_any_opening, st.just("published"), days, _openings, st.fixed_dictionaries(_terms)),
    st.builds(_any_opening, st.just("changed"), days, _openings, st.fixed_dictionaries({}, optional=_terms)),
    st.builds(_any_opening, st.sampled_from(("filled", "withdrawn")), days, _openings, st.just({})),
    st.builds(lambda day, id, name: introduced(day, id, introduction=name), days, _openings, _names),
    st.builds(lambda day, id, name: introduced(day, id, introduction=name), days, _openings, _names),
    st.builds(
        lambda fact, day, name: said(fact, day, introduction=name),
        st.sampled_from(("interview-held", "trial-agreed", "trial-ended", "introduction-ended", "employment-ended")),
        days,
        _names,
    ),
    st.builds(
        lambda day, id, kind, name: hired(day, plus_days(day, -60), kind, openingId=id, introduction=name),
        days,
        st.none() | _openings,
        st.sampled_from(("insured", "mini-job")),
        _names,
    ),
    st.builds(
        lambda day, mark, name: retained(day, mark, introduction=name),
        days,
        st.sampled_from(("6w", "3m", "6m", "12m")),
        _names,
    ),
)
_PROVEN = st.one_of(
    st.builds(lambda day, level: report("level-certified", "level", day, germanLevel=level), days, _levels),
    st.builds(
        lambda day, level, evidence: report("level-assessed", "level", day, germanLevel=level, evidence=evidence),
        days,
        _levels,
        st.sampled_from(("placement-test", "self-report")),
    ),
)

#: Reports on two introductions of a case, their openings, and the level of German.
reported = st.lists(REPORTS | _PROVEN, min_size=1, max_size=12)
