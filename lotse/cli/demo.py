"""`lotse demo`: a whole stack, a simulated region over a virtual year, and its board held against the truth."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from lotse.cli.bridges import tell_bridges
from lotse.cli.obstacles import BY, tell_equal, tell_reports
from lotse.cli.out import answer, option, tell, tell_aside, tell_json
from lotse.cli.simulate import AS_JSON, DAYS, PEOPLE, SEED, play
from lotse.cli.simulated import as_json as simulation_as_json
from lotse.cli.simulated import tell_board, tell_one_case, tell_receipts, tell_truth
from lotse.simulator import Simulation, Target
from lotse.simulator.comparison import Comparison
from lotse.simulator.obstacles import Reports, expected_reports, read_reports
from lotse.simulator.receipts import Verdicts
from lotse.stack import Options, Stack, StackError
from lotse.stack.control import default_file, read_file
from lotse.stack.recreate import recreate_topics
from lotse.stack.running import run_service
from shared.platform.access import logins

HOLD = "danach weiterlaufen, bis Strg-C | go on running afterwards, until Ctrl-C"
COORDINATOR = "coordinator"
#: Fields of the read API that count how often something was said (readings 31).
_COUNTERS = ("version", "changed", "previous", "cause", "sequence")


@dataclass(slots=True)
class Shown:
    """What the demo showed. `rebuilt` and `republished` are None while they were not tried.

    `counted` is the obstacle report by barrier, `true` what it must be; `seconds` is how long all of it took.
    """

    verdicts: Verdicts
    comparison: Comparison
    counted: Reports
    true: Reports
    rebuilt: bool | None = None
    republished: bool | None = None
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        true = self.verdicts.all_held and not self.comparison.differences and self.counted == self.true
        return true and bool(self.rebuilt) and bool(self.republished)


def demo(
    people: Annotated[int, option("--people", min=1, max=100_000, help=PEOPLE)] = 500,
    seed: Annotated[int, option("--seed", help=SEED)] = 1,
    days: Annotated[int, option("--days", min=1, max=3650, help=DAYS)] = 365,
    hold: Annotated[bool, option("--hold", help=HOLD)] = False,
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Zeigt eine Region ein Jahr lang bei der Arbeit. [dim]Shows a region at work for a virtual year.[/dim]

    Startet Broker, Datenbank und Dienste, lässt Institutionen melden, mit Fehlern wie im Leben, und vergleicht am
    Ende die Tafel mit der Wahrheit. Ausgang 0 nur, wenn alles stimmt. [dim]Starts everything, lets institutions
    report, mistakes included, and compares the board with the truth. Exit code 0 only if all holds.[/dim]
    """
    shown = asyncio.run(_demo(people, seed, days, hold, as_json))
    if as_json:
        more = {
            "obstacles": shown.counted.obstacles["items"],
            "lastBarrier": shown.counted.last["items"],
            "obstaclesEqual": shown.counted == shown.true,
            "rebuildEqual": shown.rebuilt,
            "topicsEqual": shown.republished,
            "seconds": shown.seconds,
        }
        tell_json(simulation_as_json(shown.verdicts, shown.comparison) | more)
    if not shown.holds:
        sys.exit(1)


async def _demo(people: int, seed: int, days: int, hold: bool, quiet: bool) -> Shown:
    began = time.monotonic()
    options = Options(
        environment={"LOTSE_CLOCK": "manual"}, control=default_file() if hold and not read_file() else None
    )
    simulation = Simulation(options.institutions, seed=seed, people=people, days=days)
    if not quiet:
        tell("Lotse startet: Broker, Datenbank, Dienste …", "Lotse starts: broker, database, services …")
    # The lives are drawn while the database is made.
    drawn = asyncio.create_task(asyncio.to_thread(simulation.plan))
    async with Stack(options) as stack:
        plan = await drawn
        target = Target(logins(stack.access, None), stack.urls["clock"], stack.urls[COORDINATOR])
        verdicts, comparison = await play(simulation, target, quiet)
        url = target.coordinator_url
        shown = Shown(verdicts, comparison, await read_reports(url), expected_reports(plan.truths, plan.last))
        if not quiet:
            _tell(simulation, shown, await read_reports(url, BY), options.institutions)
        shown.rebuilt = await _rebuild(stack, quiet)
        shown.republished = await _republish(stack, simulation, target, comparison, quiet)
        shown.seconds = round(time.monotonic() - began, 1)
        if not quiet:
            _tell_end(shown)
        if hold:
            await _hold(stack)
        return shown


