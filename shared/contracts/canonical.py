"""The canonical form of a report's content and its digest (facts.md §6, readings 14)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

#: RFC 8785 for what reports hold: names in ASCII (where the order of code points is the one of UTF-16), whole numbers
#: as int, fractions of one half.
canonical = msgspec.json.Encoder(order="sorted").encode


def digest_of(type_: str, subject: str, corrects: str | None, data: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical form of type, subject, corrects (left out where there is none) and data.

    `data` has passed its report type, and its whole numbers are int, as `parse_report` leaves them.
    """
    content: dict[str, Any] = {"data": data, "subject": subject, "type": type_}
    if corrects is not None:
        content["corrects"] = corrects
    return hashlib.sha256(canonical(content)).digest()
