"""Law 5: the board can be thrown away, and made anew from the topics while the coordinator goes on."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
import pytest

from services.coordinator import bulk, rebuild, store
from services.coordinator.packed import pack_items, pack_said, unpack_items, unpack_said
from services.coordinator.rebuild import RebuildError, Rebuilt, Verified
from services.coordinator.registry import find_services
from shared.engine.say import Message
from tests.services.coordinator.harness import Rig, case_id, day, snapshot
from tests.support.items import case, entry, permit, procedure

MANY = 30
FIRST = "select min(id::text)::uuid from board"


def region(sequence: int = 1) -> list[Message]:
    """The items of some cases."""
    messages = []
    for number in range(MANY):
        name = case_id(number)
        messages.append(snapshot(name, case(entry("2026-01-02", "open", access="permit-needed")), sequence))
        stalled = f"2026-03-{number % 28 + 1:02}"
        status = "submitted" if sequence == 1 else "complete"
        messages.append(snapshot(name, procedure("a", status, turn="competent-body", stalledFrom=stalled), sequence))
        if number % 3 == 0:
            messages.append(snapshot(name, permit("p", "requested", turn="competent-body"), sequence))
    return messages


def silent(_: str) -> None:
    """Nobody listens."""


async def verified(board: Rig) -> Verified:
    """Verifies the board that stands."""
    return await rebuild.verify(board.settings, find_services(), board.pool, silent)


async def swapped(board: Rig) -> Rebuilt:
    """Swaps the board that stands for a new one."""
    return await rebuild.swap(board.settings, find_services(), board.pool, board.parts.speech, silent)


async def test_a_rebuilt_board_equals_the_one_that_stands(board: Rig) -> None:
    """Also after days and newer snapshots; the schema is gone afterwards."""
    await board.deal_with(day("2026-02-01"), *region())
    await board.deal_with(day("2026-03-15"), *region(2))
    found = await verified(board)
    assert (found.cases, found.different, found.day) == (MANY, 0, "2026-03-15")
    assert not await board.pool.fetchval("select count(*) from pg_namespace where nspname = 'rebuild'")


@pytest.mark.parametrize(
    "damage",
    [
        ("said", b"competent-body", b"applicant"),
        ("items", b"2026-01-10", b"2026-01-11"),
        f"update board set stage = 'hired' where id = ({FIRST})",
        f"update board set level = 'C2' where id = ({FIRST})",
        f"update board set standing[1].stalled = not standing[1].stalled where id = ({FIRST})",
        f"update board set hidden = true where id = ({FIRST})",
        f"delete from board where id = ({FIRST})",
    ],
)
async def test_a_board_that_is_wrong_anywhere_is_found_out(board: Rig, damage: str | tuple[str, bytes, bytes]) -> None:
    """In an answer, in a filter, in what is hidden, in a case that is missing."""
    await board.deal_with(day("2026-02-01"), *region())
    if isinstance(damage, str):
        await board.pool.execute(damage)
    else:
        await _damage(board, *damage)
    found = await verified(board)
    assert (found.cases, found.different) == (MANY, 1)


async def _damage(board: Rig, column: str, right: bytes, wrong: bytes) -> None:
    """Writes something else into a packed column of the first case."""
    case, said, items = await board.pool.fetchrow(f"select id, said, items from board where id = ({FIRST})")
    packed = {
        "said": pack_said(
            {
                key: msgspec.structs.replace(one, content=one.content.replace(right, wrong))
                for key, one in unpack_said(said).items()
            }
        ),
        "items": pack_items(
            {
                (one.service, one.name): msgspec.structs.replace(one, told=one.told.replace(right, wrong))
                for one in unpack_items(items)
            }
        ),
    }[column]
    await board.pool.execute(f"update board set {column} = $2 where id = $1", case, packed)


async def test_a_rebuild_verifies_while_the_coordinator_works(board: Rig) -> None:
    """The two are compared at the same offsets, however the topics move on meanwhile."""
    await board.deal_with(day("2026-02-01"), *region())
    ended = False

    async def work() -> None:
        sequence = 2
        while not ended:
            await board.deal_with(*region(sequence))
            sequence += 1

    working = asyncio.create_task(work())
    found = await verified(board)
    ended = True
    await working
    assert (found.cases, found.different) == (MANY, 0)


async def test_a_coordinator_that_stands_still_is_told(board: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that it did not read cannot be compared."""
    monkeypatch.setattr(rebuild, "_STILL_SECONDS", 0.5)
    await board.speaker.say(region())
    with pytest.raises(RebuildError, match="lotse doctor"):
        await verified(board)


