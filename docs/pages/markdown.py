"""Small helpers for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTE = "<!-- made by `make docs` from {sources}; a change here is lost -->"


def page(title: str, sources: str, *blocks: str) -> str:
    """A whole page: title, where it comes from, and its blocks with a blank line between them."""
    return "\n\n".join([f"# {title}", NOTE.format(sources=sources), *blocks]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may hold anything but line breaks."""
    lines = [_row(heads), "|" + "---|" * len(heads)]
    lines += [_row(row) for row in rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def code(text: str) -> str:
    """Text as code; nothing stays nothing."""
    return f"`{text}`" if text else "–"


def codes(texts: Iterable[str]) -> str:
    """Several pieces of code, or a dash."""
    return " ".join(code(text) for text in texts) or "–"
