"""Exit codes: 0 ok, 1 refused or check not passed, 2 usage, 3 unreachable; each with a sentence, never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.ports import free_ports
from local.serving import serving, site_on
from shared.cli.main import app
from shared.version import __version__
from tests.architecture.project import ROOT
from tests.cli.conftest import Shell
from tests.functions.children import run_python


def test_the_installed_command_says_its_version() -> None:
    command = Path(sys.executable).with_name("clearance")
    ran = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)

    assert ran.stdout == f"clearance {__version__}\n"


def test_starting_the_command_loads_nothing_heavy() -> None:
    heavy = ["azure.core", "fastapi", "httpx", "jinja2", "pydantic", "rich", "yaml"]
    code = f"import json, sys, shared.cli.main; print(json.dumps([m for m in {heavy} if m in sys.modules]))"

    assert run_python(code, {}) == []


def test_an_unknown_promotion_is_refused_with_the_problems_sentence(shell: Shell) -> None:
    shown = shell.run("show", "risk-dev:nobody:1")

    assert shown.exit_code == 1
    assert "(404 unknown_promotion)" in shown.stderr
    assert shown.stdout == ""


def test_without_a_token_the_variable_is_named(shell: Shell) -> None:
    shown = shell.run("show", "risk-dev:fraud-detector:7", person=None)

    assert shown.exit_code == 1
    assert "asks who you are (401): set CLEARANCE_TOKEN" in shown.stderr


@pytest.mark.parametrize(
    ("person", "code", "said"), [(None, 1, "set CLEARANCE_TOKEN"), ("ana.auditor", 3, "is it the app?")]
)
def test_a_sign_in_page_in_front_of_the_app_is_told_from_another_server(
    shell: Shell, person: str | None, code: int, said: str
) -> None:
    async def sign_in(scope: dict[str, object], _receive: object, send: object) -> None:
        assert scope["type"] == "http"
        to = [(b"location", b"https://login.microsoftonline.com/x")]
        await send({"type": "http.response.start", "status": 302, "headers": to})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    site = site_on(sign_in)  # type: ignore[arg-type]
    with serving(site):
        shown = shell.run("show", "risk-dev:fraud-detector:7", "--server", site.url, person=person)

    assert (shown.exit_code, said in shown.stderr) == (code, True), shown.stderr


def test_what_is_no_promotion_is_a_fault_of_usage(shell: Shell) -> None:
    shown = shell.run("show", "fraud-detector")

    assert shown.exit_code == 2
    assert "workspace:name:version" in shown.stderr


@pytest.mark.parametrize("server", ["ftp://x", "http://example.org"])
def test_a_server_that_no_token_may_go_to_is_a_fault_of_usage(shell: Shell, server: str) -> None:
    shown = shell.run("show", "risk-dev:fraud-detector:7", "--server", server)

    assert shown.exit_code == 2
    assert "CLEARANCE_SERVER" in shown.stderr


def test_nobody_listening_is_unreachable(shell: Shell) -> None:
    [closed] = free_ports(1)

    shown = shell.run("show", "risk-dev:fraud-detector:7", "--server", f"http://127.0.0.1:{closed}")

    assert shown.exit_code == 3
    assert "cannot be reached" in shown.stderr


def test_storage_that_is_away_is_unreachable_too(shell: Shell) -> None:
    shell.front.world.histories.unreachable = True

    assert shell.run("show", "risk-dev:fraud-detector:7").exit_code == 3


def test_another_server_than_clearance_is_told_from_it(shell: Shell) -> None:
    async def stranger(scope: dict[str, object], _receive: object, send: object) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"<html>"})  # type: ignore[operator]

    site = site_on(stranger)  # type: ignore[arg-type]
    with serving(site):
        shown = shell.run("show", "risk-dev:fraud-detector:7", "--server", site.url)

    assert shown.exit_code == 3
    assert "is it the app?" in shown.stderr


def test_the_samples_policies_pass_their_cases() -> None:
    tested = CliRunner().invoke(app, ["policy", "test", str(ROOT / "policies")])

    assert tested.exit_code == 0, tested.output
    assert "0 with faults, 0 missing." in tested.stdout


def test_a_case_that_comes_out_otherwise_is_a_check_not_passed(tmp_path: Path) -> None:
    copied(tmp_path, "auc: {min: 0.90", "auc: {min: 0.99999")

    tested = CliRunner().invoke(app, ["policy", "test", str(tmp_path)])

    assert tested.exit_code == 1
    assert "FAULT  fraud:" in tested.stdout


def test_every_fault_of_a_folder_of_policies_is_listed(tmp_path: Path) -> None:
    copied(tmp_path, "quorum: 2", "quorum: many\n  qorum: 2")

    for command in ("check", "test"):
        checked = CliRunner().invoke(app, ["policy", command, str(tmp_path)])

        assert checked.exit_code == 1
        assert len([line for line in checked.output.splitlines() if "fraud.yaml:" in line]) >= 2


def copied(folder: Path, old: str, new: str) -> None:
    """The sample policies with one change in fraud.yaml."""
    for file in (ROOT / "policies").rglob("*.yaml"):
        copy = folder / file.relative_to(ROOT / "policies")
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text()
        assert file.name != "fraud.yaml" or old in text
        copy.write_text(text.replace(old, new) if file.name == "fraud.yaml" else text)
