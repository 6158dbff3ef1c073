"""The embedded stack: broker, database and services of one run, started, watched and ended together."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from lotse.stack.broker import broker_command
from lotse.stack.control import StackFile, obey, read_file, serve
from lotse.stack.door import Door
from lotse.stack.errors import BrokerDied, StackError
from lotse.stack.place import RunFolder, fresh_folder
from lotse.stack.ports import choose_ports, is_open
from lotse.stack.postgres import Postgres
from lotse.stack.process import Command, last_lines
from lotse.stack.running import Line, ignore, run_service
from lotse.stack.services import (
    WITHOUT_DATABASE,
    Surroundings,
    default_institutions,
    service_environment,
)
from lotse.stack.supervisor import Event, Supervisor, Unit
from lotse.stack.topics import wanted_topics
from shared.platform.access import Access
from shared.platform.kafka import create_topics
from shared.platform.services import known_services

BROKER, POSTGRES = "broker", "postgres"
#: Where other programs find the broker.
DOOR = "door"


def _silent(_: Event) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a stack is made of.

    `services` None means all that there are; `module` is how they are started. `free_ports` False takes the ports of
    the contract. `keep` names a folder that holds the database over several runs; without it each run starts empty.
    `control` is where other terminals find the stack. `environment` goes to every service.
    """

    services: tuple[str, ...] | None = None
    free_ports: bool = True
    keep: Path | None = None
    control: Path | None = None
    institutions: Path = field(default_factory=default_institutions)
    partitions: int = 6
    module: str = "services.{}"
    environment: Mapping[str, str] = field(default_factory=dict)
    tell: Callable[[Event], None] = _silent


