"""Logs: one JSON object a line, with ids of reports and kinds only, never a body; noisy libraries are rate-limited.

What libraries say is not ours to trust: an error of the database quotes rows, one of the event loop the error. Of them
only the first line is kept, and what looks like the id of a case or a password is cut out of every line, ours too. Ids
of reports have the form of a case's id often enough, so the fields that hold them are left alone.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
from types import TracebackType
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
log = logging.getLogger(__name__)
#: Loggers of our own; what they say was read by somebody who knows what may be said.
_OURS = ("shared", "services", "lotse", "bench")
#: Fields with ids of reports.
_REPORTS = frozenset({"reports"})
_CUT = "…"
_CASE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?:/[a-z0-9-]+)?")
_PASSWORD = re.compile(r"(?<=://)[^\s/@]*:[^\s@]*(?=@)|(?<=password=)\S+|(?<=password: )\S+", re.IGNORECASE)
_MOST_CHARACTERS = 300


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; what was given as `extra` becomes a field."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line. A traceback names files and lines; the error's own text is left out, since it may quote data."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "event": _event(record),
        }
        line |= {name: _field(name, value) for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=_kind)


def _event(record: logging.LogRecord) -> str:
    """What was said. Of a library the first line, since the following ones quote what it was doing."""
    text = record.getMessage()
    if record.name.partition(".")[0] not in _OURS:
        text = text.strip().partition("\n")[0][:_MOST_CHARACTERS]
    return clean(text)


def _field(name: str, value: Any) -> Any:
    """A field as it may be shown; ids of reports stay as they are."""
    if isinstance(value, str):
        return value if name in _REPORTS else clean(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_field(name, one) for one in value]
    if isinstance(value, dict):
        return {str(key): _field(name, one) for key, one in value.items()}
    return value


def clean(text: str) -> str:
    """A text without ids of cases and without passwords."""
    return _PASSWORD.sub(_CUT, _CASE.sub(_CUT, text))


def _kind(value: Any) -> str:
    """What stands for a value that is no JSON: its text may say anything."""
    return type(value).__name__


class RateLimit(logging.Filter):
    """Lets through at most `lines` records of one logger in `seconds`."""

    def __init__(self, lines: int = 5, seconds: float = 10.0) -> None:
        super().__init__()
        self.lines, self.seconds, self.until, self.count = lines, seconds, 0.0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """True for a record that may be printed."""
        if record.created > self.until:
            self.until, self.count = record.created + self.seconds, 0
        self.count += 1
        return self.count <= self.lines


def configure_logs(service: str, level: str) -> None:
    """Sends all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    # They tell of every question and answer, as far as they are asked to.
    for name in ("asyncio", "httpcore", "httpx", "faststream"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # aiokafka logs on many loggers; a logger's filter does not reach its children, the handler sees all of them.
    handler.addFilter(_ByLogger())
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The end of a process as a line: Python would print the error's text and the lines of code, values and all."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("an error ended this process", exc_info=(kind, error, trace))


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        log.error("an error ended a thread", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))


def _unraisable(told: sys.UnraisableHookArgs) -> None:
    if told.exc_value is not None:
        log.error("an error that nobody could take", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))


class _ByLogger(logging.Filter):
    """A rate limit of its own for each logger of aiokafka."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: dict[str, RateLimit] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("aiokafka"):
            return True
        return self.limits.setdefault(record.name, RateLimit()).filter(record)


def _places(traceback: Any) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-8:]
