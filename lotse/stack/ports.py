"""Free TCP ports on this machine."""

from __future__ import annotations

import random
import socket
from collections.abc import Sequence

from lotse.stack.errors import StackError
from shared.platform.settings import PORTS

_BROKER_PORT = 9092
#: Below the range from which systems take the ports of outgoing connections (Linux: 32768 and above): a port there
#: could be taken by somebody's connection in the moment in which a process that owned it starts again.
_LOW, _HIGH = 20_000, 32_000
#: Two processes that seeded their dice alike must not choose alike.
_dice = random.SystemRandom()


def is_free(port: int) -> bool:
    """Whether this process could listen on the port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """So many different free ports."""
    found: set[int] = set()
    while len(found) < count:
        port = _dice.randrange(_LOW, _HIGH)
        if port not in found and is_free(port):
            found.add(port)
    return list(found)


def choose_ports(names: Sequence[str], *, free: bool) -> dict[str, int]:
    """A port for each process: free ones, or those of the contract for all that have one. Raises StackError when one
    of these is taken.
    """
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    if free:
        return ports
    fixed = {name: port for name, port in {"door": _BROKER_PORT, **PORTS}.items() if name in ports}
    taken = ", ".join(str(port) for port in fixed.values() if not is_free(port))
    if taken:
        raise StackError(
            de=(
                f"Auf 127.0.0.1 belegt: {taken}. Beenden Sie, was dort läuft (ein anderes `lotse up`?), oder nehmen "
                "Sie `lotse up --free-ports`."
            ),
            en=(
                f"Taken on 127.0.0.1: {taken}. End what runs there (another `lotse up`?), or take `lotse up "
                "--free-ports`."
            ),
        )
    return ports | fixed


async def is_open(port: int) -> bool:
    """Whether somebody listens on the port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
