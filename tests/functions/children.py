"""Code run in a Python of its own, as the worker runs the app: a fresh process with just the settings it is given."""

import json
import os
import subprocess
import sys
from typing import Any

from tests.architecture.project import ROOT


def run_python(code: str, settings: dict[str, str], *arguments: str) -> Any:
    """Run `code` with the project on the module path and nothing in the environment but PATH and `settings`.

    Returns:
        The JSON on the last line of what it printed.
    """
    environment = {"PATH": os.environ["PATH"], **settings}
    command = [sys.executable, "-c", code, *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])
