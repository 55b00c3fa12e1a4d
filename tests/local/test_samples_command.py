"""`python -m local.samples` and `python -m local.platform` without a platform: a sentence each, and exit code 3."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from local.platform.address import Address
from local.platform.folder import platform_folder
from local.platform.services import ROOT
from local.ports import free_ports
from local.tls import Authority

COMMANDS = (
    ("local.samples", "register", "--model", "defects"),
    ("local.platform", "token", "rosa.risk"),
    ("local.platform", "answer", "rosa.risk"),
)


@pytest.fixture
def port() -> Iterator[int]:
    chosen = free_ports(1)[0]
    yield chosen
    folder = platform_folder(chosen)
    if folder.exists():
        (folder / "platform.json").unlink()
        folder.rmdir()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", COMMANDS)
def test_where_none_runs(words: tuple[str, ...], port: int) -> None:
    done = run(*words, "--port", str(port))
    assert done.returncode == 3
    assert "start one with `make run`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_where_one_was_cut_off_without_a_farewell(
    words: tuple[str, ...], port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "ACloudThatIsGone")  # as an earlier client leaves it in its process
    nobody = f"https://127.0.0.1:{port}"
    folder = platform_folder(port)
    folder.mkdir(parents=True)
    address = Address(nobody, nobody, nobody, nobody, nobody, nobody, str(authority.ca_bundle))
    address.write(folder)
    done = run(*words, "--port", str(port))
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr
