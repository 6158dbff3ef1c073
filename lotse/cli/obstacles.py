"""`lotse obstacles`: where the region is stuck, and whom one last barrier stops, as a steering circle reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from rich.markup import escape
from rich.table import Table

from lotse.cli.api import ask
from lotse.cli.cases import pages
from lotse.cli.institutions import institution_names, read_institutions
from lotse.cli.out import answer, day, option, tell, tell_json
from lotse.cli.words import BARRIERS, SHORT_TURNS, Word, word
from lotse.simulator.obstacles import Reports

Row = Mapping[str, Any]
#: What is shown unless asked otherwise; after a simulation only so many cells of it.
BY, MOST = "barrier,body", 8
COUNTED_BY = "gezählt nach barrier, body, place, level | counted by barrier, body, place, level"
_KEYS = {
    "barrier": Word("Hindernis", "barrier"),
    "body": Word("Stelle", "body"),
    "place": Word("Gemeinde", "place"),
    "level": Word("Zielniveau", "level"),
}
_CASES, _BARRIERS = Word("Fälle", "cases"), Word("Hindernisse", "barriers")
_CELL, _CELLS = Word("Zelle", "cell"), Word("Zellen", "cells")
_UNKNOWN = Word("unbekannt", "unknown")
_WHOSE = Word("am Zug", "whose turn")
_LAST, _READY = Word("letztes Hindernis", "the last barrier"), Word("ohne es bereit", "ready without it")
_FIGURES = (Word("Median", "days"), Word("80 % bis", "days"), Word("überfällig", "stalled"))


def obstacles(
    by: Annotated[str, option("--by", help=COUNTED_BY)] = BY,
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Zeigt, wo die Region feststeckt. [dim]Shows where the region is stuck.[/dim]

    Je Zelle: wie viele Fälle, wie lange schon (Median, und so viele Tage höchstens bei 80 %), wie viele überfällig, wer
    am Zug ist; Zellen unter drei Personen bleiben verborgen. [dim]For each cell: how many cases, since how long (median
    and 80th percentile), the share that is stalled, whose turn it is; cells under three people stay hidden.[/dim]
    """
    items: list[Row] = []
    for page in pages(lambda query: ask("/v1/obstacles", query), {"by": by}):
        items += page["items"]
    last = ask("/v1/obstacles/last-barrier")
    if as_json:
        tell_json({**page, "items": items, "next": None, "lastBarrier": last["items"]})
    else:
        tell_obstacles({**page, "items": items}, institution_names())
        tell_last_barriers(last)


def tell_obstacles(found: Row, names: Mapping[str, str], most: int | None = None) -> None:
    """The cells of an answer of `/v1/obstacles`, the largest first; `names` are those of institutions by id."""
    if found["asOf"] is None:
        tell("Noch kein Tag hat begonnen.", "No day has begun yet.")
        return
    if found["items"]:
        answer.print(_cells(found, names, most))
        answer.print(f"{_WHOSE.both}: {', '.join(shown.both for shown in SHORT_TURNS.values())}")
    else:
        tell("In keiner Zelle sind drei Personen.", "No cell has three people.")
    left = len(found["items"]) - most if most else 0
    if left > 0:
        tell(f"… und {left} kleinere.", f"… and {left} smaller ones.")
    hidden, cells = found["hidden"], _CELL if found["hidden"] == 1 else _CELLS
    tell(
        f"Stand {day(found['asOf'])}. {hidden} {cells.de} unter drei Personen nicht gezeigt.",
        f"As of {found['asOf']}. {hidden} {cells.en} under three people not shown.",
    )


def tell_reports(reports: Reports, institutions: Path) -> None:
    """The largest cells of a simulated region, and whom one last barrier stops."""
    tell_obstacles(reports.obstacles, read_institutions(institutions).names, MOST)
    tell_last_barriers(reports.last)


def tell_equal(counted: Reports, true: Reports) -> None:
    """Whether the reports by barrier are those of the truth; where they are not, both."""
    if counted == true:
        tell("Die Hindernisse sind gezählt wie in der Wahrheit.", "obstacles equal", mark="[green]✓[/green] ")
        return
    tell("Die Hindernisse sind anders gezählt.", "obstacles differ", mark="[bold red]✗[/bold red] ")
    for name, report in (("Tafel [dim](board)[/dim]", counted), ("Wahrheit [dim](truth)[/dim]", true)):
        answer.print(f"{name}: {escape(str(report.obstacles))} {escape(str(report.last))}")


def tell_last_barriers(found: Row) -> None:
    """An answer of `/v1/obstacles/last-barrier`: how many would be ready, by the barrier that went away."""
    if not found["items"]:
        return
    answer.print()
    rows = Table(box=None, padding=(0, 2, 0, 0))
    rows.add_column(_LAST.lines, no_wrap=True)
    rows.add_column(_READY.lines, justify="right", no_wrap=True)
    for row in found["items"]:
        rows.add_row(word(BARRIERS, row["barrier"]).both, str(row["count"]))
    answer.print(rows)


def _cells(found: Row, names: Mapping[str, str], most: int | None) -> Table:
    """One row a cell, German above English; whose turn it is stands below the last key."""
    by = found["by"]
    rows = Table(box=None, padding=(0, 2, 0, 0))
    heads = [_KEYS[key] for key in by]
    heads[-1] = Word(f"{heads[-1].de}, {_WHOSE.de}", f"{heads[-1].en}, {_WHOSE.en}")
    for head in heads:
        rows.add_column(head.lines, overflow="fold")
    for head in (_CASES if "barrier" in by else _BARRIERS, *_FIGURES):
        rows.add_column(head.lines, justify="right", no_wrap=True)
    for cell in found["items"][:most]:
        keys = [_key(key, cell[key], names) for key in by]
        if cell["turns"]:
            keys[-1] += f"\n{_turns(cell['turns'])}"
        share = f"{round(100 * cell['stalledShare'])} %"
        rows.add_row(*keys, *[str(cell[name]) for name in ("count", "medianDays", "p80Days")], share)
    return rows


def _key(key: str, value: str | None, names: Mapping[str, str]) -> str:
    if value is None:
        return _UNKNOWN.lines
    if key == "barrier":
        return word(BARRIERS, value).lines
    return escape(names.get(value, value) if key == "body" else value)


def _turns(turns: Mapping[str, int]) -> str:
    most_first = sorted(turns.items(), key=lambda one: -one[1])
    return ", ".join(f"{word(SHORT_TURNS, turn).de} {number}" for turn, number in most_first)
