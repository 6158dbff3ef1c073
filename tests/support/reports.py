"""Hypothesis: any reports of a service that its contract allows, with corrections and retractions among them.

Days lie close together and ids are few, so that reports meet each other often.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from shared.contracts.fact import Fact
from shared.rules.deadlines import plus_days
from tests.contract.facts_table import FactTable, facts, good

_TABLES = facts()
_FIRST = "2026-01-01"
#: Two items of the kind, two systems of one institution and a stranger.
_KEYS = ("a", "b")
_SOURCES = ("/zag-muenster", "/zag-muenster/fv", "/chamber-bavaria")
_FAR = ("0001-01-01", "9999-12-31")

days = st.integers(0, 420).map(lambda number: plus_days(_FIRST, number))
_dates = st.one_of(days, days, days, st.sampled_from(_FAR))


def _value(type_: str) -> st.SearchStrategy[Any]:
    if type_ == "Date":
        return _dates
    if type_ == "ItemId":
        return st.sampled_from(_KEYS)
    if type_ == "Institution":
        return st.sampled_from(("zag-muenster", "chamber-bavaria", "unknown-body"))
    if type_ == "Kldb":
        return st.sampled_from(("81302", "82101", "26302"))
    return st.sampled_from(good(type_))


@st.composite
def _data(draw: st.DrawFn, table: FactTable) -> Mapping[str, Any]:
    fields = {
        name: type_ for name, type_ in table.all_fields().items() if not name.endswith("?") or draw(st.booleans())
    }
    data = {name.rstrip("?"): draw(_value(type_)) for name, type_ in fields.items()}
    return data | {"occurredOn": draw(days)}


@st.composite
def _report(draw: st.DrawFn, service: str, id: str, others: int) -> Fact:
    names = sorted(name for of, name in _TABLES if of == service)
    source, time = draw(st.sampled_from(_SOURCES)), draw(st.integers(0, 9))
    other = f"r{draw(st.integers(0, others))}"
    kind = draw(st.integers(0, 9))
    if kind == 0:
        data = {"occurredOn": draw(days), "reportId": other, "reason": "other"}
        return Fact(source, id, "retracted", "", data["occurredOn"], time, data)
    table = _TABLES[service, draw(st.sampled_from(names))]
    known = draw(_data(table))
    item = "case" if table.key is None else f"{table.item.split('-')[0]}-{known[table.key]}"
    return Fact(source, id, table.name, item, known["occurredOn"], time, known, other if kind == 1 else None)


@st.composite
def reports(draw: st.DrawFn, service: str, most: int = 14) -> list[Fact]:
    """Different reports of one subject to a service."""
    count = draw(st.integers(1, most))
    return [draw(_report(service, f"r{number}", count)) for number in range(count)]
