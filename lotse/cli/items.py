"""All that goes on in a case, item by item: children, courses, procedures, ways to jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from lotse.cli.out import answer, day, plain_table
from lotse.cli.words import FIELDS, Word, asked_word, item_word, state_word

_ITEMS = Word("Was in diesem Fall läuft", "all items of this case")
_ASKED, _DUE = Word("verlangt", "asked for"), Word("Frist", "due")
_A_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Row = Mapping[str, Any]


def tell_items(items: Sequence[Row]) -> None:
    """Each item of an answer of `/v1/cases/{caseId}`: how it stands since when, and what is known of it."""
    if not items:
        return
    answer.print()
    answer.print(_ITEMS.marked("bold"))
    rows = plain_table(3)
    for item in items:
        state = item["state"]
        since = f" seit {day(state['since'])}" if state["since"] else ""
        stands = f"{state_word(item['service'], state).both}{since}"
        rows.add_row("", item_word(item["item"]).both, "\n".join([stands, *_known(state)]))
    answer.print(rows)


def _known(state: Row) -> list[str]:
    """At most one line: what is told of an item beside its state."""
    told = [f"{shown.both} {escape(_value(state[name]))}" for name, shown in FIELDS.items() if state.get(name)]
    if state.get("terms"):
        told.append(f"{_ASKED.both} {asked_word(state['terms']).both}")
    if state["dueOn"]:
        told.append(f"{_DUE.both} {day(state['dueOn'])}")
    return [", ".join(told)] if told else []


def _value(value: object) -> str:
    if isinstance(value, str) and _A_DAY.fullmatch(value):
        return day(value)
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
