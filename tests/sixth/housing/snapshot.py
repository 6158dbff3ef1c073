"""What housing says of a search: the shape of its `state`."""

from __future__ import annotations

from shared.contracts.state import UNSET, ItemShape, ItemState, Maybe, PathEntry

SERVICE = "housing"


class SearchPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a search."""

    ags: Maybe[str] = UNSET


class SearchState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `search-<searchId>`. `ags` is where the home is looked for, then where it is."""

    ags: Maybe[str] = UNSET
    path: list[SearchPath]


ITEMS = (ItemShape("search-", "search-changed", SearchState),)
