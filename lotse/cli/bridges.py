"""Which openings carry how many people over which barrier (states.md §6.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from lotse.cli.out import answer, tell
from lotse.cli.words import BARRIERS, Word, asked_word, word

#: So many openings are shown, those that carry most people.
_SHOWN = 8
_OPENING, _JOB = Word("Stelle, was sie verlangt", "opening, what it asks for"), Word("Beruf", "KldB")

Row = Mapping[str, Any]


def tell_bridges(cases: Iterable[Row]) -> None:
    """The bridges of whole cases, as `/v1/cases/{caseId}` answers them, by opening; and what its employer asks for."""
    carried: dict[str, Counter[str]] = {}
    terms: dict[str, Row] = {}
    people = 0
    for case in cases:
        bridges = [(opening, name) for name, barrier in case["barriers"].items() for opening in barrier["bridgedBy"]]
        people += bool(bridges)
        for opening, name in bridges:
            carried.setdefault(opening, Counter())[name] += 1
        states = [item["state"] for item in case["items"]]
        terms |= {state["openingId"]: state["terms"] for state in states if "terms" in state}
    if not carried:
        tell("Noch überbrückt keine Stelle ein Hindernis.", "No opening bridges a barrier yet.")
        return
    tell(
        f"{len(carried)} Stellen überbrücken Hindernisse von {people} Personen.",
        f"{len(carried)} openings bridge barriers of {people} people.",
    )
    answer.print(_table(carried, terms))
    if len(carried) > _SHOWN:
        left = len(carried) - _SHOWN
        tell(f"… und {left} weitere Stellen.", f"… and {left} more openings.")


def _table(carried: Mapping[str, Counter[str]], terms: Mapping[str, Row]) -> Table:
    names = [name for name in BARRIERS if any(barriers[name] for barriers in carried.values())]
    rows = Table(box=None, padding=(0, 2, 0, 0))
    rows.add_column(_JOB.lines)
    rows.add_column(_OPENING.lines, overflow="fold")
    for name in names:
        rows.add_column(word(BARRIERS, name).lines, justify="right", no_wrap=True)
    largest = sorted(carried, key=lambda opening: (-carried[opening].total(), opening))
    for opening in largest[:_SHOWN]:
        asked, barriers = terms.get(opening, {}), carried[opening]
        numbers = [str(barriers[name] or "·") for name in names]
        rows.add_row(asked.get("kldb", "–"), f"{escape(opening)}\n{asked_word(asked).both}", *numbers)
    return rows
