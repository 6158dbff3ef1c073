"""The institutions of a region: who they are and what they may report (facts.md §7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.contracts.types import Land

#: Kinds of institutions, in the order of facts.md §7.
KINDS = (
    "jobcenter",
    "employment-agency",
    "employer-service",
    "social-welfare-office",
    "youth-office",
    "childcare-provider",
    "foreigners-authority",
    "bamf",
    "course-provider",
    "chamber",
    "competent-body",
    "advice-centre",
    "training-provider",
    "employer-body",
)


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution. `land` is None where the region's holds; `services` are those it may report to.

    One that is `suspended` has no access any more; what it reported before stays valid and is still dealt with.
    """

    id: str
    name: str
    kind: str
    services: frozenset[str]
    land: Land | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """The region that a running Lotse serves; `ags` are its municipalities."""

    name: str
    land: Land
    ags: tuple[str, ...]


class Institutions:
    """All institutions at one moment. Never changes; a changed file makes a new one. Equal only to itself."""

    def __init__(self, region: Region, institutions: Iterable[Institution]) -> None:
        self.region = region
        self.all = tuple(institutions)
        self._by_id = {institution.id: institution for institution in self.all}
        self._pairs = frozenset((one.id, service) for one in self.all for service in one.services)
        #: Land of each institution that has one of its own.
        self.lands: Mapping[str, Land] = MappingProxyType({one.id: one.land for one in self.all if one.land})
        self.names: Mapping[str, str] = MappingProxyType({one.id: one.name for one in self.all})
        self.kinds: Mapping[str, str] = MappingProxyType({one.id: one.kind for one in self.all})

    @property
    def region_land(self) -> Land:
        """The Land whose holidays and rules hold where an institution names none."""
        return self.region.land

    def __contains__(self, institution: object) -> bool:
        return institution in self._by_id

    def get(self, institution: str) -> Institution | None:
        """The institution with an id, None for one that is not listed."""
        return self._by_id.get(institution)

    def may_report(self, institution: str, service: str) -> bool:
        """Whether an institution is listed and may report to a service."""
        return (institution, service) in self._pairs
