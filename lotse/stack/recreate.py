"""Law 6: the compacted topics can be thrown away. They are deleted, made anew, and every row is said again.

The readers of `events.*` stand still meanwhile. Their places in the old topics mean nothing in the new ones, and a
broker may keep them (or wait for ever at one that does not exist), so each service forgets its own: the committed
offsets of its groups are set to the beginning, what its database notes of these topics is deleted. Inbound topics,
receipts and days stay: they are what was said by others, or to them, and cannot be made anew from rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from lotse.stack.control import StackFile
from lotse.stack.errors import StackError
from lotse.stack.lag import group_lag, groups_at_work
from lotse.stack.running import RemoteStack, Running
from lotse.stack.services import WITHOUT_DATABASE
from lotse.stack.topics import configuration_of
from shared.contracts.topics import events_topic
from shared.platform.access import Access
from shared.platform.kafka import create_topics, delete_topics, list_topics
from shared.platform.services import known_services

#: What is made anew begins so.
PREFIX = "events."
_TOPIC_SECONDS = 60.0
_CAUGHT_UP_SECONDS = 300.0
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Recreated:
    """What was done: the topics made anew, and the services that said their rows again."""

    topics: tuple[str, ...]
    republished: tuple[str, ...]


def _silent(_de: str, _en: str) -> None:
    """Nobody watches."""


async def recreate_topics(stack: Running | StackFile, tell: Tell = _silent) -> Recreated:
    """Stops the services, makes the compacted topics anew, says every row again and starts the services.

    Returns when the coordinator has read what was said. It may be repeated at any time, also after it was
    interrupted; after an error the services stay stopped, because their places in the topics may be wrong. Raises
    StackError.
    """
    running = RemoteStack(stack) if isinstance(stack, StackFile) else stack
    services = tuple(name for name in running.services if name not in WITHOUT_DATABASE)
    tell("Die Dienste werden angehalten", "stopping the services")
    await asyncio.gather(*(running.stop(name) for name in services))
    try:
        topics = await make_anew(running.access, running.partitions, tell)
        tell("Jeder Dienst vergisst die alten Topics und sagt alles neu", "each service says everything again")
        ends = (_say_anew(running, name, tell) for name in services)
        failed = [end for end in await asyncio.gather(*ends, return_exceptions=True) if end is not None]
        if failed:
            raise failed[0]
    except StackError as error:
        raise _stay_stopped(error) from error
    tell("Die Dienste starten", "starting the services")
    await asyncio.gather(*(running.start(name) for name in services))
    if "coordinator" in services:
        await _caught_up(running, [events_topic(name) for name in services if name != "coordinator"])
    return Recreated(topics, services)


async def _say_anew(running: Running, service: str, tell: Tell) -> None:
    """One service forgets its places in the old topics and says every row into the new ones."""
    lines = await running.run(service, "forget-places", "republish")
    tell("\n".join(lines), "")


async def make_anew(access: Access, partitions: int, tell: Tell = _silent) -> tuple[str, ...]:
    """Deletes and creates every compacted topic. Raises StackError, also while a service still reads."""
    groups = {group for name in known_services() for group in (name, f"{name}.consent")}
    reading = await groups_at_work(access, groups)
    if reading:
        raise StackError(
            de=f"Es lesen noch: {', '.join(reading)}. Halten Sie diese Dienste an.",
            en=f"Still reading: {', '.join(reading)}. Stop these services.",
        )
    topics = tuple(sorted(name for name in await list_topics(access) if name.startswith(PREFIX)))
    tell(f"{len(topics)} Topics werden gelöscht und neu angelegt", "topics are deleted and made anew")
    await delete_topics(access, topics)
    wanted = [(name, partitions, configuration_of(name, access.profile)) for name in topics]
    refused: dict[str, str] = {}
    try:
        async with asyncio.timeout(_TOPIC_SECONDS):
            # A broker acknowledges a deletion before it is done, and refuses the name until then.
            while set(topics) & set(await list_topics(access)):
                await asyncio.sleep(0.1)
            while refused := await create_topics(access, wanted):
                await asyncio.sleep(0.5)
            while dict.fromkeys(topics, partitions).items() - (await list_topics(access)).items():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise StackError(
            de=f"Der Broker legt die Topics nicht neu an: {refused or ', '.join(topics)}.",
            en=f"The broker does not make the topics anew: {refused or ', '.join(topics)}.",
        ) from None
    return topics


async def _caught_up(running: Running, topics: list[str]) -> None:
    """Waits until the coordinator has read what was said again."""
    lag = 0
    try:
        async with asyncio.timeout(_CAUGHT_UP_SECONDS):
            while lag := await group_lag(running.access, "coordinator", topics):
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise StackError(
            de=f"Alles ist neu gesagt, aber der Koordinator hat noch {lag} Meldungen zu lesen. Prüfen: `lotse doctor`.",
            en=f"Everything was said again, but the coordinator has {lag} messages left to read. See `lotse doctor`.",
        ) from None


def _stay_stopped(error: StackError) -> StackError:
    return StackError(
        de=f"{error.de}\nDie Dienste bleiben angehalten. Beheben Sie das und wiederholen Sie `lotse topics recreate`.",
        en=f"{error.en}\nThe services stay stopped. Mend this and repeat `lotse topics recreate`.",
    )
