"""Fixtures for all tests: real servers, started only when a test asks for them."""

from tests.support.servers import broker, database, postgres, run_folder

__all__ = ["broker", "database", "postgres", "run_folder"]
