"""Migrations: once each, by whoever comes first, and never an edited one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from shared.engine.reporting import migrations_of
from shared.platform.postgres import Migration, MigrationError, migrate, read_migrations, read_statements
from tests.engine.toy import LAMPS

_TABLE = Migration(1, "table", "create table lamp (id int primary key)")
_COLUMN = Migration(2, "column", "alter table lamp add column colour text")


async def test_several_processes_that_start_at_once_apply_each_file_once(database: str) -> None:
    """Four start together; every file is applied by one of them."""

    async def start() -> int:
        connection = await asyncpg.connect(database)
        try:
            return await migrate(connection, migrations_of(LAMPS))
        finally:
            await connection.close()

    applied = await asyncio.gather(*(start() for _ in range(4)))
    assert sorted(applied) == [0, 0, 0, len(migrations_of(LAMPS))]


async def test_an_edited_file_is_refused_and_named(database: str) -> None:
    """What was applied is never changed; a new file is the way."""
    connection = await asyncpg.connect(database)
    assert await migrate(connection, [_TABLE]) == 1
    with pytest.raises(MigrationError, match=r"0001_table\.sql was edited"):
        await migrate(connection, [replace(_TABLE, text="create table lamp (id bigint primary key)"), _COLUMN])
    assert await migrate(connection, [_TABLE, _COLUMN]) == 1
    await connection.close()


async def test_an_older_program_does_not_touch_a_newer_database(database: str) -> None:
    """A version that the program does not know ends the start."""
    connection = await asyncpg.connect(database)
    await migrate(connection, [_TABLE, _COLUMN])
    with pytest.raises(MigrationError, match="version 0002"):
        await migrate(connection, [_TABLE])
    await connection.close()


async def test_a_file_that_fails_leaves_nothing_behind(database: str) -> None:
    """One transaction per file: half of one is never applied, and the lock is free again."""
    connection = await asyncpg.connect(database)
    broken = Migration(2, "broken", "alter table lamp add column colour text; select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, [_TABLE, broken])
    assert await migrate(connection, [_TABLE, _COLUMN]) == 1
    await connection.close()


def test_two_files_with_one_number_are_refused(tmp_path: Path) -> None:
    """The order of files must be plain."""
    for name in ("0001_one.sql", "0001_two.sql"):
        (tmp_path / name).write_text("select 1", encoding="utf-8")
    with pytest.raises(MigrationError, match="0001: one and two"):
        read_migrations(tmp_path)


def test_a_statement_has_one_name(tmp_path: Path) -> None:
    """A name that is there twice would hide a statement."""
    file = tmp_path / "twice.sql"
    file.write_text("-- name: lamp\nselect 1\n-- name: lamp\nselect 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lamp"):
        read_statements(file)
