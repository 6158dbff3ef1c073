"""Rebuild: the board made anew from the topics, while the coordinator goes on (law 5).

`verify` compares it with the board that stands, at exactly the offsets up to which that one has read, and throws it
away. Without it the new board takes the place of the old one: under a lock that every store transaction needs, so that
nothing is read between the two; then what differs from what was said is said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.coordinator.anew import Anew, Places
from services.coordinator.bulk import write_said
from services.coordinator.compare import compare_all, compare_some, same_day
from services.coordinator.days import FIRST
from services.coordinator.heard import REBUILD
from services.coordinator.packed import Said, unpack_said
from services.coordinator.parts import migrations
from services.coordinator.registry import Registry
from services.coordinator.speech import Speech
from shared.engine.speech import SQL as ENGINE_SQL
from shared.platform.postgres import connect_pool, migrate
from shared.platform.settings import Settings

SCHEMA = "rebuild"
_ALONE = "lotse.rebuild"
#: Above all stamps that a running coordinator can reach meanwhile.
_STAMPS_ABOVE = 1_000_000_000
#: How long the coordinator may stand still before what the rebuild has read.
_STILL_SECONDS = 60.0
_PAUSE_SECONDS = 0.25
#: Cases that a day is just changing may differ once; cases that differ are compared again.
_ROUNDS = 5
_SAY_CHUNK = 500

Tell = Callable[[str], None]


class RebuildError(Exception):
    """The rebuild cannot be done; the text says what to do, in German and English."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How a rebuilt board compares with the one that stands. `examples` are some of the cases that differ."""

    cases: int
    different: int
    examples: tuple[str, ...]
    day: str | None
    records: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made: cases in all, and messages that were not what had been said. `seconds` is how long it took
    until the new board stood; what differs is said after that.
    """

    cases: int
    said: int
    records: int
    seconds: float


async def verify(settings: Settings, registry: Registry, pool: asyncpg.Pool[Any], tell: Tell) -> Verified:
    """Makes the board anew and compares; the board that stands is only read. Raises RebuildError."""
    async with _anew(settings, registry, pool) as anew:
        tell("Tage und Meldungen der Dienste werden gelesen / reading days and snapshots")
        await anew.hear(versions=False)
        tell(f"{anew.records} gelesen; die Tafel wird abgeleitet / records read; deriving the board")
        await anew.derive_all()
        cases, different = 0, list[str]()
        for attempt in range(_ROUNDS):
            await _wait_for(pool, anew.places)
            async with pool.acquire() as old, old.transaction(isolation="repeatable_read", readonly=True):
                await anew.read(await _places(old))
                await anew.derive_touched()
                async with anew.pool.acquire() as new:
                    if attempt == 0:
                        cases, different = await compare_all(old, new)
                    else:
                        different = await compare_some(old, new, different)
                    day = await old.fetchval("select day from today")
                    equal = not different and await same_day(old, new)
            if equal:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        return Verified(cases, len(different), tuple(different[:10]), day, anew.records)


async def swap(settings: Settings, registry: Registry, pool: asyncpg.Pool[Any], speech: Speech, tell: Tell) -> Rebuilt:
    """Makes the board anew, puts it in the place of the old one, and says what differs. Raises RebuildError."""
    began = time.monotonic()
    async with _anew(settings, registry, pool) as anew:
        tell("Was zuletzt gesagt wurde, Tage und Meldungen werden gelesen / reading what was said, days and snapshots")
        await anew.hear(versions=True)
        tell(f"{anew.records} gelesen; die Tafel wird abgeleitet / records read; deriving the board")
        cases = await anew.derive_all()
        await anew.read()
        await anew.derive_touched()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(REBUILD["lock_old"])
            await anew.read()
            await anew.derive_touched(await _adopt(connection, anew))
            await anew.note_places()
            await connection.execute(REBUILD["swap"])
        seconds = round(time.monotonic() - began, 1)
        tell("Die neue Tafel steht; was sich unterscheidet, wird gesagt / the new board stands; saying what differs")
        return Rebuilt(cases, await _say(speech, anew), anew.records, seconds)


async def _adopt(connection: Any, anew: Anew) -> set[str]:
    """Takes over versions of the old rows that the topic did not have; returns the cases to derive once more."""
    moved, some = set[str](), dict[str, dict[str, Said]]()
    async with anew.pool.acquire() as new_connection, new_connection.transaction():
        async for case, before, now in connection.cursor(REBUILD["said_otherwise"], prefetch=_SAY_CHUNK):
            old, new = unpack_said(before), unpack_said(now)
            newer = {key: said for key, said in old.items() if _is_newer(said, new.get(key))}
            if newer:
                moved.add(case)
                some[case] = new | newer
            if len(some) >= _SAY_CHUNK:
                await write_said(new_connection, some)
                some.clear()
        await write_said(new_connection, some)
    return moved


def _is_newer(old: Said, new: Said | None) -> bool:
    """Whether the old row knows of something that was said and the topic does not have, or no longer."""
    return new is None or new.version < old.version or (new.version == old.version and new != old)


async def _say(speech: Speech, anew: Anew) -> int:
    """Says what differs, in key order; returns how many messages that are."""
    cursor, count = FIRST, 0
    while rows := await anew.pool.fetch(REBUILD["differing"], cursor, _SAY_CHUNK):
        cursor = rows[-1]["id"]
        keys = {(row["id"], key) for row in rows if not row["whole"] for key in row["keys"] or ()}
        await speech.say_some(sorted({case for case, _ in keys}), keys)
        await speech.say_cases([row["id"] for row in rows if row["whole"]])
        count += len(keys)
    return count


async def _wait_for(pool: asyncpg.Pool[Any], places: Places) -> None:
    """Waits until the coordinator has read at least as far. Raises RebuildError when it stands still before that."""
    before: Places = {}
    since = time.monotonic()
    while True:
        now = await _places(pool)
        if all(now.get(place, 0) >= offset for place, offset in places.items()):
            return
        if now != before:
            before, since = now, time.monotonic()
        if time.monotonic() - since > _STILL_SECONDS:
            raise RebuildError(
                "Der Koordinator liest nicht weiter; läuft er? Prüfen Sie mit `lotse doctor`. / "
                "The coordinator does not read on; is it running? Check with `lotse doctor`."
            )
        await asyncio.sleep(_PAUSE_SECONDS)


async def _places(connection: Any) -> Places:
    rows = await connection.fetch(REBUILD["places"])
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


@asynccontextmanager
async def _anew(settings: Settings, registry: Registry, pool: asyncpg.Pool[Any]) -> AsyncIterator[Anew]:
    """A new, empty board in its schema, dropped in the end if it is still there; one rebuild at a time."""
    async with pool.acquire() as connection:
        if not await connection.fetchval(ENGINE_SQL["try_alone"], _ALONE):
            raise RebuildError("Es läuft schon ein Neuaufbau. / A rebuild is running already.")
        try:
            await connection.execute(REBUILD["drop_schema"])
            stamp = await connection.fetchval(REBUILD["highest_stamp"]) + _STAMPS_ABOVE
            new = await connect_pool(settings.database_url, size=2, schema=SCHEMA)
            try:
                async with new.acquire() as first:
                    await migrate(first, migrations(), schema=SCHEMA)
                    await first.execute(f"alter table board alter column stamp set default {stamp}")
                yield Anew(settings, registry, new, SCHEMA, stamp)
            finally:
                await new.close()
                await connection.execute(REBUILD["drop_schema"])
        finally:
            await connection.execute(ENGINE_SQL["no_longer_alone"], _ALONE)
