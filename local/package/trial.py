"""The unpacked package, driven in a process and an environment of its own, and measured there."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.package.environments import python_in

_WITHIN = 180.0
_SAID_LINES = 4
_DRIVER = Path(__file__).parent / "driver"


class NotDriven(Exception):
    """The driver itself did not come to its end; the text says how, with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one process found.

    Attributes:
        library: whose code drove the app.
        fault: why nothing was indexed; None where it was.
        functions: each with `name`, `trigger` and `bindings`.
        answers: each with `function`, `trigger`, `given`, `error` and `http` (`local.package.driver.functions`).
        absent: modules that cannot be imported, each with its error.
        foreign: modules that came from elsewhere, each with its file.
    """

    library: str
    fault: str | None
    functions: Sequence[dict[str, Any]] = ()
    answers: Sequence[dict[str, Any]] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    foreign: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an app is driven: its folder, the environment of its requirements, the worker library or None."""

    app: Path
    environment: Path
    library: Path | None

    def drive(
        self, settings: Mapping[str, str], inputs: Mapping[str, Sequence[Any]], modules: Sequence[str] = ()
    ) -> Trial:
        """Index the app and invoke its functions, in a fresh process with `settings` and nothing else of ours.

        Args:
            settings: the app's settings.
            inputs: trigger type to what each function of it is given in turn.
            modules: what is imported afterwards.

        Raises:
            NotDriven: see there.
        """
        with tempfile.TemporaryDirectory(prefix="clearance-trial-") as folder:
            request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
            asked = {"app": str(self.app), "library": self.library and str(self.library)}
            request.write_text(json.dumps({**asked, "inputs": inputs, "modules": modules}), "utf-8")
            self._run(settings, request, answer)
            return Trial(**json.loads(answer.read_text("utf-8")))

    def _run(self, settings: Mapping[str, str], request: Path, answer: Path) -> None:
        # No PYTHON variable counts and no folder of the user: what is found is the package's, or it is not found.
        command = [str(python_in(self.environment)), "-Es", "-m", _DRIVER.name, str(request), str(answer)]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {**settings}
        try:
            done = subprocess.run(
                command,
                cwd=_DRIVER.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_WITHIN,
            )
        except subprocess.TimeoutExpired as error:
            raise NotDriven(f"it was not indexed and invoked within {_WITHIN:.0f} s") from error
        if done.returncode or not answer.exists():
            said = " / ".join(done.stderr.split("\n")[-_SAID_LINES - 1 :]).strip(" /")
            raise NotDriven(f"the process that drives it ended with {done.returncode}: {said}")