class Stack:
    """One running stack; use it with `async with`. All methods belong to the event loop in which it was started."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.services = self.options.services if self.options.services is not None else known_services()
        self.urls: dict[str, str] = {}
        self._ports: dict[str, int] = {}
        self._supervisor = Supervisor(self.options.tell)
        self._folder: RunFolder | None = None
        self._database: Postgres | None = None
        self._control: asyncio.Server | None = None
        self._door: Door | None = None
        self._end = asyncio.Event()
        #: Whether everything was started.
        self.begun = False

    async def __aenter__(self) -> Self:
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    # What others need to know

    @property
    def brokers(self) -> str:
        """Where our own processes find the broker."""
        return f"127.0.0.1:{self._ports[BROKER]}"

    @property
    def door(self) -> str:
        """Where every other Kafka client finds it, old ones too: port 9092 unless free ports were asked for."""
        return f"127.0.0.1:{self._ports[DOOR]}"

    @property
    def access(self) -> Access:
        """The same, with what clients must know of the embedded broker."""
        return Access(self.brokers, "tansu")

    @property
    def partitions(self) -> int:
        """Partitions of every topic but the clock's."""
        return self.options.partitions

    @property
    def folder(self) -> Path:
        """The folder of this run: logs, and the database unless it is kept elsewhere."""
        assert self._folder is not None, "the stack was not started"
        return self._folder.path

    @property
    def admin_url(self) -> str:
        """The database's superuser."""
        return self._postgres.admin_url

    def database_url(self, service: str) -> str:
        """The database of a service, with its role and password."""
        return self._postgres.url(service)

    def pid(self, name: str) -> int:
        """The process number of `broker`, `postgres` or a service. Raises StackError when it does not run."""
        process = self._unit(name).process
        if process is None or not process.alive:
            raise StackError(de=f"{name} läuft nicht.", en=f"{name} is not running.")
        return process.pid

    def environment(self, service: str) -> dict[str, str]:
        """The environment in which a service, or one of its commands, runs."""
        url = "" if service in WITHOUT_DATABASE else self.database_url(service)
        return service_environment(self._surroundings(), self.options.environment, url, self._ports[service])

    def status(self) -> dict[str, Any]:
        """Every process with its state, process number, starts, deaths that nobody asked for, address and log."""
        return {name: unit.describe() for name, unit in self._supervisor.units.items()}

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self._unit(name).command.log

    # What others may do

    async def run(self, service: str, *arguments: str, line: Line = ignore) -> list[str]:
        """Runs one command of a service; as `run_service`."""
        return await run_service(self.environment(service), service, *arguments, line=line)

    async def start(self, name: str) -> None:
        """Starts a service that was stopped; returns when it is ready."""
        self._unit(name)
        await self._supervisor.start(name)

    async def stop(self, name: str) -> None:
        """Ends a service gracefully; it stays so until `start`."""
        if self._unit(name).vital:
            raise StackError(
                de="Ohne Broker geht nichts weiter; beenden Sie den Stapel.",
                en="Nothing goes on without the broker; end the stack.",
            )
        await self._supervisor.stop(name)

    async def restart(self, name: str) -> None:
        """Stops and starts a service."""
        await self.stop(name)
        await self.start(name)

    async def kill(self, name: str) -> int:
        """Ends a process as a power cut would (kill −9), returns its number. All but the broker are started again."""
        self._unit(name)
        return await self._supervisor.kill(name)

    async def ready(self, name: str, seconds: float = 60.0) -> None:
        """Waits until a process is ready, also over deaths in between."""
        self._unit(name)
        await self._supervisor.ready(name, seconds)

    async def wait(self) -> None:
        """Waits until somebody asks for the end (`request_end`). Raises BrokerDied when the broker ended before."""
        asked, died = asyncio.create_task(self._end.wait()), asyncio.create_task(self._supervisor.died.wait())
        await asyncio.wait({asked, died}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        died.cancel()
        if self._supervisor.died.is_set() and not self._end.is_set():
            raise self._broker_died()

    def request_end(self) -> None:
        """Asks for the end; a second time everything is killed at once."""
        if self._end.is_set():
            for name in (*self.services, POSTGRES):
                process = self._supervisor.units[name].process if name in self._supervisor.units else None
                if process:
                    process.kill()
        self._end.set()

    # Begin and end

    async def begin(self) -> None:
        """Starts everything; returns when all is ready. Raises StackError, and then nothing is left running."""
        try:
            await self._begin()
        except BaseException:
            await self.end()
            raise

    async def end(self) -> None:
        """Ends everything in order, services first, and removes the run's folder."""
        if self._control:
            self._control.close()
        if self.options.control and self._folder and self._owns_control():
            self.options.control.unlink(missing_ok=True)
        await self._supervisor.stop_all(self.services)
        await self._supervisor.stop_all([POSTGRES])
        if self._door:
            await self._door.shut()
        await self._supervisor.stop_all([BROKER])
        if self._folder:
            self._folder.remove()
            self._folder = None

    async def _begin(self) -> None:
        self._ports = choose_ports((BROKER, DOOR, POSTGRES, *self.services), free=self.options.free_ports)
        self.urls = {name: f"http://127.0.0.1:{self._ports[name]}" for name in self.services}
        self._folder = fresh_folder()
        self._add_broker()
        self._database = Postgres(
            self.folder, (self.options.keep or self.folder / "postgres").resolve(), self._ports[POSTGRES]
        )
        await asyncio.gather(self._start_broker(), self._start_postgres())
        for name in self.services:
            self._add_service(name)
        await asyncio.gather(*(self._supervisor.start(name) for name in self.services))
        socket = self.folder / "control"
        self._control = await serve(socket, obey(self))
        if self.options.control:
            self._file(socket).write(self.options.control)
        self.begun = True

    async def _start_broker(self) -> None:
        await self._supervisor.start(BROKER)
        self._door = Door(self._ports[DOOR], self._ports[BROKER])
        await self._door.open()
        refused = await create_topics(
            self.access, wanted_topics(self.options.institutions, self.services, self.options.partitions)
        )
        if refused:
            raise StackError(
                de=f"Der Broker nimmt Topics nicht an: {refused}.", en=f"The broker refuses topics: {refused}."
            )

    async def _start_postgres(self) -> None:
        database = self._postgres
        await database.initialise()
        self._supervisor.add(Unit(database.command(), database.answers, f"127.0.0.1:{database.port}"))
        await self._supervisor.start(POSTGRES)
        await database.provide(name for name in self.services if name not in WITHOUT_DATABASE)

    def _add_broker(self) -> None:
        port = self._ports[BROKER]
        self._supervisor.add(Unit(broker_command(self.folder, port), lambda: is_open(port), self.door, vital=True))

    def _add_service(self, name: str) -> None:
        url, port = self.urls[name], self._ports[name]
        command = Command(
            name=name,
            arguments=[sys.executable, "-P", "-m", self.options.module.format(name)],
            log=self.folder / f"{name}.log",
            environment=self.environment(name),
            folder=self.folder,
        )
        self._supervisor.add(Unit(command, lambda: _answers_ready(port, url), url))

    def _surroundings(self) -> Surroundings:
        url = self.urls.get("coordinator", "http://localhost:8081")
        return Surroundings(self.brokers, self.access.profile, self.options.institutions, self.options.partitions, url)

    def _file(self, socket: Path) -> StackFile:
        around = self._surroundings()
        databases = {name: self.database_url(name) for name in self.services if name not in WITHOUT_DATABASE}
        return StackFile(
            pid=os.getpid(),
            brokers=around.brokers,
            door=self.door,
            broker_profile=around.broker_profile,
            institutions=str(around.institutions),
            partitions=around.partitions,
            urls=self.urls,
            databases=databases,
            environment=dict(self.options.environment),
            folder=str(self.folder),
            control=str(socket),
        )

    def _owns_control(self) -> bool:
        """Whether the control file is ours; a second stack may have been told the same path."""
        found = read_file(self.options.control)
        return found is not None and found.folder == str(self.folder)

    @property
    def _postgres(self) -> Postgres:
        assert self._database is not None, "the stack was not started"
        return self._database

    def _unit(self, name: str) -> Unit:
        if name not in self._supervisor.units:
            known = ", ".join(self._supervisor.units)
            raise StackError(
                de=f"Hier läuft kein {name!r}; es gibt {known}.", en=f"No {name!r} runs here; there are {known}."
            )
        return self._supervisor.units[name]

    def _broker_died(self) -> BrokerDied:
        log = self.log(BROKER)
        lines = last_lines(log, 5)
        return BrokerDied(
            de=(
                "Der eingebettete Broker ist beendet. Er hält alles im Speicher, deshalb endet alles; starten Sie "
                f"neu. {log}:\n{lines}"
            ),
            en=(
                "The embedded broker has ended. It keeps everything in memory, so everything ends; start again. "
                f"{log}:\n{lines}"
            ),
        )


async def _answers_ready(port: int, url: str) -> bool:
    """Whether a service says that it is ready."""
    if not await is_open(port):
        # While it starts it is asked often; a client for each question would take the time that it needs.
        return False
    try:
        # Plain HTTP on this machine: without `verify` no certificates are loaded, which cost more than the question.
        async with httpx.AsyncClient(timeout=3, trust_env=False, verify=False) as client:
            return (await client.get(f"{url}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False
