"""Where workers come from: a process with one thread that has imported everything, and forks a worker in milliseconds.

Run as a module it connects to the socket it is given, and answers each line `{"socket": ..., "env": {...}}` with the
process id of a new worker that serves that socket. It ends with the connection, and its workers with it.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import shared.adapters
from local.faults.lines import Lines
from local.faults.memory_estate import MemoryEstate
from local.faults.worker import serve
from local.parent_death import die_with_parent
from local.processes import Child, Children
from local.serving import print_ready

_ACCEPT_SECONDS = 30.0
# What Clearance and its SDKs import on first use.
_IMPORTED_ON_USE = (
    "azure.ai.ml",
    "azure.ai.ml.entities",
    "azure.ai.ml.exceptions",
    "azure.core.rest._http_response_impl",
    "azure.core.rest._requests_basic",
    "azure.identity",
    "azure.identity._credentials.app_service",
    "anyio._backends._asyncio",
    "encodings.utf_8_sig",
    "encodings.utf_16_be",
    "netrc",
    "shared.web.app",
    "_strptime",
)
_STOP_SECONDS = 0.2


class Nursery:
    """Forks workers on request, for any thread.

    Args:
        children: keeps the process that forks.
        folder: for sockets and logs.
    """

    def __init__(self, children: Children, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._count = 0
        listener = _listening(folder / "nursery.sock")
        self._child: Child = children.start(
            "nursery",
            [sys.executable, "-m", "local.faults.nursery", folder / "nursery.sock"],
            ready=_ready,
            # Each MLClient of this process leaves the name of its cloud, which may be gone, and is looked up on import.
            env={name: value for name, value in os.environ.items() if name != "AZUREML_CURRENT_CLOUD"},
            cwd=Path(__file__).parents[2],
        )
        self._lines = Lines(_accepted(listener))

    def close(self) -> None:
        """Let it end, and its workers with it."""
        self._lines.close()

    def worker(self, settings: Mapping[str, str]) -> "WorkerProcess":
        """Fork one worker with these settings."""
        with self._lock:
            self._count += 1
            path = self._folder / f"w{self._count}.sock"
            listener = _listening(path)
            self._lines.send({"socket": str(path), "env": dict(settings)})
            pid = int(self._lines.receive()["pid"])
        worker = WorkerProcess(pid, Lines(_accepted(listener)))
        path.unlink()
        return worker


class WorkerProcess:
    """One worker, and the line to it. `pid` is for signals."""

    def __init__(self, pid: int, lines: Lines) -> None:
        self.pid = pid
        self._lines = lines

    def ask(self, do: str, **arguments: object) -> dict[str, object]:
        """Have it do one thing, and wait for what came of it.

        Raises:
            ConnectionError: it died before it answered.
        """
        self.begin(do, **arguments)
        return self.finish()

    def begin(self, do: str, **arguments: object) -> None:
        """Have it do one thing, and go on."""
        self._lines.send({"do": do, **arguments})

    def finish(self) -> dict[str, object]:
        """Wait for what came of it."""
        return self._lines.receive()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; harmless when it has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def stop(self) -> None:
        """Stop it with SIGSTOP, and wait until each of its threads stands: a busy machine lets some run on for a while."""
        self.signal(signal.SIGSTOP)
        tasks = Path(f"/proc/{self.pid}/task")
        if not tasks.is_dir():  # no Linux
            time.sleep(_STOP_SECONDS)
        while any(_runs(task) for task in tasks.glob("*/stat")):
            time.sleep(0.001)

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(self.pid, 0)
                time.sleep(0.005)
        self._lines.close()


def _runs(task: Path) -> bool:
    """Whether a thread is neither stopped nor gone (proc(5): the state follows the name in parentheses)."""
    try:
        return task.read_text("ascii", "replace").rpartition(")")[2].split()[0] not in "TtZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    listener.settimeout(_ACCEPT_SECONDS)
    return listener


def _accepted(listener: socket.socket) -> socket.socket:
    with listener:
        connection, _ = listener.accept()
    connection.settimeout(None)
    return connection


def _ready(child: Child) -> dict[str, object] | None:
    return {} if '"ready"' in child.output() else None


def _import_everything() -> None:
    """All that a worker would import later, at 5 CPU seconds each time."""
    for name in _IMPORTED_ON_USE:
        importlib.import_module(name)
    for module in pkgutil.iter_modules(shared.adapters.__path__, "shared.adapters."):
        importlib.import_module(module.name)


def _warm_up() -> None:
    """Play one promotion in memory: how events are written is worked out on first use, at a third of a CPU second."""
    estate = MemoryEstate(0)
    promotion = estate.register()
    estate.work()
    estate.approve(promotion)
    estate.work()
    if estate.case(promotion).status != "promoted":
        raise RuntimeError(f"A promotion in memory ends as {estate.case(promotion).status}.")


def _fork(path: str, environment: Mapping[str, str]) -> int:
    ask_kernel = die_with_parent()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        if ask_kernel:
            ask_kernel()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.update(environment)
        serve(path, environment)
        status = 0
    except BaseException:  # noqa: BLE001 - `os._exit` would take the traceback along
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    """Fork workers until nobody asks for more."""
    _import_everything()
    _warm_up()
    if threading.active_count() != 1:
        raise RuntimeError(f"A process with {threading.active_count()} threads must not fork.")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps what we fork
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    lines = Lines(connection)
    print_ready({})
    with contextlib.suppress(ConnectionError):
        while True:
            wanted = lines.receive()
            lines.send({"pid": _fork(str(wanted["socket"]), json.loads(json.dumps(wanted["env"])))})


if __name__ == "__main__":
    main()
