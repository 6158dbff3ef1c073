"""One meaning in both languages: German, and English beside it."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """One meaning in both languages."""

    de: str
    en: str

    @property
    def both(self) -> str:
        """German, and English behind it in a dimmer shade (rich markup; the texts here hold none themselves)."""
        return self.marked()

    def marked(self, style: str = "") -> str:
        """The same, the German part in a style."""
        de = f"[{style}]{self.de}[/]" if style else self.de
        return de if self.de == self.en else f"{de} [dim]({self.en})[/dim]"

    @property
    def lines(self) -> str:
        """German above English, for narrow columns."""
        return f"{self.de}\n[dim]{self.en}[/dim]"
