"""Fixtures of the container suite: a start takes a minute, so one region serves all tests that can share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers.region import Region, running_region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A running region whose days begin when they are told to. Whoever breaks something in it mends it."""
    with running_region("tests", tmp_path_factory.mktemp("region")) as running:
        yield running
