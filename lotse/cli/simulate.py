"""`lotse simulate`: a simulated region reports to a Lotse that runs already."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from lotse.cli.bridges import tell_bridges
from lotse.cli.obstacles import BY, tell_reports
from lotse.cli.out import option, tell, tell_json
from lotse.cli.simulated import as_json as simulation_as_json
from lotse.cli.simulated import day_progress, tell_board, tell_receipts, tell_truth
from lotse.cli.where import coordinator_url, kafka, url_of
from lotse.simulator import Simulation, Target
from lotse.simulator.comparison import Comparison
from lotse.simulator.obstacles import read_reports
from lotse.simulator.plan import FIRST_DAY
from lotse.simulator.post import Clock
from lotse.simulator.receipts import Verdicts

PEOPLE = "so viele Personen | so many people"
SEED = "andere Zahl, andere Leben | another number, other lives"
DAYS = "so viele Tage | so many days"
AS_JSON = "Antwort als JSON | answer as JSON"
#: The offices of the simulation report week by week: larger batches, so that a year takes half the time.
_DAYS_AT_ONCE = 7
CLOCK_URL = "Adresse der Uhr, außerhalb von `lotse up` | address of the clock, outside `lotse up`"


def simulate(
    people: Annotated[int, option("--people", min=1, max=100_000, help=PEOPLE)] = 500,
    seed: Annotated[int, option("--seed", help=SEED)] = 1,
    days: Annotated[int, option("--days", min=1, max=3650, help=DAYS)] = 365,
    clock_url: Annotated[str, option("--clock-url", envvar="LOTSE_CLOCK_URL", help=CLOCK_URL)] = "",
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Lässt eine erfundene Region melden und prüft die Tafel. [dim]Lets a simulated region report, then checks.[/dim]

    Gemeldet wird an das Lotse, das hier läuft, oder an das der Einstellungen. Wo die Uhr von Hand gestellt wird
    (`lotse up --clock manual`), geht es am Tag nach einer früheren Simulation weiter; sonst endet die simulierte Zeit
    heute, und eine zweite braucht ein anderes --seed. [dim]Reports go to the Lotse that runs here, or
    where the settings point. With a clock that follows the calendar the simulated time ends today.[/dim]
    """
    target, institutions = _target(clock_url)
    verdicts, comparison = asyncio.run(_run(target, institutions, people, seed, days, as_json))
    if as_json:
        tell_json(simulation_as_json(verdicts, comparison))
    if not verdicts.all_held or comparison.differences:
        sys.exit(1)


def _target(clock_url: str) -> tuple[Target, Path]:
    """Where to report to, and the institutions file. Raises NothingRuns."""
    broker = kafka()
    clock = clock_url.rstrip("/") or url_of("clock")
    return Target(broker.login, clock, coordinator_url()), broker.institutions


async def _run(
    target: Target, institutions: Path, people: int, seed: int, days: int, quiet: bool
) -> tuple[Verdicts, Comparison]:
    async with Clock(target.clock_url) as clock:
        newest, manual = await clock.day()
    first = newest + timedelta(1) if newest else FIRST_DAY
    if not manual and newest:
        # Where days begin by themselves the simulated time ends today.
        first, target = newest - timedelta(days - 1), replace(target, clock_url="")
    simulation = Simulation(institutions, seed=seed, people=people, days=days, first=first)
    verdicts, comparison = await play(simulation, target, quiet)
    if not quiet:
        tell_receipts(verdicts)
        tell_board(comparison)
        tell_reports(await read_reports(target.coordinator_url, BY), institutions)
        tell_bridges(comparison.board.values())
        tell_truth(simulation, comparison)
    return verdicts, comparison


async def play(simulation: Simulation, target: Target, quiet: bool) -> tuple[Verdicts, Comparison]:
    """Sends everything, waits for receipts and board, and judges both."""
    with day_progress(simulation, quiet) as after:
        await simulation.send(target, after, _DAYS_AT_ONCE)
    if not quiet:
        plan = simulation.plan()
        tell(
            f"{len(plan.records)} Meldungen über {simulation.people} Personen sind gesendet, Quittungen folgen.",
            f"{len(plan.records)} reports on {simulation.people} people are sent; receipts follow.",
        )
    return await asyncio.gather(simulation.receipts(target), simulation.check(target.coordinator_url))
