"""The bulk of a board that is made anew: what was heard is derived part by part, in key order, each row written once.

Parts know nothing of each other, so with many cases several processes share them. What differs from what was said is
noted in the database: it may be everything.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from enum import Enum
from multiprocessing import get_context, parent_process
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.coordinator.derive import Case
from services.coordinator.heard import PARTS, REBUILD, Parts, Stamp, heard_of
from services.coordinator.messages import said_of
from services.coordinator.packed import OF_CASE, Said, pack_items, pack_said, unpack_said
from services.coordinator.registry import find_services
from services.coordinator.store import Store
from shared.platform.clock import milliseconds

#: A case, keys of what is to be said of it, and whether that is all there is.
Difference = tuple[str, list[str], bool]

#: Cases in one transaction.
_CHUNK = 1_000
#: Records for which one more process is worth its start, which takes about a second.
_WORTH_A_PROCESS = 50_000


class Source(Enum):
    """Where what was said last is known from: nowhere, the messages that were heard, or the rows of the board that
    stands, against the stamps that were heard; LACKING: messages, of the cases of which those rows did not have it.
    """

    NOTHING, MESSAGES, ROWS, LACKING = range(4)


class Work(NamedTuple):
    """Parts for one process: the database, the schema of the new board, the stamp that its rows begin with, where from,
    and when the rebuild began.
    """

    url: str
    schema: str
    stamp: int
    source: Source
    began: datetime
    parts: Sequence[int] = PARTS


def processes_for(records: int) -> int:
    """How many processes derive what so many records told."""
    return min(os.cpu_count() or 1, 1 + records // _WORTH_A_PROCESS)


async def make_all(work: Work, processes: int) -> None:
    """Derives all parts."""
    shares = [work._replace(parts=PARTS[number::processes]) for number in range(processes)]
    if processes == 1:
        await _make(shares[0])
        return
    loop = asyncio.get_running_loop()
    with another_process(processes) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, make_parts, share) for share in shares))


def another_process(count: int = 1) -> ProcessPoolExecutor:
    """So many. Spawned, not forked: connections and threads of this process are none of theirs."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def make_parts(work: Work) -> None:
    """The same for some parts, in a process of its own."""
    collect_rarely()
    asyncio.run(_make(work))


def collect_rarely() -> None:
    """A part makes more objects than Python expects, none of them in a circle: looking for circles took a fifth."""
    gc.freeze()
    gc.set_threshold(500_000, 20, 100)


async def _make(work: Work) -> None:
    store, parent = Store(find_services().mappings, milliseconds), parent_process()
    connection = await asyncpg.connect(work.url, server_settings={"search_path": work.schema, "jit": "off"})
    try:
        for part in work.parts:
            if parent is not None and not parent.is_alive():
                return  # who began the rebuild was killed, and nobody needs this any more
            await _make_part(connection, store, work, part)
    finally:
        await connection.close()


async def _make_part(connection: Any, store: Store, work: Work, part: int) -> None:
    only: set[str] = set()
    if work.source is Source.LACKING:
        only = {row["id"] for row in await connection.fetch(REBUILD["lacking_of"], *ends_of_part(part))}
        if not only:
            return
    heard = heard_of([row["piece"] for row in await connection.fetch(REBUILD["pieces"], part)])
    if work.source is Source.ROWS:
        cases = await _cases_of_rows(connection, part, heard, work)
    else:
        cases = [case for case in cases_of_messages(heard, work.stamp) if not only or case.id in only]
    for start in range(0, len(cases), _CHUNK):
        some = cases[start : start + _CHUNK]
        await (_defer(connection, some) if only else _write(connection, store, some))


def cases_of_messages(heard: Parts, stamp: int) -> Iterator[Case]:
    """Cases in key order, as far as they are known from the topics."""
    for name in sorted(heard.items.keys() | heard.said.keys()):
        said = heard.said.get(name, {})
        known = {barrier: said_of(value) for barrier, (_, _, _, value) in said.items() if value is not None}
        yield Case(
            name,
            stamp=stamp,
            hidden=OF_CASE not in known,
            fault=True,
            said=known,
            items=dict(heard.items.get(name, {})),
        )


async def _cases_of_rows(connection: Any, part: int, heard: Parts, work: Work) -> list[Case]:
    """The same, with what the rows that stand have of what was said. Those of which they do not have it are left out,
    and noted; those of which something was said lately are kept for later: it may tell of newer items than were heard.
    What else the topic does not have is noted to be said.
    """
    standing = await connection.fetch(REBUILD["standing_of"], *ends_of_part(part), work.began)
    rows = {name: rest for name, *rest in standing}
    cases, lately, lacking, unsaid = list[Case](), list[Case](), list[tuple[str]](), list[Difference]()
    for name in sorted(heard.items.keys() | heard.stamps.keys()):
        hidden, is_late, packed = rows.get(name, (True, False, None))
        said, stamps = unpack_said(packed), heard.stamps.get(name, {})
        if not has_all(hidden, said, stamps):
            lacking.append((name,))
            continue
        if not (hidden or is_late) and (missing := _unsaid(said, stamps)):
            unsaid.append((name, missing, False))
        items = dict(heard.items.get(name, {}))
        case = Case(name, stamp=work.stamp, hidden=hidden, fault=True, said=said, items=items, packed=packed)
        (lately if is_late else cases).append(case)
    if lacking:
        await connection.copy_records_to_table("lacking", records=lacking, columns=("case_id",))
    await _defer(connection, lately)
    await note_differences(connection, unsaid)
    return cases


async def _defer(connection: Any, cases: Sequence[Case]) -> None:
    """Keeps cases for a derivation after the bulk, when all newer snapshots are read."""
    rows = [
        (
            case.id, case.hidden, case.said[OF_CASE].version if OF_CASE in case.said else 0,
            pack_said(case.said) if case.said else None, pack_items(case.items),
        )
        for case in cases
    ]  # fmt: skip
    if rows:
        await connection.execute(REBUILD["preload_cases"], *(list(column) for column in zip(*rows, strict=True)))
        deferred = [(case.id,) for case in cases]
        await connection.copy_records_to_table("deferred", records=deferred, columns=("case_id",))


def has_all(hidden: bool, said: Mapping[str, Said], stamps: Mapping[str, Stamp | None]) -> bool:
    """Whether a row has what the topic tells of its case, or newer. A row of a database that was restored does not."""
    for barrier, stamp in stamps.items():
        if (stamp is None) != hidden:
            return False
        if stamp is not None:
            known = said.get(barrier)
            if known is None or known.version < stamp[0] or (known.version == stamp[0] and known.time != stamp[1]):
                return False
    return True


def _unsaid(said: Mapping[str, Said], stamps: Mapping[str, Stamp | None]) -> list[str]:
    """The keys of which a row has more than the topic."""
    return [key for key, one in said.items() if (stamp := stamps.get(key)) is None or stamp[0] < one.version]


def ends_of_part(part: int) -> tuple[str, str]:
    """The first case id of a part, and the last."""
    return str(UUID(int=part << 120)), str(UUID(int=(part + 1 << 120) - 1))


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


async def note_differences(connection: Any, differs: Sequence[Difference]) -> None:
    """Notes what is to be said of cases: some keys, or all that there is."""
    if differs:
        await connection.copy_records_to_table("differs", records=differs, columns=("case_id", "keys", "whole"))
