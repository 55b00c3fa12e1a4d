"""The examples of docs/ name commands that there are, and ask for no more rights than they need."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from shared.cli.main import app
from tests.architecture.project import ROOT

TEXT = (ROOT / "docs" / "examples" / "policy-pull-request.yml").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load(TEXT)
(JOB,) = WORKFLOW["jobs"].values()


def commands() -> Iterator[list[str]]:
    """The words behind each `clearance` that the steps run."""
    for step in JOB["steps"]:
        for line in step.get("run", "").splitlines():
            if line.startswith("clearance "):
                words = shlex.split(line.partition(">")[0])
                yield [word.replace("$since", "2026-03-01") for word in words[1:]]


def parsed(words: list[str]) -> str:
    """The command that the words lead to, its options read; raises where the command line would."""
    command, rest, path = typer.main.get_command(app), words, []
    while subcommands := getattr(command, "commands", {}):
        path.append(rest[0])
        command, rest = subcommands[rest[0]], rest[1:]
    command.make_context(path[-1], list(rest))
    return " ".join(path)


def test_the_pull_request_checks_tests_and_replays() -> None:
    assert [parsed(words) for words in commands()] == ["policy check", "policy test", "policy backtest"]


def test_a_command_that_there_is_not_would_be_noticed() -> None:
    for words in (["policy", "replay"], ["policy", "check", "--unknown"]):
        with pytest.raises(Exception, match=r"replay|unknown"):
            parsed(words)


def test_check_and_test_run_as_the_example_says() -> None:
    for words in list(commands())[:2]:
        ours = [word.replace("proposed/policies", str(ROOT / "policies")) for word in words]
        assert CliRunner().invoke(app, ours).exit_code == 0


def test_the_job_holds_the_rights_that_it_uses_and_no_other() -> None:
    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"contents": "read", "id-token": "write", "pull-requests": "write"}


def test_actions_are_pinned_to_commits_and_keep_no_credentials() -> None:
    used = [step for step in JOB["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]) for step in used)
    assert all(step["with"]["persist-credentials"] is False for step in used if "checkout" in step["uses"])


def test_nothing_from_the_pull_request_is_pasted_into_a_script() -> None:
    assert not any("${{" in step.get("run", "") for step in JOB["steps"])


def test_only_the_base_branch_runs_with_a_token() -> None:
    tool, proposed = (step["with"] for step in JOB["steps"] if "checkout" in step.get("uses", ""))
    assert (tool["ref"], tool["path"], proposed["path"]) == ("${{ github.base_ref }}", "tool", "proposed")
    (setup,) = [step["run"] for step in JOB["steps"] if "make" in step.get("run", "")]
    assert "make -C tool setup" in setup
