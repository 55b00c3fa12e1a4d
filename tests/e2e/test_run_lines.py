"""`make run`: what it prints is readable and true, its lines work exactly as printed, and a restart goes on."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.platform import Address, NoPlatform, read_address, wait_for
from local.platform.folder import platform_folder
from local.platform.services import ROOT
from local.platform.tokens import Tokens
from local.ports import free_ports

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A free port whose next one is free too, and no folder of it left behind."""
    chosen = free_ports(1)[0]
    yield chosen
    shutil.rmtree(platform_folder(chosen), ignore_errors=True)


@contextmanager
def make_run(port: int, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`python -m local.run`, which is what `make run` calls, and what it has printed once it is up."""
    environment = {**os.environ, "CLEARANCE_HTTP_PORT": str(port)}
    with log.open("wb") as sink:
        command = [sys.executable, "-m", "local.run"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        yield process, wait_for(log.read_text, lambda text: text.endswith("\n\n"), what="everything to be up")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


def pasted(command: str) -> str:
    """What a shell prints that is given the command in the project's folder."""
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed_after(text: str, heading: str) -> str:
    """The paragraph below the one that begins with these words."""
    paragraphs = text.split("\n\n")
    (place,) = [place for place, each in enumerate(paragraphs) if each.startswith(heading)]
    return paragraphs[place + 1]


def status_of(address: Address, promotion: str) -> str:
    tokens = Tokens(address)
    headers = {"authorization": f"Bearer {tokens.token('ana.auditor')}"}
    tokens.close()
    url = f"{address.app}/api/promotions/{promotion.replace(':', '/')}"
    found: dict[str, Any] = httpx.get(url, headers=headers, trust_env=False).json()
    return str(found["status"])


def listening(address: Address) -> list[str]:
    """Which of the platform's servers still take connections."""
    found = []
    for url in (address.app, address.pages, address.emulator, address.tokens, address.topic):
        try:
            httpx.get(url, trust_env=False, verify=False, timeout=2)
            found.append(url)
        except httpx.ConnectError:
            continue
    return found


def test_the_printed_lines_do_what_they_say_and_a_restart_goes_on(port: int, tmp_path: Path) -> None:
    folder = platform_folder(port)
    with make_run(port, tmp_path / "first.log") as (process, text):
        assert [line for line in text.splitlines() if len(line) > 80] == []
        address = read_address(folder)
        checked = pasted(printed_after(text, "To see whether everything stands as it must"))
        assert "ok, 0 problem, 0 waiting, 0 unknown." in checked
        assert "flagged" not in checked
        assert (folder / "app.env").stat().st_mode & 0o077 == 0
        registered = pasted(printed_after(text, "To register a version"))
        (promotion,) = re.findall(r"registered (\S+) from run", registered)
        answer = pasted(printed_after(text, "To approve it"))
        assert f'"promotion":"{promotion}"' in answer
        assert '"approvals":1,"required":1' in answer
        wait_for(lambda: status_of(address, promotion), lambda seen: seen == "promoted", what="it to be promoted")
        assert "secrets" not in text
    assert process.returncode == 0
    assert listening(address) == []
    with pytest.raises(NoPlatform, match="start one with `make run`"):
        read_address(folder)

    with make_run(port, tmp_path / "second.log") as (_, text):
        assert status_of(read_address(folder), promotion) == "promoted"
        again = pasted(printed_after(text, "To register a version"))
        assert f"registered {promotion[:-1]}2 from run" in again
        export = printed_after(text, "A token for the API")
        asked = f'{export}\ncurl -sS -H "Authorization: Bearer $CLEARANCE_TOKEN" $CLEARANCE_SERVER/api/promotions'
        assert promotion in pasted(asked)


def test_a_taken_port_is_one_sentence_that_names_the_setting(port: int) -> None:
    import socket

    with socket.create_server(("127.0.0.1", port)):
        environment = {**os.environ, "CLEARANCE_HTTP_PORT": str(port)}
        command = [sys.executable, "-m", "local.run"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port} is in use" in done.stderr
    assert "CLEARANCE_HTTP_PORT=" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["many", "80", "70000"])
def test_a_port_that_is_none_is_one_sentence(text: str) -> None:
    environment = {**os.environ, "CLEARANCE_HTTP_PORT": text}
    command = [sys.executable, "-m", "local.run"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        f"CLEARANCE_HTTP_PORT is {text!r}; expected a port from 1024 to 65000, for example 7071\n",
    )
