"""How a simulation is shown: its receipts, the region's board, and where the board is not true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from lotse.cli.explain import tell_case
from lotse.cli.out import answer, aside, tell
from lotse.cli.words import BARRIERS, SHORT_TURNS, STAGES, STATUSES, Word, word
from lotse.cli.words.mistakes import MISTAKES
from lotse.simulator.comparison import Comparison
from lotse.simulator.receipts import Verdicts
from lotse.simulator.simulation import Simulation

#: So many people are explained when the board is not true of them.
_EXPLAINED = 5

VERDICTS: Mapping[str, Word] = {
    "accepted": Word("angenommen", "accepted"),
    "parked": Word("zurückgestellt", "parked"),
    "duplicate": Word("schon bekannt", "duplicate"),
    "rejected": Word("abgelehnt", "rejected"),
}


@contextmanager
def day_progress(simulation: Simulation, quiet: bool) -> Iterator[Any]:
    """A bar over the days of the simulation; yields what `send` calls after each day."""
    plan = simulation.plan()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
    with Progress(*columns, console=aside, disable=quiet, transient=True) as bar:
        text = f"{len(plan.records)} Meldungen [dim]reports[/dim]"
        task: TaskID = bar.add_task(text, total=simulation.days, day="")

        async def after(day: date) -> None:
            bar.update(task, advance=1, day=day.strftime("%d.%m.%Y"))

        yield after


def tell_receipts(verdicts: Verdicts) -> None:
    """Receipts by verdict and code, then each mistake with how many of its receipts were as they must be."""
    table = Table("Ergebnis [dim]verdict[/dim]", "Code", box=None, padding=(0, 2, 0, 0))
    table.add_column("Quittungen [dim]receipts[/dim]", justify="right")
    order = list(VERDICTS)
    for (verdict, code), number in sorted(verdicts.by_code.items(), key=lambda one: (order.index(one[0][0]), one[0])):
        table.add_row(word(VERDICTS, verdict).both, code, str(number))
    answer.print(table)
    answer.print()
    table = Table("Was den Stellen unterlief [dim]what went wrong in the offices[/dim]", box=None, padding=(0, 2, 0, 0))
    table.add_column("wie erwartet [dim]as expected[/dim]", justify="right")
    table.add_column("", justify="left")
    made = {*verdicts.held, *verdicts.broken}
    for name in [*(known for known in MISTAKES if known in made), *sorted(made - set(MISTAKES))]:
        held, broken = verdicts.held[name], verdicts.broken[name]
        mark = "[green]✓[/green]" if not broken else f"[bold red]✗ {broken}[/bold red]"
        table.add_row(MISTAKES.get(name, Word(name, name)).both, f"{held} / {held + broken}", mark)
    answer.print(table)
    for surprise in verdicts.surprises[:_EXPLAINED]:
        record, said = surprise.record, surprise.answer
        wanted = f"{' | '.join(sorted(record.codes))} {record.path or ''}"
        found = f"{said.code} {said.path or ''}" if said else "–"
        answer.print(
            f"[red]✗[/red] {record.case} {record.report.fact} {record.report.id} ({record.mistake or '–'}): "
            f"erwartet [dim]expected[/dim] {escape(wanted)}, Quittung [dim]receipt[/dim] {escape(found)}"
        )


def tell_board(comparison: Comparison) -> None:
    """The region at a glance: how many people in which status of which barrier, and whose turn it is."""
    statuses: Counter[tuple[str, str]] = Counter()
    turns: Counter[tuple[str, str]] = Counter()
    stalled: Counter[str] = Counter()
    for case in comparison.board.values():
        for name, barrier in case["barriers"].items():
            statuses[name, barrier["status"]] += 1
            stalled[name] += barrier["stalled"]
            if barrier["turn"]:
                turns[name, barrier["turn"]] += 1
    names = [name for name in BARRIERS if any(one == name for one, _ in statuses)]
    table = Table("", box=None, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(word(BARRIERS, name).lines, justify="right", no_wrap=True)
    for status, shown in STATUSES.items():
        if any(statuses[name, status] for name in names):
            table.add_row(shown.both, *[_number(statuses[name, status]) for name in names])
    table.add_row("[red]stockt[/red] [dim](stalled)[/dim]", *[_number(stalled[name]) for name in names])
    table.add_section()
    for turn, shown in SHORT_TURNS.items():
        if any(turns[name, turn] for name in names):
            table.add_row(f"am Zug: {shown.both}", *[_number(turns[name, turn]) for name in names])
    answer.print(table)
    stages = Counter(case["stage"] for case in comparison.board.values())
    only = sum(case["onlyBarrier"] is not None for case in comparison.board.values())
    told = ", ".join(f"{stages[stage]} {shown.both}" for stage, shown in STAGES.items() if stages[stage])
    answer.print(f"{told}; {only} mit nur einem Hindernis [dim](one barrier left)[/dim]")


def _number(number: int) -> str:
    return str(number) if number else "[dim]·[/dim]"


def tell_one_case(comparison: Comparison) -> None:
    """The case that has most to tell: under way, stalled by a law, over a bridge."""
    if comparison.board:
        tell_case(max(comparison.board.values(), key=_telling))


def _telling(case: Mapping[str, Any]) -> tuple[bool, bool, int, int, str]:
    barriers = case["barriers"].values()
    by_law = any(one["stalled"] and not (one["ruleId"] or "lotse:").startswith("lotse:") for one in barriers)
    told = sum(one["stalled"] for one in barriers) + sum(bool(one["bridgedBy"]) for one in barriers)
    return case["stage"] != "closed", by_law, told, -len(case["items"]), case["caseId"]


def tell_truth(simulation: Simulation, comparison: Comparison) -> None:
    """Whether the board is true; where it is not, everything that a developer needs to find out why."""
    mark = "[green]✓[/green] " if not comparison.differences else "[bold red]✗[/bold red] "
    tell(
        f"Die Tafel gleicht der Wahrheit bei {comparison.right} von {comparison.people} Personen.",
        f"board equals truth for {comparison.right} of {comparison.people} people",
        mark=mark,
    )
    for case in comparison.wrong[:_EXPLAINED]:
        answer.print()
        table = Table(f"Fall {case}", "Wahrheit [dim]truth[/dim]", "Tafel [dim]board[/dim]", padding=(0, 1))
        for difference in comparison.differences:
            if difference.case == case:
                table.add_row(difference.field, escape(str(difference.expected)), escape(str(difference.found)))
        answer.print(table)
        for line in simulation.life(case):
            answer.print(escape(line))
    left = len(comparison.wrong) - _EXPLAINED
    if left > 0:
        tell(f"… und {left} weitere Personen.", f"… and {left} more people.")


def as_json(verdicts: Verdicts, comparison: Comparison) -> dict[str, Any]:
    """The same for a program."""
    return {
        "people": comparison.people,
        "right": comparison.right,
        "differences": [
            {"case": one.case, "field": one.field, "expected": one.expected, "found": one.found}
            for one in comparison.differences
        ],
        "receipts": [
            {"verdict": verdict, "code": code, "count": count} for (verdict, code), count in verdicts.by_code.items()
        ],
        "mistakes": {
            name or "none": {"asExpected": verdicts.held[name], "otherwise": verdicts.broken[name]}
            for name in sorted({*verdicts.held, *verdicts.broken})
        },
    }
