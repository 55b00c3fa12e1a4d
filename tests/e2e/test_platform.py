"""The platform itself: nothing is left running however it ends, two run side by side, and apps can be swapped."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from local.platform import Options, Platform, wait_for
from local.platform.services import ROOT
from local.processes import ChildFailed

pytestmark = pytest.mark.slow

# Starts a platform with signals turned into an orderly end, says so, and waits.
STARTED = """
import sys, time
from pathlib import Path
from local.platform import Options, Platform
from local.processes import exit_on_signals
with exit_on_signals(), Platform(Options(folder=Path(sys.argv[1])), report=lambda line: print(line, flush=True)):
    print("up", flush=True)
    time.sleep(60)
"""


def running_in(folder: Path) -> list[str]:
    """The command lines of all processes that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(str(folder).encode() in word for word in words):
            found.append(b" ".join(words).decode())
    return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("when", ["starting the Functions app", "up"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_nothing_is_left_running(tmp_path: Path, how: signal.Signals, when: str) -> None:
    folder, log = tmp_path / "platform", tmp_path / "output"
    log.touch()
    with log.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-c", STARTED, str(folder)], cwd=ROOT, stdout=sink)
    wait_for(log.read_text, lambda text: when in text, what=f"it to print {when!r}")
    process.send_signal(how)
    process.wait(60)
    wait_for(lambda: running_in(folder), lambda left: not left, timeout=60, what="every process to end")


def test_an_app_that_cannot_start_takes_everything_down_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    shutil.copy(ROOT / "host.json", tmp_path / "app")
    (tmp_path / "app" / "function_app.py").write_text("raise RuntimeError('this app is broken')\n")
    platform = Platform(Options(folder=tmp_path / "kept", app_dir=tmp_path / "app"))
    with pytest.raises(ChildFailed, match="this app is broken"):
        platform.__enter__()
    assert running_in(tmp_path) == []


def test_another_app_and_other_settings_can_be_put_in_its_place(tmp_path: Path) -> None:
    shutil.copy(ROOT / "host.json", tmp_path)
    (tmp_path / "function_app.py").write_text(
        "import azure.functions as func, os\n"
        "app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)\n"
        "@app.route(route='said')\n"
        "def said(req: func.HttpRequest) -> str:\n"
        "    return os.environ['SAID'] + str('CLEARANCE_LEASE_SECONDS' in os.environ)\n"
    )
    changes = {"SAID": "hello ", "CLEARANCE_LEASE_SECONDS": None}
    with Platform(Options(app_dir=tmp_path, changes=changes)) as platform:
        assert platform.http().get("/said").text == "hello False"


def test_two_platforms_run_side_by_side_and_share_nothing() -> None:
    with Platform() as one, Platform(Options(start_app=False)) as other:
        assert one.address != other.address
        assert one.secrets != other.secrets
        other.register("defects")
        here = one.register("defects")
        one.wait_for_status(here.promotion, "awaiting_approval")
        foreign = {"authorization": f"Bearer {other.token('ana.auditor')}"}
        assert httpx.get(f"{one.app.url}/api/promotions", headers=foreign, trust_env=False).status_code == 401


def test_what_the_app_is_told_is_settings_alone() -> None:
    """No variable of whoever starts the platform reaches the app."""
    os.environ["CLEARANCE_SENDERS"] = "not for the app"
    try:
        with Platform() as platform:
            assert platform.http().get("/api/health").json()["status"] == "ok"
    finally:
        del os.environ["CLEARANCE_SENDERS"]


def test_a_timer_is_fired_by_the_hosts_own_api() -> None:
    with Platform() as platform:
        began = time.monotonic()
        platform.fire("sweep")
        wait_for(platform.app.log, lambda log: '"event": "sweep"' in log, timeout=20, what="the sweep to log")
        assert time.monotonic() - began < 20
