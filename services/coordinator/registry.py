"""Which services report, and what their items mean for which barrier: found once, at start, in their folders.

A further service is a folder with `snapshot.py` (`SERVICE`, its name) and, if it feeds a barrier, `barrier.py`
(`MAPPING`).
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType

import services
from shared.rules.barrier import BarrierMapping


@dataclass(frozen=True, slots=True)
class Registry:
    """The names of the reporting services, in order, and the mappings by name of their barrier."""

    services: tuple[str, ...]
    mappings: Mapping[str, BarrierMapping]


def find_services(package: ModuleType = services) -> Registry:
    """Looks through the folders of a package. Raises ValueError if two services map the same barrier."""
    names: list[str] = []
    mappings: dict[str, BarrierMapping] = {}
    for folder in sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg):
        path = f"{package.__name__}.{folder}"
        snapshot = _module(f"{path}.snapshot")
        if snapshot is not None:
            names.append(snapshot.SERVICE)
        barrier = _module(f"{path}.barrier")
        if barrier is not None:
            mapping: BarrierMapping = barrier.MAPPING
            if mapping.barrier in mappings:
                raise ValueError(f"{path}.barrier maps {mapping.barrier!r}, which another service maps already")
            mappings[mapping.barrier] = mapping
    return Registry(tuple(names), MappingProxyType(mappings))


def _module(path: str) -> ModuleType | None:
    return importlib.import_module(path) if importlib.util.find_spec(path) else None
