"""The outcomes of build/faults.json as the table of docs/reliability.md.

`python -m tests.containers.page` writes it between the page's two marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tests.containers.faults import RESULT, Outcome

_PAGE = Path("docs/reliability.md")
_MARKS = re.compile(r"(?<=<!-- outcomes -->\n).*(?=<!-- end of outcomes -->)", re.DOTALL)
_HEAD = ("fault", "reports sent", "lost", "wrong", "seconds until caught up")


def table(outcomes: Iterable[Outcome]) -> str:
    """One line for each fault, by name."""
    lines = [
        (one.fault, f"{one.sent:,}", str(one.lost), str(one.wrong), f"{one.recover_seconds:.1f}")
        for one in sorted(outcomes, key=lambda one: one.fault)
    ]
    widths = [max(map(len, column)) for column in zip(_HEAD, *lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (_HEAD, rule, *lines))


def _line(cells: Iterable[str], widths: list[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"| {' | '.join([f'{first[0]:<{first[1]}}', *(f'{cell:>{width}}' for cell, width in others)])} |"


def main() -> None:
    """Writes the page anew."""
    outcomes = msgspec.json.decode(RESULT.read_bytes(), type=list[Outcome])
    text, found = _MARKS.subn(lambda _: f"\n{table(outcomes)}\n\n", _PAGE.read_text(encoding="utf-8"))
    if not found:
        raise SystemExit(f"{_PAGE} has no marks to write between")
    _PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
