"""Command of the driver: one request in, one answer out, both JSON files; logs go where the app's own go."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from .converters import Converters
from .functions import NotIndexed, Worker
from .modules import absent, foreign
from .runtime import Runtime

OWN = Path(__file__).parent


def main() -> None:
    """Drive one app once, as the request says.

    Request: `app`, folder of the unpacked package; `library`, folder of azure-functions-runtime, or null for the
    converters alone; `inputs`, trigger type to what each function of it is given in turn; `modules` to import.
    Answer: `library`, who indexed; `fault`, why nothing was, or null; `functions`, `answers`, `absent` modules with
    their error, `foreign` modules with their file.
    """
    request, answer = json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])
    _enter(request["app"])
    answer.write_text(json.dumps(_drive(request)), "utf-8")
    sys.stderr.flush()
    os._exit(0)  # threads of the app must not keep us


def _enter(app: str) -> None:
    """Stand where the worker stands: the app's folder is the first on the path, and the driver's is not on it."""
    sys.path[0] = app
    os.chdir(app)


def _drive(request: dict[str, Any]) -> dict[str, Any]:
    worker = _worker(request)
    try:
        functions = worker.index()
    except NotIndexed as fault:
        return {"library": worker.library, "fault": str(fault)}
    except SystemExit as left:
        return {"library": worker.library, "fault": f"it leaves Python while it is imported ({left.code})"}
    answers = [
        worker.invoke(function, given)
        for function in functions
        for given in request["inputs"].get(function["trigger"]["type"], ())
    ]
    return {
        "library": worker.library,
        "fault": None,
        "functions": functions,
        "answers": answers,
        "absent": absent(request["modules"]),
        "foreign": foreign([request["app"], request["library"] or request["app"], sys.prefix, str(OWN)]),
    }


def _worker(request: dict[str, Any]) -> Worker:
    if request["library"] is None:
        return Converters()
    sys.path.append(request["library"])  # behind everything, so that it stands in for nothing that the package lacks
    return Runtime(request["app"])


if __name__ == "__main__":
    main()
