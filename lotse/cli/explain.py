"""One case in words: what stands in the way and why, whose turn it is, since when, due by which law, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from lotse.cli.items import tell_items
from lotse.cli.out import answer, day, plain_table
from lotse.cli.words import (
    BARRIERS,
    CODES,
    STAGES,
    STATUSES,
    TURNS,
    Word,
    asked_word,
    fact_word,
    item_word,
    next_word,
    rule_word,
    state_word,
    word,
)

Row = Mapping[str, Any]
SINCE = Word("seit", "since")
YES = Word("ja", "yes")
ONE_LEFT = Word("Nur noch ein Hindernis", "one barrier is left")
LEFT = Word("Offene Hindernisse", "open barriers")
NONE_LEFT = Word("Kein offenes Hindernis", "no open barrier")
OPENING, ASKED = Word("Stelle", "opening"), Word("verlangt wird", "asked for")
PROMISES = (
    ("contactDueOn", Word("Nächstes Gespräch bis", "next contact by"), "lotse:contact"),
    ("planReviewDueOn", Word("Kooperationsplan überprüfen bis", "plan to be reviewed by"), "SGB-II:§15(3)"),
)
_COLOURS = {
    "resolved": "green",
    "not-a-barrier": "green",
    "bridged": "cyan",
    "open": "yellow",
    "in-progress": "blue",
    "lapsed": "red",
    "not-resolvable": "red",
    "not-assessed": "dim",
}


def barrier_cell(barrier: Row | None) -> str:
    """A barrier's status in one coloured word; an exclamation mark where it is stalled."""
    if barrier is None:
        return "–"
    shown = word(STATUSES, barrier["status"]).de
    mark = " [bold red]![/bold red]" if barrier["stalled"] else ""
    return f"[{_COLOURS.get(barrier['status'], 'white')}]{shown}[/]{mark}"


def tell_case(case: Row) -> None:
    """Everything about one case, the barriers in their order."""
    stage = word(STAGES, case["stage"])
    place = f" · AGS {escape(case['ags'])}" if case.get("ags") else ""
    answer.print(f"[bold]Fall {case['caseId']}[/bold]")
    answer.print(f"{stage.both} {SINCE.both} {day(case['since'])}{place}")
    _tell_open(case)
    _tell_promises(case["items"])
    for name, barrier in case["barriers"].items():
        answer.print()
        _tell_barrier(name, barrier, case["items"])
    for conflict in case["conflicts"]:
        answer.print()
        why, items = word(CODES, conflict["code"]), ", ".join(conflict["items"])
        head = Word("Widerspruch", "conflict").marked("yellow")
        answer.print(f"{head}: {why.both} · {escape(items)}\n{_facts(conflict['facts'])}")
    tell_items(case["items"])


def _tell_open(case: Row) -> None:
    only = case.get("onlyBarrier")
    if only:
        answer.print(f"{ONE_LEFT.both}: {word(BARRIERS, only).both}")
    elif case["openBarriers"]:
        answer.print(f"{LEFT.both}: {', '.join(word(BARRIERS, name).both for name in case['openBarriers'])}")
    else:
        answer.print(NONE_LEFT.both)


def _tell_promises(items: Sequence[Row]) -> None:
    """What the case manager owes the person, whatever the barriers are (states.md §7)."""
    state: Row = next((item["state"] for item in items if item["item"] == "case"), {})
    for field, what, rule_id in PROMISES:
        if state.get(field):
            answer.print(f"{what.both} {day(state[field])} {_by(rule_id)}")


def _by(rule_id: str) -> str:
    rule = rule_word(rule_id)
    return Word(f"nach {escape(rule.de)}", escape(f"by the {rule.en}; {rule_id}")).both


