"""How the command line speaks: German first, English beside it, JSON for programs."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

#: What a person or a program asked for goes to `answer`; what is told beside it, and errors, to `aside`.
answer = Console(highlight=False, soft_wrap=True)
aside = Console(highlight=False, soft_wrap=True, stderr=True)


def option(*names: str, help: str, **more: Any) -> Any:
    """An option of a command. Its help is German, then ` | `, then English; the English part is shown dimmer."""
    de, _, en = help.partition(" | ")
    return typer.Option(*names, help=f"{de} [dim]· {en}[/dim]", **more)


def argument(*, help: str, **more: Any) -> Any:
    """An argument of a command, with its help in both languages as for `option`."""
    de, _, en = help.partition(" | ")
    return typer.Argument(help=f"{de} [dim]· {en}[/dim]", **more)


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
