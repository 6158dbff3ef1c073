"""`lotse up`: broker, database and all services, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Literal

from lotse.cli.out import answer, option, plain_table, tell
from lotse.stack import Event, Options, Stack, StackError
from lotse.stack.control import default_file, read_file

Clock = Literal["wall", "manual"]

CLOCK = "wall: jeden Kalendertag; manual: Tage von Hand | wall: each calendar day; manual: days by hand"
FREE_PORTS = "freie Ports statt der üblichen | free ports instead of the usual ones"
KEEP = "Datenbank in diesem Ordner behalten | keep the database in this folder"
PARTITIONS = "Partitionen jedes Topics | partitions of every topic"


def up(
    free_ports: Annotated[bool, option("--free-ports", help=FREE_PORTS)] = False,
    keep: Annotated[Path | None, option("--keep", help=KEEP)] = None,
    partitions: Annotated[int, option("--partitions", min=1, max=1000, envvar="LOTSE_PARTITIONS", help=PARTITIONS)] = 6,
    clock: Annotated[Clock, option("--clock", envvar="LOTSE_CLOCK", help=CLOCK)] = "wall",
) -> None:
    """Startet Broker, Datenbank und alle Dienste, bis Strg-C. [dim]Starts everything, until Ctrl-C.[/dim]"""
    control = default_file()
    running = read_file(control)
    if running:
        raise StackError(
            de=(
                f"Es läuft schon ein Stapel (Prozess {running.pid}). Beenden Sie ihn mit Strg-C oder `kill "
                f"{running.pid}`."
            ),
            en=f"A stack runs already (process {running.pid}). End it with Ctrl-C or `kill {running.pid}`.",
        )
    options = Options(
        free_ports=free_ports,
        keep=keep,
        partitions=partitions,
        control=control,
        environment={"LOTSE_CLOCK": clock},
        tell=tell_event,
    )
    asyncio.run(hold(options))


async def hold(options: Options) -> None:
    """Starts a stack and holds it until SIGINT or SIGTERM. Raises StackError: it cannot start, or the broker died."""
    stack = Stack(options)
    loop = asyncio.get_running_loop()
    beginning = asyncio.current_task()

    def end() -> None:
        """The first signal ends gracefully, also during the start; the second kills."""
        stack.request_end()
        if beginning and not stack.begun:
            beginning.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    tell("Lotse startet …", "Lotse starts …")
    try:
        async with stack:
            _tell_addresses(stack)
            await stack.wait()
            tell("Lotse endet …", "Lotse ends …")
    except asyncio.CancelledError:
        tell("Abgebrochen, bevor alles lief.", "Interrupted before everything ran.")
        return
    tell("Alles ist beendet.", "Everything has ended.")


def tell_event(event: Event) -> None:
    """What happened to a process."""
    if event.kind == "ready":
        tell(f"{event.name} ist bereit", "is ready", mark="[green]●[/green] ")
    elif event.kind == "died":
        pause = f"{event.pause:.1f} s"
        de, en = f"endete ({event.code}); neuer Start in {pause}", f"ended ({event.code}); starts again in {pause}"
        tell(f"{event.name} {de}", en, mark="[red]●[/red] ")
    else:
        tell(f"{event.name} ist beendet", "has ended", mark="[dim]●[/dim] ")


def _tell_addresses(stack: Stack) -> None:
    rows = plain_table(3)
    for name, unit in stack.status().items():
        rows.add_row(name, unit["address"], f"[dim]{unit['log']}[/dim]")
    answer.print(rows)
    tell(
        "Lotse läuft. In einem anderen Terminal: lotse doctor, lotse publish, lotse cases. Ende mit Strg-C.",
        "Lotse runs. In another terminal: lotse doctor, lotse publish, lotse cases. Ctrl-C ends it.",
    )
