"""Logs: one JSON object a line, with ids and kinds only, never a body; noisy libraries are rate-limited."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


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
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


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
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    # aiokafka logs on many loggers; a logger's filter does not reach its children, the handler sees all of them.
    handler.addFilter(_ByLogger())


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
