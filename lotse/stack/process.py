"""One child process: started on a leash, its output in a file, ended gracefully and if need be by force."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that a process runs as."""

    user: int
    group: int


@dataclass(frozen=True, slots=True)
class Command:
    """What to start. `stop_signal` asks for a graceful end, `death_signal` is sent by the kernel when the parent
    dies.
    """

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    account: Account | None = None
    folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    grace: float = 15.0


@dataclass(slots=True)
class Process:
    """A running command. Use `launch`; all methods belong to the event loop in which it was launched."""

    command: Command
    child: asyncio.subprocess.Process = field(repr=False)

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def alive(self) -> bool:
        return self.child.returncode is None

    async def wait(self) -> int:
        """Waits for the end; the answer is negative for a signal."""
        return await self.child.wait()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; nothing happens when the process has ended."""
        if self.alive:
            try:
                self.child.send_signal(number)
            except ProcessLookupError:
                pass  # it ended a moment ago

    async def stop(self) -> int:
        """Asks for a graceful end and waits; after the command's grace the process and its children are killed."""
        self.send(self.command.stop_signal)
        try:
            async with asyncio.timeout(self.command.grace):
                return await self.wait()
        except TimeoutError:
            self.kill()
            return await self.wait()

    def kill(self) -> None:
        """Ends the process and its children at once."""
        if self.alive:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.send(signal.SIGKILL)


async def launch(command: Command) -> Process:
    """Starts a command in a process group of its own, so that Ctrl-C in the terminal reaches only us and we end
    things in order.
    """
    account = command.account or Account(-1, -1)
    leash = (
        sys.executable,
        "-I",
        "-S",
        str(_LEASH),
        os.getpid(),
        int(command.death_signal),
        account.user,
        account.group,
    )
    with command.log.open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            *(str(part) for part in leash),
            *command.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(command.environment),
            cwd=command.folder,
            start_new_session=True,
        )
    return Process(command, child)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for an error message."""
    if not log.exists():
        return ""
    text = log.read_bytes()[-16_384:].decode(errors="replace")
    return "\n".join(text.splitlines()[-count:])
