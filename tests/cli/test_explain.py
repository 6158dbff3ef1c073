"""One case in words, from the read API's answer."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from rich.console import Console

from lotse.cli import explain, items
from shared.rules.rule_table import RULES

_SUBMITTED = {"source": "/zag-muenster/fv", "id": "zm-1", "type": "lotse.recognition.submitted.v1"}
_COMPLETE = {"source": "/zag-muenster/fv", "id": "zm-3", "type": "lotse.recognition.documents-complete.v1"}
_FACTS = [_SUBMITTED | {"occurredOn": "2025-12-10"}, _COMPLETE | {"occurredOn": "2026-02-02"}]
_QUIET = {"stalled": False, "turn": None, "since": "2025-08-18", "dueOn": None, "ruleId": None, "availableFrom": None}
_CASE: dict[str, Any] = {
    "caseId": "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31",
    "ags": "05162024",
    "stage": "clearing",
    "since": "2025-08-18",
    "openBarriers": ["recognition"],
    "onlyBarrier": "recognition",
    "conflicts": [],
    "barriers": {
        "recognition": {
            "status": "in-progress",
            "stalled": True,
            "turn": "competent-body",
            "since": "2025-12-10",
            "dueOn": "2026-06-02",
            "ruleId": "PflAPrV:§43(3)",
            "availableFrom": None,
            "bridgedBy": [],
            "conflicts": [],
            "because": [
                {
                    "service": "recognition",
                    "item": "procedure-nurse-4f7q",
                    "institution": "zag-muenster",
                    "facts": _FACTS,
                }
            ],
        },
        "residence": {**_QUIET, "status": "not-a-barrier", "bridgedBy": [], "conflicts": [], "because": []},
    },
    "items": [
        {
            "service": "recognition",
            "item": "procedure-nurse-4f7q",
            "sequence": 2,
            "state": {
                **_QUIET,
                "status": "complete",
                "flags": [],
                "since": "2026-02-02",
                "dueOn": "2026-06-02",
                "stalledFrom": "2026-06-03",
                "body": "zag-muenster",
                "referenceOccupation": "81302",
            },
        }
    ],
}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Console:
    """What would be on the screen, without colours."""
    console = Console(record=True, width=200, highlight=False, color_system=None, file=None, quiet=False)
    for module in (explain, items):
        monkeypatch.setattr(module, "answer", console)
    return console


def _told(said: Console, case: dict[str, Any]) -> str:
    explain.tell_case(case)
    return said.export_text()


def test_a_stalled_barrier_says_everything(said: Console) -> None:
    """Why, whose turn, since when, stalled since when, due by which law, what next: German with English beside it."""
    text = _told(said, _CASE)
    for expected in (
        "in Klärung (clearing) seit (since) 18.08.2025",
        "Nur noch ein Hindernis (one barrier is left): Anerkennung (recognition)",
        "Anerkennung (recognition): in Arbeit (in progress)",
        "10.12.2025",
        "seit (since) 03.06.2026",
        "die zuständige Stelle (the competent body): zag-muenster",
        "02.06.2026 nach § 43 Abs. 3 PflAPrV",
        "Ordinance, section 43(3); PflAPrV:§43(3))",
        "Verfahren nurse-4f7q, zag-muenster (procedure): Unterlagen vollständig (documents complete)",
        "10.12.2025 Antrag gestellt (application submitted) /zag-muenster/fv zm-1",
        "02.02.2026 Unterlagen vollständig (documents complete) /zag-muenster/fv zm-3",
        "Die Stelle entscheidet. (The body decides.)",
        "Aufenthalt (residence): kein Hindernis (not a barrier)",
    ):
        assert expected in text, f"{expected!r} is not in:\n{text}"


def test_what_does_not_apply_is_left_out(said: Console) -> None:
    """A barrier that is none says since when, and nothing more."""
    residence = _told(said, _CASE).split("Aufenthalt")[1].split("Was in diesem Fall läuft")[0]
    assert "seit (since)" in residence
    assert not [head for head in ("Frist", "am Zug", "überfällig", "was folgt", "warum") if head in residence]


def test_conflicts_are_shown_with_their_facts(said: Console) -> None:
    """Two decisions that contradict each other are named, with both reports."""
    case = copy.deepcopy(_CASE)
    case["conflicts"] = [
        {"code": "two-decisions", "items": ["recognition/procedure-nurse-4f7q"], "facts": _FACTS},
    ]
    text = _told(said, case)
    assert "zwei verschiedene Entscheidungen" in text and "two different decisions" in text
    assert text.split("Widerspruch")[1].count("/zag-muenster/fv") == 2


def test_several_or_no_open_barriers_are_told(said: Console) -> None:
    """Which are open, or that none is."""
    several = {**_CASE, "onlyBarrier": None, "openBarriers": ["recognition", "language"]}
    assert "Offene Hindernisse (open barriers): Anerkennung (recognition), Sprache (language)" in _told(said, several)
    none = {**_CASE, "onlyBarrier": None, "openBarriers": []}
    assert "Kein offenes Hindernis (no open barrier)" in _told(said, none)


def _item(service: str, item: str, status: str, **state: Any) -> dict[str, Any]:
    return {
        "service": service,
        "item": item,
        "sequence": 1,
        "state": {**_QUIET, "status": status, "flags": [], **state},
    }


def test_a_bridge_names_the_opening_and_what_it_asks_for(said: Console) -> None:
    """The way to the job carries it; whose turn it is below the bridge names nobody of that way."""
    because = {"service": "outreach", "item": "introduction-1", "institution": "jobcenter-neuss", "facts": _FACTS[:1]}
    terms = {"status": "published", "minGermanLevel": "A2", "acceptsPendingRecognition": True}
    case = copy.deepcopy(_CASE)
    case["barriers"]["recognition"] |= {"status": "bridged", "stalled": False, "bridgedBy": ["bakery"]}
    case["barriers"]["recognition"]["because"] = [because]
    case["items"] = [_item("outreach", "introduction-1", "introduced", openingId="bakery", terms=terms)]
    text = _told(said, case)
    for expected in (
        "Anerkennung (recognition): überbrückt (bridged)",
        "Stelle (opening) bakery, verlangt wird (asked for): Deutsch A2, keinen Bescheid (German A2, no decision)",
        "am Zug (whose turn)            die zuständige Stelle (the competent body) ",
        "Vorschlag 1, jobcenter-neuss (introduction): vorgeschlagen (introduced)",
        "Das Vorstellungsgespräch führen. (Hold the interview.)",
    ):
        assert expected in text, f"{expected!r} is not in:\n{text}"


def test_all_items_are_listed_with_what_is_known_of_them(said: Console) -> None:
    """Each child, each course, each procedure; contact and review of the plan stand above."""
    case = copy.deepcopy(_CASE)
    case["items"] += [
        _item("intake", "case", "open", contactDueOn="2026-06-23", planReviewDueOn="2026-09-21"),
        _item("childcare", "child-1", "waitlisted", needed=25.0, **{"from": "2026-02-23"}),
        _item("childcare", "child-2", "in-care", needed=35.0, hours=37.5),
        _item("language", "course-ik", "started", since=None, toLevel="B1", provider="vhs-neuss"),
    ]
    text = _told(said, case)
    for expected in (
        "Nächstes Gespräch bis (next contact by) 23.06.2026 nach eigener Regel „Gespräch alle sechs Wochen“",
        "Kooperationsplan überprüfen bis (plan to be reviewed by) 21.09.2026 nach § 15 Abs. 3 SGB II",
        "Kind 1 (child)                    auf der Warteliste (on the waiting list) seit 18.08.2025",
        "Wochenstunden nötig (hours a week needed) 25, gebraucht ab (needed from) 23.02.2026",
        "Wochenstunden nötig (hours a week needed) 35, Wochenstunden da (hours a week there are) 37,5",
        "Kurs ik (course)                  Kurs läuft (course under way)  ",
        "Kursziel (aim of the course) B1, Träger (provider) vhs-neuss",
        "Verfahren nurse-4f7q (procedure)  Unterlagen vollständig (documents complete) seit 02.02.2026",
        "Beruf (occupation) 81302, Stelle (body) zag-muenster, Frist (due) 02.06.2026",
    ):
        assert expected in text, f"{expected!r} is not in:\n{text}"


def test_the_rules_of_contact_and_plan_are_those_of_the_rule_table() -> None:
    """What is told of contact and plan names a rule that there is."""
    assert {rule_id for _, _, rule_id in explain.PROMISES} <= {rule.rule_id for rule in RULES}


def test_text_of_others_is_no_markup(said: Console) -> None:
    """An id that looks like markup is shown as it is."""
    case = copy.deepcopy(_CASE)
    case["barriers"]["recognition"]["because"][0]["facts"][0]["id"] = "[red]x[/red]"
    assert "[red]x[/red]" in _told(said, case)


def test_cells_mark_what_is_stalled() -> None:
    """The table of cases shows one word for each barrier; what is stalled has an exclamation mark."""
    assert "in Arbeit" in explain.barrier_cell(_CASE["barriers"]["recognition"])
    assert "!" in explain.barrier_cell(_CASE["barriers"]["recognition"])
    assert "!" not in explain.barrier_cell(_CASE["barriers"]["residence"])
    assert explain.barrier_cell(None) == "–"
