"""Hypothesis: any reports of a service that its contract allows, with corrections and retractions among them.

Days lie close together and ids are few, so that reports meet each other often.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shared.contracts.fact import Fact
from shared.rules.deadlines import plus_days
from tests.contract.facts_table import FactTable, facts, good
from tests.support.services import STANDING

_TABLES = facts()
_FIRST = "2026-01-01"
#: Two items of the kind, two systems of one institution and a stranger.
_KEYS = ("a", "b")
_SOURCES = ("/zag-muenster", "/zag-muenster/fv", "/chamber-bavaria")
#: Reports at most.
_MOST = 14
_FAR = ("0001-01-01", "9999-12-31")

days = st.integers(0, 420).map(lambda number: plus_days(_FIRST, number))
_dates = st.one_of(days, days, days, st.sampled_from(_FAR))


def _value(type_: str) -> st.SearchStrategy[Any]:
    if type_ == "Day":
        return days
    if type_ == "Date":
        return _dates
    if type_ == "ItemId":
        return st.sampled_from(_KEYS)
    if type_ == "Institution":
        return st.sampled_from(("zag-muenster", "chamber-bavaria", "unknown-body"))
    if type_ == "Kldb":
        return st.sampled_from(("81302", "82101", "26302"))
    return st.sampled_from([value for value in good(type_) if not isinstance(value, float)])


def _data(table: FactTable) -> st.SearchStrategy[dict[str, Any]]:
    types = table.all_fields() | {"occurredOn": "Day"}
    return st.fixed_dictionaries(
        {name: _value(type_) for name, type_ in types.items() if not name.endswith("?")},
        optional={name[:-1]: _value(type_) for name, type_ in types.items() if name.endswith("?")},
    )


def _plain(table: FactTable) -> st.SearchStrategy[tuple[str, str, dict[str, Any]]]:
    """Name, item and data of one kind of report."""
    return _data(table).map(lambda data: (table.name, table.item(data), data))


def _retraction(data: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return ("retracted", "", {**data, "reason": "other"})


_IDS = tuple(f"r{number}" for number in range(_MOST))
_said = {
    service: st.one_of(
        *(_plain(table) for (of, _), table in sorted(_TABLES.items()) if of == service),
        st.fixed_dictionaries({"occurredOn": days, "reportId": st.sampled_from(_IDS)}).map(_retraction),
    )
    for service in STANDING
}
#: Most reports correct nothing.
_corrects = st.one_of(*[st.none()] * 8, st.sampled_from(_IDS))


def reports(service: str) -> st.SearchStrategy[list[Fact]]:
    """Different reports of one subject to a service."""
    one = st.tuples(_said[service], st.sampled_from(_SOURCES), st.integers(0, 9), _corrects)
    return st.lists(one, min_size=1, max_size=_MOST).map(
        lambda drawn: [
            Fact(source, id, name, item, data["occurredOn"], time, data, None if name == "retracted" else corrects)
            for id, ((name, item, data), source, time, corrects) in zip(_IDS, drawn, strict=False)
        ]
    )