def _tell_barrier(name: str, barrier: Row, items: Sequence[Row]) -> None:
    status = word(STATUSES, barrier["status"])
    answer.print(f"{word(BARRIERS, name).marked('bold')}: {status.marked(_COLOURS.get(barrier['status'], ''))}")
    lines = plain_table(3)
    for head, text in _lines(name, barrier, items):
        lines.add_row("", head.both, text)
    answer.print(lines)


def _lines(name: str, barrier: Row, items: Sequence[Row]) -> list[tuple[Word, str]]:
    """What is told of a barrier, line by line; what does not apply is left out."""
    carriers = [(because, _item(because, items)) for because in barrier["because"]]
    lines, bridged = [(SINCE, day(barrier["since"]))], barrier["bridgedBy"]
    if barrier["stalled"]:
        lines.append((Word("überfällig", "stalled"), _stalled(carriers)))
    if barrier["turn"]:
        # What carries a bridge is the way to the job; whose turn it is, the barrier below says.
        lines.append((Word("am Zug", "whose turn"), _turn(barrier["turn"], [] if bridged else carriers)))
    if barrier["dueOn"]:
        lines.append((Word("Frist", "due"), f"{day(barrier['dueOn'])} {_by(barrier['ruleId'] or '')}"))
    if barrier["availableFrom"]:
        lines.append((Word("voraussichtlich ab", "expected from"), day(barrier["availableFrom"])))
    if bridged:
        told = "\n".join(_bridge(opening, carriers) for opening in bridged)
        lines.append((Word("überbrückt durch", "bridged by"), told))
    lines += [(Word("warum", "why"), _why(because, item)) for because, item in carriers]
    step = _next(name, barrier, carriers)
    if step:
        lines.append((Word("was folgt", "what next"), step.both))
    return lines


def _item(because: Row, items: Sequence[Row]) -> Row:
    """The item that a because names; an empty one where the answer does not hold it."""
    named = (item for item in items if (item["service"], item["item"]) == (because["service"], because["item"]))
    return next(named, {"state": {}})


def _stalled(carriers: Sequence[tuple[Row, Row]]) -> str:
    since = [late for _, item in carriers if (late := item["state"].get("stalledFrom"))]
    return f"{SINCE.marked('red')} [red]{day(min(since))}[/red]" if since else YES.marked("red")


def _turn(turn: str, carriers: Sequence[tuple[Row, Row]]) -> str:
    who = word(TURNS, turn).both
    # Of an item that has a body, `institution` is the body and not its partner.
    named = [because for because, item in carriers if turn == "competent-body" or "body" not in item["state"]]
    bodies = sorted({because["institution"] for because in named if turn in ("competent-body", "partner")})
    return f"{who}: {escape(', '.join(bodies))}" if bodies else who


def _bridge(opening: str, carriers: Sequence[tuple[Row, Row]]) -> str:
    """An opening, and what its employer asks for."""
    states = [item["state"] for _, item in carriers if item["state"].get("openingId") == opening]
    asked = asked_word(next((state["terms"] for state in states if "terms" in state), {}))
    return f"{OPENING.both} {escape(opening)}, {ASKED.both}: {asked.both}"


def _why(because: Row, item: Row) -> str:
    named = item_word(because["item"])
    where = Word(escape(f"{named.de}, {because['institution']}"), escape(named.en))
    return f"{where.both}: {state_word(because['service'], item['state']).both}\n{_facts(because['facts'])}"


def _facts(facts: Sequence[Row]) -> str:
    """Facts, each with its day, in words, and how to find the report."""
    named = [(day(fact["occurredOn"]), fact_word(fact["type"]).both, fact["source"], fact["id"]) for fact in facts]
    return "\n".join(f"{on} {what} [dim]{escape(source)} {escape(id)}[/dim]" for on, what, source, id in named)


def _next(name: str, barrier: Row, carriers: Sequence[tuple[Row, Row]]) -> Word | None:
    because, item = carriers[0] if carriers else ({"service": ""}, {"state": {}})
    return next_word(because["service"], item["state"], name, barrier["status"])
