"""The services of a region of docker compose, steered from the machine on which it runs."""

from __future__ import annotations

import os

from lotse.cli.where import Kafka, compose_folder, kafka, region_here, running_stack
from lotse.errors import ExplainedError
from lotse.stack.running import Line, RemoteStack, Running, ignore, run_program
from shared.platform.services import known_services


class Containers:
    """The region's services as `lotse.stack.running.Running`: commands run in a container of their own, beside the
    service, with its settings, its passwords and its memory.
    """

    def __init__(self, kafka: Kafka, services: tuple[str, ...]) -> None:
        self.access = kafka.access
        self.partitions = kafka.partitions
        self.services = services

    async def run(self, service: str, *arguments: str, line: Line = ignore) -> list[str]:
        """Runs `python -m services.<service> <arguments>` in a container that is removed in the end; returns its
        lines. Raises StackError, and ExplainedError where there is no Docker.
        """
        command = ("python", "-m", f"services.{service}", *arguments)
        return await _compose("run", "--rm", "--no-deps", "--no-TTY", service, *command, line=line)

    async def start(self, name: str) -> None:
        """Starts a service that was stopped; returns when it is ready. Raises StackError."""
        await _compose("up", "--detach", "--wait", "--no-deps", "--no-recreate", name)

    async def stop(self, name: str) -> None:
        """Ends a service gracefully; it stays so until `start`. Raises StackError."""
        await _compose("stop", name)


def running_services() -> Running | None:
    """The services that can be steered from here: those of `lotse up`, else those of the region of docker compose; none
    where the settings name a broker or a database elsewhere, or nothing runs.
    """
    stack = running_stack()
    if stack is not None:
        return RemoteStack(stack)
    if os.environ.get("LOTSE_BROKERS") or os.environ.get("LOTSE_DATABASE_URL") or not region_here():
        return None
    return Containers(kafka(), known_services())


async def _compose(*arguments: str, line: Line = ignore) -> list[str]:
    program = ["docker", "compose", *arguments]
    try:
        return await run_program(program, os.environ, " ".join(program), folder=compose_folder(), line=line)
    except FileNotFoundError:
        raise ExplainedError(
            de="Hier gibt es kein Docker. Rufen Sie das auf der Maschine auf, auf der die Region läuft: "
            f"`{' '.join(program)}`.",
            en="There is no Docker here. Do this on the machine on which the region runs.",
        ) from None
