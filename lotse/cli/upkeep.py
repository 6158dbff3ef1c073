"""`lotse rebuild`, `republish`, `rederive`, `restored`: long runs of services, begun from here, shown as they go."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Annotated

from lotse.cli.containers import running_services
from lotse.cli.out import argument, option, tell, tell_aside, tell_json
from lotse.cli.where import nothing_runs
from lotse.errors import ExplainedError
from lotse.stack.running import Line, ignore, run_service
from lotse.stack.services import ROOT, WITHOUT_DATABASE
from shared.platform.services import known_services

COORDINATOR = "coordinator"
SERVICE = "nur dieser Dienst; ohne Angabe alle | only this service; all if none is named"
AS_JSON = "Antwort als JSON | answer as JSON"


def rebuild(
    verify: Annotated[
        bool, option("--verify", help="nur vergleichen, nichts ersetzen | compare only, replace nothing")
    ] = False,
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Baut die Tafel neu aus den verdichteten Topics. [dim]Builds the board anew from the compacted topics.[/dim]

    Mit --verify wird verglichen: Ausgang 0 nur, wenn die neue Tafel der alten gleicht. [dim]With --verify the new
    board is compared with the old one; exit code 0 only if they are equal.[/dim]
    """
    lines = _run(COORDINATOR, "rebuild", *(["--verify"] if verify else []), quiet=as_json)
    if as_json:
        tell_json({"command": "rebuild", "verify": verify, "lines": lines})


def republish(
    service: Annotated[str, argument(help=SERVICE)] = "",
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Sagt alles noch einmal, was in den Datenbanken steht. [dim]Says everything again that is stored.[/dim]"""
    _each("republish", service, as_json)


def rederive(
    service: Annotated[str, argument(help=SERVICE)] = "",
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Leitet nach geänderten Regeln alles neu ab. [dim]Derives everything anew after a change of rules.[/dim]"""
    _each("rederive", service, as_json)


def restored(
    service: Annotated[str, argument(help=SERVICE)] = "",
    as_json: Annotated[bool, option("--json", help=AS_JSON)] = False,
) -> None:
    """Nach der Rückkehr zu einer Sicherung. [dim]After a return to a backup.[/dim]

    Jeder Dienst zählt über alles Gesagte hinaus weiter und sagt alles; die Tafel wird aus den Topics neu gebaut. Zuvor
    müssen die Dienste laufen, bis sie nachgelesen haben, was seit der Sicherung kam. [dim]Every service counts on
    beyond what was said and says everything; the board is built anew from topics. Before that the services must have
    run until they had read again what came since the backup.[/dim]
    """
    _each("restored", service, as_json)


def _each(command: str, service: str, as_json: bool) -> None:
    names = [service] if service else _all_services()
    # The board has its versions from what was said: to build it anew is its way back from a backup.
    own = {COORDINATOR: "rebuild"} if command == "restored" else {}
    done = {name: _run(name, own.get(name, command), quiet=as_json) for name in names}
    if as_json:
        tell_json({"command": command, "services": done})
    else:
        tell("Fertig.", "Done.", mark="[green]●[/green] ")


def _run(service: str, *arguments: str, quiet: bool) -> list[str]:
    """One command of one service, its lines shown as they come."""
    work = _work(service, *arguments, line=ignore if quiet else _show)
    if not quiet:
        tell_aside(f"{service}: {' '.join(arguments)} …", "")
    return asyncio.run(work)


def _show(line: str) -> None:
    tell(line, "")


def _work(service: str, *arguments: str, line: Line) -> Coroutine[None, None, list[str]]:
    """One command of one service where its settings are: in the stack, in a container of the region, or here.

    Raises NothingRuns, and ExplainedError for a service that there is not.
    """
    known = [name for name in known_services() if name not in WITHOUT_DATABASE]
    if service not in known:
        raise ExplainedError(
            de=f"Den Dienst {service!r} gibt es nicht; es gibt: {', '.join(known)}.",
            en=f"There is no service {service!r}; there are: {', '.join(known)}.",
        )
    running = running_services()
    if running is not None:
        return running.run(service, *arguments, line=line)
    if not os.environ.get("LOTSE_DATABASE_URL"):
        raise nothing_runs("LOTSE_BROKERS, LOTSE_DATABASE_URL")
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return run_service({**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, service, *arguments, line=line)


def _all_services() -> list[str]:
    """The services here that keep rows, the coordinator, which follows the others, last.

    Where the settings name another place, a service must be named.
    """
    running = running_services()
    if running is None and not os.environ.get("LOTSE_DATABASE_URL"):
        raise nothing_runs("LOTSE_BROKERS, LOTSE_DATABASE_URL")
    if running is None:
        raise ExplainedError(
            de="Außerhalb von `lotse up` gehört LOTSE_DATABASE_URL zu einem Dienst; nennen Sie ihn als Argument.",
            en="Outside `lotse up` LOTSE_DATABASE_URL belongs to one service; name it as the argument.",
        )
    return sorted(set(running.services) - WITHOUT_DATABASE, key=lambda name: (name == COORDINATOR, name))
