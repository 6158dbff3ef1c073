"""Numbers that identify a person and may stand nowhere in an event (facts.md §7, readings 18).

They are looked for in every string after UUIDs were cut out, as it stands and without the spaces between digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.contracts.types import AGS, KLDB, REFNR

_ALWAYS = (
    r"\d{3}[A-Z]\d{6}",  # customer number of the employment agency
    r"\d{5}BG\d{7}",  # number of the benefit household
    r"\d{8}[A-Z]\d{3}",  # pension insurance number
    r"DE\d{20}",  # IBAN
)
_UNLESS_TYPED = (
    r"\d{12}",  # number in the central register of foreigners
    r"\d{11}",  # tax id
)
_ANY = re.compile(rf"\b(?:{'|'.join(_ALWAYS + _UNLESS_TYPED)})\b")
_EXEMPTED = re.compile(rf"\b(?:{'|'.join(_ALWAYS)})\b")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UUID_BYTES = re.compile(_UUID.pattern.encode())
_SPACES = re.compile(r"(?<=\d)\s+(?=\d)")
#: No number runs over it, and it is no space.
SEPARATOR = "\0"
#: For a quick look: every digit becomes 0 and spaces go; each of the numbers then has six zeros in a row.
_DIGITS = bytes(ord("0") if chr(byte).isdigit() else byte for byte in range(128)) + bytes(128)
_SPACE_BYTES = bytes(byte for byte in range(128) if chr(byte).isspace())

_KLDB = re.compile(KLDB)
#: Fields that are exempt from the two plain numbers as far as their value has the form of its type.
_TYPED = {
    "ags": re.compile(AGS),
    "targetKldb": _KLDB,
    "kldb": _KLDB,
    "referenceOccupation": _KLDB,
    "refnr": re.compile(REFNR),
}

Path = tuple[str | int, ...]


def holds_identifier(text: str) -> bool:
    """Whether a string (or several, joined by SEPARATOR) holds something that looks like such a number."""
    return _may_hold(text) and _holds(_ANY, text)


def strings_of(value: Any) -> Iterator[str]:
    """Every string of a decoded JSON value, names of fields included."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            stack.extend(value)
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


def find_identifier(value: Any, exempt: Mapping[str, Any] | None = None) -> Path | None:
    """The path of the first string with such a number in a decoded JSON value; of a field's name, the object's path.

    `exempt` is the object whose typed fields are exempt (an event's `data`).
    """
    stack: list[tuple[Path, Any, re.Pattern[str]]] = [((), value, _ANY)]
    while stack:
        path, value, pattern = stack.pop()
        if isinstance(value, str):
            if _holds(pattern, value):
                return path
        elif isinstance(value, list):
            stack.extend(((*path, index), entry, _ANY) for index, entry in reversed([*enumerate(value)]))
        elif isinstance(value, dict):
            if any(_holds(_ANY, name) for name in value):
                return path
            typed = value is exempt
            stack.extend(
                ((*path, name), entry, _EXEMPTED if typed and _has_its_form(name, entry) else _ANY)
                for name, entry in reversed(value.items())
            )
    return None


def _has_its_form(name: str, value: Any) -> bool:
    form = _TYPED.get(name)
    return form is not None and isinstance(value, str) and form.fullmatch(value) is not None


def may_hold_identifier(text: bytes) -> bool:
    """A look that costs a twentieth of the search; what it denies holds nothing."""
    return not text.isascii() or (_has_six(text) and _has_six(_UUID_BYTES.sub(SEPARATOR.encode(), text)))


def _may_hold(text: str) -> bool:
    return not text.isascii() or _has_six(text.encode())


def _has_six(text: bytes) -> bool:
    return b"000000" in text.translate(_DIGITS, _SPACE_BYTES)


def _holds(pattern: re.Pattern[str], text: str) -> bool:
    text = _UUID.sub(SEPARATOR, text)
    return _may_hold(text) and (pattern.search(text) is not None or pattern.search(_SPACES.sub("", text)) is not None)
