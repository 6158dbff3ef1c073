"""Errors that a person reads: what was wrong, where, and what to do next, in German and English."""

from __future__ import annotations


class ExplainedError(Exception):
    """An error with its explanation in both languages; the command line prints it and ends with code 1."""

    def __init__(self, *, de: str, en: str) -> None:
        super().__init__(en)
        self.de = de
        self.en = en
