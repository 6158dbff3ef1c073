"""Roles and databases: each service has its own, nobody else gets in, and a further run changes nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from lotse.region.database import Server, is_verifier_of, provide, verifier_of
from lotse.region.errors import RegionError

#: The example of RFC 7677.
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
EXCHANGED = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={NONCE},s={SALT},i=4096,c=biws,r={NONCE}"
SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_a_verifier_is_that_of_the_standard() -> None:
    """The server's key in it signs the standard's example as the standard says."""
    verifier = verifier_of("pencil", base64.b64decode(SALT))
    server_key = base64.b64decode(verifier.rsplit(":", 1)[1])
    assert base64.b64encode(hmac.digest(server_key, EXCHANGED.encode(), hashlib.sha256)).decode() == SIGNATURE
    assert is_verifier_of(verifier, "pencil")
    for other in ("", "md5abc", "SCRAM-SHA-256$4096", verifier.replace("4096", "4097"), "SCRAM-SHA-256$x:y$z"):
        assert not is_verifier_of(other, "pencil")
    assert not is_verifier_of(verifier, "pencils")


@pytest_asyncio.fixture
async def server(postgres: str) -> AsyncIterator[Server]:
    """The session's PostgreSQL; what a test made in it is removed."""
    parts = urlsplit(postgres)
    assert parts.hostname and parts.port and parts.password
    yield Server(parts.hostname, parts.port, parts.password)
    connection = await asyncpg.connect(postgres)
    for name in ("lotse_one", "lotse_two"):
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"drop role if exists {name}")
    await connection.close()


async def connect(server: Server, user: str, database: str, password: str) -> asyncpg.Connection:
    """A connection of a service."""
    return await asyncpg.connect(
        host=server.host, port=server.port, user=user, database=database, password=password, timeout=10
    )


async def test_each_service_gets_into_its_own_database_only(server: Server) -> None:
    """It owns it, and can neither see another's nor make roles or databases."""
    passwords = {"one": "it's $secret", "two": "b"}
    assert await provide(server, passwords)
    own = await connect(server, "lotse_one", "lotse_one", passwords["one"])
    await own.execute("create table facts (id int); create schema rebuild; drop schema rebuild")
    assert await own.fetchval("select current_user = 'lotse_one' and not usesuper from pg_user where usename = user")
    for forbidden in ("create role x", "create database x", "alter role lotse_two password 'x'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own.execute(forbidden)
    await own.close()
    for database in ("lotse_two", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connect(server, "lotse_one", database, passwords["one"])
    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(server, "lotse_two", "lotse_two", passwords["one"])


async def test_a_further_run_changes_nothing_and_mends_what_differs(server: Server) -> None:
    """The file of passwords holds, and a role that somebody made mighty becomes plain again."""
    passwords = {"one": "a", "two": "b"}
    first = await provide(server, passwords)
    assert {"Rolle lotse_one", "Datenbank lotse_one", "Rolle lotse_two", "Datenbank lotse_two"} <= set(first)
    assert await provide(server, passwords) == ()
    assert await provide(server, passwords | {"two": "c"}) == ("Rolle lotse_two",)
    await (await connect(server, "lotse_two", "lotse_two", "c")).close()
    admin = await connect(server, "postgres", "postgres", server.password)
    await admin.execute("alter role lotse_one superuser")
    await admin.close()
    assert await provide(server, passwords | {"two": "c"}) == ("Rolle lotse_one",)


async def test_a_wrong_password_of_the_superuser_is_told(server: Server) -> None:
    """At once, and with what it may mean."""
    with pytest.raises(RegionError) as error:
        await provide(Server(server.host, server.port, "wrong"), {})
    assert "Gehört dieser Ordner zu dieser Datenbank?" in error.value.de and "wrong" not in error.value.de
