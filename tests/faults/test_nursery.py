"""What the machinery does to a worker is done when it says so."""

import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from local.faults.lines import Lines
from local.faults.nursery import Nursery, WorkerProcess
from local.processes import Children

BUSY = """
import threading
for _ in range(8):
    threading.Thread(target=lambda: [pow(3, 10**4) for _ in iter(int, 1)], daemon=True).start()
print("busy", flush=True)
threading.Event().wait()
"""


@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="threads are looked at through /proc, which only Linux has"
)
def test_no_thread_of_a_stopped_worker_runs_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        worker = WorkerProcess(process.pid, Lines(ours))

        worker.stop()

        states = {
            path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{process.pid}/task").glob("*/stat")
        }
        worker.signal(signal.SIGKILL)
    assert states == {"T"}


def test_a_cloud_that_others_left_in_the_environment_is_not_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", "ACloudThatIsGone")
    with Children(tmp_path / "logs") as children, closing(Nursery(children, tmp_path)):
        pass  # it is ready, so it has imported everything


def test_a_worker_that_cannot_start_says_why_to_whoever_asks(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children, closing(Nursery(children, tmp_path)) as nursery:
        worker = nursery.worker({"CLEARANCE_WORKSPACES": "no JSON"})

        said = worker.ask("work")

        assert "a worker cannot start: DocumentInvalid" in str(said["crash"])
        assert "CLEARANCE_WORKSPACES" in str(said["crash"])
        with pytest.raises(ConnectionError):
            worker.ask("work")
        worker.kill()
