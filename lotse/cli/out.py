"""How the command line speaks: German first, English beside it, JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

#: What a person or a program asked for goes to `answer`; what is told beside it, and errors, to `aside`.
#: Where no person looks (a pipe, a file) lines are as long as they need to be.
_WIDTH = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 220
answer = Console(highlight=False, soft_wrap=True, width=_WIDTH)
aside = Console(highlight=False, soft_wrap=True, stderr=True)


def option(*names: str, help: str, **more: Any) -> Any:
    """An option of a command. Its help is German, then ` | `, then English; the English part is shown dimmer."""
    de, _, en = help.partition(" | ")
    return typer.Option(*names, help=f"{de} [dim]· {en}[/dim]", **more)


def argument(*, help: str, **more: Any) -> Any:
    """An argument of a command, with its help in both languages as for `option`."""
    de, _, en = help.partition(" | ")
    return typer.Argument(help=f"{de} [dim]· {en}[/dim]", **more)


def table(*heads: str) -> Table:
    """An empty table without lines. A head is German, then ` | `, then English; `>` in front puts a column of numbers
    to the right. What does not fit is folded, never cut off.
    """
    made = Table(box=None, padding=(0, 2, 0, 0))
    for head in heads:
        de, _, en = head.removeprefix(">").partition(" | ")
        shown = f"{de} [dim]({en})[/dim]" if en else de
        made.add_column(shown, justify="right" if head.startswith(">") else "left", overflow="fold")
    return made


def plain_table(columns: int) -> Table:
    """An empty table without lines and heads."""
    made = table(*[""] * columns)
    made.show_header = False
    return made


def day(iso: str | None) -> str:
    """A calendar day as people here write it: `2026-06-02` is 02.06.2026."""
    return date.fromisoformat(iso).strftime("%d.%m.%Y") if iso else "–"


def tell(de: str, en: str, *, mark: str = "") -> None:
    """One line in German, and the same in English behind it."""
    answer.print(f"{mark}{escape(de)}  [dim]{escape(en)}[/dim]")


def tell_aside(de: str, en: str) -> None:
    """One line of progress, beside the answer."""
    aside.print(f"{escape(de)}  [dim]{escape(en)}[/dim]")


def tell_error(de: str, en: str) -> None:
    """An error in both languages, on standard error."""
    aside.print(f"[bold red]Fehler:[/bold red] {escape(de)}")
    aside.print(f"[bold red]Error:[/bold red]  [dim]{escape(en)}[/dim]")


def tell_json(value: Any) -> None:
    """An answer for a program: one JSON document."""
    answer.print(json.dumps(value, ensure_ascii=False, indent=1), markup=False)


def tell_json_line(value: Any) -> None:
    """One of many answers for a program: a JSON document in one line."""
    answer.print(json.dumps(value, ensure_ascii=False), markup=False)
