"""Whatever the five services can say has words in both languages: found from their tables, shapes and codes."""

from __future__ import annotations

import msgspec
import pytest

from lotse.cli import words
from services.childcare import barrier as childcare
from shared.contracts.verdicts import CODES
from shared.rules import walker
from shared.rules.table import Table
from tests.support.services import REPORTS, SHAPES, STANDING, TABLES


@pytest.mark.parametrize("service", STANDING)
def test_every_kind_of_item_has_a_word(service: str) -> None:
    """And its items are called by it."""
    for shape in SHAPES[service]:
        kind = shape.prefix.rstrip("-")
        assert kind in words.KINDS
        name = f"{kind}-4f7q" if shape.prefix.endswith("-") else kind
        assert words.item_word(name).de == words.KINDS[kind].de + name.removeprefix(kind).replace("-", " ")


@pytest.mark.parametrize("service", STANDING)
def test_whoever_has_the_turn_is_told_what_to_do(service: str) -> None:
    """Each state in which it is somebody's turn has a next step."""
    for table in TABLES[service]:
        waiting = {state for state, meaning in table.meanings.items() if meaning.turn}
        assert waiting <= set(words.NEXT[service])


@pytest.mark.parametrize("service", STANDING)
def test_what_comes_next_is_listed_for_states_and_flags_that_there_are(service: str) -> None:
    """No word is left over from a state that was renamed."""
    tables = TABLES[service]
    states = {state for table in tables for state in (table.initial, *table.meanings, *_targets(table))}
    assert set(words.NEXT.get(service, {})) <= states
    assert set(words.STATES[service]) - {"withdrawn"} <= states
    assert set(words.NEXT_BY_FLAG.get(service, {})) <= {row.flag for table in tables for row in table.besides}


def _targets(table: Table) -> set[str]:
    return {state for move in table.moves for state in ([move.to] if isinstance(move.to, str) else move.to.values())}


def test_every_fact_has_a_word_and_every_word_a_fact() -> None:
    """Of all five services."""
    facts = {name for reports in REPORTS.values() for name in reports}
    assert set(words.FACTS) - {"retracted"} == facts - {"retracted"}


def test_every_reason_why_a_fact_does_not_count_has_a_word() -> None:
    """Codes of what is parked, and what contradicts each other on the board."""
    parked = {code for code, entry in CODES.items() if entry.verdict == "parked"}
    conflicts = {walker.TWO_DECISIONS, childcare.CARE_AFTER_START, childcare.CARE_LOST}
    assert parked | conflicts == set(words.CODES)


def test_what_is_told_of_items_are_fields_that_they_have() -> None:
    """Each field with a word stands in the state of some item."""
    fields = {
        field.encode_name
        for shapes in SHAPES.values()
        for shape in shapes
        for field in msgspec.structs.fields(shape.state)
    }
    assert set(words.FIELDS) <= fields