async def test_a_swap_says_only_what_differs(board: Rig) -> None:
    """Nothing when nothing does; versions and bytes stay as they were said."""
    await board.deal_with(day("2026-02-01"), *region())
    before = await board.newest()
    said = sum([len(await board.said(case_id(number))) for number in range(MANY)])
    made = await swapped(board)
    assert (made.cases, made.said) == (MANY, 0)
    assert await board.newest() == before
    assert said == sum([len(await board.said(case_id(number))) for number in range(MANY)])
    await board.verify()


async def test_a_lost_database_is_made_anew_and_versions_go_on(board: Rig) -> None:
    """The board is made from the topics; what was said wrongly is said again with the next version."""
    await board.deal_with(day("2026-02-01"), *region())
    first, second = case_id(0), case_id(1)
    wrong = board.parts.speech
    said = unpack_said(await board.pool.fetchval("select said from board where id = $1", first))
    lie = said["recognition"].content.replace(b'"turn":"competent-body"', b'"turn":"applicant"')
    said["recognition"] = msgspec.structs.replace(said["recognition"], content=lie)
    await board.pool.execute("update board set said = $2 where id = $1", first, pack_said(said))
    await wrong.say_cases([first])
    await board.pool.execute("truncate board, progress; update today set day = null")
    made = await swapped(board)
    assert (made.cases, made.said) == (MANY, 1)
    barrier, data = (await board.said(first))[-1]
    assert data is not None
    assert (barrier, data["version"], data["previous"]) == ("recognition", 2, {"turn": "applicant"})
    assert data["cause"]["type"] == "lotse.coordinator.rebuilt.v1"
    assert (await board.barrier(second, "recognition"))["turn"] == "competent-body"
    await board.verify()
    assert (await verified(board)).different == 0


