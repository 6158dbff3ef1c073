"""Writes the pages below docs/generated from the lists and tables that the program runs on.

python docs/generate.py            writes what is missing or stale, and removes what nothing makes any more
python docs/generate.py --check    writes nothing; fails, and says which pages are stale
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import Path

from pages import documents, facts, lists, transitions

#: How much of a difference is shown, and how much before it.
_SHOWN, _BEFORE = 120, 40
FOLDER = Path(__file__).parent / "generated"
PAGES: Mapping[str, Callable[[], str]] = {
    "codes.md": lists.receipts,
    "facts.md": facts.facts,
    "metrics.md": lists.metrics,
    "rules.md": lists.rules,
    "settings.md": lists.settings,
    "snapshots.md": facts.snapshots,
    "topics.md": lists.topics,
    "transitions.md": transitions.transitions,
    **documents.documents(),
}


def stale() -> dict[str, str | None]:
    """The pages that are not as they should be, with their right text; None for one that nothing makes."""
    right = {name: make() for name, make in PAGES.items()}
    found: dict[str, str | None] = {file.name: None for file in FOLDER.iterdir() if file.name not in right}
    for name, text in right.items():
        file = FOLDER / name
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
            sys.stdout.write(f"docs/generated: {len(PAGES)} files are up to date\n")
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in wrong.items():
        if text is None:
            (FOLDER / name).unlink()
        else:
            (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/generated/{name}\n")
    return 0


def _told(name: str, text: str | None) -> str:
    """Which page is stale, and its first difference."""
    file = FOLDER / name
    if text is None:
        return f"docs/generated/{name} is made by nothing.\n"
    if not file.exists():
        return f"docs/generated/{name} is missing.\n"
    lines = [file.read_text(encoding="utf-8").splitlines(), text.splitlines()]
    was, now = next(pair for pair in zip_longest(*lines, fillvalue="") if pair[0] != pair[1])
    differs = next(place for place, (one, other) in enumerate(zip_longest(was, now)) if one != other)
    start = max(0, differs - _BEFORE)
    return f"docs/generated/{name} is stale:\n  -{was[start : start + _SHOWN]}\n  +{now[start : start + _SHOWN]}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
