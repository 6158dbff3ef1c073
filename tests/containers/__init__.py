"""Tests against the real servers in containers; `make test-containers` runs them."""
