"""Writes what is made below docs from the lists and tables that the program runs on: docs/contract, for institutions
and whoever reads what Lotse says, and docs/generated, for operators.

python docs/generate.py            writes what is missing or stale, and removes what nothing makes any more
python docs/generate.py --check    writes nothing; fails, and says which pages are stale
"""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path

from pages import contract, facts, index, lists, transitions

#: How much of a difference is shown, and how much before it.
_SHOWN, _BEFORE = 120, 40
ROOT = Path(__file__).parent
FOLDERS = ("contract", "generated")


def made() -> dict[str, str]:
    """The text of everything that is made, by its path below docs."""
    for_institutions = {
        "README.md": index.index(),
        "codes.md": lists.receipts(),
        "facts.md": facts.facts(),
        "rules.md": lists.rules(),
        "snapshots.md": facts.snapshots(),
        "transitions.md": transitions.transitions(),
        **contract.files(),
    }
    for_operators = {"metrics.md": lists.metrics(), "settings.md": lists.settings(), "topics.md": lists.topics()}
    return {
        f"{folder}/{name}": text
        for folder, texts in zip(FOLDERS, (for_institutions, for_operators), strict=True)
        for name, text in texts.items()
    }


def stale() -> dict[str, str | None]:
    """The files that are not as they should be, with their right text; None for one that nothing makes."""
    right = made()
    there = {
        file.relative_to(ROOT).as_posix() for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.is_file()
    }
    found: dict[str, str | None] = dict.fromkeys(sorted(there - right.keys()))
    for name, text in right.items():
        file = ROOT / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            found[name] = text
    return found


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"usage: python docs/generate.py [--check], not {' '.join(arguments)}\n")
        return 2
    wrong = stale()
    if arguments:
        for name, text in wrong.items():
            sys.stderr.write(_told(name, text))
        if wrong:
            sys.stderr.write("Run `make docs` and commit what it writes.\n")
        else:
            sys.stdout.write(f"{' and '.join(f'docs/{name}' for name in FOLDERS)} are up to date\n")
        return 1 if wrong else 0
    for name, text in wrong.items():
        file = ROOT / name
        if text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
    return 0


def _told(name: str, text: str | None) -> str:
    """Which page is stale, and its first difference."""
    file = ROOT / name
    if text is None:
        return f"docs/{name} is made by nothing.\n"
    if not file.exists():
        return f"docs/{name} is missing.\n"
    lines = [file.read_text(encoding="utf-8").splitlines(), text.splitlines()]
    was, now = next(pair for pair in zip_longest(*lines, fillvalue="") if pair[0] != pair[1])
    differs = next(place for place, (one, other) in enumerate(zip_longest(was, now)) if one != other)
    start = max(0, differs - _BEFORE)
    return f"docs/{name} is stale:\n  -{was[start : start + _SHOWN]}\n  +{now[start : start + _SHOWN]}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
