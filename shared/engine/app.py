"""The frame of every process: settings, database, broker, HTTP server for health and metrics, and a graceful end.

A process is told what it does by one function that fills its `Frame`; everything is wired there, nothing connects at
import.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncpg
import uvicorn
import uvloop
from faststream.kafka import KafkaBroker
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from shared.engine.consume import Consumption, make_broker
from shared.engine.problem import Problem
from shared.engine.say import Speaker
from shared.platform.logs import configure_logs
from shared.platform.metrics import Metrics
from shared.platform.postgres import Migration, MigrationError, connect_pool, migrate
from shared.platform.settings import Settings, SettingsError, load_settings, require_database
from shared.platform.trouble import Trouble

log = logging.getLogger(__name__)

_STARTING = Problem(
    503,
    "starting",
    ("Dieser Dienst startet noch", "this service is still starting"),
    ("Fragen Sie gleich noch einmal.", "Ask again in a moment."),
)
_READY_POLL_SECONDS = 30.0
#: How often database and broker are asked whether they are there, and how often while one of them is away.
_WATCH_SECONDS, _AWAY_SECONDS = 5.0, 1.0
#: How long the subscribers may take to start: a broker that stands still in the middle of it must be noticed.
_START_SECONDS = 30.0
#: How soon a database answers that can be reached.
_ANSWER_SECONDS = 3.0
#: What is asked, and the gauge that tells whether it answers.
_GAUGES = {"broker": "lotse_broker_up", "database": "lotse_database_up"}
T = TypeVar("T")


@dataclass
class Frame:
    """What one process works with. `build` functions add consumptions, routes, background work and readiness checks."""

    settings: Settings
    metrics: Metrics
    speaker: Speaker
    broker: KafkaBroker
    database: asyncpg.Pool[Any] | None
    consumptions: list[Consumption] = field(default_factory=list)
    routes: list[BaseRoute] = field(default_factory=list)
    background: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    #: Further conditions of readiness: name and a function that returns an empty text or what is wrong.
    checks: dict[str, Callable[[], str]] = field(default_factory=dict)

    @property
    def pool(self) -> asyncpg.Pool[Any]:
        """The database; only the clock has none."""
        assert self.database is not None, "this process was started without a database"
        return self.database


Build = Callable[[Frame], Awaitable[None]]


class Process:
    """One running process: its HTTP server answers from the first moment, readiness follows when everything works."""

    def __init__(
        self,
        settings: Settings,
        migrations: Sequence[Migration] | None,
        build: Build,
        asyncapi: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings, self.migrations, self.build, self.asyncapi = settings, migrations, build, asyncapi
        self.metrics = Metrics()
        self.frame: Frame | None = None
        self._trouble = Trouble(self.metrics)
        self.metrics.gauge("lotse_ready").set_function(lambda: float(not self._wrong()))
        #: Which of broker and database did not answer when they were last asked, and the kind of error.
        self._away: dict[str, str] = {}
        for part in _GAUGES if migrations is not None else ("broker",):
            self._note(part, "not asked yet")
        self.stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._app = Starlette(routes=self._standing_routes())
        self._nothing_here = self._app.router.default
        self._app.router.default = self._unknown_path
        self._server = _Server(
            uvicorn.Config(
                self._app,
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )

    async def run(self) -> int:
        """Works until told to stop; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        server = asyncio.create_task(self._server.serve())
        work = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({server, work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        code = 0 if stopping.done() else 1
        if work.done() and work.exception() is not None:
            error = work.exception()
            log.error("the process cannot work", exc_info=error)
            if isinstance(error, (MigrationError, SettingsError)):
                sys.stderr.write(f"{error}\n")
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await self._stop()
        self._server.should_exit = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(server, return_exceptions=True)
        return code

    async def _work(self) -> None:
        """Connects to everything, with patience, and then watches over it."""
        settings = self.settings
        pool = None
        if self.migrations is not None:
            url = require_database(settings)
            pool = await self._patiently("database", lambda: connect_pool(url))
            async with pool.acquire() as connection:
                await migrate(connection, self.migrations)
        speaker = Speaker(settings, self.metrics)
        await self._patiently("broker", speaker.start)
        frame = Frame(settings, self.metrics, speaker, make_broker(settings), pool)
        await self.build(frame)
        self._app.router.routes.extend(frame.routes)
        gc.collect()
        gc.freeze()
        # A batch makes more objects than that and drops them all again: it must not set off a collection.
        gc.set_threshold(500_000, 20, 100)
        self.frame = frame
        await self._patiently("broker", lambda: _start(frame.broker))
        for consumption in frame.consumptions:
            consumption.watch()
        self._tasks = [asyncio.create_task(self._forever(work)) for work in frame.background]
        await self._watch(frame)

    async def _watch(self, frame: Frame) -> None:
        """Keeps the gauges fresh; raises when the Kafka client stands still, so that the process is started anew."""
        while True:
            self._measure(frame)
            # Beside each other: a part that does not answer must not delay the next question to another.
            await asyncio.gather(
                asyncio.sleep(_AWAY_SECONDS if self._away else _WATCH_SECONDS),
                self._ask("broker", frame.speaker.ask),
                self._ask_database(frame),
                self._look_for_standstill(frame),
            )

    async def _look_for_standstill(self, frame: Frame) -> None:
        """Raises RuntimeError when a consumption stands still though broker and database are there."""
        for consumption in frame.consumptions:
            if self._away:
                consumption.excuse()
            elif wrong := await consumption.stuck():
                raise RuntimeError(wrong)

    def _measure(self, frame: Frame) -> None:
        """Sets what is known without asking."""
        gauge = frame.metrics.gauge
        age = max((consumption.poll_age for consumption in frame.consumptions), default=0.0)
        waiting = [consumption.waiting() for consumption in frame.consumptions]
        gauge("lotse_poll_age_seconds").set(age)
        gauge("lotse_lag_records").set(sum(records for records, _ in waiting))
        gauge("lotse_lag_seconds").set(max((seconds for _, seconds in waiting), default=0.0))
        gauge("lotse_partitions_assigned").set(sum(consumption.partitions() for consumption in frame.consumptions))

    async def _ask_database(self, frame: Frame) -> None:
        pool = frame.database
        if pool is not None:
            await self._ask("database", lambda: _ask_database(pool))

    async def _ask(self, part: str, ask: Callable[[], Awaitable[None]]) -> None:
        """Notes whether a part answers."""
        try:
            await ask()
        except Exception as error:
            self._note(part, type(error).__name__)
        else:
            self._note(part, "")

    def _note(self, part: str, wrong: str) -> None:
        """Notes that a part answers, or the kind of error with which it does not; logs what changed."""
        before = self._away.get(part, "")
        if wrong:
            self._away[part] = wrong
        else:
            self._away.pop(part, None)
        self.metrics.gauge(_GAUGES[part]).set(float(not wrong))
        if self.frame is not None and bool(before) != bool(wrong):
            log.warning("a part is away" if wrong else "a part is back", extra={"part": part, "kind": wrong or before})

    async def _stop(self) -> None:
        """Finishes the batch in hand, then disconnects."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        frame = self.frame
        if frame is None:
            return
        with contextlib.suppress(Exception):
            await frame.broker.stop()
        with contextlib.suppress(Exception):
            await frame.speaker.stop()
        if frame.database is None:
            return
        try:
            async with asyncio.timeout(5):
                await frame.database.close()
        except TimeoutError:
            frame.database.terminate()

    def _standing_routes(self) -> list[BaseRoute]:
        async def live(_: Request) -> Response:
            return JSONResponse({"live": True})

        async def ready(_: Request) -> Response:
            wrong = self._wrong()
            return JSONResponse({"ready": not wrong, "wrong": wrong}, status_code=503 if wrong else 200)

        async def asyncapi(_: Request) -> Response:
            return JSONResponse(self.asyncapi or {})

        return [
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/asyncapi", asyncapi),
            Mount("/metrics", make_asgi_app(self.metrics.registry)),
        ]

    async def _unknown_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        """While it starts, nothing is known: a 404 would say that a case or a day is not there, which may be false."""
        if self.frame is None and scope["type"] == "http":
            await _STARTING.response()(scope, receive, send)
        else:
            await self._nothing_here(scope, receive, send)

    def _wrong(self) -> dict[str, str]:
        """What keeps this process from being ready, by part."""
        frame = self.frame
        if frame is None:
            return {"start": "not connected to database and broker yet"}
        if self.stopping.is_set():
            return {"stop": "stopping"}
        wrong = {name: text for name, check in frame.checks.items() if (text := check())}
        for consumption in frame.consumptions:
            if not consumption.assigned_once:
                wrong["assignment"] = "no partitions were assigned yet"
            if consumption.poll_age > _READY_POLL_SECONDS:
                wrong["poll"] = f"Kafka last answered {consumption.poll_age:.0f} seconds ago"
        return wrong | self._away

    async def _patiently(self, part: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """Tries until it works; a database or a broker that starts later is normal."""
        pause, told = 0.1, 0.0
        count = self._trouble.database if part == "database" else self._trouble.broker
        while True:
            try:
                done = await attempt()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                cause: Exception = error
            except Exception as error:
                if type(error).__module__.split(".")[0] not in ("aiokafka", "faststream"):
                    raise
                cause = error
            else:
                self._note(part, "")
                return done
            count(cause)
            self._note(part, type(cause).__name__)
            if time.monotonic() - told > 5:
                told = time.monotonic()
                log.warning("waiting", extra={"part": part, "kind": type(cause).__name__})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        """Background work that goes on after an error; it must do its own waiting."""
        while True:
            try:
                await work()
            except Exception as error:
                self._trouble.batch(error)
                log.warning("background work failed; it goes on", exc_info=True)
                await asyncio.sleep(1.0)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the process decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _start(broker: KafkaBroker) -> None:
    """Starts all subscribers. What began is ended when one does not start in time: if it were begun once more beside
    the first attempt, a consumer of that one would stay in the group and hold partitions that nobody reads.
    """
    try:
        async with asyncio.timeout(_START_SECONDS):
            await broker.start()
    except BaseException:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_START_SECONDS):
                await broker.stop()
        raise


async def _ask_database(pool: asyncpg.Pool[Any]) -> None:
    """Asks for an answer. Raises what asyncpg raises.

    A connection that does not answer is thrown away: waiting for the end of a cancelled question could take for ever.
    """
    connection = await pool.acquire(timeout=_ANSWER_SECONDS)
    patience = asyncio.get_running_loop().call_later(_ANSWER_SECONDS, connection.terminate)
    try:
        await connection.fetchval("select 1")
    finally:
        patience.cancel()
        await pool.release(connection)


def serve(
    service: str,
    migrations: Sequence[Migration] | None,
    build: Build,
    asyncapi: Mapping[str, Any] | None = None,
) -> int:
    """Runs one service until it is told to stop; returns the exit code of the process. None: it has no database."""
    try:
        settings = load_settings(service)
        if migrations is not None:
            require_database(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logs(service, settings.log_level)

    async def main() -> int:
        return await Process(settings, migrations, build, asyncapi).run()

    return uvloop.run(main())
