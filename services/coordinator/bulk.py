"""The bulk of a board that is made anew: what was heard is derived part by part, in key order, each row written once.

Parts know nothing of each other, so with many cases several processes share them. What differs from what was said is
noted in the database: it may be everything.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Any, NamedTuple

import asyncpg

from services.coordinator.derive import Case
from services.coordinator.heard import PARTS, REBUILD, SaidRecord, heard_of
from services.coordinator.messages import said_of
from services.coordinator.packed import OF_CASE, Item, ItemKey, Said, pack_said
from services.coordinator.registry import find_services
from services.coordinator.store import Store
from shared.platform.clock import milliseconds

#: Cases in one transaction.
_CHUNK = 1_000
#: Records for which one more process is worth its start, which takes about a second.
_WORTH_A_PROCESS = 50_000


class Work(NamedTuple):
    """Parts for one process: the database, the schema of the new board, and the stamp that its rows begin with."""

    url: str
    schema: str
    stamp: int
    parts: Sequence[int]


def processes_for(records: int) -> int:
    """How many processes derive what so many records told."""
    return min(os.cpu_count() or 1, 1 + records // _WORTH_A_PROCESS)


async def make_all(url: str, schema: str, stamp: int, processes: int) -> None:
    """Derives all parts."""
    shares = [Work(url, schema, stamp, PARTS[number::processes]) for number in range(processes)]
    if processes == 1:
        await _make(shares[0])
        return
    loop = asyncio.get_running_loop()
    # Spawned, not forked: connections and threads of this process are none of theirs.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, make_parts, share) for share in shares))


def make_parts(work: Work) -> None:
    """The same for some parts, in a process of its own."""
    asyncio.run(_make(work))


async def _make(work: Work) -> None:
    store, parent = Store(find_services().mappings, milliseconds), parent_process()
    connection = await asyncpg.connect(work.url, server_settings={"search_path": work.schema, "jit": "off"})
    try:
        for part in work.parts:
            if parent is not None and not parent.is_alive():
                return  # who began the rebuild was killed, and nobody needs this any more
            pieces = [row["piece"] for row in await connection.fetch(REBUILD["pieces"], part)]
            cases = list(_cases(*heard_of(pieces), work.stamp))
            for start in range(0, len(cases), _CHUNK):
                await _write(connection, store, cases[start : start + _CHUNK])
    finally:
        await connection.close()


def _cases(
    items: Mapping[str, Mapping[ItemKey, Item]], said: Mapping[str, Mapping[str, SaidRecord]], stamp: int
) -> Iterator[Case]:
    """Cases in key order, as far as they are known from the topics."""
    for name in sorted(items.keys() | said.keys()):
        known = {
            barrier: said_of(value) for barrier, (_, _, _, value) in said.get(name, {}).items() if value is not None
        }
        yield Case(
            name, stamp=stamp, hidden=OF_CASE not in known, fault=True, said=known, items=dict(items.get(name, {}))
        )


async def _write(connection: Any, store: Store, cases: Sequence[Case]) -> None:
    made = await store.make(connection, cases)
    lost = set(made.faults)
    await write_said(connection, {case.id: case.said for case in cases if case.id in lost and case.said})
    await note_differences(connection, made.differs)


async def write_said(connection: Any, said: Mapping[str, Mapping[str, Said]]) -> None:
    """Writes what was last said of cases; the next derivation fills in the rest."""
    rows = [
        (case, OF_CASE not in by_key, by_key[OF_CASE].version if OF_CASE in by_key else 0, pack_said(by_key))
        for case, by_key in sorted(said.items())
    ]
    if rows:
        await connection.execute(REBUILD["preload_boards"], *(list(column) for column in zip(*rows, strict=True)))


async def note_differences(connection: Any, differs: Sequence[tuple[str, list[str], bool]]) -> None:
    """Notes what is to be said of cases: some keys, or all that there is."""
    if differs:
        await connection.copy_records_to_table("differs", records=differs, columns=("case_id", "keys", "whole"))
