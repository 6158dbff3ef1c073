"""Reading the project's own documents: pages, tables, code blocks, links and their anchors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Folders of what is made or installed.
_MADE = re.compile(r"build|__pycache__|.*\.egg-info|\.(?!ci$).*")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


def page(name: str) -> str:
    """The text of a page below docs."""
    return (DOCS / name).read_text(encoding="utf-8")


def files() -> Iterator[Path]:
    """Every file of the project; what is made or installed is left out."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if not path.is_dir():
                yield path
            elif not _MADE.fullmatch(path.name):
                folders.append(path)


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return [path for path in files() if path.suffix == ".md"]


def section(text: str, heading: str) -> str:
    """What stands under a heading that begins so, up to the next heading of the same level. Raises StopIteration."""
    level = heading.split(" ", 1)[0]
    parts = re.split(rf"^(?={re.escape(level)} )", text, flags=re.M)
    return next(part for part in parts if part.startswith(heading))


def rows(text: str, head: str) -> list[list[str]]:
    """The cells of the table whose first row begins with `head`, without head and rule. Raises ValueError."""
    lines = text[text.index(f"| {head} |") :].split("\n\n", 1)[0].splitlines()
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines[2:]
        if line.startswith("|")
    ]


def named(text: str) -> list[str]:
    """Everything that a text has as code."""
    return re.findall(r"`([^`\n]+)`", text)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language."""
    return [body for kind, body in _FENCE.findall(text) if kind == language]


def prose(text: str) -> str:
    """A page without its code."""
    return _CODE.sub("``", _FENCE.sub("", text))


def links(text: str) -> list[str]:
    """The targets of all links and pictures."""
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings make, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.*)$", _FENCE.sub("", text), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = 1
        while (numbered := slug if number == 1 else f"{slug}-{number - 1}") in found:
            number += 1
        found.add(numbered)
    return found


def payloads(text: str) -> list[str]:
    """What the shell blocks of a page hand on with `echo '…' |`."""
    return [payload for block in blocks(text, "sh") for payload in re.findall(r"^echo '([^']*)' \|", block, re.M)]
