"""Forks a pytest for each line it reads. Run by its path, so that nothing of ours is imported before the fork.

A line is `{"folder": ..., "arguments": [...], "environment": {...}, "output": ..., "seconds": ...}`: pytest runs in that
folder, what it prints goes to the file `output`, and the line that is answered is its exit code, -1 where it took longer.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import time
import traceback
from typing import Any

_POLL_SECONDS = 0.01
# What most tests import; of ours nothing, for that must come from the folder.
_IMPORTED = (
    "azure.core.pipeline.transport",
    "azure.data.tables",
    "azure.storage.blob",
    "azure.storage.queue",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "fastapi",
    "httpx",
    "hypothesis.strategies",
    "jwt",
    "pydantic",
    "pytest",
    "re2",
    "typer.testing",
    "yaml",
)


def main() -> None:
    """Answer until there is no more to read."""
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that children share it
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _run(asked)
        print(_ended(pid, asked["seconds"]), file=answers, flush=True)


def _run(asked: dict[str, Any]) -> None:
    code = 1
    try:
        os.setsid()
        for number in (1, 2):
            os.dup2(os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.dont_write_bytecode = True
        sys.path[0] = asked["folder"]
        importlib.invalidate_caches()
        code = int(importlib.import_module("pytest").main(asked["arguments"]))
    except BaseException:  # noqa: BLE001 - `os._exit` would take the traceback along
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(pid: int, seconds: float) -> int:
    """The exit code; whatever the child has started ends with it."""
    over = time.monotonic() + seconds
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < over:
        time.sleep(_POLL_SECONDS)
        ended, status = os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if ended:
        return os.waitstatus_to_exitcode(status)
    os.waitpid(pid, 0)
    return -1


if __name__ == "__main__":
    main()
