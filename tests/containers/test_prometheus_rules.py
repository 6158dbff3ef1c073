"""promtool, from the image that runs, finds the settings right and every alert firing when it must."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from tests.support.watching import PROMETHEUS, ROOT

_COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
_IMAGE = _COMPOSE["services"]["prometheus"]["image"]


def _promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """promtool with the folder where the container of the region has it; it needs no network."""
    mount = f"{PROMETHEUS}:/etc/prometheus:ro"
    return subprocess.run(
        ["docker", "run", "--rm", "--network=none", "--entrypoint=promtool", f"--volume={mount}", _IMAGE, *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_the_settings_and_rules_are_valid() -> None:
    """As Prometheus reads them at its start, with every file that they name."""
    done = _promtool("check", "config", "/etc/prometheus/prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in (PROMETHEUS / "tests").glob("*.yml")))
def test_alerts_fire_when_they_must_and_only_then(name: str) -> None:
    """Each alert fires with its labels, does not just below, and resolves."""
    done = _promtool("test", "rules", f"/etc/prometheus/tests/{name}")
    assert done.returncode == 0, done.stdout + done.stderr
