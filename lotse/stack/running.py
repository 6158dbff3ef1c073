"""A stack as commands see it: the one of this process, or one that runs in another terminal."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from lotse.stack.control import StackFile, call
from lotse.stack.errors import StackError
from lotse.stack.services import Surroundings, service_environment
from shared.platform.access import Access

Line = Callable[[str], None]


def ignore(_: str) -> None:
    """Nobody reads along."""


class Running(Protocol):
    """What commands need of a running stack. `Stack` is one, `RemoteStack` is another."""

    @property
    def access(self) -> Access: ...
    @property
    def partitions(self) -> int: ...
    @property
    def services(self) -> tuple[str, ...]: ...

    async def run(self, service: str, *arguments: str, line: Line = ignore) -> list[str]:
        """Runs one command of a service, in its environment; as `run_service`."""

    async def start(self, name: str) -> None:
        """Starts a service that was stopped; returns when it is ready."""

    async def stop(self, name: str) -> None:
        """Ends a service gracefully; it stays so until `start`."""


class RemoteStack:
    """The stack that a file tells of, steered through its socket."""

    def __init__(self, file: StackFile) -> None:
        self.file = file
        self.access = Access(file.brokers, file.broker_profile)
        self.partitions = file.partitions
        self.services = tuple(file.urls)

    def environment(self, service: str) -> dict[str, str]:
        """The environment in which a service, or one of its commands, runs. Raises StackError when it has none such."""
        if service not in self.file.urls:
            known = ", ".join(self.services) or "–"
            raise StackError(
                de=f"In diesem Stapel gibt es keinen Dienst {service!r}; es gibt: {known}.",
                en=f"This stack has no service {service!r}; there are: {known}.",
            )
        around = Surroundings(
            self.access.brokers,
            self.access.profile,
            Path(self.file.institutions),
            self.partitions,
            self.file.urls.get("coordinator", ""),
        )
        port = urlsplit(self.file.urls[service]).port or 0
        return service_environment(around, self.file.environment, self.file.databases.get(service, ""), port)

    async def run(self, service: str, *arguments: str, line: Line = ignore) -> list[str]:
        """Runs one command of a service; as `run_service`."""
        return await run_service(self.environment(service), service, *arguments, line=line)

    async def start(self, name: str) -> None:
        """Starts a service that was stopped; returns when it is ready. Raises StackError."""
        await asyncio.to_thread(call, self.file, "start", name)

    async def stop(self, name: str) -> None:
        """Ends a service gracefully; it stays so until `start`. Raises StackError."""
        await asyncio.to_thread(call, self.file, "stop", name)


async def run_service(environment: Mapping[str, str], service: str, *arguments: str, line: Line = ignore) -> list[str]:
    """Runs `python -m services.<service> <arguments>` to its end; returns its lines, each handed to `line` as it comes.

    Raises StackError with the end of what it told when it does not end with 0.
    """
    program = [sys.executable, "-P", "-m", f"services.{service}", *arguments]
    return await run_program(program, environment, f"python -m services.{' '.join((service, *arguments))}", line=line)


async def run_program(
    program: Sequence[str],
    environment: Mapping[str, str],
    called: str,
    *,
    folder: Path | None = None,
    line: Line = ignore,
) -> list[str]:
    """Runs a program to its end; returns its lines, each handed to `line` as it comes. `called` is its name in errors.

    Raises StackError with the end of what it told when it does not end with 0.
    """
    child = await asyncio.create_subprocess_exec(
        *program,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        limit=1 << 22,
    )
    assert child.stdout and child.stderr
    aside = asyncio.create_task(child.stderr.read())
    lines: list[str] = []
    try:
        async for raw in child.stdout:
            lines.append(raw.decode(errors="replace").rstrip("\n"))
            line(lines[-1])
        code = await child.wait()
        told = (await aside).decode(errors="replace")
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
            await child.wait()
        aside.cancel()
    if code != 0:
        raise _failed(called, code, [*lines, *told.splitlines()])
    return lines


def _failed(called: str, code: int, told: list[str]) -> StackError:
    end = "\n".join(told[-12:])
    return StackError(de=f"`{called}` endete mit {code}:\n{end}", en=f"`{called}` ended with {code}:\n{end}")
