"""Child processes of the laptop platform: started, awaited, logged to a file each, and never left behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from local.parent_death import die_with_parent

_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 15

# The kernel watches the *thread* that forked, so one thread that lives as long as this process forks every child.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class ChildFailed(Exception):
    """A child ended, or did not become ready in time; the text ends with the last lines of its log."""


@dataclass(slots=True)
class Child:
    """One running child process.

    Attributes:
        name: what the log file and messages call it.
        log: file with its stdout and stderr together.
        log_start: size of that file in bytes when this child began to write.
        ready: the fields that its readiness check found, empty before.
    """

    name: str
    log: Path
    log_start: int
    process: subprocess.Popen[bytes]
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Process id, and id of the process group, for each child leads its own."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def output(self) -> str:
        """What it has printed since it was started."""
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode("utf-8", "replace")

    def stop(self, grace: float = 30.0) -> int:
        """Ask it to end (SIGTERM), kill its group after `grace` seconds, and give its exit code."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(grace)
        return self.kill()

    def kill(self) -> int:
        """End it and whatever it started at once (SIGKILL), as a power cut would, and give its exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.process.wait(10)


Ready = Callable[[Child], dict[str, Any] | None]
"""Tells whether a child is ready: None if not yet, else what is to be known of it. See `local.readiness`."""


class Children:
    """The children of this process, stopped in reverse order at the end of the `with` block.

    If this process itself is killed, the kernel sends each child SIGTERM (on Linux; elsewhere they outlive a SIGKILL).

    Args:
        log_folder: where `<name>.log` is appended to, made if absent.
    """

    def __init__(self, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._children: list[Child] = []
        log_folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def start(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        ready: Ready | None = None,
        timeout: float = 60.0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Child:
        """Start a child and wait until it is ready.

        Args:
            name: of the child and its log file; a second start of one name appends.
            argv: program and arguments.
            ready: how to know; None waits for nothing.
            timeout: seconds to wait for it.
            env: the whole environment of the child; None gives it ours.
            cwd: its working directory.

        Raises:
            ChildFailed: it ended, or was not ready in time and has been stopped.
        """
        words = [str(word) for word in argv]
        child = _spawner.submit(self._spawn, name, words, env, cwd).result()
        if ready is not None:
            child.ready = _await(child, ready, timeout)
        return child

    def stop(self) -> None:
        """Stop every child, the latest first. Harmless when called again."""
        _spawner.submit(int).result()  # a start that a signal has cut off is under way there, and its child known after
        while self._children:
            self._children.pop().stop()

    @property
    def running(self) -> list[Child]:
        """Those that run, in the order of their start."""
        return [child for child in self._children if child.running]

    def wait_for_any_end(self) -> Child:
        """Block until a child has ended, and give that one."""
        while True:
            for child in self._children:
                if not child.running:
                    return child
            time.sleep(_POLL_SECONDS * 4)

    def _spawn(self, name: str, argv: list[str], env: Mapping[str, str] | None, cwd: Path | None) -> Child:
        log = self._log_folder / f"{name}.log"
        with log.open("ab") as sink:
            start = sink.tell()
            child = Child(name, log, start, _popen(argv, sink.fileno(), env, cwd))
        self._children.append(child)
        return child


@contextlib.contextmanager
def exit_on_signals() -> Iterator[None]:
    """Within the block SIGINT and SIGTERM raise SystemExit, so that every `with` around unwinds; a second one is ignored."""
    before = {number: signal.signal(number, _raise_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise_exit(number: int, _frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # the clean-up that follows must not be cut short by an impatient Ctrl-C
    raise SystemExit(128 + number)


def _popen(argv: list[str], sink: int, env: Mapping[str, str] | None, cwd: Path | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - one prctl call, taking no lock
    )


def _await(child: Child, ready: Ready, timeout: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    while (found := ready(child)) is None:
        if not child.running:
            raise ChildFailed(f"{child.name} ended with code {child.process.returncode}:\n{_tail(child)}")
        if time.monotonic() > deadline:
            child.stop(5)
            raise ChildFailed(f"{child.name} was not ready after {timeout:.0f} s:\n{_tail(child)}")
        time.sleep(_POLL_SECONDS)
    return found


def _tail(child: Child) -> str:
    return "\n".join(child.output().splitlines()[-_LOG_TAIL_LINES:])
