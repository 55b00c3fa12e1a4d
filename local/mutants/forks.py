"""Pytest many times over, each in a fork of a process that has imported all but the project."""

import json
import queue
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_SERVER = Path(__file__).with_name("fork_server.py")


class Forks:
    """Servers that fork, one for each thread that asks at the same time; they end with the `with` block."""

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[subprocess.Popen[str]] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        while not self._idle.empty():
            with self._idle.get() as server:
                server.kill()

    def pytest(
        self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str], seconds: float
    ) -> tuple[int, str]:
        """Run pytest in a folder, and nothing of ours from elsewhere; its exit code, negative without one, and what it said."""
        server = self._server()
        with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as output:
            asked = {
                "folder": str(folder.resolve()),
                "arguments": [*arguments],
                "environment": {**environment},
                "output": output.name,
                "seconds": seconds,
            }
            if server.stdin is None or server.stdout is None:
                raise RuntimeError("A server of forks has no pipes.")
            server.stdin.write(json.dumps(asked) + "\n")
            server.stdin.flush()
            code = int(server.stdout.readline())
            self._idle.put(server)
            return code, output.read()

    def _server(self) -> "subprocess.Popen[str]":
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return subprocess.Popen(
                [sys.executable, _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
