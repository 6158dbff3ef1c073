"""How other terminals find a running stack and talk to it: a file that only its user can read, and a socket beside it.

The file holds addresses and passwords. The socket takes one JSON object a line, `{"command": "stop", "name":
"recognition"}`, and answers with one:
`{"ok": true, "result": …}` or `{"ok": false, "de": …, "en": …}`. Commands: `status`, `start`, `stop`, `restart`,
`kill`, `ready`, `end`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lotse.stack.errors import StackError
from lotse.stack.place import user_folder
from shared.platform.settings import BrokerProfile

if TYPE_CHECKING:
    from lotse.stack.stack import Stack

FILE_NAME = "stack.json"
Handler = Callable[[str, str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class StackFile:
    """What the file tells. `databases` and `urls` are by service; `control` is the socket."""

    pid: int
    brokers: str
    #: The broker's address for other programs (lotse/stack/door.py).
    door: str
    broker_profile: BrokerProfile
    institutions: str
    partitions: int
    urls: Mapping[str, str]
    databases: Mapping[str, str]
    #: Settings beyond these that every service was given, and so is every command.
    environment: Mapping[str, str]
    folder: str
    control: str

    def write(self, path: Path) -> None:
        """Writes the file for its owner alone, in one step."""
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(asdict(self), out, indent=1)
        draft.replace(path)


def default_file() -> Path:
    """Where the file of `lotse up` is: `LOTSE_STACK`, else in this user's folder of the temporary directory."""
    named = os.environ.get("LOTSE_STACK")
    return Path(named) if named else user_folder() / FILE_NAME


def read_file(path: Path | None = None) -> StackFile | None:
    """The file of the running stack; none when no stack runs."""
    try:
        known = json.loads((path or default_file()).read_text(encoding="utf-8"))
        found = StackFile(**{field.name: known[field.name] for field in fields(StackFile)})
        os.kill(found.pid, 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, KeyError):
        return None
    return found


def call(stack: StackFile, command: str, name: str = "", seconds: float = 120.0) -> Any:
    """Tells the running stack something and returns its answer. Raises StackError with what it said, or when it does
    not answer.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(seconds)
            line.connect(stack.control)
            line.sendall(json.dumps({"command": command, "name": name}).encode() + b"\n")
            answer = json.loads(line.makefile("r", encoding="utf-8").readline())
    except (OSError, ValueError) as error:
        raise StackError(
            de=f"Der Stapel (Prozess {stack.pid}) antwortet nicht: {error}. Starten Sie `lotse up` neu.",
            en=f"The stack (process {stack.pid}) does not answer: {error}. Start `lotse up` again.",
        ) from None
    if not answer["ok"]:
        raise StackError(de=answer["de"], en=answer["en"])
    return answer["result"]


def obey(stack: Stack) -> Handler:
    """What the socket's commands do with a stack."""
    orders: dict[str, Callable[[str], Awaitable[Any]]] = {
        "start": stack.start,
        "stop": stack.stop,
        "restart": stack.restart,
        "ready": stack.ready,
        "kill": stack.kill,
    }

    async def handle(command: str, name: str) -> Any:
        if command in orders:
            return await orders[command](name)
        if command == "status":
            return stack.status()
        if command == "end":
            return stack.request_end()
        raise StackError(de=f"Unbekannter Befehl: {command}.", en=f"Unknown command: {command}.")

    return handle


async def serve(path: Path, handle: Handler) -> asyncio.Server:
    """Listens on the socket until the answer is closed; `handle` gets the command and the name."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await _answer(line, handle)).encode() + b"\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(talk, path)
    path.chmod(0o600)
    return server


async def _answer(line: bytes, handle: Handler) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        return {"ok": True, "result": await handle(asked["command"], asked.get("name", ""))}
    except StackError as error:
        return {"ok": False, "de": error.de, "en": error.en}
    except (ValueError, KeyError, TypeError):
        return {
            "ok": False,
            "de": "Ein JSON-Objekt mit command und name wird erwartet.",
            "en": "A JSON object with command and name is expected.",
        }
