"""The Functions app as a process of its own: started, stopped, killed, started again, and its functions fired now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.platform.services import ROOT, module
from local.ports import LOOPBACK
from local.processes import Child, Children
from local.readiness import ready_line

# A killed host's messages come back after this many seconds; the real host's lease is ten minutes.
_MESSAGE_LEASE = "8"


class AppRefusesToRun(Exception):
    """A function could not be fired; the text holds the host's answer."""


@dataclass(slots=True)
class FunctionsApp:
    """The host with our app.

    Attributes:
        children: keeps the process.
        port: of its http triggers.
        folder: holds its access keys.
        app_dir: folder of `function_app.py` and `host.json`.
    """

    children: Children
    port: int
    folder: Path
    app_dir: Path = ROOT
    _child: Child | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid if self._child and self._child.running else None

    @property
    def functions(self) -> list[str]:
        """Names of the functions that are not disabled, as the host indexed them at its last start."""
        return list(self._child.ready["functions"]) if self._child else []

    def log(self) -> str:
        """What the host has printed since its last start."""
        return self._child.output() if self._child else ""

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it and wait until it listens.

        Raises:
            ChildFailed: the app was refused, or its port is taken.
        """
        words = module("local.functions_host", self.app_dir, "--port", str(self.port), "--keys", self._keys)
        words += ["--message-lease", _MESSAGE_LEASE, "--stop-after", "10"]
        self._child = self.children.start("functions-host", words, ready=ready_line, env=environment, cwd=ROOT)

    def stop(self) -> int:
        """Ask it to end, and give its exit code: 0 if nothing was cut off."""
        return self._child.stop() if self._child else 0

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._child:
            self._child.kill()

    def fire(self, function: str, given: object = None) -> None:
        """Start a function now, by the host's own API; it answers before the function has ended.

        Args:
            function: its name.
            given: what to trigger it with; None for a timer.

        Raises:
            AppRefusesToRun: no such function.
        """
        body: dict[str, Any] = (
            {} if given is None else {"input": given if isinstance(given, str) else json.dumps(given)}
        )
        key = json.loads(self._keys.read_text("utf-8"))["masterKey"]
        url = f"{self.url}/admin/functions/{function}"
        answer = httpx.post(url, json=body, headers={"x-functions-key": key}, trust_env=False, timeout=30)
        if answer.is_error:
            raise AppRefusesToRun(f"POST {url}: {answer.status_code} {answer.text}")

    @property
    def _keys(self) -> Path:
        return self.folder / "keys.json"