async def test_a_row_that_lags_behind_takes_from_the_topic_what_was_said(board: Rig) -> None:
    """As in a database that was restored from a backup: nothing is said twice, versions go on."""
    await board.deal_with(day("2026-02-01"), *region())
    kept = await board.pool.fetch("select id, version, hidden, said, items from board")
    await board.deal_with(day("2026-03-31"), *region(2))
    before = await board.newest()
    restore = (
        "update board set version = $2, hidden = $3, said = $4, items = $5, changed_at = '2026-01-01' where id = $1"
    )
    await board.pool.executemany(restore, [tuple(row) for row in kept[: MANY // 2]])
    made = await swapped(board)
    assert (made.cases, made.said) == (MANY, 0)
    assert await board.newest() == before
    await board.verify()


async def test_what_was_stored_and_never_said_is_said(board: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row has it, the topic does not."""
    await board.deal_with(day("2026-02-01"), *region()[:20])

    async def lose(_: object) -> None:
        """Says nothing."""

    with monkeypatch.context() as patched:
        patched.setattr(board.parts.speech, "_say", lose)
        await board.deal_with(*region()[20:])
        await board.deal_with(*region(2)[:10])
    await board.pool.execute("update board set changed_at = '2026-01-01'")
    assert (await swapped(board)).said > 0
    await board.verify()


async def test_a_hidden_case_keeps_its_versions_over_a_rebuild(board: Rig) -> None:
    """The topic has only tombstones of it."""
    name = case_id(0)
    await board.deal_with(day("2026-02-01"), *region())
    spoken = len(await board.said(name))
    revoked = case(entry("2026-01-02", "open", access="permit-needed", consentRevokedOn="2026-01-30"))
    await board.deal_with(snapshot(name, revoked, 2))
    await board.pool.execute("update board set changed_at = '2026-01-01'")
    assert (await swapped(board)).said == 0
    await board.verify()
    await board.deal_with(snapshot(name, case(entry("2026-01-02", "open", access="permit-needed")), 3))
    first, *_, again = [data for barrier, data in await board.said(name) if barrier == "recognition" and data]
    assert (again["version"] >= first["version"], len(await board.said(name)) > spoken) == (True, True)
    await board.verify()


async def test_the_coordinator_goes_on_over_a_swap(board: Rig) -> None:
    """Nothing that arrives meanwhile is lost, and what was said last is what stands in the rows."""
    await board.deal_with(day("2026-02-01"), *region())
    ended = False
    sequence = 2

    async def work() -> None:
        nonlocal sequence
        while not ended:
            await board.deal_with(*region(sequence))
            sequence += 1

    working = asyncio.create_task(work())
    for _ in range(2):
        await swapped(board)
    ended = True
    await working
    await board.deal_with(day("2026-03-31"))
    found = await board.get(f"/v1/cases/{case_id(0)}")
    assert {item["sequence"] for item in found["items"]} == {sequence - 1}
    await board.verify()
    assert (await verified(board)).different == 0


async def test_a_rebuild_that_was_killed_leaves_nothing_in_the_way(board: Rig) -> None:
    """Its schema is dropped by the next one."""
    await board.deal_with(day("2026-02-01"), *region())
    await board.pool.execute("create schema rebuild; create table rebuild.board (id integer)")
    assert (await verified(board)).different == 0


async def test_several_processes_share_a_rebuild(board: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """With cases all over the key space; nothing is left out, nothing is said twice."""
    monkeypatch.setattr(bulk, "_WORTH_A_PROCESS", 1)
    names = [str(UUID(int=(number * 8 << 120) + number, version=4)) for number in range(MANY)]
    status = procedure("a", "submitted", turn="competent-body", stalledFrom="2026-03-01")
    await board.deal_with(day("2026-02-01"), *(snapshot(name, status) for name in names))
    before = await board.newest()
    made = await swapped(board)
    assert (made.cases, made.said) == (MANY, 0)
    assert await board.newest() == before
    await board.verify()


async def test_a_case_that_cannot_be_derived_keeps_its_versions_over_a_rebuild(
    board: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is marked; as soon as it can be derived again, versions go on from what was said."""
    await board.deal_with(day("2026-02-01"), *region())
    before = await board.newest()

    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(store, "board_of", stumble)
        made = await swapped(board)
    assert made.said == 0
    assert await board.pool.fetchval("select count(*) from board where fault") == MANY
    await board.parts.upkeep.rederive()
    assert await board.pool.fetchval("select count(*) from board where fault") == 0
    assert await board.newest() == before
    await board.verify()


@pytest.mark.parametrize("name", ["cases_after", "cases_changed_since", "cases_due"])
async def test_a_long_run_reads_the_next_cases_without_sorting_all(board: Rig, name: str) -> None:
    """The key's index has them in order; a plan that sorts would cost every chunk as much as all cases."""
    values = {"cases_after": "", "cases_changed_since": ", now()", "cases_due": ""}[name]
    given = "'2026-02-01', '', " if name == "cases_due" else ""
    async with board.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_sort = off; set local enable_seqscan = off")
        await connection.execute(f"prepare question as {store.SQL[name]}")
        rows = await connection.fetch(f"explain execute question ({given}'{case_id(0)}', 500{values})")
        await connection.execute("deallocate question")
    assert "Sort" not in "\n".join(row[0] for row in rows)
