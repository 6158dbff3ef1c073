"""The databases of a region: a role and a database for each service, which nobody else can connect to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from lotse.region.errors import RegionError

_SUPERUSER = "postgres"
_ITERATIONS = 4096
_SALT_BYTES = 16
_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where PostgreSQL is, and the password of its superuser."""

    host: str
    port: int
    password: str


async def provide(server: Server, passwords: Mapping[str, str]) -> tuple[str, ...]:
    """Makes for each service, given with its password, the role and the database `lotse_<service>`.

    What is already so stays untouched; returns the names of roles and databases that were made or changed. Raises
    RegionError.
    """
    connection = await _connect(server)
    try:
        changed = await _close_to_public(connection)
        for service, password in sorted(passwords.items()):
            changed += await _provide(connection, f"lotse_{service}", password)
    except asyncpg.PostgresError as error:
        raise RegionError(
            de=f"PostgreSQL lehnt ab: {error}. Wiederholen Sie den Befehl, wenn das behoben ist.",
            en=f"PostgreSQL refuses: {error}. Repeat the command when that is mended.",
        ) from None
    finally:
        await connection.close()
    return tuple(changed)


async def _connect(server: Server) -> asyncpg.Connection:
    """A connection of the superuser, with patience while the server starts."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return await asyncpg.connect(
                host=server.host,
                port=server.port,
                user=_SUPERUSER,
                database=_SUPERUSER,
                password=server.password,
                timeout=5,
            )
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
            raise RegionError(
                de=f"PostgreSQL ({server.host}) nimmt das Kennwort des Superusers nicht an. Es gilt, was beim ersten "
                "Start im Ordner der Kennwörter stand: Gehört dieser Ordner zu dieser Datenbank?",
                en=f"PostgreSQL ({server.host}) refuses the superuser's password. What was in the folder of passwords "
                "at the first start holds: does this folder belong to this database?",
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if time.monotonic() > deadline:
                raise RegionError(
                    de=f"PostgreSQL antwortet nicht: {server.host}:{server.port} ({type(error).__name__}). Läuft es, "
                    "und stimmen LOTSE_POSTGRES_HOST und LOTSE_POSTGRES_PORT?",
                    en=f"PostgreSQL does not answer at {server.host}:{server.port}. Does it run, and are "
                    "LOTSE_POSTGRES_HOST and LOTSE_POSTGRES_PORT right?",
                ) from None
        await asyncio.sleep(0.3)


async def _close_to_public(connection: asyncpg.Connection) -> list[str]:
    """Nobody but the superuser needs the databases that the server comes with."""
    open_to_all = await connection.fetch(
        "select datname from pg_database where datname in ('postgres', 'template1') "
        "and has_database_privilege('public', oid, 'connect') order by 1"
    )
    for row in open_to_all:
        await connection.execute(f"revoke all on database {row['datname']} from public")
    return [row["datname"] for row in open_to_all]


async def _provide(connection: asyncpg.Connection, name: str, password: str) -> list[str]:
    changed = []
    role = await connection.fetchrow(
        "select rolpassword, rolcanlogin and not (rolsuper or rolcreatedb or rolcreaterole or rolreplication "
        "or rolbypassrls) as plain from pg_authid where rolname = $1",
        name,
    )
    if role is None or not role["plain"] or not is_verifier_of(role["rolpassword"] or "", password):
        # A verifier instead of the password: so it stands in no log of statements, either.
        await connection.execute(
            f'{"create" if role is None else "alter"} role "{name}" login nosuperuser nocreatedb nocreaterole '
            f"noreplication nobypassrls password '{verifier_of(password, secrets.token_bytes(_SALT_BYTES))}'"
        )
        changed.append(f"Rolle {name}")
    if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
        await connection.execute(f'create database "{name}" owner "{name}"')
        changed.append(f"Datenbank {name}")
    if await connection.fetchval("select has_database_privilege('public', $1::text, 'connect')", name):
        await connection.execute(f'revoke all on database "{name}" from public')
    return changed


def verifier_of(password: str, salt: bytes, iterations: int = _ITERATIONS) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256), of which it cannot be made again."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = (base64.b64encode(part).decode() for part in (salt, client, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *encoded)


def is_verifier_of(verifier: str, password: str) -> bool:
    """Whether PostgreSQL would take a password."""
    try:
        kind, place, _ = verifier.split("$")
        iterations, salt = place.split(":")
        if kind != "SCRAM-SHA-256":
            return False
        return hmac.compare_digest(verifier_of(password, base64.b64decode(salt), int(iterations)), verifier)
    except ValueError:
        return False
