"""One case in words: what stands in the way and why, whose turn it is, since when, due by which law, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from lotse.cli.out import answer
from lotse.cli.words import (
    BARRIERS,
    CODES,
    FLAGS,
    SERVICES,
    STAGES,
    STATES,
    STATUSES,
    TURNS,
    Word,
    fact_word,
    next_word,
    rule_word,
    word,
)

Row = Mapping[str, Any]
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


def day(iso: str | None) -> str:
    """A calendar day as people here write it: `2026-06-02` is 02.06.2026."""
    return date.fromisoformat(iso).strftime("%d.%m.%Y") if iso else "–"


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
    answer.print(f"{stage.both} seit {day(case['since'])} [dim]since[/dim]{place}")
    _tell_open(case)
    for name, barrier in case["barriers"].items():
        answer.print()
        _tell_barrier(name, barrier, case["items"])
    for conflict in case["conflicts"]:
        answer.print()
        why, items = word(CODES, conflict["code"]), ", ".join(conflict["items"])
        answer.print(
            f"[yellow]Widerspruch:[/yellow] {why.de} [dim]conflict: {why.en}[/dim] {escape(items)}: "
            f"{_facts(conflict['facts'])}"
        )


def _tell_open(case: Row) -> None:
    only = case.get("onlyBarrier")
    if only:
        name = word(BARRIERS, only)
        answer.print(f"Nur noch ein Hindernis: {name.de} [dim]only one barrier is left: {name.en}[/dim]")
    elif case["openBarriers"]:
        names = [word(BARRIERS, name) for name in case["openBarriers"]]
        de, en = ", ".join(name.de for name in names), ", ".join(name.en for name in names)
        answer.print(f"Offene Hindernisse: {de} [dim]open barriers: {en}[/dim]")
    else:
        answer.print("Kein offenes Hindernis [dim](no open barrier)[/dim]")


def _tell_barrier(name: str, barrier: Row, items: Sequence[Row]) -> None:
    status = word(STATUSES, barrier["status"])
    colour = _COLOURS.get(barrier["status"], "white")
    answer.print(f"[bold]{word(BARRIERS, name).both}[/bold]: [{colour}]{status.de}[/] [dim]{status.en}[/dim]")
    lines = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    lines.add_column(no_wrap=True)
    lines.add_column()
    for head, text in _lines(name, barrier, items):
        lines.add_row(head.both, text)
    answer.print(Padding(lines, (0, 0, 0, 2)))


def _lines(name: str, barrier: Row, items: Sequence[Row]) -> list[tuple[Word, str]]:
    """What is told of a barrier, line by line; what does not apply is left out."""
    carriers = [(because, _item(because, items)) for because in barrier["because"]]
    lines = [(Word("Seit", "since"), day(barrier["since"]))]
    if barrier["stalled"]:
        lines.append((Word("Überfällig", "stalled"), _stalled(carriers)))
    if barrier["turn"]:
        lines.append((Word("Am Zug", "whose turn"), _turn(barrier["turn"], carriers)))
    if barrier["dueOn"]:
        rule = rule_word(barrier["ruleId"] or "")
        due = f"{day(barrier['dueOn'])} nach {escape(rule.de)} [dim]by {escape(rule.en)} · {barrier['ruleId']}[/dim]"
        lines.append((Word("Frist", "due"), due))
    if barrier["availableFrom"]:
        lines.append((Word("Voraussichtlich ab", "expected from"), day(barrier["availableFrom"])))
    if barrier["bridgedBy"]:
        lines.append((Word("Überbrückt durch", "bridged by"), escape(", ".join(barrier["bridgedBy"]))))
    lines += [(Word("Warum", "why"), _why(because, item)) for because, item in carriers]
    step = _next(name, barrier, carriers)
    if step:
        lines.append((Word("Was folgt", "what next"), step.both))
    return lines


def _item(because: Row, items: Sequence[Row]) -> Row:
    """The item that a because names; an empty one where the answer does not hold it."""
    named = (item for item in items if (item["service"], item["item"]) == (because["service"], because["item"]))
    return next(named, {"state": {}})


def _stalled(carriers: Sequence[tuple[Row, Row]]) -> str:
    since = [late for _, item in carriers if (late := item["state"].get("stalledFrom"))]
    return f"[red]seit {day(min(since))}[/red] [dim]since[/dim]" if since else "[red]ja[/red] [dim]yes[/dim]"


def _turn(turn: str, carriers: Sequence[tuple[Row, Row]]) -> str:
    who = word(TURNS, turn).both
    bodies = sorted({because["institution"] for because, _ in carriers if turn in ("competent-body", "partner")})
    return f"{who}: {escape(', '.join(bodies))}" if bodies else who


def _why(because: Row, item: Row) -> str:
    service, state = because["service"], item["state"]
    status = word(STATES.get(service, {}), state.get("status"))
    flags = [word(FLAGS, flag) for flag in state.get("flags", ())]
    de = " · ".join([status.de, *(flag.de for flag in flags)])
    en = " · ".join([status.en, *(flag.en for flag in flags)])
    where = f"{word(SERVICES, service).de} {because['item']} ({because['institution']})"
    return f"{escape(where)}: {de} [dim]{en}[/dim]\n{_facts(because['facts'])}"


def _facts(facts: Sequence[Row]) -> str:
    """Facts, each with its day, in words, and how to find the report."""
    named = [(day(fact["occurredOn"]), fact_word(fact["type"]).both, fact["source"], fact["id"]) for fact in facts]
    return "\n".join(f"{on} {what} [dim]{escape(source)} {escape(id)}[/dim]" for on, what, source, id in named)


def _next(name: str, barrier: Row, carriers: Sequence[tuple[Row, Row]]) -> Word | None:
    because, item = carriers[0] if carriers else ({"service": ""}, {"state": {}})
    return next_word(because["service"], item["state"], name, barrier["status"])
