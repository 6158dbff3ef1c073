"""The folder of a sixth service, housing, and a region in which an office reports to it."""

from __future__ import annotations

from tests.contract.documents import ROOT

#: The folder in which it stands alone, beside the program.
SIXTH = ROOT / "tests/sixth"
FOLDER = SIXTH / "housing"
OFFICE = "wohnungsamt-neuss"
_ENTRY = f"  - {{id: {OFFICE}, name: Wohnungsamt Neuss, kind: social-welfare-office, land: NW, services: [housing]}}\n"
INSTITUTIONS = (ROOT / "deploy/institutions.yaml").read_text(encoding="utf-8") + _ENTRY
