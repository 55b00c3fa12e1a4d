"""A small app that behaves as the check of a package asks, and an environment for it that needs no network."""

import hashlib
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from local.package.verdict import REQUIRED

# What azure-functions 1.x asks for; where it asks for less, more does no harm.
NEEDED = ("azure-functions", "werkzeug", "markupsafe")

FUNCTION_APP = f"""
import json, os
import azure.functions as func
from functions.web import ANSWERS

app = func.FunctionApp()
missing = [name for name in {REQUIRED!r} if name not in os.environ]

@app.function_name("work")
@app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
def work(message: func.QueueMessage) -> None:
    raise ValueError("not set: " + ", ".join(missing))

@app.function_name("tick")
@app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
def tick(timer: func.TimerRequest) -> None:
    raise ValueError("not set: " + ", ".join(missing))

@app.function_name("http")
@app.route(route="{{*route}}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def http(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    assert context.invocation_id
    if missing:
        return func.HttpResponse(json.dumps({{"faults": missing}}), status_code=503)
    status, kind = ANSWERS["/" + req.route_params["route"]]
    return func.HttpResponse("{{}}", status_code=status, mimetype=kind)
"""
WEB = """
ANSWERS = {
    "/api/promotions": (401, "application/problem+json"),
    "/": (401, "text/html"),
    "/static/clearance.css": (200, "text/css"),
    "/api/openapi.json": (200, "application/json"),
}
"""


def write_app(folder: Path, lock: str, **sources: str) -> Path:
    """Write the app to `folder`; `sources` are added to function_app.py, or to functions/web.py as `web`."""
    for name, text in {
        "function_app.py": FUNCTION_APP + sources.get("function_app", ""),
        "functions/__init__.py": "",
        "functions/web.py": WEB + sources.get("web", ""),
        "host.json": '{"version": "2.0"}',
        "requirements.txt": lock,
        "shared/__init__.py": "",
        "policies/fraud.yaml": "policy: fraud\n",
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def write_wheels(folder: Path) -> dict[str, str]:
    """Zip packages of this environment into wheels for this very Python; each name with its hashed pin."""
    folder.mkdir(parents=True)
    return {name: _pin(_wheel(distribution(name), folder)) for name in NEEDED}


def lock_of(wheels: Path, pins: dict[str, str]) -> str:
    """A requirements.txt that takes `pins` from the folder `wheels` and from nowhere else."""
    return "\n".join(["--no-index", f"--find-links {wheels}", *pins.values(), ""])


def _wheel(found: Distribution, folder: Path) -> Path:
    wheel = folder / f"{found.metadata['Name'].replace('-', '_').lower()}-{found.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for file in found.files or ():
            if file.parts[0] != ".." and file.suffix != ".pyc":
                packed.write(str(file.locate()), file.as_posix())
    return wheel


def _pin(wheel: Path) -> str:
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
