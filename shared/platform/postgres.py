"""PostgreSQL: a pool, statements by name, numbered migrations with checksums, and which errors pass by themselves."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg

#: Classes of SQLSTATE after which the same statement may succeed: connection, roll-back, resources, lock, server.
_TRANSIENT_CLASSES = ("08", "40", "53", "55", "57", "58")
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class MigrationError(Exception):
    """The database and the program do not fit together; the text says which file and what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file. `sha256` guards against an edit of a file that was already applied."""

    version: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def is_transient(error: BaseException) -> bool:
    """True when trying again may help: the server is away, restarts, is full, or two transactions met."""
    if isinstance(error, asyncpg.PostgresError):
        return str(getattr(error, "sqlstate", "") or "").startswith(_TRANSIENT_CLASSES)
    return isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError))


def read_statements(*files: Path) -> Mapping[str, str]:
    """The statements of SQL files, by name: `-- name: <name>` begins one, its comment lines say the purpose."""
    statements: dict[str, str] = {}
    for file in files:
        parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in statements:
                raise ValueError(f"{file.name}: the statement {name} is there twice")
            statements[name] = text.strip()
    return statements


def read_migrations(*folders: Path) -> list[Migration]:
    """All `NNNN_name.sql` of the folders, in order. Raises MigrationError when two have one number."""
    found = [
        Migration(int(file.name[:4]), file.stem[5:], file.read_text(encoding="utf-8"))
        for folder in folders
        for file in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    ]
    found.sort(key=lambda migration: migration.version)
    for first, second in pairwise(found):
        if first.version == second.version:
            raise MigrationError(f"Two migrations have the number {first.version:04}: {first.name} and {second.name}.")
    return found


async def connect_pool(url: str, *, size: int = 6, schema: str | None = None) -> asyncpg.Pool:
    """A pool of connections; `schema` is searched first. Commands are bounded in time: no batch hangs for ever.

    Connections and prepared statements stay: making them again in between would keep records waiting.
    """
    server_settings = {"application_name": "lotse", "jit": "off"}
    if schema:
        server_settings["search_path"] = schema
    pool = await asyncpg.create_pool(
        url,
        min_size=2,
        max_size=size,
        command_timeout=120,
        max_inactive_connection_lifetime=0,
        max_cached_statement_lifetime=0,
        server_settings=server_settings,
        reset=_as_it_is,
    )
    assert pool is not None
    return pool


async def _as_it_is(connection: Any) -> None:
    """asyncpg ends an open transaction by itself; all else of a session is undone by who did it, so that giving a
    connection back costs no round trip.
    """


async def migrate(
    connection: asyncpg.Connection[Any], migrations: Sequence[Migration], *, schema: str | None = None
) -> int:
    """Brings the database to the newest version; several processes may call it at once.

    Returns how many files were applied.
    Raises MigrationError when a file was edited after it had been applied, or the database is newer than the program.
    """
    # pg_advisory_lock would block `create index concurrently` in another process for ever, so the lock is polled.
    while not await connection.fetchval("select pg_try_advisory_lock(hashtext('lotse.migrate'))"):
        await asyncio.sleep(0.05)
    try:
        if schema:
            await connection.execute(f'create schema if not exists "{schema}"')
            await connection.execute(f'set search_path to "{schema}"')
        await connection.execute(
            "create table if not exists schema_migration (version integer primary key, name text not null, "
            "sha256 text not null, applied_at timestamptz not null default now())"
        )
        applied = {
            row["version"]: row["sha256"]
            for row in await connection.fetch("select version, sha256 from schema_migration")
        }
        _check(applied, migrations)
        pending = [migration for migration in migrations if migration.version not in applied]
        for migration in pending:
            await _apply(connection, migration)
        return len(pending)
    finally:
        await connection.execute("select pg_advisory_unlock(hashtext('lotse.migrate'))")


def _check(applied: Mapping[int, str], migrations: Sequence[Migration]) -> None:
    known = {migration.version: migration for migration in migrations}
    newer = sorted(set(applied) - set(known))
    if newer:
        raise MigrationError(
            f"The database has version {newer[-1]:04}, which this program does not know. Start the newer one."
        )
    for version, sha256 in applied.items():
        if known[version].sha256 != sha256:
            raise MigrationError(
                f"{version:04}_{known[version].name}.sql was edited after it was applied. Undo that; add a new file."
            )


async def _apply(connection: asyncpg.Connection[Any], migration: Migration) -> None:
    record = "insert into schema_migration (version, name, sha256) values ($1, $2, $3)"
    if migration.text.startswith("-- no-transaction"):
        await connection.execute(migration.text)
        await connection.execute(record, migration.version, migration.name, migration.sha256)
        return
    async with connection.transaction():
        await connection.execute(migration.text)
        await connection.execute(record, migration.version, migration.name, migration.sha256)
