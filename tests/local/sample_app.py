"""A small Functions app in a folder of its own, and the real command that runs it."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.processes import Child, Children
from local.readiness import ready_line

ROOT = Path(__file__).parents[2]


class SampleApp:
    """A small Functions app written to a folder, and the host that runs it.

    Args:
        folder: where function_app.py and host.json are written.
        source: text of function_app.py, after the import of azure.functions as func.
        host_json: sections of host.json beside the version.
    """

    def __init__(self, folder: Path, source: str, host_json: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "host.json").write_text(json.dumps({"version": "2.0", **(host_json or {})}))
        (folder / "function_app.py").write_text(f"import azure.functions as func\n{source}")

    @contextmanager
    def running(self, *options: str, **settings: str) -> Iterator[Child]:
        """The host, ready, with app settings and command line options."""
        argv = [sys.executable, "-m", "local.functions_host", str(self.folder), "--port", "0", *options]
        env = {"PATH": os.environ["PATH"], **settings}
        with Children(self.logs) as children:
            yield children.start("host", argv, ready=ready_line, env=env, cwd=ROOT)

    def seen(self) -> list[Any]:
        """What the app has written with `note(...)`, in order."""
        file = self.folder / "seen"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


NOTE = """
import json, os, time
def note(*what):
    with open("seen", "a") as file:
        file.write(json.dumps([time.time(), *what]) + "\\n")
"""


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until `condition` holds; fails the test if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
