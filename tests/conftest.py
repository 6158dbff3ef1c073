"""Fixtures for all tests: real servers, started only when a test asks for them."""

import os

from hypothesis import settings

from tests.support.servers import broker, database, postgres, run_folder

__all__ = ["broker", "database", "postgres", "run_folder"]

# Tables are as wide as in a pipe, whatever the window in which the tests run.
os.environ["COLUMNS"] = "220"
# How long one example takes says more about the machine than about the code.
settings.register_profile("lotse", deadline=None)
settings.load_profile("lotse")
