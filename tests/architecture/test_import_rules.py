"""Imports go downwards only (design of the folders: docs/decisions/0013-import-rules.md)."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.project import ROOT

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def test_every_contract_is_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    ran = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout
    assert f"{len(contracts)} kept, 0 broken" in ran.stdout


def test_an_upward_import_is_found(tmp_path: Path) -> None:
    for folder in ("shared", "functions", "local"):
        for file in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in file.parts:
                copy = tmp_path / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    with (tmp_path / "shared/domain/ids.py").open("a") as core:
        core.write("\nimport azure.core\nfrom shared import settings\n")

    ran = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "shared.domain.ids -> azure" in ran.stdout
    assert "shared.domain.ids -> shared.settings" in ran.stdout
