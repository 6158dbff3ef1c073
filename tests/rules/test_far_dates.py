"""Days at the ends of the calendar: a mistyped year overflows nothing, neither in a service nor on the board."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.fact import Fact
from shared.rules.board import evaluate
from shared.rules.derive import derive_subject
from tests.contract.facts_table import FactTable, facts, good
from tests.support.given import CONTEXT
from tests.support.items import MAPPINGS
from tests.support.services import BOOKS
from tests.support.whole import snapshots

_TABLES = {key: table for key, table in facts().items() if key[0] in BOOKS}
#: The ends of the calendar, what lies a step beside them, and ordinary days, so that facts far apart meet.
DAYS = ("0001-01-01", "0001-01-02", "0999-12-31", "2026-01-31", "2026-02-01", "3000-01-01", "9999-12-30", "9999-12-31")
_days = st.sampled_from(DAYS)


def _value(type_: str) -> st.SearchStrategy[Any]:
    if type_ == "Date":
        return _days
    return st.sampled_from([value for value in good(type_) if not isinstance(value, float)])


@st.composite
def _fact(draw: st.DrawFn, table: FactTable) -> Fact:
    """A fact of one kind with a day in every field that holds one; one key, so that facts meet in their item."""
    data = {name.removesuffix("?"): draw(_value(type_)) for name, type_ in table.all_fields().items()}
    if table.key is not None:
        data[table.key] = good(table.key_type)[0]
    item = table.item(data)
    number = draw(st.integers(0, 1 << 40))
    return Fact("/zag-muenster", f"r{number}", table.name, item, data["occurredOn"], number, data, None)


_lives = st.lists(st.one_of(*(_fact(table) for _, table in sorted(_TABLES.items()))), min_size=1, max_size=8)


@given(_lives, _days)
def test_no_day_of_the_calendar_is_too_far(life: list[Fact], today: str) -> None:
    """Every field that holds a day, through the rules of the service and the board, on any day."""
    board = evaluate(MAPPINGS, snapshots(life), today)
    assert board.next_day is None or board.next_day > today


def test_every_kind_of_report_is_derived_alone_on_the_last_day() -> None:
    """Each kind of report once, with every field; none is left to chance."""
    for (service, name), table in sorted(_TABLES.items()):
        for day in ("0001-01-01", "9999-12-31"):
            data = table.data(optional=True)
            data |= {field.rstrip("?"): day for field, type_ in table.all_fields().items() if type_ == "Date"}
            fact = Fact("/zag-muenster", "r", name, table.item(data), day, 0, data, None)
            state = derive_subject(BOOKS[service], [fact], CONTEXT)
            assert state.codes.keys() == {fact.key}
            for today in DAYS:
                evaluate(MAPPINGS, snapshots([fact]), today)
