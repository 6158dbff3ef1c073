"""Who reports in the simulated region: the offices of the institutions file, by what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from lotse.errors import ExplainedError


@dataclass(frozen=True, slots=True)
class Office:
    """One institution: its id, what kind it is, the Land of its seat, and the services that it reports to."""

    id: str
    kind: str
    land: str
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class Region:
    """The region of the simulation. `ags` are its municipalities."""

    land: str
    ags: tuple[str, ...]
    offices: Mapping[str, Office]

    def reporters(self, service: str, *kinds: str) -> list[str]:
        """The offices of these kinds that report to a service. Raises ExplainedError when there is none."""
        found = [office.id for office in self.offices.values() if office.kind in kinds and service in office.services]
        if not found:
            wanted = " oder ".join(kinds)
            raise ExplainedError(
                de=f"In der Institutionendatei meldet niemand der Art {wanted} an {service}.",
                en=f"Nobody of the kind {' or '.join(kinds)} reports to {service} in the institutions file.",
            )
        return found

    def named(self, service: str, name: str, *kinds: str) -> str:
        """The office whose id begins with `name`, else the first of these kinds."""
        named = [office.id for office in self.offices.values() if office.id.startswith(name)]
        able = [office for office in named if service in self.offices[office].services]
        return able[0] if able else self.reporters(service, *kinds)[0]

    def land_of(self, office: str) -> str:
        """The Land whose free days hold for an office."""
        return self.offices[office].land

    def others(self, office: str, service: str) -> Sequence[str]:
        """All other offices that report to a service."""
        return [other.id for other in self.offices.values() if other.id != office and service in other.services]


def read_region(path: Path) -> Region:
    """The region as the institutions file describes it. Raises ExplainedError when it cannot be read."""
    try:
        known = yaml.safe_load(path.read_text(encoding="utf-8"))
        region = known["region"]
        offices = [
            Office(entry["id"], entry["kind"], entry.get("land", region["land"]), frozenset(entry["services"]))
            for entry in known["institutions"]
        ]
        return Region(region["land"], tuple(region["ags"]), {office.id: office for office in offices})
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ExplainedError(
            de=f"Die Institutionendatei {path} ist nicht lesbar: {error}.",
            en=f"The institutions file {path} cannot be read: {error}.",
        ) from None
