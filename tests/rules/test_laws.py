"""Laws of the rules, for any reports that the contract allows (architecture.md, laws 1 and 4)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.contracts.fact import Fact
from shared.contracts.report import RETRACTION
from shared.rules.derive import derive_subject, to_content
from shared.rules.model import CORRECTED, OK, RETRACTED, Context, SubjectState
from tests.contract.facts_table import UUID
from tests.support.given import CONTEXT, retraction
from tests.support.reports import days, reports
from tests.support.services import BOOKS, REPORTS, SHAPES

SERVICES = st.sampled_from(sorted(BOOKS))
ANY = SERVICES.flatmap(lambda service: st.tuples(st.just(service), reports(service)))


def _derive(service: str, facts: list[Fact]) -> SubjectState:
    return derive_subject(BOOKS[service], facts, CONTEXT)


def _contents(service: str, state: SubjectState) -> dict[str, bytes]:
    return {name: to_content(service, name, item) for name, item in state.items.items()}


@given(ANY)
def test_the_reports_drawn_here_are_valid(drawn: tuple[str, list[Fact]]) -> None:
    """What the laws are tried with is what the contract lets in."""
    service, facts = drawn
    for fact in facts:
        type_ = REPORTS[service].get(fact.name, RETRACTION)
        assert type_.fault(dict(fact.data), UUID) is None, fact
        assert fact.name == "retracted" or type_.item(fact.data) == fact.item


@given(ANY, st.data())
@settings(max_examples=400)
def test_order_and_repetition_do_not_matter(drawn: tuple[str, list[Fact]], data: st.DataObject) -> None:
    """Law 1: any permutation with any repetition gives the same items, codes and bytes."""
    service, facts = drawn
    expected = _derive(service, facts)
    mixed = data.draw(st.permutations(facts + data.draw(st.lists(st.sampled_from(facts), max_size=4))))
    found = _derive(service, mixed)
    assert found == expected
    assert _contents(service, found) == _contents(service, expected)


@given(ANY)
def test_every_fact_has_a_code_and_every_item_its_shape(drawn: tuple[str, list[Fact]]) -> None:
    """Never an error, never a fact lost, and what is said is what the schema promises."""
    service, facts = drawn
    state = _derive(service, facts)
    assert state.codes.keys() == {fact.key for fact in facts}
    assert state.items.keys() == {fact.item for fact in facts if fact.item}
    shapes = {shape.prefix: shape.state for shape in SHAPES[service]}
    for name, item in state.items.items():
        said = msgspec.json.decode(to_content(service, name, item))
        msgspec.convert(said["state"], shapes[BOOKS[service].kind(name).prefix])
        assert item.codes.keys() == {fact.key for fact in item.facts} <= state.codes.keys()


@given(ANY)
def test_path_because_and_conflicts_are_about_what_is_in_force(drawn: tuple[str, list[Fact]]) -> None:
    """The path climbs, ends in the present state, and starts on days of facts in force; so do the reasons."""
    service, facts = drawn
    for item in _derive(service, facts).items.values():
        state = item.state
        in_force = {fact.key for fact in item.facts if item.codes[fact.key] == OK}
        days_in_force = {fact.occurred_on for fact in item.facts if fact.key in in_force}
        since = [entry["since"] for entry in state["path"]]
        assert since == sorted(set(since))
        assert set(since) <= days_in_force
        assert bool(since) == bool(in_force)
        if since:
            assert state["path"][-1]["status"] == state["status"]
            assert state["path"][-1].get("flags", []) == state["flags"]
        assert {fact.key for fact in item.because} <= in_force
        conflicting = {fact.key for conflict in item.conflicts for fact in conflict.facts}
        assert {key for key, code in item.codes.items() if code == "fact.conflict"} <= conflicting
        assert [entry["from"] for entry in state["ahead"]] == sorted({entry["from"] for entry in state["ahead"]})
        assert (state["dueOn"] is None) == (state["ruleId"] is None)


@given(ANY, st.data())
def test_taking_a_report_back_is_as_if_it_had_never_been(drawn: tuple[str, list[Fact]], data: st.DataObject) -> None:
    """The items are those without the report; only its own code and its item's row remember it."""
    service, facts = drawn
    plain = [fact for fact in facts if fact.corrects is None and fact.name != "retracted"]
    if not plain:
        return
    wrong = data.draw(st.sampled_from(plain))
    back = replace(retraction(wrong, id="back"), source=wrong.source)
    found = _derive(service, [*plain, back])
    without = _derive(service, [fact for fact in plain if fact is not wrong])
    assert found.codes == {**without.codes, wrong.key: RETRACTED, back.key: OK}
    for name, item in found.items.items():
        if name in without.items:
            assert item == without.items[name]
        else:
            assert (item.state["status"], item.facts) == ("withdrawn", ())


@given(ANY, st.data())
def test_a_correction_is_as_if_only_it_had_been_said(drawn: tuple[str, list[Fact]], data: st.DataObject) -> None:
    """The board shows nothing of the wrong content."""
    service, facts = drawn
    plain = [fact for fact in facts if fact.corrects is None and fact.name != "retracted"]
    if not plain:
        return
    wrong = data.draw(st.sampled_from(plain))
    day = data.draw(days)
    right = replace(wrong, id="right", occurred_on=day, data={**wrong.data, "occurredOn": day}, corrects=wrong.id)
    found = _derive(service, [*plain, right])
    alone = [fact for fact in plain if fact is not wrong] + [replace(right, corrects=None)]
    only = _derive(service, alone)
    assert found.codes == {**only.codes, wrong.key: CORRECTED}
    assert {name: item.state for name, item in found.items.items()} == {n: i.state for n, i in only.items.items()}


@given(SERVICES, st.data())
def test_what_is_said_depends_on_the_context_only_through_the_calendar(service: str, data: st.DataObject) -> None:
    """Law 4: the same facts and the same context say the same; another Land moves dates, never a status."""
    facts = data.draw(reports(service))
    here, there = (derive_subject(BOOKS[service], facts, Context(land, CONTEXT.lands)) for land in ("NW", "BY"))
    assert here == derive_subject(BOOKS[service], facts, CONTEXT)
    assert {n: i.state["status"] for n, i in here.items.items()} == {
        n: i.state["status"] for n, i in there.items.items()
    }
    assert here.codes == there.codes


@pytest.mark.parametrize("service", sorted(BOOKS))
def test_no_facts_are_no_items(service: str) -> None:
    """Nothing reported, nothing said."""
    state: Any = _derive(service, [])
    assert (state.items, state.codes) == ({}, {})
