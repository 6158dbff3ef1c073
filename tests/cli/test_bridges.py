"""Which openings carry how many people over which barrier, as the demo tells it."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from lotse.cli import bridges, out

_TERMS = {"status": "published", "kldb": "29222", "minGermanLevel": "A2", "acceptsPendingRecognition": True}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Console:
    """What would be on a narrow screen, without colours."""
    console = Console(record=True, width=80, highlight=False, color_system=None, soft_wrap=True)
    for module in (bridges, out):
        monkeypatch.setattr(module, "answer", console)
    return console


def _case(terms: dict[str, Any] | None = None, **bridged: list[str]) -> dict[str, Any]:
    state = {"openingId": "bakery", "terms": terms} if terms else {}
    return {
        "barriers": {name: {"bridgedBy": bridged.get(name, [])} for name in ("recognition", "childcare", "language")},
        "items": [{"service": "outreach", "item": "introduction-1", "state": state}],
    }


def test_openings_are_told_by_how_many_they_carry(said: Console) -> None:
    """One person over two barriers counts at both; what the employer asks for stands below."""
    cases = [_case(_TERMS, recognition=["bakery"], language=["bakery"]), _case(language=["bakery", "clinic"]), _case()]
    bridges.tell_bridges(cases)
    lines = [line.rstrip() for line in said.export_text().splitlines()]
    assert lines == [
        "2 Stellen überbrücken Hindernisse von 2 Personen.  2 openings bridge barriers of 2 people.",
        "Beruf  Stelle, was sie verlangt                          Anerkennung   Sprache",
        "KldB   opening, what it asks for                         recognition  language",
        "29222  bakery                                                      1         2",
        "       Deutsch A2, keinen Bescheid (German A2, no",
        "       decision)",
        "–      clinic                                                      ·         1",
        "       –",
    ]


def test_only_the_largest_are_shown(said: Console) -> None:
    """And how many more there are."""
    bridges.tell_bridges([_case(language=[f"opening-{number:02}"]) for number in range(11)])
    text = said.export_text()
    assert "opening-07" in text and "opening-08" not in text and "… und 3 weitere Stellen." in text


def test_a_region_without_bridges(said: Console) -> None:
    """Is told so."""
    bridges.tell_bridges([_case()])
    assert "Noch überbrückt keine Stelle ein Hindernis." in said.export_text()
