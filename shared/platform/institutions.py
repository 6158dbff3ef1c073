"""The institutions file: read at start, and again when it changed, so that a new institution needs no restart."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml

from shared.contracts.institutions import KINDS, Institution, Institutions, Region
from shared.contracts.types import AGS, INSTITUTION, Land
from shared.platform.services import known_services, reporting_services
from shared.platform.settings import PORTS

__all__ = ["Institutions", "InstitutionsError", "InstitutionsFile", "parse_institutions", "taken_names"]

log = logging.getLogger(__name__)

_LANDS = get_args(Land)
_LOOK_SECONDS = 1.0
_Stamp = tuple[int, int, int]


class InstitutionsError(Exception):
    """The institutions file cannot be read; each fault has a line: where, what was found, what is allowed."""


class InstitutionsFile:
    """The institutions as the file has them now. `current` looks at the file at most once a second."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path, self._monotonic = path, monotonic
        self._known: Institutions | None = None
        self._stamp: _Stamp | None = None
        self._looked = 0.0
        self._reason = ""

    def current(self) -> Institutions:
        """The newest institutions. Raises InstitutionsError at first; a file broken later is told in the log only."""
        if self._known is not None and self._monotonic() - self._looked < _LOOK_SECONDS:
            return self._known
        self._looked = self._monotonic()
        try:
            stamp = self._look()
            if self._known is None or stamp != self._stamp:
                self._stamp = stamp
                self._known = parse_institutions(self._path.read_text(encoding="utf-8"))
            self._reason = ""
        except (OSError, UnicodeDecodeError) as error:
            self._keep(InstitutionsError(f"{self._path}: {error}"))
        except InstitutionsError as error:
            self._keep(InstitutionsError(f"{self._path}:\n{error}"))
        assert self._known is not None
        return self._known

    def _look(self) -> _Stamp:
        status = self._path.stat()
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def _keep(self, error: InstitutionsError) -> None:
        if self._known is None:
            raise error
        if str(error) != self._reason:
            self._reason = str(error)
            log.error("the institutions file cannot be read; the last one holds", extra={"reason": self._reason})


def taken_names() -> frozenset[str]:
    """What no institution may be called: users of the broker and sources of reports are told apart by these names."""
    return frozenset({"lotse", "admin", *PORTS, *known_services()})


def parse_institutions(text: str) -> Institutions:
    """Reads the text of an institutions file. Raises InstitutionsError with every fault that it finds."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InstitutionsError(f"this is not YAML: {error}") from None
    faults: list[str] = []
    content = _mapping("the file", content, ("region", "institutions"), (), faults)
    region = _region(content.get("region"), faults)
    entries = content.get("institutions")
    if not isinstance(entries, list) or not entries:
        faults.append("institutions: a list of institutions is needed")
        entries = []
    known, taken = reporting_services(), taken_names()
    institutions = [_institution(number, entry, known, taken, faults) for number, entry in enumerate(entries, 1)]
    ids = [institution.id for institution in institutions]
    faults += [f"{id_}: stands here {ids.count(id_)} times" for id_ in sorted(set(ids)) if ids.count(id_) > 1]
    if faults:
        raise InstitutionsError("\n".join(faults))
    return Institutions(region, institutions)


def _region(entry: Any, faults: list[str]) -> Region:
    entry = _mapping("region", entry, ("name", "land", "ags"), (), faults)
    ags = entry.get("ags", [])
    if not isinstance(ags, list) or not all(isinstance(key, str) and re.fullmatch(AGS, key) for key in ags):
        faults.append(f"region: ags is {ags!r}; needed are municipality keys of eight digits, in quotes")
        ags = []
    return Region(_name("region", entry, faults), _choice("region", entry, "land", _LANDS, faults), tuple(ags))


def _institution(
    number: int, entry: Any, known: tuple[str, ...], taken: frozenset[str], faults: list[str]
) -> Institution:
    where = f"institution {number}"
    id_ = entry.get("id", where) if isinstance(entry, dict) else where
    if isinstance(id_, str) and re.fullmatch(INSTITUTION, id_) and id_ not in taken:
        where = id_
    elif id_ != where:
        why = f", and `{id_}` is taken by Lotse itself" if id_ in taken else ""
        faults.append(f"{where}: id is {id_!r}; needed is {INSTITUTION}{why}")
    entry = _mapping(where, entry, ("id", "name", "kind", "services"), ("land", "suspended"), faults)
    services = entry.get("services", [])
    if not isinstance(services, list) or not set(map(str, services)) <= set(known):
        faults.append(f"{where}: services is {services!r}; allowed are {', '.join(known)}")
        services = []
    return Institution(
        id=str(id_),
        name=_name(where, entry, faults),
        kind=_choice(where, entry, "kind", KINDS, faults),
        services=frozenset(services),
        land=_choice(where, entry, "land", _LANDS, faults) if "land" in entry else None,
        suspended=_flag(where, entry, "suspended", faults),
    )


def _mapping(
    where: str, entry: Any, needed: tuple[str, ...], optional: tuple[str, ...], faults: list[str]
) -> Mapping[str, Any]:
    """The entry when it is a mapping; what is missing or unknown in it is a fault."""
    if not isinstance(entry, dict):
        faults.append(f"{where}: needed is a mapping with {', '.join(needed)}")
        return {}
    faults += [f"{where}: {name} is missing" for name in needed if name not in entry]
    unknown = [str(name) for name in entry if name not in needed + optional]
    faults += [f"{where}: {name} is unknown; allowed are {', '.join(needed + optional)}" for name in unknown]
    return entry


def _name(where: str, entry: Mapping[str, Any], faults: list[str]) -> str:
    name = entry.get("name", "")
    if "name" in entry and (not isinstance(name, str) or not name.strip()):
        faults.append(f"{where}: name is {name!r}; needed is the name that people know")
    return str(name)


def _choice(where: str, entry: Mapping[str, Any], field: str, allowed: tuple[str, ...], faults: list[str]) -> Any:
    """The value of a field that has a list of allowed values."""
    value = entry.get(field)
    if field in entry and value not in allowed:
        faults.append(f"{where}: {field} is {value!r}; allowed are {', '.join(allowed)}")
    return value


def _flag(where: str, entry: Mapping[str, Any], field: str, faults: list[str]) -> bool:
    """Whether a field that may be missing is true."""
    value = entry.get(field, False)
    if not isinstance(value, bool):
        faults.append(f"{where}: {field} is {value!r}; allowed are true, false")
    return value is True
