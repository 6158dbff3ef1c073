"""What can go wrong when a region is provisioned."""

from __future__ import annotations

from lotse.errors import ExplainedError


class RegionError(ExplainedError):
    """The region cannot be made as the institutions file says; the text tells why and what to do."""