def _tell_end(shown: Shown) -> None:
    if shown.holds:
        tell(f"Alles stimmt. ({shown.seconds} s)", "Everything holds.", mark="[green]✓[/green] ")
    else:
        tell(f"Nicht alles stimmt. ({shown.seconds} s)", "Not everything holds.", mark="[bold red]✗[/bold red] ")


async def _hold(stack: Stack) -> None:
    """Lets the stack run for other terminals until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stack.request_end)
    tell_aside(
        "Lotse läuft weiter; in einem anderen Terminal: lotse obstacles, lotse cases, lotse case. Ende mit Strg-C.",
        "Lotse goes on running; in another terminal: lotse obstacles, lotse cases, lotse case. Ctrl-C ends it.",
    )
    await stack.wait()


def _tell(simulation: Simulation, shown: Shown, stuck: Reports, institutions: Path) -> None:
    answer.print()
    tell_receipts(shown.verdicts)
    answer.print()
    plan = simulation.plan()
    tell(f"Die Region am {plan.last:%d.%m.%Y}", f"the region on {plan.last}", mark="[bold]Tafel[/bold] ")
    tell_board(shown.comparison)
    answer.print()
    tell("Wo die Region feststeckt", "where the region is stuck", mark="[bold]Hindernisse[/bold] ")
    tell_reports(stuck, institutions)
    answer.print()
    tell("Wen Arbeitgeber trotzdem nehmen", "whom employers take all the same", mark="[bold]Brücken[/bold] ")
    tell_bridges(shown.comparison.board.values())
    answer.print()
    tell_one_case(shown.comparison)
    answer.print()
    tell_truth(simulation, shown.comparison)
    tell_equal(shown.counted, shown.true)


async def _rebuild(stack: Stack, quiet: bool) -> bool:
    """Builds the board anew from the topics alone and compares (law 5)."""
    try:
        await run_service(stack.environment(COORDINATOR), COORDINATOR, "rebuild", "--verify")
    except StackError as error:
        if not quiet:
            tell("Der Neuaufbau ergibt eine andere Tafel.", "rebuild differs", mark="[bold red]✗[/bold red] ")
            tell(error.de, error.en)
        return False
    if not quiet:
        tell("Aus den Topics neu aufgebaut: gleich.", "rebuild equal", mark="[green]✓[/green] ")
    return True


async def _republish(stack: Stack, simulation: Simulation, target: Target, before: Comparison, quiet: bool) -> bool:
    """Throws the compacted topics away, lets everything be said again, and compares the board with before (law 6)."""
    await recreate_topics(stack)
    after = await simulation.check(target.coordinator_url)
    equal = _plain(after.board) == _plain(before.board) and after.differences == before.differences
    if not quiet:
        mark = "[green]✓[/green] " if equal else "[bold red]✗[/bold red] "
        word = ("gleich", "equal") if equal else ("anders", "different")
        tell(
            f"Topics neu angelegt, alles neu gesagt: {word[0]}.",
            f"topics recreated and republished: {word[1]}",
            mark=mark,
        )
    return equal


def _plain(value: Any) -> Any:
    """An answer of the read API without what counts how often something was said."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if name not in _COUNTERS}
    return [_plain(one) for one in value] if isinstance(value, list) else value
