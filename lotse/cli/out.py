"""How the command line speaks: German first, English beside it, JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

#: What a person or a program asked for goes to `answer`; what is told beside it, and errors, to `aside`.
answer = Console(highlight=False, soft_wrap=True)
aside = Console(highlight=False, soft_wrap=True, stderr=True)


def tell(de: str, en: str, *, mark: str = "") -> None:
    """One line in German, and the same in English behind it."""
    answer.print(f"{mark}{escape(de)}  [dim]{escape(en)}[/dim]")


def tell_error(de: str, en: str) -> None:
    """An error in both languages, on standard error."""
    aside.print(f"[bold red]Fehler:[/bold red] {escape(de)}")
    aside.print(f"[bold red]Error:[/bold red]  [dim]{escape(en)}[/dim]")


def tell_json(value: Any) -> None:
    """An answer for a program: one JSON document."""
    answer.print(json.dumps(value, ensure_ascii=False, indent=1), markup=False)
