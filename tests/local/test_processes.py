"""Children are awaited, logged and never left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.processes import ChildFailed, Children
from local.readiness import answers, ready_line

ROOT = Path(__file__).parents[2]
SERVER = (
    "import http.server, json, sys; s = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler);"
    "print(json.dumps({'ready': True, 'port': s.server_port}), flush=True); s.serve_forever()"
)
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def test_a_ready_line_is_awaited_and_its_fields_are_known(logs: Path) -> None:
    with Children(logs) as children:
        child = children.start("server", [sys.executable, "-c", SERVER], ready=ready_line)
        url = f"http://127.0.0.1:{child.ready['port']}/"
        assert answers(url)(child) == {"url": url}
    assert not child.running
    assert '"ready": true' in (logs / "server.log").read_text()


def test_a_child_that_ends_early_is_reported_with_its_last_words(logs: Path) -> None:
    with Children(logs) as children, pytest.raises(ChildFailed, match=r"(?s)broken ended with code 3.*no such port"):
        children.start("broken", [sys.executable, "-c", "print('no such port'); exit(3)"], ready=ready_line)


def test_a_child_that_never_gets_ready_is_stopped(logs: Path) -> None:
    with Children(logs) as children:
        with pytest.raises(ChildFailed, match="was not ready after 0 s"):
            children.start("sleeper", [sys.executable, "-c", SLEEPER], ready=ready_line, timeout=0.3)
        assert not children.wait_for_any_end().running


def test_children_stop_in_reverse_order(logs: Path) -> None:
    tell = "import signal, sys, time; signal.signal(15, lambda *_: (open(sys.argv[1], 'a').write(sys.argv[2]), sys.exit()))"
    code = f"{tell}; print('{{\"ready\": true}}', flush=True); time.sleep(60)"
    order = logs.parent / "order"
    with Children(logs) as children:
        for name in ("a", "b", "c"):
            children.start(name, [sys.executable, "-c", code, order, name], ready=ready_line)
    assert order.read_text() == "cba"


def test_what_a_child_started_ends_with_it(logs: Path) -> None:
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]);"
    code += 'print(\'{"ready": true, "pid": %d}\' % p.pid, flush=True); p.wait()'
    with Children(logs) as children:
        child = children.start("parent", [sys.executable, "-c", code], ready=ready_line)
    assert ends(int(child.ready["pid"]))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_orphan_stays_however_the_parent_ends(logs: Path, how: signal.Signals) -> None:
    code = (
        "import sys, time; from pathlib import Path; from local.processes import Children, exit_on_signals\n"
        "with exit_on_signals(), Children(Path(sys.argv[1])) as children:\n"
        f"    child = children.start('sleeper', [sys.executable, '-c', {SLEEPER!r}])\n"
        "    print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, logs], stdout=subprocess.PIPE, cwd=ROOT)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(how)
    assert parent.returncode == (-how if how == signal.SIGKILL else 128 + how)
    assert ends(child)


def ends(pid: int, within: float = 5.0) -> bool:
    """Whether the process is gone, or a zombie that somebody else has yet to reap."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
