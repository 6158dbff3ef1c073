"""Looking at processes from outside."""

from __future__ import annotations

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process still works; one that waits to be taken off the list (a zombie) does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still work."""
    return [child for child in _all() if alive(child) and _parent(child) == pid]


def working_in(folder: str) -> list[int]:
    """All processes whose working folder is this one or below, also after it was deleted."""
    return [pid for pid in _all() if alive(pid) and _folder(pid).startswith(folder)]


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    for line in _read(pid, "status").splitlines():
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _folder(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""
