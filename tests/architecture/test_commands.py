"""The commands that other people build on are there, and each says what it does."""

import re
import subprocess

import pytest

from tests.architecture.project import ROOT

PROMISED = ["setup", "run", "demo", "test", "check", "bench", "package", "docs", "lock"]


def test_make_lists_every_command_with_a_sentence() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    sentences = dict(re.findall(r"^  make ([a-z]+) +(\S.*)$", listed, re.MULTILINE))

    assert [command for command in PROMISED if command not in sentences] == []
    assert all(len(sentence.split()) >= 3 for sentence in sentences.values())


@pytest.mark.parametrize("script", [".ci/run"])
def test_continuous_integration_is_make_check_and_stops_at_the_first_fault(script: str) -> None:
    lines = (ROOT / script).read_text().splitlines()

    assert "set -euo pipefail" in lines
    assert lines.count("make check") == 1
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True)


def test_actions_are_pinned_by_commit_and_may_only_read() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()

    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", use) for use in re.findall(r"uses: (.+)", workflow))
    assert re.findall(r"^permissions: (.*)$", workflow, re.MULTILINE) == ["{}"]
    assert "write" not in workflow
